//! The fake cluster: stores what is written, plays Job controller and kubelet, and counts what must never happen.
//!
//! It is trusted only as far as the same runs pass on a real API server (`tests/cluster`).

use std::{collections::BTreeMap, sync::Arc};

use genome_contract::{
    Message, Reason, Verb,
    message::{ChunkCounts, Failure, GenomeCounts, PlanSummary, ResultsSummary},
};
use genome_operator::{
    api::{GenomeAnalysis, GenomeAnalysisStatus, names},
    decide::{Decision, Observed, OperatorSettings, Trouble, decide},
    results::{Indexes, JobState},
};
use k8s_openapi::{
    api::{
        batch::v1::{Job, JobCondition, JobStatus},
        core::v1::{
            ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStatus, Pod,
            PodCondition, PodSpec, PodStatus,
        },
    },
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference, Time},
    jiff::{SignedDuration, Timestamp},
};
use kube::ResourceExt;

use super::make;

/// How a pod ends.
#[derive(Clone, Debug, Default)]
pub struct End {
    /// Exit code.
    pub code: i32,
    /// The kernel killed it for its memory.
    pub out_of_memory: bool,
    /// Evicted.
    pub disrupted: bool,
    /// Genome in hand when it was killed.
    pub genome: Option<String>,
}

impl End {
    pub fn well() -> Self {
        Self::default()
    }

    pub fn with(code: i32) -> Self {
        Self {
            code,
            ..Self::default()
        }
    }

    pub fn out_of_memory(genome: &str) -> Self {
        Self {
            code: 137,
            out_of_memory: true,
            genome: Some(genome.to_owned()),
            ..Self::default()
        }
    }

    pub fn evicted() -> Self {
        Self {
            code: 137,
            disrupted: true,
            ..Self::default()
        }
    }
}

/// What a pod is told when it is about to end.
#[derive(Clone, Debug)]
pub struct Worker {
    pub verb: Verb,
    pub task: u32,
    pub memory_step: u32,
    /// Pods of this task that ended before, over all Jobs.
    pub earlier: u32,
    pub given_up: Vec<String>,
    pub now: Timestamp,
}

type Script = Box<dyn Fn(&Worker) -> End>;

/// A namespace with one analysis in it.
pub struct Cluster {
    pub analysis: GenomeAnalysis,
    pub settings: OperatorSettings,
    pub jobs: BTreeMap<String, Job>,
    pub pods: BTreeMap<String, Pod>,
    pub troubles: Vec<Trouble>,
    pub now: Timestamp,
    /// Genomes and tasks that the plan finds.
    pub genomes: u64,
    pub tasks: u32,
    /// Tasks that the plan settles, from the cache.
    pub settled: Indexes,
    /// Names of all Jobs ever made.
    pub made: Vec<String>,
    /// Most pods at once, ever.
    pub most_pods: u32,
    /// Every status ever written.
    pub history: Vec<GenomeAnalysisStatus>,
    pub events: Vec<&'static str>,
    pub removed: bool,
    /// Pods that the nodes have room for.
    pub room: usize,
    /// How long a pod runs.
    pub task_seconds: i64,
    /// Pods on lost nodes: nobody ends them.
    pub lost: Vec<String>,
    /// What the chunks in the output say of each task, whatever becomes of pods.
    output: BTreeMap<u32, GenomeCounts>,
    script: Script,
    ended: BTreeMap<(&'static str, u32), u32>,
    version: u64,
}

impl Cluster {
    pub fn new(
        analysis: GenomeAnalysis,
        genomes: u64,
        tasks: u32,
        script: impl Fn(&Worker) -> End + 'static,
    ) -> Self {
        Self {
            analysis,
            settings: make::settings(),
            jobs: BTreeMap::new(),
            pods: BTreeMap::new(),
            troubles: Vec::new(),
            now: make::start(),
            genomes,
            tasks,
            settled: Indexes::default(),
            made: Vec::new(),
            most_pods: 0,
            history: Vec::new(),
            events: Vec::new(),
            removed: false,
            room: usize::MAX,
            task_seconds: 0,
            lost: Vec::new(),
            output: BTreeMap::new(),
            script: Box::new(script),
            ended: BTreeMap::new(),
            version: 10,
        }
    }

