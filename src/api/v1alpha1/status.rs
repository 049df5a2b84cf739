//! What the operator says about an analysis: under 16 KiB whatever the number of genomes, counts that never go
//! back, and one sentence a person can act on.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::text::Bytes;

/// The state of an analysis, written by the operator only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct GenomeAnalysisStatus {
    /// `metadata.generation` that the rest of the status is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// `retries.round` that the rest of the status is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round: Option<u32>,
    /// Where it stands, derived from the conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// What is going on and what to do about it, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub message: Option<String>,
    /// Accepted, Planned, Progressing, ScalingLimited, WithinDuration, WithinMemory, Suspended, Complete, Failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "conditions")]
    pub conditions: Vec<Condition>,
    /// Genomes by outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genomes: Option<GenomeTotals>,
    /// Genomes done of all, as `812/1000`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub done: Option<String>,
    /// Tasks by state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<TaskTotals>,
    /// Share of the genomes that is settled, in percent, rounded down.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub percent: Option<u32>,
    /// Genomes settled an hour, at the present rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genomes_per_hour: Option<u64>,
    /// When it should be done at that rate; absent while unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "time")]
    pub estimated_completion_time: Option<Time>,
    /// Workers, and why not more of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workers: Option<Workers>,
    /// Selects the worker pods; for the scale subresource.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub selector: Option<String>,
    /// Highest memory of one process so far, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<Bytes>,
    /// Highest step up the memory ladder taken so far: each one doubles `resources.memory`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_step: Option<u32>,
    /// The failure that came first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_failure: Option<FirstFailure>,
    /// Failed genomes by reason, most frequent first, at most ten.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub failures_by_reason: Vec<FailureCount>,
    /// What was found, and where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results: Option<Results>,
    /// When the operator took it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "time")]
    pub start_time: Option<Time>,
    /// When it ended, well or badly.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "time")]
    pub completion_time: Option<Time>,
}

/// Where an analysis stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    /// Not begun: not yet validated, or its Jobs can't be made.
    Pending,
    /// Genomes are being listed.
    Planning,
    /// Workers analyze genomes.
    Running,
    /// Reports are being written.
    Merging,
    /// Stopped until `suspend` is false again.
    Suspended,
    /// Every genome has a result.
    Succeeded,
    /// Some genomes have a result, others a failed row.
    PartiallySucceeded,
    /// Nothing was analyzed, too much failed, or it took too long.
    Failed,
    /// Ended by `cancel`.
    Cancelled,
}

impl Phase {
    /// All phases, for metrics and reference pages.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Planning,
        Self::Running,
        Self::Merging,
        Self::Suspended,
        Self::Succeeded,
        Self::PartiallySucceeded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The word as it stands in the status.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Planning => "Planning",
            Self::Running => "Running",
            Self::Merging => "Merging",
            Self::Suspended => "Suspended",
            Self::Succeeded => "Succeeded",
            Self::PartiallySucceeded => "PartiallySucceeded",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Whether nothing happens any more, short of a retry round.
    pub const fn is_finished(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::PartiallySucceeded | Self::Failed | Self::Cancelled
        )
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl JsonSchema for Phase {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Phase".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::ALL.map(Self::as_str) })
    }
}

/// Genomes by outcome; the last four add up to the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct GenomeTotals {
    /// All that the plan found.
    pub total: u64,
    /// Computed.
    pub analyzed: u64,
    /// Taken from the cache.
    pub cached: u64,
    /// Failed, with a row that says why.
    pub failed: u64,
    /// Not settled yet.
    pub remaining: u64,
}

/// Tasks by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct TaskTotals {
    /// All that the plan made.
    pub total: u64,
    /// In the hands of a pod.
    pub active: u64,
    /// Done.
    pub succeeded: u64,
    /// Given up.
    pub failed: u64,
    /// Attempts beyond each task's first.
    pub retried: u64,
    /// Attempts that ran out of memory.
    pub out_of_memory: u64,
    /// Pods evicted, preempted or lost with their node; these cost no retry.
    pub disrupted: u64,
    /// Chunks that a pod found written by an earlier attempt, and did not do again.
    pub chunks_found: u64,
}

/// Workers, and why not more of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct Workers {
    /// How many should run.
    pub desired: u32,
    /// How many do.
    pub running: u32,
    /// Why it is that many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub reason: Option<String>,
    /// Where the cluster takes no more: how many of the desired it has not taken yet. Doubles each time it takes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe: Option<u32>,
    /// Since when fewer would do for `finishWithin`: after a while of that they are let go.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "time")]
    pub fewer_since: Option<Time>,
}

/// A failure with everything needed to look into it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct FirstFailure {
    /// Genome, where it is one genome's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub genome: Option<String>,
    /// Task, where it is one task's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<u32>,
    /// Pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub pod: Option<String>,
    /// Node it ran on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub node: Option<String>,
    /// One word for programs.
    #[schemars(length(max = 253))]
    pub reason: String,
    /// Exit code of the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The process's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub message: Option<String>,
}

/// Failed genomes with one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct FailureCount {
    /// One word for programs.
    #[schemars(length(max = 253))]
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// What was found, and where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct Results {
    /// The output location.
    #[schemars(length(max = 1024))]
    pub uri: String,
    /// Path of the report below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub report: Option<String>,
    /// Candidate pleiotropic genes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pleiotropic_genes: Option<u64>,
    /// Traits with a signature in at least one genome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detectable_traits: Option<u64>,
}

/// The conventional condition, keyed by type, without the pages of prose that every copy of it carries.
fn conditions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "maxItems": 16,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
        "items": {
            "type": "object",
            "required": ["type", "status", "lastTransitionTime", "reason", "message"],
            "properties": {
                "type": { "type": "string", "maxLength": 316, "description": "What is stated" },
                "status": { "type": "string", "enum": ["True", "False", "Unknown"], "description": "Whether it holds" },
                "observedGeneration": { "type": "integer", "minimum": 0, "description": "Generation it is about" },
                "lastTransitionTime": { "type": "string", "format": "date-time", "description": "When `status` last changed" },
                "reason": { "type": "string", "maxLength": 1024, "description": "Why, in one word for programs" },
                "message": { "type": "string", "maxLength": 32768, "description": "Why, in a sentence" },
            },
        },
    })
}

fn time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date-time" })
}
