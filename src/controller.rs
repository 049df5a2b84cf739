//! The wiring: watches fill caches and trigger reconciles; reconcile is observe, decide, apply.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Event, Pod},
};
use kube::{
    Api, Client, ResourceExt,
    runtime::{
        Controller, WatchStreamExt,
        controller::Action,
        reflector::{self, ObjectRef, Store},
        watcher,
    },
};
use tokio::{
    sync::{Semaphore, watch},
    time::{Instant, timeout},
};
use tracing::{debug, warn};

use crate::{
    api::{GenomeAnalysis, names},
    apply::{Applied, Applier, ApplyError},
    decide::{Decision, Observed, OperatorSettings, Refusal, RefusalKind},
    metrics::{Metrics, Outcome},
    observe::{Caches, Expectation, Index, KeyOf, Observation, Observer, Shelf, analysis_uid, place},
    trim,
};

mod grants;
mod measure;

pub use grants::Grants;
pub use measure::AnalysisCensus;

/// Reconciles at once. They queue in the order of their arrival: the controller's own limit takes any of those that wait,
/// and where some are always busy others would never have their turn.
const CONCURRENCY: usize = 8;
/// Changes that come within this time of each other are looked at together.
const DEBOUNCE: Duration = Duration::from_millis(50);
/// Longest a reconcile may take: what hangs is begun anew.
const DEADLINE: Duration = Duration::from_secs(30);
/// A cache that is this far behind our own write has missed it, or the object is gone: look at what there is.
const PATIENCE: Duration = Duration::from_secs(10);
/// Counts are written at most this often.
const STATUS_INTERVAL: Duration = Duration::from_secs(1);

/// Everything a reconcile needs.
pub struct Operator {
    /// Its configuration.
    pub settings: OperatorSettings,
    /// Reads.
    pub observer: Observer,
    /// Writes.
    pub applier: Applier,
    /// Measures.
    pub metrics: Arc<Metrics>,
    /// What this process remembers of each analysis, by uid. Nothing in it decides where an analysis stands.
    pub memory: Mutex<HashMap<String, Memory>>,
    /// Workers granted.
    pub grants: Grants,
    /// Who reconciles now.
    pub turns: Turns,
}

/// A bounded number of reconciles at once, first come, first served.
pub struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(CONCURRENCY))
    }
}

/// What this process remembers of an analysis.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    expectations: Vec<Expectation>,
    expected_since: Option<Instant>,
    refusal: Option<Refusal>,
    status_written: Option<Instant>,
    failures: u32,
}

/// One look at one analysis.
async fn reconcile(analysis: Arc<GenomeAnalysis>, operator: Arc<Operator>) -> Result<Action, ApplyError> {
    let _turn = operator.turns.0.acquire().await;
    let started = Instant::now();
    // In the heap, and only once it is its turn: after a restart thousands wait for theirs.
    let outcome = timeout(DEADLINE, Box::pin(operator.reconcile(&analysis))).await;
    let outcome = outcome.unwrap_or(Err(ApplyError::TimedOut { doing: "reconciling" }));
    let label = Outcome {
        outcome: if outcome.is_ok() { "ok" } else { "error" },
    };
    operator
        .metrics
        .reconcile_seconds
        .get_or_create(&label)
        .observe(started.elapsed().as_secs_f64());
    outcome
}

impl Operator {
    async fn reconcile(&self, analysis: &GenomeAnalysis) -> Result<Action, ApplyError> {
        self.observer.caches().are_filled().await;
        let uid = analysis.uid().unwrap_or_default();
        let memory = self.recall(&uid);
        let name = ObjectRef::from_obj(analysis);
        let mut observed = match self
            .observer
            .observe(
                &name,
                &memory.expectations,
                memory.refusal.clone(),
                &self.settings,
            )
            .await
        {
            Observation::Fresh(observed) => observed,
            Observation::Gone => return Ok(self.forget(&uid)),
            Observation::Stale => return Ok(Action::requeue(Duration::from_millis(100))),
        };
        let live = || self.observer.live_pods();
        let mut decision = self.grants.decide(&uid, live, &mut observed, &self.settings);
        let held = hold_status(&observed, &memory, &mut decision);
        let applied = self.applier.apply(&observed.analysis, decision).await?;
        Ok(self.remember(&uid, &observed, applied, held))
    }

    fn recall(&self, uid: &str) -> Memory {
        let mut all = self.memory.lock().expect("no thread panics with this lock");
        let memory = all.entry(uid.to_owned()).or_default();
        if memory
            .expected_since
            .is_some_and(|since| since.elapsed() > PATIENCE)
        {
            memory.expectations.clear();
            memory.expected_since = None;
        }
        memory.clone()
    }

    fn forget(&self, uid: &str) -> Action {
        self.grants.forget(uid);
        self.memory
            .lock()
            .expect("no thread panics with this lock")
            .remove(uid);
        Action::await_change()
    }

