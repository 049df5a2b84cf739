//! One Job of an analysis: which stage and attempt it is, which tasks it covers, and how each of them stands.

use std::collections::BTreeMap;

use genome_contract::{Verb, request::GivenUp};
use k8s_openapi::{
    api::{batch::v1::Job, core::v1::Pod},
    jiff::Timestamp,
};

use super::{Indexes, PodState};
use crate::{
    api::names::{annotations, labels},
    objects::pod,
};

/// One Job of ours.
#[derive(Clone, Debug, PartialEq)]
pub struct JobState {
    /// Its name.
    pub name: String,
    /// Its uid: a patch says which Job it means.
    pub uid: String,
    /// The version read: a patch says what it was decided on.
    pub resource_version: String,
    /// Plan, map or merge.
    pub verb: Verb,
    /// `retries.round` it belongs to.
    pub round: u32,
    /// Number of the attempt of its stage, from 0.
    pub attempt: u32,
    /// Steps up the memory ladder.
    pub memory_step: u32,
    /// The analyzer's image in it.
    pub image: Option<String>,
    /// Index → task, for map; index → 0 else.
    pub tasks: Vec<u32>,
    /// Genomes given up in it.
    pub given_up: Vec<GivenUp>,
    /// Pods it may have at once.
    pub parallelism: u32,
    /// Suspended from outside, by Kueue: its business, not ours.
    pub suspended: bool,
    /// How it ended, if it did.
    pub finish: Option<Finish>,
    /// Indexes that ended well.
    pub succeeded: Indexes,
    /// Indexes that ended badly for good.
    pub failed: Indexes,
    /// Pods that run or wait, the Job controller's count.
    pub active: u32,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// Its pods, oldest first.
    pub pods: Vec<PodState>,
}

/// How a Job ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Finish {
    /// Every index succeeded.
    Complete,
    /// Some index failed, or the pod failure policy said so.
    Failed {
        /// `PodFailurePolicy`, `FailedIndexes`, `BackoffLimitExceeded` …
        reason: String,
        /// The Job controller's sentence.
        text: String,
    },
}

impl JobState {
    /// What `job` and those of `pods` that are its own say; `None` where it is not one of the Jobs we make.
    pub fn read<'a>(job: &Job, pods: impl IntoIterator<Item = &'a Pod>) -> Option<Self> {
        let label = |key| job.metadata.labels.as_ref()?.get(key).map(String::as_str);
        let number = |key| label(key).and_then(|text| text.parse().ok()).unwrap_or(0);
        let verb = verb(label(labels::STAGE)?)?;
        let spec = job.spec.as_ref()?;
        let status = job.status.clone().unwrap_or_default();
        let mut pods: Vec<PodState> = pods.into_iter().filter_map(PodState::read).collect();
        pods.sort_by(|one, other| (one.created, &one.name).cmp(&(other.created, &other.name)));
        Some(Self {
            name: job.metadata.name.clone()?,
            uid: job.metadata.uid.clone()?,
            resource_version: job.metadata.resource_version.clone()?,
            verb,
            round: number(labels::ROUND),
            attempt: number(labels::ATTEMPT),
            memory_step: number(labels::MEMORY_STEP),
            image: pod::image(&spec.template).map(str::to_owned),
            tasks: tasks(job, unsigned(spec.completions)),
            given_up: annotation(job, annotations::GIVEN_UP)
                .and_then(|text| serde_json::from_str(text).ok())
                .unwrap_or_default(),
            parallelism: unsigned(spec.parallelism),
            suspended: spec.suspend == Some(true),
            finish: finish(job),
            succeeded: Indexes::parse(status.completed_indexes.as_deref().unwrap_or_default()),
            failed: Indexes::parse(status.failed_indexes.as_deref().unwrap_or_default()),
            active: unsigned(status.active),
            created: job.metadata.creation_timestamp.as_ref().map(|time| time.0),
            deleting: job.metadata.deletion_timestamp.is_some(),
            pods,
        })
    }

    /// Whether it may still make pods.
    pub fn is_live(&self) -> bool {
        self.finish.is_none() && !self.deleting
    }

    /// The pods of `index`, oldest first.
    pub fn pods_of(&self, index: u32) -> impl DoubleEndedIterator<Item = &PodState> {
        self.pods.iter().filter(move |pod| pod.index == index)
    }

    /// The pods by index, oldest first.
    pub fn pods_by_index(&self) -> BTreeMap<u32, Vec<&PodState>> {
        let mut by_index = BTreeMap::<u32, Vec<&PodState>>::new();
        for pod in &self.pods {
            by_index.entry(pod.index).or_default().push(pod);
        }
        by_index
    }

    /// Pods that take a worker's place now, terminating ones included.
    pub fn live_pods(&self) -> u32 {
        let seen = u32::try_from(self.pods.iter().filter(|pod| pod.is_live()).count()).unwrap_or(u32::MAX);
        seen.max(self.active)
    }

    /// Pods whose container runs.
    pub fn running_pods(&self) -> u32 {
        let running = self
            .pods
            .iter()
            .filter(|pod| pod.life == super::pod_state::Life::Running);
        u32::try_from(running.count()).unwrap_or(u32::MAX)
    }

    /// Pods that no node has room for, as far as the scheduler has said so. A pod of which it has said nothing yet may run
    /// by the time that it is told to go.
    pub fn unplaced_pods(&self) -> u32 {
        let is_unplaced = |pod: &&super::PodState| {
            let held_up = pod.held_up.as_ref();
            pod.is_live()
                && pod.node.is_none()
                && held_up.is_some_and(|held_up| held_up.reason == "Unschedulable")
        };
        u32::try_from(self.pods.iter().filter(is_unplaced).count()).unwrap_or(u32::MAX)
    }

    /// Indexes that are neither done nor given up.
    pub fn open_indexes(&self) -> u32 {
        let settled = self.succeeded.len() + self.failed.len();
        u32::try_from(self.tasks.len().saturating_sub(settled)).unwrap_or(u32::MAX)
    }
}

fn verb(stage: &str) -> Option<Verb> {
    [Verb::Plan, Verb::Map, Verb::Merge]
        .into_iter()
        .find(|verb| verb.as_str() == stage)
}

fn unsigned(number: Option<i32>) -> u32 {
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}

fn annotation<'a>(job: &'a Job, key: &str) -> Option<&'a str> {
    job.metadata.annotations.as_ref()?.get(key).map(String::as_str)
}

fn tasks(job: &Job, completions: u32) -> Vec<u32> {
    match annotation(job, annotations::TASKS) {
        Some(text) => Indexes::parse(text).iter().collect(),
        None => (0..completions.min(genome_contract::plan::MAX_TASKS)).collect(),
    }
}

fn finish(job: &Job) -> Option<Finish> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    conditions
        .iter()
        .filter(|condition| condition.status == "True")
        .find_map(|condition| match condition.type_.as_str() {
            "Complete" => Some(Finish::Complete),
            "Failed" | "FailureTarget" => Some(Finish::Failed {
                reason: condition.reason.clone().unwrap_or_default(),
                text: condition.message.clone().unwrap_or_default(),
            }),
            _ => None,
        })
}
