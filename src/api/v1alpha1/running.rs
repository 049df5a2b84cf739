//! With what means, and within which limits: resources, scaling, tasks, retries, time-outs, alerts, scheduling.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::text::{Bytes, Cores, Share, TimeSpan};

/// What one worker gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct Resources {
    /// Processor cores of a worker. Default: 1.
    pub cpu: Cores,
    /// Memory of a worker, in bytes. Default: 512Mi.
    pub memory: Bytes,
    /// What ran out of memory is tried again with twice as much, up to this. Default: 4 × `memory`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_memory: Option<Bytes>,
}

impl Default for Resources {
    fn default() -> Self {
        Self {
            cpu: Cores::from("1"),
            memory: Bytes::from("512Mi"),
            max_memory: None,
        }
    }
}

/// How many workers there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline, extend("x-kubernetes-validations" = [{
    "rule": "!has(self.minWorkers) || !has(self.maxWorkers) || self.minWorkers <= self.maxWorkers",
    "message": "`minWorkers` is greater than `maxWorkers`",
}]))]
pub struct Scaling {
    /// Fewest workers while there is work. Default: 1.
    #[schemars(range(min = 1, max = 10_000))]
    pub min_workers: u32,
    /// Most workers at any time. Default: 10.
    #[schemars(range(min = 1, max = 10_000))]
    pub max_workers: u32,
    /// When the analysis should be done, from its start. Default: as soon as `maxWorkers` allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_within: Option<TimeSpan>,
    /// Exactly so many workers, at most `maxWorkers`; what `kubectl scale`, a HorizontalPodAutoscaler or KEDA
    /// sets. Default: the operator decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 10_000))]
    pub workers: Option<u32>,
}

impl Default for Scaling {
    fn default() -> Self {
        Self {
            min_workers: 1,
            max_workers: 10,
            finish_within: None,
            workers: None,
        }
    }
}

/// How genomes are bundled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct Tasks {
    /// Bytes of sequence that one task carries. Default: what takes about a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_size: Option<Bytes>,
}

/// What happens to what failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct Retries {
    /// Retries of a task over all attempts. Default: 3.
    #[schemars(range(min = 0, max = 100))]
    pub per_task: u32,
    /// The analysis fails when more genomes than this fail: a number, or a percentage. Default: 100%.
    pub max_failed_genomes: Share,
    /// Raising it tries failed genomes again. Default: 0.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub round: u32,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            per_task: 3,
            max_failed_genomes: Share::from("100%"),
            round: 0,
        }
    }
}

/// How long things may take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct Timeouts {
    /// The whole analysis, from its start; then it fails. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<TimeSpan>,
    /// One genome; then it becomes a failed row. Default: 10m.
    pub genome: TimeSpan,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            total: None,
            genome: TimeSpan::from("10m"),
        }
    }
}

/// From when on people are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct Alerts {
    /// HighLatency fires when the analysis runs for longer. Default: `scaling.finishWithin`, else 300s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<TimeSpan>,
    /// HighMemoryUsage fires when one of its processes uses more, in bytes. Default: 2G.
    pub memory: Bytes,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            duration: None,
            memory: Bytes::from("2G"),
        }
    }
}

/// Where pods run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct Scheduling {
    /// Kueue's queue for the Jobs. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub queue_name: Option<String>,
    /// Priority class, one of those that the operator allows. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub priority_class_name: Option<String>,
    /// Labels that nodes must have. Default: none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "labels")]
    pub node_selector: BTreeMap<String, String>,
    /// Taints that the pods tolerate. Default: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub tolerations: Vec<Toleration>,
    /// Whether workers may run on nodes that can be taken away: tolerates the clouds' spot taints and prefers
    /// those nodes. Default: false.
    pub spot: bool,
    /// Service account of the pods, one of those that the operator allows. Its token is not mounted. Default: the
    /// namespace's `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub service_account_name: Option<String>,
}

/// A taint that pods tolerate, as in a pod's specification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct Toleration {
    /// The taint's key; empty with `operator: Exists` tolerates all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 316))]
    pub key: Option<String>,
    /// Equal or Exists. Default: Equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16), extend("enum" = ["Equal", "Exists"]))]
    pub operator: Option<String>,
    /// The taint's value, for Equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub value: Option<String>,
    /// NoSchedule, PreferNoSchedule or NoExecute. Default: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32), extend("enum" = ["NoSchedule", "PreferNoSchedule", "NoExecute"]))]
    pub effect: Option<String>,
    /// Seconds that a NoExecute taint is tolerated. Default: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 31_536_000))]
    pub toleration_seconds: Option<i64>,
}

fn labels(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 32,
        "additionalProperties": { "type": "string", "maxLength": 63 },
    })
}
