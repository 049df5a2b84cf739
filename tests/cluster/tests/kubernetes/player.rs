//! Plays the kubelet for the pods of analyses on simulated nodes: a pod runs for as long as the script says and ends as it
//! says, with the termination message that the analyzer would have left.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures::StreamExt;
use genome_contract::Verb;
use genome_operator::{api::names::labels, results::JobState};
use k8s_openapi::{
    api::{batch::v1::Job, core::v1::Pod},
    jiff::Timestamp,
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, Preconditions},
    runtime::{WatchStreamExt, watcher},
};
use serde_json::{Value, json};
use tokio::{task::JoinHandle, time::sleep};

use crate::last_words::Work;

/// A pod that has been bound to a node, as the script sees it.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    /// Name of the analysis.
    pub(crate) analysis: String,
    /// Plan, map or merge.
    pub(crate) verb: Verb,
    /// The task, for map.
    pub(crate) task: u32,
    /// Steps up the memory ladder.
    pub(crate) memory_step: u32,
    /// Pods of this task that started before, over all attempts.
    pub(crate) earlier: u32,
    /// Genomes of the task that did not fit into the largest memory.
    pub(crate) given_up: Vec<String>,
}

/// What becomes of a pod.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    /// How long it runs.
    pub(crate) time: Duration,
    /// And then.
    pub(crate) end: End,
}

/// How a pod ends.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// Exit code 0, or another one.
    Exit(i32),
    /// The kernel kills it for its memory, with this genome in hand.
    OutOfMemory(String),
}

impl Act {
    /// Ends well after `time`.
    pub(crate) fn well(time: Duration) -> Self {
        let end = End::Exit(0);
        Self { time, end }
    }
}

/// How many pods of an analysis ran, and how many at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// Pods that started, by verb and task.
    pub(crate) started: BTreeMap<(&'static str, u32), u32>,
    /// Running now, by uid.
    running: HashSet<String>,
    /// Most at once.
    pub(crate) most: usize,
    /// Failed genomes, by task.
    pub(crate) failed: BTreeMap<u32, u64>,
    /// How long pods of the map stage ran, from the first word about their running to the last.
    pub(crate) ran: Duration,
    /// How much of that went into tasks that were then done.
    pub(crate) worked: Duration,
}

impl Figures {
    /// Pods that run now.
    pub(crate) fn running(&self) -> usize {
        self.running.len()
    }
}

type Script = Box<dyn Fn(&Role) -> Act + Send + Sync>;

struct Stage {
    client: Client,
    script: Script,
    work: BTreeMap<String, Work>,
    jobs: Mutex<BTreeMap<String, Arc<JobState>>>,
    figures: Mutex<BTreeMap<String, Figures>>,
    seen: Mutex<HashSet<String>>,
    removed: Mutex<HashSet<String>>,
    lost_nodes: Mutex<HashSet<String>>,
    /// Why pods of an analysis do not start, in a word and a sentence.
    held_up: Mutex<BTreeMap<String, (String, String)>>,
}

/// Plays until it is dropped.
pub(crate) struct Player {
    stage: Arc<Stage>,
    task: JoinHandle<()>,
}

impl Drop for Player {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Player {
    /// Plays all pods of analyses in `namespace`. `work` says by analysis how much the plan finds.
    pub(crate) fn start(
        client: &Client,
        namespace: &str,
        work: &[(&str, Work)],
        script: impl Fn(&Role) -> Act + Send + Sync + 'static,
    ) -> Self {
        let stage = Arc::new(Stage {
            client: client.clone(),
            script: Box::new(script),
            work: work
                .iter()
                .map(|(name, work)| ((*name).to_owned(), *work))
                .collect(),
            jobs: Mutex::default(),
            figures: Mutex::default(),
            seen: Mutex::default(),
            removed: Mutex::default(),
            lost_nodes: Mutex::default(),
            held_up: Mutex::default(),
        });
        let pods = Api::<Pod>::namespaced(client.clone(), namespace);
        let task = tokio::spawn(play(stage.clone(), pods));
        Self { stage, task }
    }

    /// Nothing is heard of the pods on `node` any more.
    pub(crate) fn lose(&self, node: &str) {
        self.stage.lost_nodes.lock().unwrap().insert(node.to_owned());
    }

    /// Pods of `analysis` wait from now on, with these words of the kubelet.
    pub(crate) fn hold_up(&self, analysis: &str, reason: &str, text: &str) {
        let words = (reason.to_owned(), text.to_owned());
        self.stage
            .held_up
            .lock()
            .unwrap()
            .insert(analysis.to_owned(), words);
    }

