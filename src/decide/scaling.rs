//! How many workers: the wish, the limits on it, and which Jobs get them.
//!
//! ```text
//!  workers or automatic ─► min, max, tasks left ─► fair share ─► what the cluster takes ─► per Job, most memory first
//! ```
//! Pods never exceed `maxWorkers`, the analysis's or the operator's, pending and terminating ones counted: room is raised
//! only as it becomes free.

use std::{collections::BTreeMap, time::Duration};

use genome_contract::Verb;
use k8s_openapi::jiff::SignedDuration;

use super::{
    ParallelismPatch,
    orders::Run,
    phase::Course,
    share::share_of,
    trouble::{Obstacle, is_quota, obstacle},
};
use crate::{
    api::names::{conditions, reasons},
    results::{JobState, pod_state::Life},
};

/// Pods wait this long for a node before the analysis asks for fewer: a node autoscaler needs them to stay.
pub const UNSCHEDULABLE_GRACE: SignedDuration = SignedDuration::from_mins(5);
/// What a task takes before one has been seen: the plan's target.
const EXPECTED_TASK: Duration = Duration::from_mins(1);

/// The workers of an analysis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scale {
    /// Workers it should have.
    pub desired: u32,
    /// Workers of a plan or merge: 0 or 1.
    pub single: u32,
    /// Parallelism of each live Job, by name.
    pub live: BTreeMap<String, u32>,
    /// Parallelism of each new map Job, by attempt.
    pub new: BTreeMap<u32, u32>,
    /// Why not more, as reason and sentence.
    pub limit: Option<(&'static str, String)>,
    /// What stands in the way of all of them.
    pub obstacle: Option<Obstacle>,
}

impl Scale {
    /// Parallelism of the new map Job `attempt`.
    pub fn of_new(&self, attempt: u32) -> u32 {
        self.new.get(&attempt).copied().unwrap_or(0)
    }
}

/// The workers that `run` should have on its `course`.
pub fn scale(run: &Run<'_>, course: &Course) -> Scale {
    let stopped = course.end.is_some() || run.valid.suspend;
    let obstacle = (!stopped).then(|| obstacle(run)).flatten();
    let mut scale = Scale {
        obstacle,
        ..Scale::default()
    };
    match course.verb.filter(|_| !stopped) {
        None => {}
        Some(Verb::Map) => map(run, course, &mut scale),
        Some(verb) => single(run, verb, &mut scale),
    }
    // Whatever has no part in the present stage gets nothing.
    for job in run.observed.jobs.iter().filter(|job| job.is_live()) {
        scale.live.entry(job.name.clone()).or_insert(0);
    }
    scale
}

fn single(run: &Run<'_>, verb: Verb, scale: &mut Scale) {
    let share = fair_share(run).unwrap_or(1);
    scale.single = share.min(1);
    scale.desired = scale.single;
    if scale.single == 0 {
        scale.limit = Some((
            reasons::FAIR_SHARE,
            "the operator's workers are all in use".to_owned(),
        ));
    }
    if let Some(job) = run.jobs_of(verb).last().filter(|job| job.is_live()) {
        scale.live.insert(job.name.clone(), scale.single);
    }
}

fn fair_share(run: &Run<'_>) -> Option<u32> {
    let total = run.settings.max_workers?;
    let identity = &run.valid.identity;
    Some(share_of(
        &run.observed.demands,
        total,
        &identity.namespace,
        &identity.name,
    ))
}

fn map(run: &Run<'_>, course: &Course, scale: &mut Scale) {
    let left = course.ledger.remaining();
    let wish = wish(run, left);
    let (desired, limit) = limited(run, wish, left, scale.obstacle.as_ref());
    scale.desired = desired;
    scale.limit = limit;
    share_among_jobs(run, course, scale);
}

/// What is wanted before anything limits it but `maxWorkers`.
fn wish(run: &Run<'_>, left: u32) -> u32 {
    let scaling = run.valid.scaling;
    let (min, max) = (scaling.min_workers.get(), scaling.max_workers.get());
    match (scaling.workers, scaling.finish_within) {
        (Some(workers), _) => workers.min(max),
        (None, None) => max,
        (None, Some(within)) => settled(run, needed(run, within, left)).clamp(min.min(max), max),
    }
}

