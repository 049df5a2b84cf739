//! Attempts: which tasks are settled, which are being worked on, and which need another Job.
//!
//! ```text
//!  attempt 0: all tasks ──failed──► victims of a memory step ──gather──► one live retry Job a step ──► …
//! ```
//!
//! Nothing is remembered outside the Jobs: a later Job that covers a task supersedes the earlier one, and how it
//! differs (a higher step, a genome given up) says what the failure was, also when the pod is long gone.

use std::{collections::BTreeMap, time::Duration};

use genome_contract::{ExitCode, exit::KILLED, request::GivenUp};
use k8s_openapi::jiff::Timestamp;

use super::memory::{Climb, climb};
use crate::{
    results::{Death, Finish, JobState, PodState},
    validate::{Resources, Retries},
};

/// Victims gather this long before they get a Job while others are still at work.
pub const GATHER: Duration = Duration::from_mins(1);
/// Live map Jobs at once.
pub const MAX_LIVE_JOBS: usize = 3;
/// A pod that should have been gone for this long is on a lost node; its task is not waited for.
pub const LOST_NODE: Duration = Duration::from_mins(5);
/// Annotations of an object hold 256 KiB in all: given-up genomes beyond this wait for the next attempt.
const MAX_GIVEN_UP_BYTES: usize = 128 * 1024;

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
}

