//! A cluster in short: Jobs and pods with what matters to a scenario, made into real objects and read as the operator reads them.

use genome_contract::Message;
use genome_operator::decide::Trouble;
use genome_operator::results::JobState;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// What is observed.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Scene {
    /// Minutes and seconds since the analysis was created, `mm:ss`.
    now: String,
    jobs: Vec<SceneJob>,
    troubles: Vec<SceneTrouble>,
    /// A read-write-once claim keeps the workers on one node.
    pub one_node: bool,
    /// The operator's total.
    pub max_workers: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct SceneJob {
    stage: String,
    attempt: u32,
    memory_step: u32,
    round: u32,
    /// Tasks of its indexes, as ranges; absent: all of them.
    tasks: Option<String>,
    indexes: u32,
    parallelism: Option<u32>,
    succeeded: String,
    failed: String,
    /// `Complete`, or the reason of its failure.
    finish: Option<String>,
    suspended: bool,
    pods: Vec<ScenePod>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct ScenePod {
    index: u32,
    /// Absent while it runs.
    exit: Option<i32>,
    out_of_memory: bool,
    evicted: bool,
    /// It waits for a node since `mm:ss`, in the scheduler's words.
    unschedulable: Option<(String, String)>,
    /// Fields of its termination message.
    says: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SceneTrouble {
    /// Number of the Job it is about.
    job: usize,
    reason: String,
    text: String,
}

fn at(clock: &str) -> Timestamp {
    let clock = if clock.is_empty() { "00:00" } else { clock };
    format!("2026-01-01T00:{clock}Z")
        .parse()
        .unwrap_or_else(|error| panic!("`{clock}` is no `mm:ss`: {error}"))
}

/// The termination message of `stage` with `fields`.
pub fn message(stage: &str, fields: &Value) -> String {
    let mut whole = json!({ "schemaVersion": 1, "verb": stage, "finished": true });
    whole
        .as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    let message: Message = serde_json::from_value(whole).unwrap_or_else(|error| panic!("{fields}: {error}"));
    let known = serde_json::to_value(&message).unwrap();
    assert!(is_part(fields, &known), "a message has no such fields: {fields}");
    String::from_utf8(message.to_padded_bytes()).unwrap()
}

/// Whether `whole` has every field of `part`: the operator leaves alone what it does not know, a scene must not say it.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(field, value)| whole.get(field).is_some_and(|found| is_part(value, found))),
        _ => part == whole,
    }
}

impl Scene {
    /// The moment.
    pub fn now(&self) -> Timestamp {
        at(&self.now)
    }

    /// The Jobs with their pods.
    pub fn jobs(&self) -> Vec<JobState> {
        self.jobs.iter().map(SceneJob::state).collect()
    }

    /// What events say.
    pub fn troubles(&self) -> Vec<Trouble> {
        let troubles = self.troubles.iter().map(|trouble| Trouble {
            about: self.jobs[trouble.job].name(),
            reason: trouble.reason.clone(),
            text: trouble.text.clone(),
            last_seen: self.now(),
        });
        troubles.collect()
    }
}

impl SceneJob {
    fn name(&self) -> String {
        format!("first-{}-{}-{}", self.stage, self.round, self.attempt)
    }

    fn state(&self) -> JobState {
        let condition = self.finish.as_deref().map(|finish| match finish {
            "Complete" => json!([{ "type": "Complete", "status": "True" }]),
            reason => json!([{ "type": "Failed", "status": "True", "reason": reason }]),
        });
        let mut annotations = json!({ "genomics.pleiotropy.io/request-digest": "d" });
        if let Some(tasks) = &self.tasks {
            annotations["genomics.pleiotropy.io/tasks"] = json!(tasks);
        }
        let indexes = self.indexes.max(1);
        let job: Job = serde_json::from_value(json!({
            "metadata": {
                "name": self.name(), "uid": self.name(), "resourceVersion": "5", "creationTimestamp": at(""), "annotations": annotations,
                "labels": {
                    "genomics.pleiotropy.io/stage": self.stage, "genomics.pleiotropy.io/attempt": self.attempt.to_string(),
                    "genomics.pleiotropy.io/memory-step": self.memory_step.to_string(), "genomics.pleiotropy.io/round": self.round.to_string(),
                },
            },
            "spec": { "completions": indexes, "parallelism": self.parallelism.unwrap_or(indexes), "suspend": self.suspended, "template": {} },
            "status": { "completedIndexes": self.succeeded, "failedIndexes": self.failed, "conditions": condition },
        }))
        .unwrap();
        let pods: Vec<Pod> = self
            .pods
            .iter()
            .enumerate()
            .map(|(number, pod)| pod.object(self, number))
            .collect();
        JobState::read(&job, &pods).unwrap()
    }
}

impl ScenePod {
    fn object(&self, job: &SceneJob, number: usize) -> Pod {
        let words = self.says.as_ref().map(|says| message(&job.stage, says));
        let reason = if self.out_of_memory { "OOMKilled" } else { "Error" };
        let (phase, state) = match self.exit {
            None if self.unschedulable.is_some() => ("Pending", None),
            None => (
                "Running",
                Some(json!({ "running": { "startedAt": at("01:00") } })),
            ),
            Some(code) => (
                if code == 0 { "Succeeded" } else { "Failed" },
                Some(json!({ "terminated": {
                    "exitCode": code, "reason": reason, "message": words, "startedAt": at("01:00"), "finishedAt": at("02:00"),
                } })),
            ),
        };
        let mut conditions = Vec::new();
        if self.evicted {
            conditions.push(json!({ "type": "DisruptionTarget", "status": "True" }));
        }
        if let Some((since, text)) = &self.unschedulable {
            conditions.push(json!({
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": text, "lastTransitionTime": at(since),
            }));
        }
        let containers = state.map(|state| {
            json!([{ "name": "analyzer", "image": "", "imageID": "", "ready": false, "restartCount": 0, "state": state }])
        });
        let node = self.unschedulable.is_none().then_some("node-1");
        serde_json::from_value(json!({
            "metadata": {
                "name": format!("{}-{}-{number}", job.name(), self.index), "creationTimestamp": at("01:00"),
                "annotations": { "batch.kubernetes.io/job-completion-index": self.index.to_string() },
            },
            "spec": { "containers": [], "nodeName": node },
            "status": { "phase": phase, "conditions": conditions, "containerStatuses": containers },
        }))
        .unwrap()
    }
}
