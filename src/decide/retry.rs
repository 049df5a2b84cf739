//! How each task stands: settled, being worked on, or in need of another attempt ([`super::attempts`] makes it).
//!
//! Nothing is remembered outside the Jobs: a later Job that covers a task supersedes the earlier one, and how it
//! differs (a higher step, a genome given up) says what the failure was, also when the pod is long gone.

use std::time::Duration;

use genome_contract::{ExitCode, exit::KILLED, request::GivenUp};
use k8s_openapi::jiff::Timestamp;

use super::{
    memory::{Climb, climb},
    phase::Planned,
};
use crate::{
    results::{Death, Finish, JobState, PodState, pod_state::Life},
    validate::{Resources, Retries},
};

/// What a task is judged by, beside its Jobs and pods.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The memory ladder.
    pub resources: Resources,
    /// How often a task is tried.
    pub retries: Retries,
    /// A pod that should have been gone for this long is on a lost node; its task is not waited for.
    pub lost_node: Duration,
    /// When a person said that what stood in the way is mended.
    pub resumed: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// How one task stands.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskState {
    /// No Job covers it yet.
    Unassigned,
    /// In the hands of the map Job with this place in the list.
    Open,
    /// Done: its rows are written.
    Done,
    /// Every genome in it failed, with rows that say so.
    BadInput,
    /// Waits for another attempt.
    Victim(Victim),
    /// Its retries are spent.
    GivenUp,
}

/// A task that needs another attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Victim {
    /// The step of the ladder it goes to.
    pub memory_step: u32,
    /// Genomes it goes without.
    pub given_up: Vec<GivenUp>,
    /// Since when it waits, where that is known.
    pub since: Option<Timestamp>,
    /// Why, for people and metrics.
    pub why: Why,
}

/// Why a task needs another attempt.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// The kernel killed it for its memory.
    OutOfMemory,
    /// It failed.
    Failed,
    /// Its node is lost.
    NodeLost,
    /// The output or the inputs refused it, and a person says that they no longer do.
    Resumed,
}

impl Why {
    /// The word for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutOfMemory => "OutOfMemory",
            Self::Failed => "Failed",
            Self::NodeLost => "NodeLost",
            Self::Resumed => "Resumed",
        }
    }
}

/// All tasks of the map stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// By number.
    pub tasks: Vec<TaskState>,
    /// Attempts beyond each task's first.
    pub retried: u64,
    /// Attempts that ended for lack of memory.
    pub out_of_memory: u64,
}

/// What is known of a task while its Jobs are read in order.
#[derive(Clone, Debug, Default)]
struct History {
    attempts: u64,
    memory_step: u32,
    tries_spent: u32,
    /// What the latest failure cost: given back where the next Job shows that it was for lack of memory.
    last_cost: u32,
    given_up: Vec<GivenUp>,
}

impl History {
    fn begin(&mut self, job: &JobState, task: u32) {
        let given_up = of_task(&job.given_up, task);
        let for_memory = job.memory_step > self.memory_step || given_up.len() > self.given_up.len();
        if self.attempts > 0 && for_memory {
            self.tries_spent -= self.last_cost;
        }
        *self = Self {
            attempts: self.attempts + 1,
            memory_step: job.memory_step,
            tries_spent: self.tries_spent,
            last_cost: 0,
            given_up,
        };
    }
}

impl Ledger {
    /// How the `planned` tasks stand, going by `jobs`, the map Jobs of one round in the order of their attempts.
    ///
    /// Attempt 0 is made of all that the plan has not settled: where it is there, a task without a Job is done, also when
    /// the plan's pod is long gone.
    pub fn read(planned: &Planned, jobs: &[&JobState], rules: Rules) -> Self {
        let begun = jobs.iter().any(|job| job.attempt == 0);
        let at_first = |task| {
            if begun || planned.settled.contains(task) {
                TaskState::Done
            } else {
                TaskState::Unassigned
            }
        };
        let mut ledger = Self {
            tasks: (0..planned.tasks).map(at_first).collect(),
            ..Self::default()
        };
        let mut histories = vec![History::default(); planned.tasks as usize];
        for job in jobs {
            let pods = job.pods_by_index();
            for (index, &task) in (0..).zip(&job.tasks) {
                let Some(state) = ledger.tasks.get_mut(task as usize) else {
                    continue;
                };
                let history = &mut histories[task as usize];
                if history.attempts > 0 && matches!(state, TaskState::Done | TaskState::BadInput) {
                    continue;
                }
                ledger.retried += u64::from(history.attempts > 0);
                history.begin(job, task);
                let pods = pods.get(&index).map_or(&[][..], Vec::as_slice);
                *state = judge(job, index, pods, history, rules);
                if matches!(
                    state,
                    TaskState::Victim(Victim {
                        why: Why::OutOfMemory,
                        ..
                    })
                ) {
                    ledger.out_of_memory += 1;
                }
            }
        }
        ledger
    }

    /// Whether nothing is left to wait for.
    pub fn is_settled(&self) -> bool {
        self.tasks
            .iter()
            .all(|task| matches!(task, TaskState::Done | TaskState::BadInput | TaskState::GivenUp))
    }

