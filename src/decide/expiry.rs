//! Time: when to look again, and when a finished analysis goes.

use std::time::Duration;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::{
    Decision, Observed, ParallelismPatch, RefusalKind, attempts, orders::Run, phase::Course, scaling::Scale,
    share, trouble,
};
use crate::api::{GenomeAnalysisStatus, names::conditions};

/// At the latest, in case an event was missed.
const RELIST: Duration = Duration::from_mins(5);
/// Where workers are shared, or something waits for time to pass.
const SOON: Duration = Duration::from_secs(5);

/// A pod that was told to go so lately may stay because its namespace goes. One of a suspended Job stays for as long.
const LEAVING: SignedDuration = SignedDuration::from_mins(2);

/// Past the end of a grace, not at it.
const SECOND: Duration = Duration::from_secs(1);

/// What is left to do for an analysis that has ended: stop what still runs, and go when its time has come.
pub fn after_the_end(observed: &Observed) -> Decision {
    let patch = observed
        .jobs
        .iter()
        .filter(|job| job.is_live() && job.parallelism > 0)
        .map(|job| ParallelismPatch {
            job: job.name.clone(),
            uid: job.uid.clone(),
            resource_version: job.resource_version.clone(),
            from: job.parallelism,
            to: 0,
        })
        .collect();
    let left = time_to_live(observed);
    Decision {
        patch,
        remove: left.is_some_and(|left| left.is_zero()),
        next: left,
        ..Decision::default()
    }
}

fn time_to_live(observed: &Observed) -> Option<Duration> {
    let seconds = observed.analysis.spec.ttl_seconds_after_finished?;
    let ended = observed.analysis.status.as_ref()?.completion_time.as_ref()?.0;
    Some(until(
        ended,
        Duration::from_secs(u64::from(seconds)),
        observed.now,
    ))
}

/// In a namespace that is going nothing can be made any more, and its Jobs go only with their analysis: the Job controller
/// holds ended pods for the sake of next ones, and the namespace waits for the pods before it deletes Jobs.
pub fn with_its_namespace(observed: &Observed) -> Option<Decision> {
    let refusal = observed.refusal.as_ref()?;
    (refusal.kind == RefusalKind::NamespaceTerminating).then(|| Decision {
        remove: true,
        next: Some(SOON),
        ..Decision::default()
    })
}

/// Time from `now` until `span` after `start`; zero where that has passed.
fn until(start: Timestamp, span: Duration, now: Timestamp) -> Duration {
    let passed = Duration::try_from(now.duration_since(start)).unwrap_or_default();
    span.saturating_sub(passed)
}

/// When to look at a run again, if nothing happens before.
pub fn next_look(run: &Run<'_>, course: &Course, scale: &Scale, status: &GenomeAnalysisStatus) -> Duration {
    let now = run.observed.now;
    let mut looks = vec![RELIST];
    if course.end.is_some() {
        looks.extend(run.valid.ttl_after_finished);
        return looks.into_iter().min().unwrap_or(RELIST);
    }
    let elapsed = run.elapsed().unwrap_or_default();
    looks.extend(
        run.valid
            .timeouts
            .total
            .map(|total| total.saturating_sub(elapsed)),
    );
    if elapsed <= run.valid.alerts.duration {
        looks.push(run.valid.alerts.duration.saturating_sub(elapsed) + Duration::from_secs(1));
    }
    let blocked = status
        .conditions
        .iter()
        .any(|one| one.type_ == conditions::PROGRESSING && one.status == "False");
    let limited = status
        .conditions
        .iter()
        .any(|one| one.type_ == conditions::SCALING_LIMITED && one.status == "True");
    let live = run.jobs.iter().filter(|job| job.is_live());
    let is_leaving = |since: Timestamp| now.duration_since(since) < LEAVING;
    let overdue = live.flat_map(|job| &job.pods).any(|pod| {
        pod.overdue_since
            .is_some_and(|since| pod.is_live() || is_leaving(since))
    });
    if blocked
        || limited
        || overdue
        || scale.hampered
        || run.valid.scaling.finish_within.is_some()
        || share::is_contended(&run.observed.demands)
    {
        looks.push(SOON);
    }
    let timing = run.settings.timing;
    if let Some(due) = attempts::gathered_at(&course.ledger, &run.map_jobs(), timing.gather, now) {
        looks.push(Duration::try_from(due.duration_since(now)).unwrap_or_default());
    }
    let waiting = run
        .jobs
        .iter()
        .flat_map(|job| &job.pods)
        .filter_map(|pod| pod.held_up.as_ref()?.since);
    for since in waiting {
        let graces = [trouble::SCHEDULING.unsigned_abs(), timing.unschedulable];
        let ends = graces
            .into_iter()
            .filter_map(|grace| since.checked_add(grace + SECOND).ok());
        looks.extend(ends.filter_map(|end| Duration::try_from(end.duration_since(now)).ok()));
    }
    looks
        .into_iter()
        .min()
        .unwrap_or(RELIST)
        .max(Duration::from_millis(500))
}