    pub fn status(&self) -> GenomeAnalysisStatus {
        self.analysis.status.clone().unwrap_or_default()
    }

    pub fn condition(&self, kind: &str) -> (String, String) {
        let found = self
            .status()
            .conditions
            .into_iter()
            .find(|one| one.type_ == kind)
            .unwrap();
        (found.status, found.reason)
    }

    pub fn edit(&mut self, change: impl FnOnce(&mut genome_operator::api::GenomeAnalysisSpec)) {
        change(&mut self.analysis.spec);
        *self.analysis.metadata.generation.as_mut().unwrap() += 1;
    }

    pub fn observed(&self) -> Observed {
        let mut pods = BTreeMap::<&str, Vec<&Pod>>::new();
        for pod in self.pods.values() {
            pods.entry(owner_of(pod)).or_default().push(pod);
        }
        let jobs = self.jobs.iter().map(|(name, job)| {
            let pods = pods.get(name.as_str()).into_iter().flatten().copied();
            JobState::read(job, pods).unwrap()
        });
        Observed {
            analysis: Arc::new(self.analysis.clone()),
            jobs: jobs.collect(),
            troubles: self.troubles.clone(),
            refusal: None,
            demands: Vec::new(),
            elsewhere: 0,
            one_node: false,
            now: self.now,
        }
    }

    pub fn decide(&self) -> Decision {
        decide(&self.observed(), &self.settings)
    }

    /// Decides and writes; of the writes at most `limit` arrive before the operator dies. Returns how many did.
    pub fn reconcile(&mut self, limit: usize) -> usize {
        let Decision {
            create,
            patch,
            remove,
            status,
            events,
            next: _,
        } = self.decide();
        let mut written = 0;
        let mut may_write = || {
            written += 1;
            written <= limit
        };
        for (_, job) in create {
            if !may_write() {
                return limit;
            }
            self.create(job);
        }
        for patch in patch {
            if !may_write() {
                return limit;
            }
            let version = self.next_version();
            let job = self.jobs.get_mut(&patch.job).unwrap();
            assert_eq!(
                job.metadata.resource_version.as_ref(),
                Some(&patch.resource_version)
            );
            job.spec.as_mut().unwrap().parallelism = Some(i32::try_from(patch.to).unwrap());
            job.metadata.resource_version = Some(version);
        }
        if let Some(status) = status {
            if !may_write() {
                return limit;
            }
            self.history.push(status.clone());
            self.analysis.status = Some(status);
            self.events.extend(events.iter().map(|event| event.reason));
        }
        if remove {
            self.removed = true;
            written += 1;
        }
        written
    }

    fn create(&mut self, mut job: Job) {
        let name = job.name_any();
        if self.jobs.contains_key(&name) {
            return;
        }
        self.made.push(name.clone());
        let version = self.next_version();
        job.metadata.uid = Some(format!("uid-of-{name}"));
        job.metadata.resource_version = Some(version);
        job.metadata.creation_timestamp = Some(Time(self.now));
        self.jobs.insert(name, job);
    }

    fn next_version(&mut self) -> String {
        self.version += 1;
        self.version.to_string()
    }

    /// Lets `seconds` pass: pods that ran end as the script says, and Jobs make new ones.
    pub fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        let is_over = |pod: &Pod| {
            let running = self.now.duration_since(started(pod)).as_secs();
            phase(pod) == "Running" && running >= self.task_seconds && !self.lost.contains(&pod.name_any())
        };
        let over: Vec<String> = self
            .pods
            .values()
            .filter(|pod| is_over(pod))
            .map(ResourceExt::name_any)
            .collect();
        for name in over {
            self.end(&name);
        }
        for name in self.jobs.keys().cloned().collect::<Vec<_>>() {
            self.control(&name);
        }
        self.place();
        let live = self.live_pods() - self.lost.len();
        self.most_pods = self.most_pods.max(u32::try_from(live).unwrap());
    }

    /// Pods that run or wait.
    pub fn live_pods(&self) -> usize {
        self.pods.values().filter(|pod| is_live(pod)).count()
    }

    /// Pods that run.
    pub fn running_pods(&self) -> usize {
        let running = |pod: &&Pod| phase(pod) == "Running";
        self.pods.values().filter(running).count()
    }