    /// They start again.
    pub(crate) fn let_go(&self, analysis: &str) {
        self.stage.held_up.lock().unwrap().remove(analysis);
    }

    /// What has been played of `analysis`.
    pub(crate) fn figures(&self, analysis: &str) -> Figures {
        self.stage
            .figures
            .lock()
            .unwrap()
            .get(analysis)
            .cloned()
            .unwrap_or_default()
    }
}

async fn play(stage: Arc<Stage>, pods: Api<Pod>) {
    let ours = watcher::Config::default().labels(labels::ANALYSIS_UID);
    let mut changes = watcher(pods.clone(), ours)
        .default_backoff()
        .touched_objects()
        .boxed();
    while let Some(change) = changes.next().await {
        let Ok(pod) = change else { continue };
        let uid = pod.uid().unwrap_or_default();
        let phase = pod
            .status
            .as_ref()
            .and_then(|status| status.phase.clone())
            .unwrap_or_default();
        let is_bound = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
        if stage.is_lost(&pod) {
            stage.leave(&pod);
            continue;
        }
        let is_first = |set: &Mutex<HashSet<String>>| set.lock().unwrap().insert(uid.clone());
        if pod.metadata.deletion_timestamp.is_some() {
            if is_first(&stage.removed) {
                stage.leave(&pod);
                tokio::spawn(remove(pods.clone(), pod));
            }
        } else if is_bound && phase == "Pending" && is_first(&stage.seen) {
            tokio::spawn(run(stage.clone(), pods.clone(), pod));
        }
    }
}

async fn run(stage: Arc<Stage>, pods: Api<Pod>, pod: Pod) {
    if !start(&stage, &pods, &pod).await {
        return;
    }
    let Some(role) = stage.cast(&pod).await else {
        return;
    };
    let started = Timestamp::now();
    let running = json!({"phase": "Running", "containerStatuses": [container(json!({"running": {"startedAt": started}}), true)]});
    if !say(&pods, &pod, running).await {
        stage.leave(&pod);
        return;
    }
    let began = Instant::now();
    let act = (stage.script)(&role);
    sleep(act.time).await;
    stage.leave(&pod);
    if stage.is_lost(&pod) {
        return;
    }
    if stage.is_removed(&pod) {
        stage.count(&role, began.elapsed(), Duration::ZERO);
        return;
    }
    let work = stage.work.get(&role.analysis).copied().unwrap_or_default();
    let words = work.last_words(&role, &act.end, stage.failures_after(&role, &act.end, work));
    let (phase, code, reason) = match &act.end {
        End::Exit(0) => ("Succeeded", 0, "Completed"),
        End::Exit(code) => ("Failed", *code, "Error"),
        End::OutOfMemory(_) => ("Failed", 137, "OOMKilled"),
    };
    let ended = json!({"terminated": {
        "exitCode": code, "reason": reason, "message": words, "startedAt": started, "finishedAt": Timestamp::now(),
    }});
    let ended = json!({"phase": phase, "containerStatuses": [container(ended, false)]});
    let is_done = say(&pods, &pod, ended).await && code == 0;
    stage.count(
        &role,
        began.elapsed(),
        if is_done { act.time } else { Duration::ZERO },
    );
}

/// Waits with the pod for as long as its analysis is held up; whether it is still there then.
async fn start(stage: &Stage, pods: &Api<Pod>, pod: &Pod) -> bool {
    while let Some((reason, message)) = stage.held_up(pod) {
        let waiting = container(json!({"waiting": {"reason": reason, "message": message}}), false);
        if stage.is_removed(pod)
            || !say(
                pods,
                pod,
                json!({"phase": "Pending", "containerStatuses": [waiting]}),
            )
            .await
        {
            return false;
        }
        sleep(Duration::from_millis(500)).await;
    }
    true
}

/// The kubelet's part of a removal: the container ends, then the object goes.
async fn remove(pods: Api<Pod>, pod: Pod) {
    let phase = pod
        .status
        .as_ref()
        .and_then(|status| status.phase.clone())
        .unwrap_or_default();
    if phase == "Running" {
        let ended =
            json!({"terminated": {"exitCode": 75, "reason": "Error", "finishedAt": Timestamp::now()}});
        say(
            &pods,
            &pod,
            json!({"phase": "Failed", "containerStatuses": [container(ended, false)]}),
        )
        .await;
    }
    let parameters = DeleteParams::default()
        .grace_period(0)
        .preconditions(Preconditions {
            uid: pod.uid(),
            resource_version: None,
        });
    drop(pods.delete(&pod.name_any(), &parameters).await);
}

fn container(state: Value, ready: bool) -> Value {
    json!({
        "name": "analyzer", "image": "simulated", "imageID": "simulated", "restartCount": 0, "ready": ready,
        "started": ready, "state": state,
    })
}

/// Whether the pod was there to say it of.
async fn say(pods: &Api<Pod>, pod: &Pod, status: Value) -> bool {
    let patch = json!({"metadata": {"uid": pod.uid()}, "status": status});
    for _ in 0..5 {
        match pods
            .patch_status(&pod.name_any(), &PatchParams::default(), &Patch::Merge(&patch))
            .await
        {
            Ok(_) => return true,
            Err(kube::Error::Api(status)) if status.code == 404 || status.code == 409 => return false,
            Err(_) => sleep(Duration::from_millis(200)).await,
        }
    }
    false
}

impl Stage {
    /// The Job and the role of a pod that starts.
    async fn cast(&self, pod: &Pod) -> Option<Role> {
        let mut role = self.role(pod).await?;
        let mut figures = self.figures.lock().unwrap();
        let figures = figures.entry(role.analysis.clone()).or_default();
        let started = figures
            .started
            .entry((role.verb.as_str(), role.task))
            .or_default();
        role.earlier = *started;
        *started += 1;
        figures.running.extend(pod.uid());
        figures.most = figures.most.max(figures.running.len());
        Some(role)
    }

