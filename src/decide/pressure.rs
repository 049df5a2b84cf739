//! What the cluster takes: where it refuses pods, those that it took and a probe, which doubles each time it is taken.

use std::time::Duration;

use super::{orders::Run, trouble::is_quota};
use crate::{
    api::names::{conditions, reasons},
    results::{JobState, PodState, pod_state::Life},
};

/// A refusal counts for so long: the Job controller tries again at least this often.
const REFUSED: Duration = Duration::from_mins(1);

/// Less than is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Pressure {
    /// At most so many workers.
    pub most: u32,
    /// Those of them that the cluster has not taken yet.
    pub probe: u32,
    /// Reason of the condition ScalingLimited.
    pub reason: &'static str,
    /// In the words of who refuses.
    pub text: String,
}

/// What keeps `run` from having `wish` workers.
pub fn pressure(run: &Run<'_>, wish: u32) -> Option<Pressure> {
    let jobs: Vec<&JobState> = run.map_jobs().into_iter().filter(|job| job.is_live()).collect();
    let live: u32 = jobs.iter().map(|job| job.live_pods()).sum();
    let has_node = |pod: &&PodState| pod.is_live() && pod.node.is_some();
    let taken = jobs.iter().flat_map(|job| &job.pods).filter(has_node).count();
    let taken = u32::try_from(taken).unwrap_or(u32::MAX);
    let first = |most: u32, reason, text| {
        Some(Pressure {
            most: most.saturating_add(1),
            probe: 1,
            reason,
            text,
        })
    };
    if let Some(text) = unschedulable(run, run.settings.timing.unschedulable) {
        return first(taken, reasons::UNSCHEDULABLE, text);
    }
    if let Some(text) = refused_lately(run).filter(|_| live < wish) {
        return first(live, reasons::QUOTA_EXCEEDED, text);
    }
    further(run, taken).filter(|pressure| pressure.most < wish)
}

/// The words about a pod that has looked for a node for longer than `grace`.
pub fn unschedulable(run: &Run<'_>, grace: Duration) -> Option<String> {
    let map_jobs = run.map_jobs();
    let pods = map_jobs
        .iter()
        .filter(|job| job.is_live())
        .flat_map(|job| &job.pods);
    let held_up = pods
        .filter(|pod| pod.life == Life::Pending)
        .filter_map(|pod| pod.held_up.as_ref())
        .filter(|held_up| held_up.reason == "Unschedulable");
    let waited = |since| Duration::try_from(run.observed.now.duration_since(since)).unwrap_or_default();
    held_up
        .filter(|held_up| held_up.since.is_some_and(|since| waited(since) > grace))
        .map(|held_up| held_up.text.clone())
        .next()
}

fn refused_lately(run: &Run<'_>) -> Option<String> {
    let age = |seen| Duration::try_from(run.observed.now.duration_since(seen)).unwrap_or_default();
    let refused = |trouble: &&super::Trouble| is_quota(&trouble.text) && age(trouble.last_seen) < REFUSED;
    run.observed
        .troubles
        .iter()
        .find(refused)
        .map(|trouble| trouble.text.clone())
}

/// The probe before, doubled where it was taken.
fn further(run: &Run<'_>, taken: u32) -> Option<Pressure> {
    let before = run.before?;
    let workers = before.workers.as_ref()?;
    let probe = workers.probe?;
    let condition = before
        .conditions
        .iter()
        .find(|one| one.type_ == conditions::SCALING_LIMITED)?;
    let reason = [reasons::UNSCHEDULABLE, reasons::QUOTA_EXCEEDED]
        .into_iter()
        .find(|reason| condition.reason == *reason)
        .unwrap_or(reasons::UNSCHEDULABLE);
    let desired = workers.desired.max(1);
    let is_taken = taken >= desired;
    let probe = if is_taken { probe.saturating_mul(2) } else { probe };
    Some(Pressure {
        most: if is_taken {
            desired.saturating_add(probe)
        } else {
            desired
        },
        probe,
        reason,
        text: condition.message.clone(),
    })
}
