//! How many workers: the wish, the limits on it, and which Jobs get them.
//!
//! ```text
//!  workers or automatic ─► min, max, tasks left ─► fair share ─► what the cluster takes ─► per Job, most memory first
//! ```
//! Pods never exceed `maxWorkers`, the analysis's or the operator's, pending and terminating ones counted: room is raised
//! only as it becomes free.

use std::collections::BTreeMap;

use genome_contract::Verb;
use k8s_openapi::jiff::Timestamp;

use super::{
    ParallelismPatch,
    orders::Run,
    pace::{Wish, wish},
    phase::Course,
    pressure::{Pressure, pressure, unschedulable},
    retry::{Rules, TaskState, lost_since},
    share::share_of,
    trouble::{self, Obstacle, Obstruction, obstruction},
};
use crate::{
    api::names::reasons,
    results::{JobState, PodState},
};

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
    /// Whether something stands in the way of some of them.
    pub hampered: bool,
    /// Workers among the desired that the cluster has not taken yet, where it takes no more.
    pub probe: Option<u32>,
    /// Since when fewer would do.
    pub fewer_since: Option<Timestamp>,
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
    let (obstacle, hampered) = match (!stopped).then(|| obstruction(run)).flatten() {
        None => (None, false),
        Some(Obstruction { obstacle, is_total }) => (Some(obstacle).filter(|_| is_total), !is_total),
    };
    let mut scale = Scale {
        obstacle,
        hampered,
        ..Scale::default()
    };
    match course.verb.filter(|_| !stopped) {
        None => {}
        Some(Verb::Map) => map(run, course, &mut scale),
        Some(verb) => single(run, verb, course, &mut scale),
    }
    // Whatever has no part in the present stage gets nothing.
    for job in run.observed.jobs.iter().filter(|job| job.is_live()) {
        scale.live.entry(job.name.clone()).or_insert(0);
    }
    scale
}

fn single(run: &Run<'_>, verb: Verb, course: &Course, scale: &mut Scale) {
    let job = run.jobs_of(verb).last().copied().filter(|job| job.is_live());
    let share = fair_share(run).unwrap_or(1);
    // Where another attempt is made, this one's pods are among those beside it.
    let at_work = job.filter(|_| course.single.is_none());
    let is_there = at_work.is_some_and(|job| job.parallelism > 0);
    let room = most(run).saturating_sub(pods_beside(run, |one| {
        at_work.is_some_and(|job| job.name == one.name)
    }));
    scale.single = share.min(1).min(room.max(u32::from(is_there)));
    scale.desired = scale.single;
    if scale.single == 0 {
        let text = if share == 0 {
            "the operator's workers are all in use"
        } else {
            "workers of before are still ending"
        };
        scale.limit = Some((reasons::FAIR_SHARE, text.to_owned()));
    }
    if let Some(job) = job {
        scale.live.insert(job.name.clone(), scale.single);
    }
}

/// Pods that there may be at once.
fn most(run: &Run<'_>) -> u32 {
    let max = run.valid.scaling.max_workers.get();
    run.settings
        .max_workers
        .map_or(max, |total| max.min(total.saturating_sub(run.observed.elsewhere)))
}

/// Pods of all Jobs but those of which `is_counted` holds.
fn pods_beside(run: &Run<'_>, is_counted: impl Fn(&JobState) -> bool) -> u32 {
    let others = run.observed.jobs.iter().filter(|job| !is_counted(job));
    others.map(|job| pods_in_place(run, job)).sum()
}

/// Pods that take a worker's place. Those on lost nodes take nobody's: they may stay for ever.
fn pods_in_place(run: &Run<'_>, job: &JobState) -> u32 {
    job.live_pods().saturating_sub(lost_pods(run, job))
}

fn lost_pods(run: &Run<'_>, job: &JobState) -> u32 {
    let Rules { lost_node, now, .. } = run.rules();
    let is_lost = |pod: &&PodState| lost_since(pod, lost_node, now).is_some();
    u32::try_from(job.pods.iter().filter(is_lost).count()).unwrap_or(u32::MAX)
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
    let Wish { workers, fewer_since } = wish(run, left);
    scale.fewer_since = fewer_since;
    let pressure = pressure(run, workers.min(left));
    let (desired, limit) = limited(run, workers, left, scale.obstacle.as_ref(), pressure.as_ref());
    scale.desired = desired;
    scale.limit = limit;
    scale.probe = pressure.map(|pressure| pressure.probe);
    share_among_jobs(run, course, scale);
}