    fn remember(&self, uid: &str, observed: &Observed, applied: Applied, held: Option<Duration>) -> Action {
        let Applied {
            expectations,
            refusal,
            conflict,
            created,
            status,
            next,
        } = applied;
        self.measure(observed, created, status.as_ref());
        let mut all = self.memory.lock().expect("no thread panics with this lock");
        let memory = all.entry(uid.to_owned()).or_default();
        memory.expected_since = (!expectations.is_empty()).then(Instant::now);
        memory.expectations = expectations;
        if status.is_some() {
            memory.status_written = Some(Instant::now());
        }
        let refused_anew = refusal.is_some() && refusal != memory.refusal;
        memory.failures = if refusal.is_some() {
            memory.failures.saturating_add(1)
        } else {
            0
        };
        // A namespace that is going stays so: nothing is tried in it again.
        let going = memory
            .refusal
            .take()
            .filter(|refusal| refusal.kind == RefusalKind::NamespaceTerminating);
        memory.refusal = refusal.or(going);
        let mut looks: Vec<Duration> = next.into_iter().chain(held).collect();
        if conflict || refused_anew {
            looks.push(Duration::from_millis(200));
        } else if memory.refusal.is_some() {
            looks.push(backoff(uid, memory.failures));
        }
        looks
            .into_iter()
            .min()
            .map_or_else(Action::await_change, Action::requeue)
    }
}

/// A status in which only counts differ waits until a second has passed since the last one; not beside a new Job, of
/// which people are told with it, and not where more workers are wanted: the next decision has to know of them.
fn hold_status(observed: &Observed, memory: &Memory, decision: &mut Decision) -> Option<Duration> {
    let new = decision.status.as_ref().filter(|_| decision.create.is_empty())?;
    let old = observed.analysis.status.as_ref()?;
    let left = STATUS_INTERVAL.checked_sub(memory.status_written?.elapsed())?;
    let conditions = |status: &crate::api::GenomeAnalysisStatus| -> Vec<(String, String, String)> {
        let words = |one: &k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition| {
            (one.type_.clone(), one.status.clone(), one.reason.clone())
        };
        status.conditions.iter().map(words).collect()
    };
    let desired =
        |status: &crate::api::GenomeAnalysisStatus| status.workers.as_ref().map(|workers| workers.desired);
    if new.phase != old.phase || conditions(new) != conditions(old) || desired(new) > desired(old) {
        return None;
    }
    decision.status = None;
    Some(left)
}

/// 0.2 s doubling up to 30 s, spread over half of it by the uid so that many failures do not come back together.
fn backoff(uid: &str, failures: u32) -> Duration {
    let longest = Duration::from_millis(200)
        .saturating_mul(1 << failures.min(8))
        .min(Duration::from_secs(30));
    let hash = blake3::hash(format!("{uid}{failures}").as_bytes());
    let spread = f64::from(hash.as_bytes()[0]) / 255.0;
    longest.mul_f64(0.5 + spread / 2.0)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that the controller calls"
)]
fn on_error(analysis: Arc<GenomeAnalysis>, error: &ApplyError, operator: Arc<Operator>) -> Action {
    let uid = analysis.uid().unwrap_or_default();
    let mut all = operator.memory.lock().expect("no thread panics with this lock");
    let memory = all.entry(uid.clone()).or_default();
    memory.failures = memory.failures.saturating_add(1);
    let wait = backoff(&uid, memory.failures);
    let source = std::error::Error::source(error).map(ToString::to_string);
    warn!(analysis = %analysis.name_any(), namespace = analysis.namespace(), %error, source, ?wait, "will try again");
    Action::requeue(wait)
}

/// Refusals of quota, admission and mounts appear in events only. The commonest warnings of a cluster are none.
const TELLING_EVENTS: &str =
    "type=Warning,reason!=BackOff,reason!=Unhealthy,reason!=FailedScheduling,reason!=Failed";

/// Which namespace is watched: one, or all.
#[derive(Clone, Debug, Default)]
pub struct Scope(pub Option<String>);

impl Scope {
    fn api<K>(&self, client: &Client) -> Api<K>
    where
        K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        match &self.0 {
            Some(namespace) => Api::namespaced(client.clone(), namespace),
            None => Api::all(client.clone()),
        }
    }
}

/// The caches, and the streams that fill them; nothing is read until the streams are polled.
pub struct Watches {
    /// The caches.
    pub caches: Caches,
    streams: Streams,
}

struct Streams {
    analyses: Changes<GenomeAnalysis>,
    jobs: Changes<Job>,
    pods: Changes<Pod>,
    events: Changes<Event>,
}

type Changes<K> = futures::stream::BoxStream<'static, Result<K, watcher::Error>>;

/// A kind that can be watched.
trait Watched:
    kube::Resource<DynamicType = ()>
    + Clone
    + std::fmt::Debug
    + serde::de::DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<K> Watched for K where
    K: kube::Resource<DynamicType = ()>
        + Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// Watches what the operator needs in `scope`: our own kind, Jobs and pods of ours, and two kinds of events.
