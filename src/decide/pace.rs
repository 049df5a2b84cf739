//! How many workers are wanted before anything outside limits them: as a person or an autoscaler says, as many as
//! `finishWithin` needs at the pace seen so far, or all that `maxWorkers` allows.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;

use super::orders::Run;
use crate::results::{PodState, pod_state::Life};

/// From the end of one pod to the start of the next in its place: the Job controller looks once a second, and a pod has
/// to be placed and started.
const TURNOVER: Duration = Duration::from_secs(1);
/// The merge is taken to last as long as the plan did, up to this part of `finishWithin`.
const MERGE: u32 = 20;
/// So much of `finishWithin` too late is on time when workers are counted: one more round of tasks may end just after it.
const LATE: u32 = 40;
/// Only when it will be later than this part of `finishWithin` do workers join those that there are: tasks vary.
const TOO_LATE: u32 = 20;
/// Where each worker will do so many tasks, waiting for the first one to be done costs little.
const MANY_ROUNDS: u32 = 6;
/// What a pod's times say of its task may be off by so much: they are whole seconds, and a task waits for its pod.
const BLUR: Duration = Duration::from_secs(4);

/// What is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Wish {
    /// So many workers.
    pub workers: u32,
    /// Since when fewer would do, where they are still kept.
    pub fewer_since: Option<Timestamp>,
}

/// What is wanted with `left` tasks to settle.
pub fn wish(run: &Run<'_>, left: u32) -> Wish {
    let scaling = run.valid.scaling;
    let (min, max) = (scaling.min_workers.get(), scaling.max_workers.get());
    let exactly = |workers| Wish {
        workers,
        fewer_since: None,
    };
    match (scaling.workers, scaling.finish_within) {
        (Some(workers), _) => exactly(workers.min(max)),
        (None, None) => exactly(max),
        (None, Some(within)) => {
            let wish = settled(run, needed(run, within, left));
            Wish {
                workers: wish.workers.clamp(min, max),
                ..wish
            }
        }
    }
}

/// The fewest workers that are done in time; those that there are, where they are late by too little to matter.
fn needed(run: &Run<'_>, within: Duration, left: u32) -> u32 {
    let cycle = pace(run) + TURNOVER;
    let time = (within.saturating_sub(run.elapsed().unwrap_or_default()))
        .saturating_sub(planning(run).min(within / MERGE));
    // A guess is not worth twice the workers; where there is time to learn better, learning costs little.
    let left = if has_seen_one(run) || time < (cycle + BLUR) * MANY_ROUNDS {
        left
    } else {
        left.div_ceil(2)
    };
    let running: Vec<Duration> = running(run).collect();
    let on_time = fewest(left, &running, cycle, time + within / LATE);
    let before = run.before.and_then(|status| status.workers.as_ref());
    let suffices = |workers: u32| work(left, &running, cycle) <= (time + within / TOO_LATE) * workers;
    match before {
        Some(before) if before.desired < on_time && suffices(before.desired) => before.desired,
        Some(_) | None => on_time,
    }
}

/// What is left of `left` tasks, those at work counted by what they have still to do. Unlike whole rounds it does not
/// jump when many end at once.
fn work(left: u32, running: &[Duration], cycle: Duration) -> Duration {
    let begun: Duration = running.iter().map(|elapsed| (*elapsed).min(cycle)).sum();
    (cycle * left).saturating_sub(begun)
}

/// The fewest workers that do `left` tasks of `cycle` each in `time`, one after the other. Those for which one has been
/// `running` finish it first. Where not even one fits, all at once is the best there is.
fn fewest(left: u32, running: &[Duration], cycle: Duration, time: Duration) -> u32 {
    let time = time.max(cycle);
    let rounds = |time: Duration| u32::try_from(time.as_millis() / cycle.as_millis()).unwrap_or(u32::MAX);
    let mut at_work: Vec<u32> = running
        .iter()
        .map(|elapsed| rounds(time + (*elapsed).min(cycle)))
        .collect();
    at_work.sort_unstable_by_key(|tasks| std::cmp::Reverse(*tasks));
    let (mut workers, mut rest) = (0, left);
    for tasks in at_work {
        if rest == 0 {
            break;
        }
        rest = rest.saturating_sub(tasks);
        workers += 1;
    }
    (workers + rest.div_ceil(rounds(time))).max(1)
}

