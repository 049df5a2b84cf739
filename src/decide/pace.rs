//! How many workers are wanted before anything outside limits them: as a person or an autoscaler says, as many as
//! `finishWithin` needs at the pace seen so far, or all that `maxWorkers` allows.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;

use super::orders::Run;
use crate::results::{PodState, pod_state::Life};

/// From the end of one pod to the start of the next in its place: the Job controller looks once a second, and a pod has
/// to be placed and started.
const TURNOVER: Duration = Duration::from_secs(1);
/// Part of `finishWithin` that is planned with; the rest is for the merge.
const PLANNED_PART: f64 = 0.95;

/// Where each worker will do so many tasks, waiting for the first one to be done costs little.
const MANY_ROUNDS: u32 = 10;

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
            let needed = needed(run, within, left).clamp(min, max);
            let wish = settled(run, needed);
            Wish {
                workers: wish.workers.clamp(min, max),
                ..wish
            }
        }
    }
}

/// The work that is left over the time that is left. The last tasks do not end all at once: each worker is idle for half
/// a task on average.
fn needed(run: &Run<'_>, within: Duration, left: u32) -> u32 {
    let pace = pace(run) + TURNOVER;
    let begun: Duration = running(run).map(|elapsed| elapsed.min(pace)).sum();
    let work = (pace * left).saturating_sub(begun);
    let time = within
        .mul_f64(PLANNED_PART)
        .saturating_sub(run.elapsed().unwrap_or_default());
    let time = time.saturating_sub(pace / 2).max(pace);
    // A guess is not worth twice the workers; where there is time to learn better, learning costs little.
    let work = if has_seen_one(run) || time < pace * MANY_ROUNDS {
        work
    } else {
        work / 2
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most `left`, since `work` is at most `left` times `pace`, and `time` at least `pace`"
    )]
    let workers = work.div_duration_f64(time).ceil() as u32;
    workers.max(1)
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