    /// The node of one running worker is gone for good, and its pod is told to go.
    pub fn lose_a_node(&mut self) {
        let now = self.now;
        let pod = self.pods.values_mut().find(|pod| phase(pod) == "Running");
        let pod = pod.expect("a worker runs");
        pod.metadata.deletion_timestamp = Some(Time(now));
        self.lost.push(pod.name_any());
    }

    /// The scheduler: those that wait get the room that there is.
    fn place(&mut self) {
        let (now, mut room) = (self.now, self.room.saturating_sub(self.running_pods()));
        for pod in self.pods.values_mut().filter(|pod| phase(pod) == "Pending") {
            let status = pod.status.as_mut().unwrap();
            if room > 0 {
                room -= 1;
                *status = running_since(now);
                pod.spec.as_mut().unwrap().node_name = Some("node-1".to_owned());
            } else {
                let condition = status.conditions.get_or_insert_default();
                if condition.is_empty() {
                    condition.push(PodCondition {
                        type_: "PodScheduled".to_owned(),
                        status: "False".to_owned(),
                        reason: Some("Unschedulable".to_owned()),
                        message: Some("0/1 nodes are available: 1 Insufficient cpu.".to_owned()),
                        last_transition_time: Some(Time(now)),
                        ..PodCondition::default()
                    });
                }
            }
        }
    }

    /// Reconciles and lets time pass, until the analysis ends.
    pub fn run_to_end(&mut self) {
        for _ in 0..500 {
            while self.reconcile(usize::MAX) > 0 {}
            if self
                .status()
                .phase
                .is_some_and(genome_operator::api::Phase::is_finished)
            {
                return;
            }
            self.pass(10);
        }
        panic!("no end in sight: {:#?}", self.status());
    }

    fn control(&mut self, name: &str) {
        let job = self.jobs[name].clone();
        let state = JobState::read(&job, []).unwrap();
        let spec = job.spec.as_ref().unwrap();
        let mut status = job.status.clone().unwrap_or_default();
        let finished = status.conditions.as_ref().is_some_and(|all| !all.is_empty());
        let open: Vec<u32> = (0..u32::try_from(state.tasks.len()).unwrap())
            .filter(|index| !state.succeeded.contains(*index) && !state.failed.contains(*index))
            .collect();
        if !finished && open.is_empty() {
            let failed = !state.failed.is_empty();
            status.conditions = Some(vec![condition(
                if failed { "Failed" } else { "Complete" },
                "FailedIndexes",
            )]);
        }
        let pods = self.pods.values().filter(|pod| owner_of(pod) == name);
        let mut busy: Vec<(u32, String)> = pods
            .filter(|pod| is_live(pod))
            .map(|pod| (index_of(pod), pod.name_any()))
            .collect();
        // Those that wait go first.
        busy.sort_by_key(|(_, name)| phase(&self.pods[name]) == "Pending");
        let parallelism = if finished {
            0
        } else {
            usize::try_from(spec.parallelism.unwrap()).unwrap()
        };
        for (_, pod) in busy.split_off(parallelism.min(busy.len())) {
            if !self.lost.contains(&pod) {
                self.pods.remove(&pod);
            }
        }
        for index in open {
            if busy.len() < parallelism && !busy.iter().any(|(taken, _)| *taken == index) {
                let pod = self.start(&job, index);
                busy.push((index, pod));
            }
        }
        status.active = Some(i32::try_from(busy.len()).unwrap());
        self.write_job_status(name, status);
    }

    fn write_job_status(&mut self, name: &str, status: JobStatus) {
        if self.jobs[name].status.as_ref() == Some(&status) {
            return;
        }
        let version = self.next_version();
        let job = self.jobs.get_mut(name).unwrap();
        job.status = Some(status);
        job.metadata.resource_version = Some(version);
    }

    fn start(&mut self, job: &Job, index: u32) -> String {
        let name = format!("{}-{index}-{}", job.name_any(), self.next_version());
        let pod = Pod {
            metadata: ObjectMeta {
                name: Some(name.clone()),
                annotations: Some(
                    [(
                        "batch.kubernetes.io/job-completion-index".to_owned(),
                        index.to_string(),
                    )]
                    .into(),
                ),
                owner_references: Some(vec![OwnerReference {
                    name: job.name_any(),
                    ..OwnerReference::default()
                }]),
                creation_timestamp: Some(Time(self.now)),
                ..ObjectMeta::default()
            },
            spec: Some(PodSpec::default()),
            status: Some(PodStatus {
                phase: Some("Pending".to_owned()),
                ..PodStatus::default()
            }),
        };
        self.pods.insert(name.clone(), pod);
        name
    }

