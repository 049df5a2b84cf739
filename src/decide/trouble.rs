//! What stands in the way, in the words of whoever put it there. Every obstacle clears itself: it is read off the
//! present pods and events, never remembered.

use genome_contract::ExitCode;
use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::{Observed, RefusalKind, Trouble, orders::Run};
use crate::{
    api::names::reasons,
    results::{
        JobState, PodState,
        counts::shortened,
        pod_state::{HeldUp, Life},
    },
};

/// Something outside that must change before work goes on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Obstacle {
    /// Reason of the condition Progressing=False.
    pub reason: &'static str,
    /// Whose words these are, and what to do.
    pub text: String,
    /// Whether the output or the inputs refuse, so that one pod probes them.
    pub probing: bool,
}

impl Obstacle {
    fn new(reason: &'static str, text: impl Into<String>) -> Self {
        Self {
            reason,
            text: shortened(&text.into(), 1024),
            probing: false,
        }
    }
}

/// How long an event counts that nobody repeats.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// How long a pod may look for a node before anybody is told: schedulers say no many times a day and mean not yet.
pub const SCHEDULING: SignedDuration = SignedDuration::from_secs(20);

/// What stands in the way, and of whom.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Obstruction {
    /// What it is.
    pub obstacle: Obstacle,
    /// Whether no worker makes headway; else it keeps only some from starting.
    pub is_total: bool,
}

/// The most telling obstacle, if there is one.
pub fn obstruction(run: &Run<'_>) -> Option<Obstruction> {
    let live: Vec<&JobState> = run.jobs.iter().copied().filter(|job| job.is_live()).collect();
    let found = |is_total| move |obstacle| Obstruction { obstacle, is_total };
    refused(run)
        .or_else(|| denied(run, &live))
        .map(found(true))
        .or_else(|| not_started(run, &live).map(found(!makes_headway(run, &live))))
}

/// Why a pod is not there, or does not start.
fn not_started(run: &Run<'_>, live: &[&JobState]) -> Option<Obstacle> {
    let Observed { troubles, now, .. } = run.observed;
    let held_up = || {
        live.iter()
            .flat_map(|job| &job.pods)
            .find_map(|pod| held_up(pod, *now))
    };
    held_up()
        .or_else(|| live.iter().find_map(|job| not_made(job, troubles, *now)))
        .or_else(|| live.iter().find_map(|job| not_mounted(job, troubles)))
        .or_else(|| live.iter().find_map(|job| queued(job)))
}

/// Whether a worker runs, or one has just done its task.
fn makes_headway(run: &Run<'_>, live: &[&JobState]) -> bool {
    let just_now = |finished: Timestamp| run.observed.now.duration_since(finished) < SCHEDULING;
    live.iter().flat_map(|job| &job.pods).any(|pod| match pod.life {
        Life::Running => pod.overdue_since.is_none(),
        Life::Succeeded => pod.finished.is_some_and(just_now),
        Life::Pending | Life::Failed(_) => false,
    })
}

fn refused(run: &Run<'_>) -> Option<Obstacle> {
    let refusal = run.observed.refusal.as_ref()?;
    let reason = match refusal.kind {
        RefusalKind::Quota => reasons::QUOTA_EXCEEDED,
        RefusalKind::Admission | RefusalKind::NameTaken | RefusalKind::NamespaceTerminating => {
            reasons::ADMISSION_DENIED
        }
    };
    Some(Obstacle::new(reason, refusal.text.clone()))
}

/// The latest pod that could not write the output or read its inputs, unless one succeeded after it.
fn denied(run: &Run<'_>, live: &[&JobState]) -> Option<Obstacle> {
    let pods = || live.iter().flat_map(|job| &job.pods);
    let refusals = [ExitCode::OutputNotWritable, ExitCode::AccessDenied].map(ExitCode::as_i32);
    let is_denied =
        |pod: &&PodState| !pod.disrupted && pod.exit_code().is_some_and(|code| refusals.contains(&code));
    let last = pods().filter(is_denied).max_by_key(|pod| pod.finished)?;
    if run.resumed_at() > last.finished {
        return None;
    }
    let headway = |pod: &&PodState| matches!(pod.exit_code(), Some(0 | 65));
    if pods().filter(headway).any(|pod| pod.finished > last.finished) {
        return None;
    }
    let failure = last.message.as_ref().and_then(|message| message.failure.as_ref());
    let reason = failure.map_or_else(
        || {
            if last.exit_code() == Some(77) {
                "AccessDenied"
            } else {
                "OutputNotWritable"
            }
        },
        |failure| failure.reason.as_str(),
    );
    let text = failure.map_or_else(
        || "the pod left no message".to_owned(),
        |failure| failure.text.clone(),
    );
    Some(Obstacle {
        probing: true,
        ..Obstacle::new(reason, text)
    })
}