    /// Tasks for which `claim` holds.
    pub fn count(&self, claim: impl Fn(&TaskState) -> bool) -> u64 {
        self.tasks.iter().filter(|task| claim(task)).count() as u64
    }

    /// Tasks not settled yet.
    pub fn remaining(&self) -> u32 {
        let settled =
            |task: &TaskState| matches!(task, TaskState::Done | TaskState::BadInput | TaskState::GivenUp);
        u32::try_from(self.count(|task| !settled(task))).unwrap_or(u32::MAX)
    }
}

fn of_task(given_up: &[GivenUp], task: u32) -> Vec<GivenUp> {
    given_up
        .iter()
        .filter(|given| given.task == task)
        .cloned()
        .collect()
}

fn judge(job: &JobState, index: u32, pods: &[&PodState], history: &mut History, rules: Rules) -> TaskState {
    let Rules {
        resources,
        retries,
        lost_node,
        resumed,
        now,
    } = rules;
    if job.succeeded.contains(index) {
        return TaskState::Done;
    }
    let last = pods
        .iter()
        .rev()
        .find(|pod| pod.death().is_some() && !pod.disrupted)
        .copied();
    let over = job.failed.contains(index) || matches!(job.finish, Some(Finish::Failed { .. }));
    // Jobs and pods come by different watches: a failure is judged when its pod has been seen to end.
    let is_seen = last.is_some() || !pods.iter().any(|pod| pod.is_live());
    if !over || !is_seen {
        let overdue = pods.iter().find_map(|pod| lost_since(pod, lost_node, now));
        let again = |since, why| victim(job.memory_step, history.given_up.clone(), since, why);
        return match overdue {
            Some(since) => again(Some(since), Why::NodeLost),
            None if waits_for_nothing(pods, resumed) => again(None, Why::Resumed),
            None => TaskState::Open,
        };
    }
    let death = last.and_then(|pod| pod.death());
    if death.is_some_and(|death| death.exit_code == Some(ExitCode::BadInput.as_i32())) {
        return TaskState::BadInput;
    }
    let since = last.and_then(|pod| pod.finished);
    if let Some(pod) = last
        && death.is_some_and(|death| death.out_of_memory)
    {
        let mut given_up = history.given_up.clone();
        let task = job.tasks.get(index as usize).copied().unwrap_or(index);
        match climb(resources, job, task, pod) {
            Climb::Up(step) => return victim(step, given_up, since, Why::OutOfMemory),
            Climb::Without(genome) => {
                given_up.push(genome);
                return victim(job.memory_step, given_up, since, Why::OutOfMemory);
            }
            Climb::Unknown => {}
        }
    }
    history.last_cost = tries_spent(death, pods);
    history.tries_spent += history.last_cost;
    if history.tries_spent > retries.per_task {
        return TaskState::GivenUp;
    }
    victim(job.memory_step, history.given_up.clone(), since, Why::Failed)
}

fn victim(memory_step: u32, given_up: Vec<GivenUp>, since: Option<Timestamp>, why: Why) -> TaskState {
    TaskState::Victim(Victim {
        memory_step,
        given_up,
        since,
        why,
    })
}

/// What a failed attempt costs: each pod that was counted. A pod that is gone, and one killed without a reason, cost
/// one try.
fn tries_spent(death: Option<&Death>, pods: &[&PodState]) -> u32 {
    let Some(death) = death else { return 1 };
    if death.exit_code == Some(KILLED) {
        return 1;
    }
    let counted = pods
        .iter()
        .filter(|pod| !pod.disrupted && pod.death().is_some_and(is_counted))
        .count();
    u32::try_from(counted).unwrap_or(u32::MAX).max(1)
}

pub(super) fn is_counted(death: &Death) -> bool {
    let ignored = [ExitCode::OutputNotWritable, ExitCode::AccessDenied];
    !ignored.iter().any(|code| death.exit_code == Some(code.as_i32()))
}

/// Whether the Job controller only pauses between two pods of an index, although what refused the last of them has been
/// mended since: its pauses grow to ten minutes, and nothing but another Job ends them.
pub(super) fn waits_for_nothing(pods: &[&PodState], resumed: Option<Timestamp>) -> bool {
    let is_refused = |pod: &&&PodState| pod.death().is_some_and(|death| !is_counted(death));
    let refused = pods.iter().rev().find(is_refused).and_then(|pod| pod.finished);
    let ended = pods.iter().all(|pod| matches!(pod.life, Life::Failed(_)));
    ended
        && refused
            .zip(resumed)
            .is_some_and(|(refused, resumed)| refused < resumed)
}

/// Since when a pod should have been gone, where that is so long ago that its node must be lost.
pub(super) fn lost_since(pod: &PodState, lost_node: Duration, now: Timestamp) -> Option<Timestamp> {
    let overdue = pod.overdue_since.filter(|_| pod.is_live())?;
    let waited = Duration::try_from(now.duration_since(overdue)).unwrap_or_default();
    (waited > lost_node).then_some(overdue)
}