    fn end(&mut self, name: &str) {
        let pod = self.pods[name].clone();
        let job_name = pod.owner_references()[0].name.clone();
        let job = JobState::read(&self.jobs[&job_name], []).unwrap();
        let index = index_of(&pod);
        let task = job.tasks[index as usize];
        let earlier = self.ended.entry((job.verb.as_str(), task)).or_default();
        let worker = Worker {
            verb: job.verb,
            task,
            memory_step: job.memory_step,
            earlier: *earlier,
            given_up: job
                .given_up
                .iter()
                .filter(|one| one.task == task)
                .map(|one| one.genome.clone())
                .collect(),
            now: self.now,
        };
        *earlier += 1;
        let end = (self.script)(&worker);
        let message = self.message(&worker, &end);
        if worker.verb == Verb::Map && matches!(end.code, 0 | 65) {
            let kept = self.output.entry(worker.task).or_default();
            if message.genomes.analyzed >= kept.analyzed {
                *kept = message.genomes;
            }
        }
        let started = pod.status.as_ref().unwrap().container_statuses.as_ref().unwrap()[0]
            .state
            .clone()
            .unwrap();
        let terminated = ContainerStateTerminated {
            exit_code: end.code,
            reason: Some(if end.out_of_memory { "OOMKilled" } else { "Error" }.to_owned()),
            message: Some(serde_json::to_string(&message).unwrap()),
            started_at: started.running.unwrap().started_at,
            finished_at: Some(Time(self.now)),
            ..ContainerStateTerminated::default()
        };
        let status = self.pods.get_mut(name).unwrap().status.as_mut().unwrap();
        status.phase = Some(if end.code == 0 { "Succeeded" } else { "Failed" }.to_owned());
        status.container_statuses = Some(vec![ContainerStatus {
            state: Some(ContainerState {
                terminated: Some(terminated),
                ..ContainerState::default()
            }),
            ..ContainerStatus::default()
        }]);
        if end.disrupted {
            status.conditions = Some(vec![PodCondition {
                type_: "DisruptionTarget".to_owned(),
                status: "True".to_owned(),
                ..PodCondition::default()
            }]);
        }
        self.count(&job_name, &job, index, &end);
    }

    /// The pod failure policy, as the real Job controller reads it.
    fn count(&mut self, name: &str, job: &JobState, index: u32, end: &End) {
        let mut status = self.jobs[name].status.clone().unwrap_or_default();
        let limit = self.jobs[name]
            .spec
            .as_ref()
            .unwrap()
            .backoff_limit_per_index
            .unwrap();
        let add = |set: &Indexes| set.iter().chain([index]).collect::<Indexes>().to_text();
        match end.code {
            _ if end.disrupted => {}
            0 => status.completed_indexes = Some(add(&job.succeeded)),
            64 => status.conditions = Some(vec![condition("Failed", "PodFailurePolicy")]),
            73 | 77 => {}
            65 | 137 => status.failed_indexes = Some(add(&job.failed)),
            _ => {
                let failures = self
                    .pods
                    .values()
                    .filter(|pod| owner_of(pod) == name && phase(pod) == "Failed" && index_of(pod) == index);
                if failures.count() > usize::try_from(limit).unwrap() {
                    status.failed_indexes = Some(add(&job.failed));
                }
            }
        }
        self.write_job_status(name, status);
    }

    fn genomes_of(&self, task: u32) -> u64 {
        let tasks = u64::from(self.tasks);
        self.genomes / tasks + u64::from(u64::from(task) < self.genomes % tasks)
    }

