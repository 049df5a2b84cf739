//! Attempts: which victims go into another Job, and when.
//!
//! ```text
//!  attempt 0: all tasks ──failed──► victims of a memory step ──gather──► a retry Job of the step ──► …
//! ```
//!
//! Victims of a step gather while a retry Job of that step is at work, until it ends or [`super::Timing::gather`] has
//! passed. Without one they only wait for those that died with them.

use std::{collections::BTreeMap, time::Duration};

use genome_contract::request::GivenUp;
use k8s_openapi::jiff::Timestamp;

use super::retry::{Ledger, TaskState, Victim, Why};
use crate::results::JobState;

/// Live map Jobs at once.
pub const MAX_LIVE_JOBS: usize = 3;
/// Annotations of an object hold 256 KiB in all: given-up genomes beyond this wait for the next attempt.
const MAX_GIVEN_UP_BYTES: usize = 128 * 1024;
/// Those that die together are told of one by one: the part of the gathering time in which they are still together.
const TOGETHER: u32 = 12;

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

/// The victims of one step of the ladder.
struct Gathering<'a> {
    step: u32,
    victims: Vec<(u32, &'a Victim)>,
    /// Whether a retry Job of the step is at work.
    is_served: bool,
}

impl Gathering<'_> {
    /// When they have gathered; `None` where a victim's pod is gone, so that it has waited for an unknown time: long enough.
    fn due(&self, gather: Duration) -> Option<Timestamp> {
        let wait = if self.is_served { gather } else { gather / TOGETHER };
        let first = self.victims.iter().map(|(_, victim)| victim.since).min()??;
        first.checked_add(wait).ok()
    }
}

/// The Jobs to make now: attempt 0, or retry Jobs for the steps whose victims have gathered.
pub fn new_attempts(
    ledger: &Ledger,
    jobs: &[&JobState],
    gather: Duration,
    now: Timestamp,
) -> Vec<NewAttempt> {
    let unassigned: Vec<u32> = numbered(ledger)
        .filter(|(_, state)| matches!(state, TaskState::Unassigned))
        .map(|(task, _)| task)
        .collect();
    let taken: Vec<u32> = jobs.iter().map(|job| job.attempt).collect();
    if !unassigned.is_empty() {
        return vec![NewAttempt {
            attempt: (0..=u32::MAX)
                .find(|attempt| !taken.contains(attempt))
                .unwrap_or(0),
            tasks: unassigned,
            ..NewAttempt::default()
        }];
    }
    let next = taken.iter().max().map_or(0, |last| last + 1);
    let room = MAX_LIVE_JOBS.saturating_sub(at_work(ledger, jobs).len());
    let nothing_open = ledger.count(|state| matches!(state, TaskState::Open)) == 0;
    let mut attempts = Vec::new();
    for gathering in gatherings(ledger, jobs) {
        // An attempt made just now is at work too: a decision made anew after each write comes to the same.
        let idle = nothing_open && attempts.is_empty();
        let is_due = idle || gathering.due(gather).is_none_or(|due| due <= now);
        if is_due && attempts.len() < room {
            let number = next + u32::try_from(attempts.len()).unwrap_or(u32::MAX);
            attempts.push(attempt_for(number, &gathering));
        }
    }
    attempts
}

/// When the next victims will have gathered, if any still do.
pub fn gathered_at(
    ledger: &Ledger,
    jobs: &[&JobState],
    gather: Duration,
    now: Timestamp,
) -> Option<Timestamp> {
    let dues = gatherings(ledger, jobs)
        .into_iter()
        .filter_map(|gathering| gathering.due(gather));
    dues.filter(|due| *due > now).min()
}

fn numbered(ledger: &Ledger) -> impl Iterator<Item = (u32, &TaskState)> {
    (0..).zip(&ledger.tasks)
}

/// The live Jobs with a task still in their hands: the rest of a Job may be waiting on a lost node only.
fn at_work<'a>(ledger: &Ledger, jobs: &[&'a JobState]) -> Vec<&'a JobState> {
    let is_open = |task: &u32| matches!(ledger.tasks.get(*task as usize), Some(TaskState::Open));
    let live = jobs.iter().filter(|job| job.is_live());
    live.filter(|job| job.tasks.iter().any(is_open))
        .copied()
        .collect()
}

/// Victims by step: first those whom no Job serves, and the highest step first.
fn gatherings<'a>(ledger: &'a Ledger, jobs: &[&JobState]) -> Vec<Gathering<'a>> {
    let mut by_step = BTreeMap::<u32, Vec<(u32, &Victim)>>::new();
    for (task, state) in numbered(ledger) {
        if let TaskState::Victim(victim) = state {
            by_step
                .entry(victim.memory_step)
                .or_default()
                .push((task, victim));
        }
    }
    let live = at_work(ledger, jobs);
    let serves = |step| live.iter().any(|job| job.attempt > 0 && job.memory_step == step);
    let mut all: Vec<Gathering<'_>> = by_step
        .into_iter()
        .rev()
        .map(|(step, victims)| Gathering {
            step,
            victims,
            is_served: serves(step),
        })
        .collect();
    all.sort_by_key(|gathering| gathering.is_served);
    all
}

fn attempt_for(attempt: u32, gathering: &Gathering<'_>) -> NewAttempt {
    let mut new = NewAttempt {
        attempt,
        memory_step: gathering.step,
        ..NewAttempt::default()
    };
    let mut bytes = 0;
    for (task, victim) in &gathering.victims {
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
