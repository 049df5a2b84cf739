//! The memory ladder: what the kernel killed for its memory goes one step up; at the top, the genome it had in hand
//! is given up, and its task goes on without it.

use genome_contract::request::GivenUp;

use crate::{
    results::{JobState, PodState},
    validate::Resources,
};

/// From this step on a worker has one genome in work at a time: only then is the one in hand the one that did not fit.
/// Its task comes to it even where there is no more memory to give.
const ALONE: u32 = 1;

/// What to do with a task that ran out of memory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Climb {
    /// Try again one step up: with more, where there is more.
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
    let is_given_up = |genome: &String| {
        let mut given_up = job.given_up.iter();
        given_up.any(|given| given.task == task && given.genome == *genome)
    };
    match in_hand.filter(|genome| !is_given_up(genome)) {
        Some(_) if job.memory_step < ALONE => Climb::Up(ALONE),
        Some(genome) => Climb::Without(GivenUp {
            task,
            genome,
            limit_bytes: resources.memory_at(job.memory_step),
        }),
        None => Climb::Unknown,
    }
}