    fn message(&self, worker: &Worker, end: &End) -> Message {
        let mut message = Message::new(worker.verb);
        message.finished = !end.out_of_memory && !end.disrupted;
        message.peak_memory_bytes = 100 << 20;
        message.genome = end.genome.clone();
        match worker.verb {
            Verb::Plan if end.code == 0 => {
                message.plan = Some(PlanSummary {
                    genomes: self.genomes,
                    tasks: self.tasks,
                    chunks: u64::from(self.tasks),
                    bases: 1,
                    cached: 0,
                    settled: self.settled.to_text(),
                    all_done: false,
                });
                message.genomes = GenomeCounts {
                    total: self.genomes,
                    cached: self.settled.iter().map(|task| self.genomes_of(task)).sum(),
                    ..GenomeCounts::default()
                };
            }
            Verb::Map => {
                message.task = Some(worker.task);
                // A task of two chunks, of which its first pod writes one whatever becomes of it.
                let found = u32::from(worker.earlier > 0);
                message.chunks = ChunkCounts {
                    total: 2,
                    written: 1,
                    found,
                };
                let total = self.genomes_of(worker.task);
                let failed = worker.given_up.len() as u64;
                message.genomes = match end.code {
                    0 => GenomeCounts {
                        total,
                        analyzed: total - failed,
                        cached: 0,
                        failed,
                    },
                    65 => GenomeCounts {
                        total,
                        analyzed: 0,
                        cached: 0,
                        failed: total,
                    },
                    _ => GenomeCounts {
                        total,
                        ..GenomeCounts::default()
                    },
                };
            }
            Verb::Merge if end.code == 0 => {
                let best = &self.output;
                message.genomes = GenomeCounts {
                    total: self.genomes,
                    analyzed: best.values().map(|one| one.analyzed).sum::<u64>()
                        + self.settled.iter().map(|task| self.genomes_of(task)).sum::<u64>(),
                    cached: 0,
                    failed: best.values().map(|one| one.failed).sum(),
                };
                message.results = Some(ResultsSummary {
                    pleiotropic_genes: 7,
                    detectable_traits: 3,
                    report: "report.html".to_owned(),
                });
            }
            Verb::Plan | Verb::Merge => {}
        }
        let reason = match end.code {
            0 | 137 => return message,
            64 => Reason::BadRequest,
            65 => Reason::EmptyInput,
            73 => Reason::OutputConflict,
            77 => Reason::AccessDenied,
            _ => Reason::Internal,
        };
        let genome = (end.code == 65).then(|| "genome".to_owned());
        message.failure = Some(Failure {
            reason,
            genome,
            text: format!("exit {}", end.code),
        });
        message
    }
}

fn running_since(now: Timestamp) -> PodStatus {
    let running = ContainerStateRunning {
        started_at: Some(Time(now)),
    };
    PodStatus {
        phase: Some("Running".to_owned()),
        container_statuses: Some(vec![ContainerStatus {
            state: Some(ContainerState {
                running: Some(running),
                ..ContainerState::default()
            }),
            ..ContainerStatus::default()
        }]),
        ..PodStatus::default()
    }
}

fn started(pod: &Pod) -> Timestamp {
    let containers = pod
        .status
        .as_ref()
        .and_then(|status| status.container_statuses.as_ref());
    let state = containers.and_then(|all| all.first()?.state.as_ref());
    let running = state.and_then(|state| state.running.as_ref());
    running.map_or(Timestamp::MAX, |running| running.started_at.as_ref().unwrap().0)
}

fn is_live(pod: &Pod) -> bool {
    matches!(phase(pod), "Running" | "Pending")
}

fn condition(kind: &str, reason: &str) -> JobCondition {
    JobCondition {
        type_: kind.to_owned(),
        status: "True".to_owned(),
        reason: Some(reason.to_owned()),
        ..JobCondition::default()
    }
}

fn phase(pod: &Pod) -> &str {
    pod.status
        .as_ref()
        .and_then(|status| status.phase.as_deref())
        .unwrap_or_default()
}

fn owner_of(pod: &Pod) -> &str {
    &pod.owner_references()[0].name
}

fn index_of(pod: &Pod) -> u32 {
    pod.annotations()["batch.kubernetes.io/job-completion-index"]
        .parse()
        .unwrap()
}

/// Attempt and step of every Job of `verb`, in the order they were made.
pub fn attempts(cluster: &Cluster, verb: Verb) -> Vec<(u32, u32, usize)> {
    let of_verb = cluster
        .made
        .iter()
        .map(|name| JobState::read(&cluster.jobs[name], []).unwrap());
    of_verb
        .filter(|job| job.verb == verb)
        .map(|job| (job.attempt, job.memory_step, job.tasks.len()))
        .collect()
}

/// The word in the names of conditions.
pub use names::conditions;
