//! One pod: whether it waits, runs or has ended, how it died, and its last words.

use genome_contract::{Message, exit::KILLED};
use k8s_openapi::{
    api::core::v1::{ContainerState, ContainerStatus, Pod},
    apimachinery::pkg::apis::meta::v1::Time,
    jiff::Timestamp,
};

/// Set by the Job controller on the pods of an Indexed Job.
const INDEX_ANNOTATION: &str = "batch.kubernetes.io/job-completion-index";

/// One pod of a Job of ours.
#[derive(Clone, Debug, PartialEq)]
pub struct PodState {
    /// Its name.
    pub name: String,
    /// The node it is bound to.
    pub node: Option<String>,
    /// Its index in the Job.
    pub index: u32,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When its container began.
    pub started: Option<Timestamp>,
    /// When its container ended, or the pod did.
    pub finished: Option<Timestamp>,
    /// Where it stands.
    pub life: Life,
    /// Whether it was evicted, preempted, or lost with its node.
    pub disrupted: bool,
    /// Since when it should be gone, its grace included.
    pub overdue_since: Option<Timestamp>,
    /// Why it does not start, in the kubelet's or the scheduler's words.
    pub held_up: Option<HeldUp>,
    /// Its last words.
    pub message: Option<Message>,
}

/// Where a pod stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Life {
    /// No container has begun.
    Pending,
    /// Its container runs.
    Running,
    /// It ended well.
    Succeeded,
    /// It ended badly.
    Failed(Death),
}

/// How a pod died.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Death {
    /// Exit code of the container, where it got to have one.
    pub exit_code: Option<i32>,
    /// The kernel killed it for its memory.
    pub out_of_memory: bool,
    /// The kubelet's word: `Evicted`, `NodeLost`, `Error` …
    pub reason: String,
    /// The kubelet's sentence, where the process left no message.
    pub text: String,
}

impl Death {
    /// The kubelet ended it for what it had written to its disk.
    pub fn is_out_of_storage(&self) -> bool {
        let words = self.text.to_lowercase();
        self.reason == "Evicted" && (words.contains("ephemeral") || words.contains("emptydir"))
    }
}

/// Why a pod does not start.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HeldUp {
    /// The word of the kubelet (`ImagePullBackOff`) or `Unschedulable`.
    pub reason: String,
    /// Its sentence.
    pub text: String,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
}

impl PodState {
    /// What `pod` says; `None` where it carries no index.
    pub fn read(pod: &Pod) -> Option<Self> {
        let metadata = &pod.metadata;
        let index = metadata
            .annotations
            .as_ref()?
            .get(INDEX_ANNOTATION)?
            .parse()
            .ok()?;
        let status = pod.status.as_ref();
        let container = status.and_then(|status| status.container_statuses.as_ref()?.first());
        let state = container.and_then(|container| container.state.as_ref());
        let ended = state.and_then(|state| state.terminated.as_ref());
        let disrupted = condition(pod, "DisruptionTarget").is_some();
        let started = ended
            .and_then(|ended| ended.started_at.as_ref())
            .or_else(|| state?.running.as_ref()?.started_at.as_ref())
            .map(|time| time.0);
        Some(Self {
            name: metadata.name.clone()?,
            node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
            index,
            created: metadata.creation_timestamp.as_ref().map(|time| time.0),
            started,
            finished: ended
                .and_then(|ended| ended.finished_at.as_ref())
                .map(|time| time.0),
            life: life(pod, container),
            disrupted,
            overdue_since: metadata.deletion_timestamp.as_ref().map(|Time(time)| *time),
            held_up: held_up(pod, state),
            message: ended.and_then(|ended| Message::from_bytes(ended.message.as_ref()?.trim().as_bytes())),
        })
    }

    /// Whether it takes a worker's place: pending and terminating pods do.
    pub fn is_live(&self) -> bool {
        matches!(self.life, Life::Pending | Life::Running)
    }

    /// Its death, if it died.
    pub fn death(&self) -> Option<&Death> {
        match &self.life {
            Life::Failed(death) => Some(death),
            Life::Pending | Life::Running | Life::Succeeded => None,
        }
    }

    /// Exit code of its container, if it ended.
    pub fn exit_code(&self) -> Option<i32> {
        match &self.life {
            Life::Succeeded => Some(0),
            Life::Failed(death) => death.exit_code,
            Life::Pending | Life::Running => None,
        }
    }
}

fn life(pod: &Pod, container: Option<&ContainerStatus>) -> Life {
    let status = pod.status.as_ref();
    let phase = status
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("Pending");
    match phase {
        "Succeeded" => Life::Succeeded,
        "Failed" => Life::Failed(death(pod, container)),
        "Running" => Life::Running,
        _ => Life::Pending,
    }
}

fn death(pod: &Pod, container: Option<&ContainerStatus>) -> Death {
    let ended = container.and_then(|container| container.state.as_ref()?.terminated.as_ref());
    let status = pod.status.as_ref();
    let pod_reason = status.and_then(|status| status.reason.clone());
    let pod_text = status.and_then(|status| status.message.clone());
    let reason = pod_reason.or_else(|| ended?.reason.clone()).unwrap_or_default();
    Death {
        exit_code: ended.map(|ended| ended.exit_code),
        out_of_memory: ended
            .is_some_and(|ended| ended.exit_code == KILLED && ended.reason.as_deref() == Some("OOMKilled")),
        text: pod_text
            .or_else(|| ended?.message.as_ref().map(|text| text.trim().to_owned()))
            .filter(|text| !text.starts_with('{'))
            .unwrap_or_default(),
        reason,
    }
}

/// Ordinary on the way to a start.
const NOT_A_PROBLEM: [&str; 2] = ["ContainerCreating", "PodInitializing"];

fn held_up(pod: &Pod, state: Option<&ContainerState>) -> Option<HeldUp> {
    let waiting = state.and_then(|state| state.waiting.as_ref());
    if let Some(reason) = waiting.and_then(|waiting| waiting.reason.as_deref())
        && !NOT_A_PROBLEM.contains(&reason)
    {
        let text = waiting
            .and_then(|waiting| waiting.message.clone())
            .unwrap_or_default();
        return Some(HeldUp {
            reason: reason.to_owned(),
            text,
            since: None,
        });
    }
    let scheduled = condition(pod, "PodScheduled")?;
    (scheduled.status == "False" && scheduled.reason.as_deref() == Some("Unschedulable")).then(|| HeldUp {
        reason: "Unschedulable".to_owned(),
        text: scheduled.message.clone().unwrap_or_default(),
        since: scheduled.last_transition_time.as_ref().map(|time| time.0),
    })
}

fn condition<'a>(pod: &'a Pod, kind: &str) -> Option<&'a k8s_openapi::api::core::v1::PodCondition> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let found = conditions.iter().find(|condition| condition.type_ == kind)?;
    (kind != "DisruptionTarget" || found.status == "True").then_some(found)
}