/// As many as finish `left` tasks in time at the pace seen so far, each worker doing whole tasks.
fn needed(run: &Run<'_>, within: Duration, left: u32) -> u32 {
    let time_left = within
        .mul_f64(0.95)
        .saturating_sub(run.elapsed().unwrap_or_default());
    let pace = task_duration(run).max(Duration::from_secs(1));
    let rounds = (time_left.as_secs_f64() / pace.as_secs_f64()).floor();
    if rounds < 1.0 {
        return u32::MAX;
    }
    let workers = (f64::from(left) / rounds).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a quotient of counts, at most `left`"
    )]
    let workers = workers as u32;
    workers.max(1)
}

/// A wish that is a little lower than what runs is not worth stopping pods for.
fn settled(run: &Run<'_>, wish: u32) -> u32 {
    let before = run
        .before
        .and_then(|status| status.workers.as_ref())
        .map_or(0, |workers| workers.desired);
    if wish < before && u64::from(wish) * 5 >= u64::from(before) * 4 {
        before
    } else {
        wish
    }
}

fn task_duration(run: &Run<'_>) -> Duration {
    let durations: Vec<Duration> = run
        .map_jobs()
        .iter()
        .flat_map(|job| &job.pods)
        .filter(|pod| pod.life == Life::Succeeded)
        .filter_map(|pod| Duration::try_from(pod.finished?.duration_since(pod.started?)).ok())
        .collect();
    let count = u32::try_from(durations.len()).unwrap_or(u32::MAX);
    if count == 0 {
        EXPECTED_TASK
    } else {
        durations.iter().sum::<Duration>() / count
    }
}

/// `wish`, and the tightest limit on it.
fn limited(
    run: &Run<'_>,
    wish: u32,
    left: u32,
    obstacle: Option<&Obstacle>,
) -> (u32, Option<(&'static str, String)>) {
    let mut desired = wish;
    let mut limit = None;
    let mut at_most = |most: u32, reason: &'static str, text: String| {
        if most < desired {
            desired = most;
            limit = Some((reason, text));
        }
    };
    at_most(left, reasons::FEW_TASKS, format!("{left} tasks are left"));
    if let Some(share) = fair_share(run) {
        at_most(
            share,
            reasons::FAIR_SHARE,
            format!("a fair share of the operator's workers is {share}"),
        );
    }
    if let Some((most, reason, text)) = back_pressure(run, wish.min(left)) {
        at_most(most, reason, text);
    }
    if let Some(obstacle) = obstacle.filter(|obstacle| obstacle.probing) {
        at_most(
            1,
            reasons::PROBING,
            format!("one worker probes while: {}", obstacle.text),
        );
    }
    if run.observed.one_node && limit.is_none() {
        let text = "a read-write-once claim keeps the workers on one node".to_owned();
        limit = Some((reasons::VOLUME_ACCESS, text));
    }
    (desired, limit)
}

/// What the cluster takes: what runs and a probe, doubled each time it is taken.
fn back_pressure(run: &Run<'_>, wish: u32) -> Option<(u32, &'static str, String)> {
    let jobs = run.map_jobs();
    let running: u32 = jobs.iter().map(|job| job.running_pods()).sum();
    let live: u32 = jobs
        .iter()
        .filter(|job| job.is_live())
        .map(|job| job.live_pods())
        .sum();
    if let Some(text) = unschedulable_for_long(run, &jobs) {
        return Some((running + 1, reasons::UNSCHEDULABLE, text));
    }
    let minute = SignedDuration::from_mins(1);
    let refused = run.observed.troubles.iter().find(|trouble| {
        is_quota(&trouble.text) && run.observed.now.duration_since(trouble.last_seen) < minute
    });
    if let Some(trouble) = refused.filter(|_| live < wish) {
        return Some((live + 1, reasons::QUOTA_EXCEEDED, trouble.text.clone()));
    }
    let before = run.before?;
    let condition = before
        .conditions
        .iter()
        .find(|one| one.type_ == conditions::SCALING_LIMITED)?;
    let reason = [reasons::UNSCHEDULABLE, reasons::QUOTA_EXCEEDED]
        .into_iter()
        .find(|reason| condition.status == "True" && condition.reason == *reason)?;
    let desired = before.workers.as_ref()?.desired.max(1);
    let taken = running >= desired;
    let most = if taken { desired.saturating_mul(2) } else { desired };
    (most < wish).then(|| (most, reason, condition.message.clone()))
}