    fn is_lost(&self, pod: &Pod) -> bool {
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_ref());
        node.is_some_and(|node| self.lost_nodes.lock().unwrap().contains(node))
    }

    fn held_up(&self, pod: &Pod) -> Option<(String, String)> {
        let held_up = self.held_up.lock().unwrap();
        held_up.get(pod.labels().get(labels::ANALYSIS)?).cloned()
    }

    fn is_removed(&self, pod: &Pod) -> bool {
        let uid = pod.uid().unwrap_or_default();
        self.removed.lock().unwrap().contains(&uid)
    }

    fn count(&self, role: &Role, ran: Duration, worked: Duration) {
        if role.verb == Verb::Map {
            let mut figures = self.figures.lock().unwrap();
            let figures = figures.entry(role.analysis.clone()).or_default();
            figures.ran += ran;
            figures.worked += worked;
        }
    }

    /// It has ended, or is told to.
    fn leave(&self, pod: &Pod) {
        let uid = pod.uid().unwrap_or_default();
        for figures in self.figures.lock().unwrap().values_mut() {
            figures.running.remove(&uid);
        }
    }

    /// Failed genomes of the analysis, once this pod has ended as well.
    fn failures_after(&self, role: &Role, end: &End, work: Work) -> u64 {
        let mut figures = self.figures.lock().unwrap();
        let failed = &mut figures.entry(role.analysis.clone()).or_default().failed;
        match (role.verb, end) {
            (Verb::Map, End::Exit(0)) => failed.insert(role.task, role.given_up.len() as u64),
            (Verb::Map, End::Exit(65)) => failed.insert(role.task, work.genomes_a_task),
            _ => None,
        };
        failed.values().sum()
    }

    async fn role(&self, pod: &Pod) -> Option<Role> {
        let job = self.job(pod).await?;
        let index = pod
            .annotations()
            .get("batch.kubernetes.io/job-completion-index")?;
        let task = *job.tasks.get(index.parse::<usize>().ok()?)?;
        let given_up = job
            .given_up
            .iter()
            .filter(|one| one.task == task)
            .map(|one| one.genome.clone());
        Some(Role {
            analysis: pod.labels().get(labels::ANALYSIS)?.clone(),
            verb: job.verb,
            task,
            memory_step: job.memory_step,
            earlier: 0,
            given_up: given_up.collect(),
        })
    }

    async fn job(&self, pod: &Pod) -> Option<Arc<JobState>> {
        let owner = pod.owner_references().first()?;
        if let Some(job) = self.jobs.lock().unwrap().get(&owner.uid) {
            return Some(job.clone());
        }
        let jobs = Api::<Job>::namespaced(self.client.clone(), &pod.namespace()?);
        let job = Arc::new(JobState::read(&jobs.get(&owner.name).await.ok()?, [])?);
        self.jobs.lock().unwrap().insert(owner.uid.clone(), job.clone());
        Some(job)
    }
}