pub fn watches(client: &Client, scope: &Scope) -> Watches {
    let ours = format!("{}={}", names::labels::MANAGED_BY, names::FIELD_MANAGER);
    let everything = watcher::Config::default();
    let of_ours = everything.clone().labels(&ours);
    let telling = everything.clone().fields(TELLING_EVENTS);
    let analyses = watched(scope.api(client), everything, trim::analysis, |_| None);
    let jobs = watched(scope.api(client), of_ours.clone(), trim::job, analysis_uid);
    let pods = watched(scope.api(client), of_ours, trim::pod, analysis_uid);
    let events = watched(scope.api(client), telling, trim::event, subject);
    Watches {
        caches: Caches {
            analyses: analyses.store,
            jobs: Shelf::new(jobs.store, jobs.index),
            pods: Shelf::new(pods.store, pods.index),
            events: Shelf::new(events.store, events.index),
            filled: [analyses.filled, jobs.filled, pods.filled, events.filled],
        },
        streams: Streams {
            analyses: analyses.changes,
            jobs: jobs.changes,
            pods: pods.changes,
            events: events.changes,
        },
    }
}

/// The object that an event is about.
fn subject(event: &Event) -> Option<String> {
    let subject = &event.involved_object;
    Some(place(subject.namespace.as_deref()?, subject.name.as_deref()?))
}

/// One kind: what is known of it, and the stream that fills that.
struct Watch<K: Watched> {
    store: Store<K>,
    index: Index<K>,
    filled: watch::Receiver<bool>,
    changes: Changes<K>,
}

fn watched<K: Watched>(api: Api<K>, config: watcher::Config, trim: fn(&mut K), key_of: KeyOf<K>) -> Watch<K> {
    let (store, writer) = reflector::store();
    let index = Index::new(key_of);
    let (tell, filled) = watch::channel(false);
    let seen = index.clone();
    let changes = watcher(api, config)
        .default_backoff()
        .modify(trim)
        .inspect_ok(move |event| seen.see(event))
        .reflect(writer)
        .inspect_ok(move |event| {
            if matches!(event, watcher::Event::InitDone) {
                tell.send_replace(true);
            }
        })
        .touched_objects()
        .boxed();
    Watch {
        store,
        index,
        filled,
        changes,
    }
}

/// Reconciles until `stop` resolves; then what is under way is finished.
pub async fn run(
    operator: Arc<Operator>,
    watches: Watches,
    stop: impl Future<Output = ()> + Send + Sync + 'static,
) {
    let Watches { caches, streams } = watches;
    let Streams {
        analyses,
        jobs,
        pods,
        events,
    } = streams;
    let of_pod = caches.clone();
    let of_event = caches.clone();
    let config = kube::runtime::controller::Config::default().debounce(DEBOUNCE);
    Controller::for_stream(analyses, caches.analyses.clone())
        .with_config(config)
        .owns_stream(jobs)
        .watches_stream(pods, move |pod| analysis_of_pod(&of_pod, &pod))
        .watches_stream(events, move |event| analysis_of_event(&of_event, &event))
        .reconcile_on(operator.grants.woken())
        .graceful_shutdown_on(stop)
        .run(reconcile, on_error, operator)
        .for_each(|result| async {
            if let Err(error) = result {
                debug!(%error, "reconcile");
            }
        })
        .await;
}

fn analysis_of_job(job: &Job) -> Option<ObjectRef<GenomeAnalysis>> {
    let owner = job
        .owner_references()
        .iter()
        .find(|owner| owner.controller == Some(true))?;
    let namespace = job.metadata.namespace.as_ref()?;
    (owner.kind == names::KIND).then(|| ObjectRef::new(&owner.name).within(namespace))
}

fn job_named(caches: &Caches, name: &str, namespace: &str) -> Option<Arc<Job>> {
    caches.jobs.get(&ObjectRef::new(name).within(namespace))
}

fn analysis_of_pod(caches: &Caches, pod: &Pod) -> Option<ObjectRef<GenomeAnalysis>> {
    let owner = pod
        .owner_references()
        .iter()
        .find(|owner| owner.controller == Some(true))?;
    analysis_of_job(&*job_named(
        caches,
        &owner.name,
        pod.metadata.namespace.as_ref()?,
    )?)
}

fn analysis_of_event(caches: &Caches, event: &Event) -> Option<ObjectRef<GenomeAnalysis>> {
    let name = event.involved_object.name.as_ref()?;
    let namespace = event.involved_object.namespace.as_ref()?;
    match event.involved_object.kind.as_deref()? {
        "Job" => analysis_of_job(&*job_named(caches, name, namespace)?),
        "Pod" => analysis_of_pod(
            caches,
            &*caches.pods.get(&ObjectRef::new(name).within(namespace))?,
        ),
        _ => None,
    }
}