impl Why {
    /// The word for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutOfMemory => "OutOfMemory",
            Self::Failed => "Failed",
            Self::NodeLost => "NodeLost",
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
    /// Highest step of the ladder in use.
    pub memory_step: u32,
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
    /// How `total` tasks stand, going by `jobs`, the map Jobs of one round in the order of their attempts.
    pub fn read(
        total: u32,
        jobs: &[&JobState],
        resources: Resources,
        retries: Retries,
        now: Timestamp,
    ) -> Self {
        let mut ledger = Self {
            tasks: vec![TaskState::Unassigned; total as usize],
            ..Self::default()
        };
        let mut histories = vec![History::default(); total as usize];
        for job in jobs {
            ledger.memory_step = ledger.memory_step.max(job.memory_step);
            let pods = job.pods_by_index();
            for (index, &task) in (0..).zip(&job.tasks) {
                let Some(state) = ledger.tasks.get_mut(task as usize) else {
                    continue;
                };
                let history = &mut histories[task as usize];
                if matches!(state, TaskState::Done | TaskState::BadInput) {
                    continue;
                }
                ledger.retried += u64::from(history.attempts > 0);
                history.begin(job, task);
                let pods = pods.get(&index).map_or(&[][..], Vec::as_slice);
                *state = judge(job, index, task, pods, history, resources, retries, now);
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

#[expect(
    clippy::too_many_arguments,
    reason = "all that bears on one task; a struct would only rename it"
)]
fn judge(
    job: &JobState,
    index: u32,
    task: u32,
    pods: &[&PodState],
    history: &mut History,
    resources: Resources,
    retries: Retries,
    now: Timestamp,
) -> TaskState {
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
        return match pods.iter().find_map(|pod| lost_since(pod, now)) {
            Some(since) => victim(
                job.memory_step,
                history.given_up.clone(),
                Some(since),
                Why::NodeLost,
            ),
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

fn is_counted(death: &Death) -> bool {
    let ignored = [ExitCode::OutputNotWritable, ExitCode::AccessDenied];
    !ignored.iter().any(|code| death.exit_code == Some(code.as_i32()))
}

fn lost_since(pod: &PodState, now: Timestamp) -> Option<Timestamp> {
    let overdue = pod.overdue_since.filter(|_| pod.is_live())?;
    let waited = now.duration_since(overdue);
    (waited > LOST_NODE.try_into().ok()?).then_some(overdue)
}

/// One more Job of the map stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewAttempt {
    /// Its number.
    pub attempt: u32,
    /// Its tasks, ascending.
    pub tasks: Vec<u32>,
    /// Its step of the ladder.
    pub memory_step: u32,
    /// Genomes given up in it.
    pub given_up: Vec<GivenUp>,
    /// Its tasks by why they are in it; empty for attempt 0.
    pub reasons: BTreeMap<Why, u32>,
}

/// The Jobs to make now: attempt 0, or a retry Job for each step whose victims have gathered.
pub fn new_attempts(ledger: &Ledger, jobs: &[&JobState], now: Timestamp) -> Vec<NewAttempt> {
    let unassigned: Vec<u32> = numbered(ledger)
        .filter(|(_, state)| matches!(state, TaskState::Unassigned))
        .map(|(task, _)| task)
        .collect();
    let taken: Vec<u32> = jobs.iter().map(|job| job.attempt).collect();
    let mut free = (0..).filter(|attempt| !taken.contains(attempt));
    if !unassigned.is_empty() {
        let attempt = free.next().unwrap_or(0);
        return vec![NewAttempt {
            attempt,
            tasks: unassigned,
            ..NewAttempt::default()
        }];
    }
    let next = taken.iter().max().map_or(0, |last| last + 1);
    let live: Vec<&&JobState> = jobs
        .iter()
        .filter(|job| job.is_live() && holds_open(job, ledger))
        .collect();
    let nothing_open = ledger.count(|state| matches!(state, TaskState::Open)) == 0;
    let mut room = MAX_LIVE_JOBS.saturating_sub(live.len());
    let mut attempts = Vec::new();
    for (step, victims) in victims_by_step(ledger).into_iter().rev() {
        let retry_job_lives = live.iter().any(|job| job.attempt > 0 && job.memory_step == step);
        // An attempt made just now is at work too: a decision made anew after each write comes to the same.
        let idle = nothing_open && attempts.is_empty();
        if room > 0 && !retry_job_lives && (idle || have_gathered(&victims, now)) {
            let number = next + u32::try_from(attempts.len()).unwrap_or(u32::MAX);
            attempts.push(attempt_for(number, step, &victims));
            room -= 1;
        }
    }
    attempts
}

/// When the first gathered victims will be due, if any wait.
pub fn gathered_at(ledger: &Ledger) -> Option<Timestamp> {
    let victims = numbered(ledger).filter_map(|(_, state)| match state {
        TaskState::Victim(victim) => victim.since,
        _ => None,
    });
    victims.min().and_then(|first| first.checked_add(GATHER).ok())
}

fn numbered(ledger: &Ledger) -> impl Iterator<Item = (u32, &TaskState)> {
    (0..).zip(&ledger.tasks)
}

/// Whether a task is still in this Job's hands: the rest of a Job may be waiting on a lost node only.
fn holds_open(job: &JobState, ledger: &Ledger) -> bool {
    job.tasks
        .iter()
        .any(|task| matches!(ledger.tasks.get(*task as usize), Some(TaskState::Open)))
}

fn victims_by_step(ledger: &Ledger) -> BTreeMap<u32, Vec<(u32, &Victim)>> {
    let mut by_step = BTreeMap::<u32, Vec<(u32, &Victim)>>::new();
    for (task, state) in numbered(ledger) {
        if let TaskState::Victim(victim) = state {
            by_step
                .entry(victim.memory_step)
                .or_default()
                .push((task, victim));
        }
    }
    by_step
}

/// A victim whose pod is gone has waited for an unknown time: long enough.
fn have_gathered(victims: &[(u32, &Victim)], now: Timestamp) -> bool {
    let gather = k8s_openapi::jiff::SignedDuration::from_mins(1);
    victims.iter().any(|(_, victim)| {
        victim
            .since
            .is_none_or(|since| now.duration_since(since) >= gather)
    })
}

fn attempt_for(attempt: u32, memory_step: u32, victims: &[(u32, &Victim)]) -> NewAttempt {
    let mut new = NewAttempt {
        attempt,
        memory_step,
        ..NewAttempt::default()
    };
    let mut bytes = 0;
    for (task, victim) in victims {
        bytes += victim
            .given_up
            .iter()
            .map(|given| given.genome.len() + 64)
            .sum::<usize>();
        if bytes > MAX_GIVEN_UP_BYTES && !new.tasks.is_empty() {
            break;
        }
        new.tasks.push(*task);
        new.given_up.extend(victim.given_up.iter().cloned());
        *new.reasons.entry(victim.why).or_default() += 1;
    }
    new
}
