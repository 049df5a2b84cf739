//! The memory ladder: what the kernel killed for its memory goes one step up; at the top, the genome it had in hand
//! is given up, and its task goes on without it.

use genome_contract::request::GivenUp;

use crate::{
    results::{JobState, PodState},
    validate::Resources,
};

/// What to do with a task that ran out of memory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Climb {
    /// Try again with more.
    Up(u32),
    /// Try again without this genome.
    Without(GivenUp),
    /// Nobody said which genome it was: an ordinary failure.
    Unknown,
}

/// The next rung for `task`, whose pod `pod` of `job` ran out of memory.
pub fn climb(resources: Resources, job: &JobState, task: u32, pod: &PodState) -> Climb {
    if job.memory_step < resources.last_step() {
        return Climb::Up(job.memory_step + 1);
    }
    let in_hand = pod.message.as_ref().and_then(|message| message.genome.clone());
    match in_hand {
        Some(genome)
            if !job
                .given_up
                .iter()
                .any(|given| given.task == task && given.genome == genome) =>
        {
            Climb::Without(GivenUp {
                task,
                genome,
                limit_bytes: resources.memory_at(job.memory_step),
            })
        }
        _ => Climb::Unknown,
    }
}
