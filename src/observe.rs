//! The cluster → [`Observed`]: everything a decision needs, read from caches that are at least as new as our own last
//! write to the analysis.
//!
//! ```text
//!  watches ─► caches (analyses, Jobs, pods, events) ─► those of one analysis ─► Observed
//! ```
//! Reads only. Where a cache is behind what this process has written, it says so instead of answering.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use k8s_openapi::{
    api::{
        batch::v1::Job,
        core::v1::{Event, PersistentVolumeClaim, Pod},
    },
    jiff::Timestamp,
};
use kube::{
    Api, Client, Resource, ResourceExt,
    runtime::reflector::{ObjectRef, Store},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use crate::{
    api::{GenomeAnalysis, names::labels},
    decide::{Observed, OperatorSettings, Refusal, Trouble, finish::is_finished, share},
    results::JobState,
};

mod going;
mod shelf;

pub use shelf::{Index, KeyOf, Shelf};

/// The caches that the watches fill.
#[derive(Clone)]
pub struct Caches {
    /// All analyses.
    pub analyses: Store<GenomeAnalysis>,
    /// All Jobs of ours, by the uid of their analysis.
    pub jobs: Shelf<Job>,
    /// Their pods, likewise.
    pub pods: Shelf<Pod>,
    /// Events about Jobs and pods that can't be made or started, by [`place`].
    pub events: Shelf<Event>,
    /// Whether each of the four has been filled once. A store's own `wait_until_ready` wakes only the one who asked last
    /// (kube-runtime 5: a oneshot receiver that all askers poll), and the controller asks too.
    pub filled: [watch::Receiver<bool>; 4],
}

impl Caches {
    /// Waits until each cache has been filled once; false where a watch ended before.
    pub async fn are_filled(&self) -> bool {
        for mut filled in self.filled.clone() {
            if filled.wait_for(|yes| *yes).await.is_err() {
                return false;
            }
        }
        true
    }
}

/// An object that this process wrote: a cache that shows an older version is behind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Expectation {
    /// The analysis itself.
    Analysis {
        /// The version written.
        version: u64,
    },
    /// One of its Jobs.
    Job {
        /// Its name.
        name: String,
        /// The version written.
        version: u64,
    },
}

/// Resource versions of one kind are numbers that grow (since Kubernetes 1.35 by promise, before that in fact).
pub fn version_of(object: &impl Resource) -> u64 {
    object
        .meta()
        .resource_version
        .as_ref()
        .and_then(|version| version.parse().ok())
        .unwrap_or(0)
}

/// What was found.
pub enum Observation {
    /// Everything, new enough.
    Fresh(Box<Observed>),
    /// The analysis is gone.
    Gone,
    /// A cache has not caught up with our own writes.
    Stale,
}

/// Reads what concerns one analysis.
pub struct Observer {
    client: Client,
    caches: Caches,
    /// Claims and whether they are read-write-once, with the time of asking.
    claims: Mutex<HashMap<(String, String), (bool, Instant)>>,
    going: going::Going,
}

/// How long the access modes of a claim are believed.
const CLAIM_MEMORY: Duration = Duration::from_mins(5);
/// Longest a read may take.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

impl Observer {
    /// Reads from `caches`, and claims through `client`.
    pub fn new(client: Client, caches: Caches) -> Self {
        Self {
            client,
            caches,
            claims: Mutex::default(),
            going: going::Going::default(),
        }
    }

    /// The caches.
    pub fn caches(&self) -> &Caches {
        &self.caches
    }

    /// What concerns `analysis` now.
    pub async fn observe(
        &self,
        analysis: &ObjectRef<GenomeAnalysis>,
        expectations: &[Expectation],
        refusal: Option<Refusal>,
        settings: &OperatorSettings,
    ) -> Observation {
        let Some(analysis) = self.caches.analyses.get(analysis) else {
            return Observation::Gone;
        };
        let Some(uid) = analysis.uid() else {
            return Observation::Gone;
        };
        let jobs = self.caches.jobs.of(&uid);
        if !caught_up(&analysis, &jobs, expectations) {
            return Observation::Stale;
        }
        let pods = self.caches.pods.of(&uid);
        let jobs = job_states(&jobs, &pods);
        let troubles = self.troubles(&analysis, &jobs);
        // What has ended asks for nothing: not for a share, not for a place. After a restart there may be thousands of them.
        let has_ended = is_finished(&analysis);
        let demands = match settings.max_workers {
            Some(_) if !has_ended => share::demands(self.caches.analyses.state().iter().map(|one| &**one)),
            _ => Vec::new(),
        };
        let one_node = !has_ended && self.keeps_to_one_node(&analysis).await;
        let namespace = analysis.namespace().unwrap_or_default();
        let going = self.going.holds(&self.client, &namespace, &jobs).await;
        let now = Timestamp::now();
        Observation::Fresh(Box::new(Observed {
            analysis,
            jobs,
            troubles,
            refusal: going.or(refusal),
            demands,
            elsewhere: 0,
            one_node,
            now,
        }))
    }