/// `wish`, and the tightest limit on it.
fn limited(
    run: &Run<'_>,
    wish: u32,
    left: u32,
    obstacle: Option<&Obstacle>,
    pressure: Option<&Pressure>,
) -> (u32, Option<(&'static str, String)>) {
    let mut desired = wish;
    let mut limit = None;
    let mut at_most = |most: u32, reason: &'static str, text: String| {
        if most < desired {
            desired = most;
            limit = Some((reason, text));
        }
    };
    let text = if left == 1 {
        "1 task is left".to_owned()
    } else {
        format!("{left} tasks are left")
    };
    at_most(left, reasons::FEW_TASKS, text);
    if let Some(share) = fair_share(run) {
        at_most(
            share,
            reasons::FAIR_SHARE,
            format!("a fair share of the operator's workers is {share}"),
        );
    }
    if let Some(pressure) = pressure {
        at_most(pressure.most, pressure.reason, pressure.text.clone());
    }
    if let Some(obstacle) = obstacle.filter(|obstacle| obstacle.probing) {
        at_most(
            1,
            reasons::PROBING,
            format!("one worker probes while: {}", obstacle.text),
        );
    }
    // Not fewer yet: a node autoscaler may be at work for those that wait.
    if let Some(text) = unschedulable(run, trouble::SCHEDULING.unsigned_abs()).filter(|_| limit.is_none()) {
        limit = Some((reasons::UNSCHEDULABLE, text));
    }
    if run.observed.one_node && limit.is_none() {
        let text = "a read-write-once claim keeps the workers on one node".to_owned();
        limit = Some((reasons::VOLUME_ACCESS, text));
    }
    (desired, limit)
}

/// One Job that may have workers.
struct Place {
    memory_step: u32,
    /// Pods on lost nodes, which the Job controller counts none the less.
    lost: u32,
    /// A live Job's name, or a new one's attempt.
    job: Result<String, u32>,
    /// Tasks that are in its hands and no other Job's.
    open: u32,
    /// Indexes that the Job controller would have pods for.
    indexes: u32,
    parallelism: u32,
    pods: u32,
    /// Those of them that run, or are about to.
    at_work: u32,
}

fn places(run: &Run<'_>, course: &Course) -> Vec<Place> {
    let live = run.map_jobs().into_iter().filter(|job| job.is_live()).map(|job| {
        let lost = lost_pods(run, job);
        Place {
            memory_step: job.memory_step,
            lost,
            job: Ok(job.name.clone()),
            open: in_its_hands(run, course, job),
            indexes: job.open_indexes(),
            parallelism: job.parallelism.saturating_sub(lost),
            pods: pods_in_place(run, job),
            at_work: pods_in_place(run, job).saturating_sub(job.unplaced_pods()),
        }
    });
    let tasks = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let new = course.attempts.iter().map(|new| Place {
        memory_step: new.memory_step,
        lost: 0,
        job: Err(new.attempt),
        open: tasks(new.tasks.len()),
        indexes: tasks(new.tasks.len()),
        parallelism: 0,
        pods: 0,
        at_work: 0,
    });
    let mut places: Vec<Place> = live.chain(new).collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.memory_step));
    places
}

/// Tasks of `job` that wait for it: neither settled, nor for another attempt, nor in a later one already.
fn in_its_hands(run: &Run<'_>, course: &Course, job: &JobState) -> u32 {
    let later: Vec<&JobState> = run
        .map_jobs()
        .into_iter()
        .filter(|other| other.attempt > job.attempt)
        .collect();
    let is_here = |index: u32, task: u32| {
        let is_open = !job.succeeded.contains(index) && !job.failed.contains(index);
        let waits = matches!(
            course.ledger.tasks.get(task as usize),
            Some(TaskState::Open) | None
        );
        is_open && waits && !later.iter().any(|other| other.tasks.binary_search(&task).is_ok())
    };
    let here = (0..)
        .zip(&job.tasks)
        .filter(|(index, task)| is_here(*index, **task));
    u32::try_from(here.count()).unwrap_or(u32::MAX)
}

/// What of `desired` each place gets: what runs there already or is about to, since a pod that is stopped loses its work;
/// then the rest, most memory first. As pods end, their places go to those with more memory; so do those of pods that no
/// node has room for.
fn parts(places: &[Place], desired: u32) -> Vec<u32> {
    let mut left = desired;
    let mut take = |wanted: u32| {
        let part = wanted.min(left);
        left -= part;
        part
    };
    let kept: Vec<u32> = places
        .iter()
        .map(|place| take(place.at_work.min(place.open)))
        .collect();
    let more: Vec<u32> = places
        .iter()
        .zip(&kept)
        .map(|(place, kept)| take(place.open - kept))
        .collect();
    kept.iter().zip(more).map(|(kept, more)| kept + more).collect()
}

fn share_among_jobs(run: &Run<'_>, course: &Course, scale: &mut Scale) {
    let places = places(run, course);
    let parts = parts(&places, scale.desired);
    // Pods that are there stay counted until they are gone.
    let held = |place: &Place, part: u32| part.min(place.parallelism).min(place.open).max(place.pods);
    let taken: u32 = places
        .iter()
        .zip(&parts)
        .map(|(place, part)| held(place, *part))
        .sum();
    let beside = pods_beside(run, |job| {
        job.verb == Verb::Map && job.is_live() && job.round == run.valid.retries.round
    });
    let mut room = most(run).saturating_sub(taken + beside);
    for (place, part) in places.iter().zip(parts) {
        let kept = held(place, part);
        let raise = part.saturating_sub(kept).min(room);
        room -= raise;
        // A Job has no more pods than open indexes: lowering it to those would change nothing.
        let enough = part == place.indexes && place.parallelism >= part;
        let parallelism = if enough {
            place.parallelism
        } else {
            part.min(kept + raise)
        };
        match &place.job {
            Ok(name) => {
                let lost = if parallelism > 0 { place.lost } else { 0 };
                scale.live.insert(name.clone(), parallelism + lost);
            }
            Err(attempt) => {
                scale.new.insert(*attempt, parallelism);
            }
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