/// How long it took until the map stage began.
fn planning(run: &Run<'_>) -> Duration {
    let begun = run.map_jobs().first().and_then(|job| job.created);
    let taken_up = run.before.and_then(|status| status.start_time.as_ref());
    let took = begun
        .zip(taken_up)
        .and_then(|(begun, taken_up)| Duration::try_from(begun.duration_since(taken_up.0)).ok());
    took.or_else(|| run.elapsed()).unwrap_or_default()
}

/// Fewer workers are taken to be enough once they have been for a while: a pod that is stopped loses its work.
fn settled(run: &Run<'_>, needed: u32) -> Wish {
    let before = run.before.and_then(|status| status.workers.as_ref());
    let Some(before) = before.filter(|before| needed < before.desired) else {
        return Wish {
            workers: needed,
            fewer_since: None,
        };
    };
    let now = run.observed.now;
    let since = before.fewer_since.as_ref().map_or(now, |since| since.0);
    let waited = Duration::try_from(now.duration_since(since)).unwrap_or_default();
    if waited < run.settings.timing.settle {
        Wish {
            workers: before.desired,
            fewer_since: Some(since),
        }
    } else {
        Wish {
            workers: needed,
            fewer_since: None,
        }
    }
}

fn has_seen_one(run: &Run<'_>) -> bool {
    pods(run).any(|pod| pod.life == Life::Succeeded)
}

/// What a task takes: the mean of those that are done; before there is one, what the plan aimed at.
fn pace(run: &Run<'_>) -> Duration {
    let done: Vec<Duration> = pods(run)
        .filter(|pod| pod.life == Life::Succeeded)
        .filter_map(|pod| Duration::try_from(pod.finished?.duration_since(pod.started?)).ok())
        .collect();
    let count = u32::try_from(done.len()).unwrap_or(u32::MAX);
    if count == 0 {
        let longest = running(run).max().unwrap_or_default();
        return run.settings.timing.expected_task.max(longest);
    }
    done.iter().sum::<Duration>() / count
}

/// For how long each running pod has run.
fn running<'a>(run: &'a Run<'_>) -> impl Iterator<Item = Duration> + 'a {
    pods(run)
        .filter(|pod| pod.life == Life::Running)
        .filter_map(|pod| Duration::try_from(run.observed.now.duration_since(pod.started?)).ok())
}

fn pods<'a>(run: &'a Run<'_>) -> impl Iterator<Item = &'a PodState> + 'a {
    run.jobs
        .iter()
        .filter(|job| job.verb == genome_contract::Verb::Map)
        .flat_map(|job| &job.pods)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn whole_rounds_count_and_those_at_work_finish_first() {
        assert_eq!(fewest(100, &[], MINUTE, MINUTE * 20), 5);
        assert_eq!(fewest(100, &[], MINUTE, MINUTE * 39 / 2), 6, "19 whole rounds");
        assert_eq!(fewest(100, &[], MINUTE, MINUTE / 2), 100, "all at once is best");
        // Half a task is behind each of five: twenty whole rounds fit into nineteen and a half.
        assert_eq!(fewest(100, &[MINUTE / 2; 5], MINUTE, MINUTE * 39 / 2), 5);
        assert_eq!(
            fewest(3, &[MINUTE / 2; 5], MINUTE, MINUTE),
            3,
            "the others may go"
        );
    }

    proptest! {
        #[test]
        fn one_worker_fewer_is_not_done_in_time(
            left in 1_u32..500,
            behind in prop::collection::vec(0_u64..60, 0..50),
            seconds in 60_u64..5000,
        ) {
            let running: Vec<Duration> = behind.iter().map(|behind| Duration::from_secs(*behind)).collect();
            let time = Duration::from_secs(seconds);
            let workers = fewest(left, &running, MINUTE, time);
            prop_assert!(end(left, &behind, workers) <= seconds);
            if workers > 1 {
                prop_assert!(end(left, &behind, workers - 1) > seconds);
            }
        }
    }

    /// Second by second: when `left` tasks of a minute are done by `workers`, some of which began `behind` seconds ago.
    fn end(left: u32, behind: &[u64], workers: u32) -> u64 {
        let mut behind = behind.to_vec();
        behind.sort_unstable_by_key(|behind| std::cmp::Reverse(*behind));
        behind.resize(workers as usize, 0);
        let mut free: Vec<u64> = behind.iter().map(|behind| 60 - behind).collect();
        // Each has its first task in hand; the earliest to be free takes the next.
        free.truncate(left as usize);
        let mut last = free.iter().copied().max().unwrap_or(0);
        for _ in free.len()..left as usize {
            let next = free.iter_mut().min().unwrap();
            *next += 60;
            last = last.max(*next);
        }
        last
    }
}