    /// Pods that have not ended, by the uid of their analysis.
    pub fn live_pods(&self) -> HashMap<String, u32> {
        let has_ended = |pod: &Pod| {
            let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
            matches!(phase, Some("Succeeded" | "Failed"))
        };
        let mut pods = HashMap::<String, u32>::new();
        for uid in self.caches.pods.select(analysis_uid, |pod| !has_ended(pod)) {
            *pods.entry(uid).or_default() += 1;
        }
        pods
    }

    fn troubles(&self, analysis: &GenomeAnalysis, jobs: &[JobState]) -> Vec<Trouble> {
        let namespace = analysis.metadata.namespace.as_deref().unwrap_or_default();
        let names = jobs
            .iter()
            .flat_map(|job| std::iter::once(&job.name).chain(job.pods.iter().map(|pod| &pod.name)));
        names
            .flat_map(|name| self.caches.events.of(&place(namespace, name)))
            .filter_map(|event| trouble(&event))
            .collect()
    }

    /// Whether a claim that workers write to can be mounted on one node only. Where nobody can say, they may spread.
    async fn keeps_to_one_node(&self, analysis: &GenomeAnalysis) -> bool {
        let namespace = analysis.namespace().unwrap_or_default();
        for volume in analysis
            .spec
            .storage
            .volumes
            .iter()
            .filter(|volume| !volume.read_only)
        {
            if self.is_read_write_once(&namespace, &volume.claim).await {
                return true;
            }
        }
        false
    }

    async fn is_read_write_once(&self, namespace: &str, claim: &str) -> bool {
        let key = (namespace.to_owned(), claim.to_owned());
        let remembered = self
            .claims
            .lock()
            .expect("no thread panics with this lock")
            .get(&key)
            .copied();
        if let Some((answer, asked)) = remembered
            && asked.elapsed() < CLAIM_MEMORY
        {
            return answer;
        }
        let claims = Api::<PersistentVolumeClaim>::namespaced(self.client.clone(), namespace);
        let Ok(Ok(Some(found))) = timeout(READ_TIMEOUT, claims.get_opt(claim)).await else {
            return false;
        };
        let modes = found.spec.and_then(|spec| spec.access_modes).unwrap_or_default();
        let answer = !modes.is_empty() && modes.iter().all(|mode| mode.starts_with("ReadWriteOnce"));
        self.claims
            .lock()
            .expect("no thread panics with this lock")
            .insert(key, (answer, Instant::now()));
        answer
    }
}

/// The analysis that an object of ours says it belongs to.
pub fn analysis_uid(object: &impl Resource) -> Option<String> {
    object.meta().labels.as_ref()?.get(labels::ANALYSIS_UID).cloned()
}

/// What an event is about.
pub fn place(namespace: &str, name: &str) -> String {
    format!("{namespace}/{name}")
}

fn caught_up(analysis: &GenomeAnalysis, jobs: &[Arc<Job>], expectations: &[Expectation]) -> bool {
    expectations.iter().all(|expectation| match expectation {
        Expectation::Analysis { version } => version_of(analysis) >= *version,
        Expectation::Job { name, version } => jobs
            .iter()
            .any(|job| job.metadata.name.as_ref() == Some(name) && version_of(&**job) >= *version),
    })
}

/// Jobs whose controller is the analysis with this uid: the shelf goes by the label, the owner reference decides.
fn job_states(jobs: &[Arc<Job>], pods: &[Arc<Pod>]) -> Vec<JobState> {
    let mut by_job = HashMap::<&str, Vec<&Pod>>::new();
    for pod in pods {
        if let Some(owner) = controller_of(&**pod) {
            by_job.entry(owner).or_default().push(pod);
        }
    }
    let owned = jobs.iter().filter(|job| {
        let label = job.labels().get(labels::ANALYSIS_UID);
        controller_of(&***job) == label.map(String::as_str)
    });
    let states = owned.filter_map(|job| {
        let pods = job.metadata.uid.as_deref().and_then(|uid| by_job.get(uid));
        JobState::read(job, pods.into_iter().flatten().copied())
    });
    states.collect()
}

/// uid of the controller.
fn controller_of(object: &impl Resource) -> Option<&str> {
    let owners = object.meta().owner_references.as_ref()?;
    owners
        .iter()
        .find(|owner| owner.controller == Some(true))
        .map(|owner| owner.uid.as_str())
}

fn trouble(event: &Event) -> Option<Trouble> {
    let last_seen = event
        .series
        .as_ref()
        .and_then(|series| series.last_observed_time.as_ref().map(|time| time.0))
        .or_else(|| event.last_timestamp.as_ref().map(|time| time.0))
        .or_else(|| event.event_time.as_ref().map(|time| time.0))?;
    Some(Trouble {
        about: event.involved_object.name.clone()?,
        reason: event.reason.clone()?,
        text: event.message.clone().unwrap_or_default(),
        last_seen,
    })
}