fn unschedulable_for_long(run: &Run<'_>, jobs: &[&JobState]) -> Option<String> {
    let pods = jobs.iter().filter(|job| job.is_live()).flat_map(|job| &job.pods);
    let held_up = pods
        .filter(|pod| pod.life == Life::Pending)
        .filter_map(|pod| pod.held_up.as_ref());
    held_up
        .filter(|held_up| held_up.reason == "Unschedulable")
        .find(|held_up| {
            held_up
                .since
                .is_some_and(|since| run.observed.now.duration_since(since) > UNSCHEDULABLE_GRACE)
        })
        .map(|held_up| held_up.text.clone())
}

/// One Job that may have workers.
struct Place {
    memory_step: u32,
    /// A live Job's name, or a new one's attempt.
    job: Result<String, u32>,
    open: u32,
    parallelism: u32,
    pods: u32,
}

fn places(run: &Run<'_>, course: &Course) -> Vec<Place> {
    let live = run
        .map_jobs()
        .into_iter()
        .filter(|job| job.is_live())
        .map(|job| Place {
            memory_step: job.memory_step,
            job: Ok(job.name.clone()),
            open: job.open_indexes(),
            parallelism: job.parallelism,
            pods: job.live_pods(),
        });
    let new = course.attempts.iter().map(|new| Place {
        memory_step: new.memory_step,
        job: Err(new.attempt),
        open: u32::try_from(new.tasks.len()).unwrap_or(u32::MAX),
        parallelism: 0,
        pods: 0,
    });
    let mut places: Vec<Place> = live.chain(new).collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.memory_step));
    places
}

fn share_among_jobs(run: &Run<'_>, course: &Course, scale: &mut Scale) {
    let places = places(run, course);
    let mut left = scale.desired;
    let parts: Vec<u32> = places
        .iter()
        .map(|place| {
            let part = place.open.min(left);
            left -= part;
            part
        })
        .collect();
    // Pods that are there stay counted until they are gone.
    let held = |place: &Place, part: u32| part.min(place.parallelism).min(place.open).max(place.pods);
    let max = run.valid.scaling.max_workers.get();
    let taken: u32 = places
        .iter()
        .zip(&parts)
        .map(|(place, part)| held(place, *part))
        .sum();
    let most = run
        .settings
        .max_workers
        .map_or(max, |total| max.min(total.saturating_sub(run.observed.elsewhere)));
    let mut room = most.saturating_sub(taken);
    for (place, part) in places.iter().zip(parts) {
        let kept = held(place, part);
        let raise = part.saturating_sub(kept).min(room);
        room -= raise;
        // A Job has no more pods than open indexes: lowering it to those would change nothing.
        let enough = part == place.open && place.parallelism >= part;
        let parallelism = if enough {
            place.parallelism
        } else {
            part.min(kept + raise)
        };
        match &place.job {
            Ok(name) => drop(scale.live.insert(name.clone(), parallelism)),
            Err(attempt) => drop(scale.new.insert(*attempt, parallelism)),
        }
    }
}

/// The live Jobs whose parallelism is not what it should be.
pub fn patches(run: &Run<'_>, scale: &Scale) -> Vec<ParallelismPatch> {
    let jobs = run.observed.jobs.iter().filter(|job| job.is_live());
    let differing = jobs.filter_map(|job| {
        let to = *scale.live.get(&job.name)?;
        (to != job.parallelism).then(|| ParallelismPatch {
            job: job.name.clone(),
            uid: job.uid.clone(),
            resource_version: job.resource_version.clone(),
            from: job.parallelism,
            to,
        })
    });
    differing.collect()
}