fn held_up(pod: &PodState, now: Timestamp) -> Option<Obstacle> {
    let HeldUp { reason, text, since } = pod.held_up.as_ref().filter(|_| pod.life == Life::Pending)?;
    if since.is_some_and(|since| now.duration_since(since) < SCHEDULING) {
        return None;
    }
    let lower = text.to_lowercase();
    let condition = match reason.as_str() {
        "Unschedulable" => reasons::UNSCHEDULABLE,
        "ErrImagePull"
        | "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "ImageInspectError"
        | "RegistryUnavailable" => reasons::IMAGE_PULL_FAILED,
        "CreateContainerConfigError" if lower.contains("secret") => reasons::SECRET_NOT_FOUND,
        "CreateContainerConfigError" if lower.contains("configmap") => reasons::CONFIG_MAP_NOT_FOUND,
        _ => reasons::POD_NOT_STARTED,
    };
    let condition = if condition == reasons::UNSCHEDULABLE
        && lower.contains("persistentvolumeclaim")
        && lower.contains("not found")
    {
        reasons::CLAIM_NOT_FOUND
    } else {
        condition
    };
    Some(Obstacle::new(
        condition,
        format!("pod `{}`: {reason}: {text}", pod.name),
    ))
}

/// A pod that the API server does not let the Job controller make. Over as soon as the Job has all its pods.
fn not_made(job: &JobState, troubles: &[Trouble], now: Timestamp) -> Option<Obstacle> {
    let wanted = job.parallelism.min(job.open_indexes());
    if job.live_pods() >= wanted {
        return None;
    }
    let newest_pod = job.pods.iter().filter_map(|pod| pod.created).max();
    let trouble = troubles
        .iter()
        .filter(|trouble| trouble.about == job.name && trouble.reason == "FailedCreate")
        .filter(|trouble| now.duration_since(trouble.last_seen) < FRESH)
        .filter(|trouble| newest_pod.is_none_or(|created| trouble.last_seen >= created))
        .max_by_key(|trouble| trouble.last_seen)?;
    let reason = if is_quota(&trouble.text) {
        reasons::QUOTA_EXCEEDED
    } else {
        reasons::ADMISSION_DENIED
    };
    Some(Obstacle::new(reason, trouble.text.clone()))
}

/// Whether the API server's sentence is about a quota.
pub fn is_quota(text: &str) -> bool {
    text.contains("exceeded quota") || text.contains("failed quota") || text.contains("insufficient quota")
}

/// A volume that the kubelet can't mount: only its event says so, the pod just keeps being created.
fn not_mounted(job: &JobState, troubles: &[Trouble]) -> Option<Obstacle> {
    let waiting = job.pods.iter().filter(|pod| pod.life == Life::Pending);
    waiting.into_iter().find_map(|pod| {
        let mut about = troubles.iter().filter(|trouble| trouble.about == pod.name);
        let trouble =
            about.find(|trouble| matches!(trouble.reason.as_str(), "FailedMount" | "FailedAttachVolume"))?;
        let lower = trouble.text.to_lowercase();
        let reason = if lower.contains("configmap") {
            reasons::CONFIG_MAP_NOT_FOUND
        } else if lower.contains("secret") {
            reasons::SECRET_NOT_FOUND
        } else {
            reasons::POD_NOT_STARTED
        };
        Some(Obstacle::new(
            reason,
            format!("pod `{}`: {}: {}", pod.name, trouble.reason, trouble.text),
        ))
    })
}

fn queued(job: &JobState) -> Option<Obstacle> {
    let text = format!(
        "Job `{}` is suspended from outside, by a queue such as Kueue",
        job.name
    );
    job.suspended.then(|| Obstacle::new(reasons::QUEUED, text))
}
