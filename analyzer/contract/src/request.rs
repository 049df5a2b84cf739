//! What a pod is asked to do: one JSON document in an immutable ConfigMap.
//!
//! The verb (an argument of the program) and `JOB_COMPLETION_INDEX` say the rest. All values are final: the
//! operator has applied every default, so the analyzer has none of its own for these fields.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The three verbs of the analyzer, in the order they run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// Lists the genomes and bundles them into tasks and chunks.
    Plan,
    /// Analyzes the genomes of one task, chunk by chunk.
    Map,
    /// Reads the chunks and writes reports and manifest.
    Merge,
}

impl Verb {
    /// The verb as an argument of the program.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Map => "map",
            Self::Merge => "merge",
        }
    }
}

/// One request. The same document serves plan, map attempt 0 and merge; a retry attempt adds `attempt`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Request {
    /// [`crate::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Whose request this is; becomes the owner in `_claim.json`.
    pub analysis: AnalysisId,
    /// Where the genomes are, 1 to 64 sources.
    pub genomes: Vec<GenomeSource>,
    /// The trait panel.
    pub traits: TraitSource,
    /// URI of a table genome id → phenotype values, for the cohort.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phenotypes: Option<String>,
    /// How to count and to test.
    pub method: Method,
    /// Where the results go.
    pub output: Output,
    /// How to bundle genomes into tasks.
    pub tasks: Tasks,
    /// Seconds one genome may take before it becomes a failed row `GenomeTimeout`.
    pub genome_timeout_seconds: u64,
    /// Folders that `file://` URIs may lie in: the mount paths of the pod's volumes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    /// The cache of results a genome.
    pub cache: Cache,
    /// Current value of `retries.round`: rows of a later round replace failed ones of an earlier.
    #[serde(default)]
    pub round: u32,
    /// Only in the request of a map Job that does not cover all tasks in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
}

/// Identity of the analysis.
#[derive(Clone, Debug, Eq, PartialEq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnalysisId {
    /// Name of the cluster the operator was given, or `local`.
    pub cluster: String,
    /// Namespace, or empty for a local run.
    pub namespace: String,
    /// Name of the GenomeAnalysis.
    pub name: String,
    /// Its uid; a local run derives one from the manifest.
    pub uid: String,
}

/// One source of genomes: exactly one of `uri` and `listUri`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenomeSource {
    /// An object, a prefix ending in `/`, or a glob.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// A text object with a URI a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_uri: Option<String>,
    /// Globs over the part of the path below the prefix; empty includes all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Globs that leave a genome out again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}

/// Where the trait panel comes from. The plan copies it to `traits.json` in the output; map reads that copy only.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TraitSource {
    /// A panel that ships with the analyzer; its name, such as `bacteria`.
    Builtin(String),
    /// A file of the pod: a mounted ConfigMap key, or a file of the laptop.
    File(String),
    /// An object in a store.
    Uri(String),
    /// No traits: indices only.
    None,
}

/// How to count and to test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Method {
    /// NCBI translation table for coding sequences that do not name their own.
    pub genetic_code: u8,
    /// Where genes come from.
    pub gene_calling: GeneCalling,
    /// Rate at which false discoveries are controlled, between 0 and 1.
    pub false_discovery_rate: f64,
    /// Different signature clusters a gene must belong to, to be a candidate pleiotropic gene.
    pub min_traits: u32,
    /// Seed of every random choice.
    pub seed: u64,
}

impl Default for Method {
    fn default() -> Self {
        Self {
            genetic_code: 11,
            gene_calling: GeneCalling::Auto,
            false_discovery_rate: 0.05,
            min_traits: 2,
            seed: 0,
        }
    }
}

/// Where genes come from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum GeneCalling {
    /// The annotation where there is one, prediction where there is none.
    #[default]
    Auto,
    /// The annotation only: a bare FASTA then has no genes, anything else without one fails (`NoCodingSequences`).
    Annotated,
    /// Prediction, whatever the annotation says.
    Predicted,
}

/// Where the results go.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Output {
    /// A prefix of its own.
    pub uri: String,
    /// Whether results of the same owner with another plan may be replaced.
    pub overwrite: bool,
    /// Which rows of gene × trait are kept.
    pub associations: Associations,
}

/// Which rows of gene × trait are kept.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Associations {
    /// Members, q below the false discovery rate, and the 50 highest z a trait.
    #[default]
    Top,
    /// Every gene × trait.
    All,
}

/// How to bundle genomes into tasks.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tasks {
    /// Bytes of sequence a task should carry.
    pub target_size: u64,
    /// Workers the plan should be able to keep busy: `scaling.maxWorkers`.
    pub max_workers: u32,
}

/// A folder that `file://` URIs may lie in.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Volume {
    /// Absolute path in the pod.
    pub mount_path: String,
    /// Whether nothing may be written there.
    pub read_only: bool,
}

/// The cache of results a genome.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cache {
    /// Whether it is read and written.
    pub mode: CacheMode,
    /// `redis://…`, an object-store prefix, or a folder. Absent where the mode is `Off`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Seconds an entry lives.
    pub ttl_seconds: u64,
}

/// Whether the cache is read and written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum CacheMode {
    /// Both.
    #[default]
    ReadWrite,
    /// Read, never written.
    ReadOnly,
    /// Neither.
    Off,
}

/// What a Job covers that is not simply everything, or is tried again with. Index i of a map Job is `tasks[i]`.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attempt {
    /// Task ids, ascending.
    pub tasks: Vec<u32>,
    /// Steps up the memory ladder: 0 is `resources.memory`, each further one doubles it up to `maxMemory`.
    pub memory_step: u32,
    /// Genomes that did not fit at `maxMemory`: they become failed rows without being tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given_up: Vec<GivenUp>,
}

/// A genome that did not fit into the largest memory allowed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GivenUp {
    /// The task it belongs to.
    pub task: u32,
    /// Genome id.
    pub genome: String,
    /// Bytes it was given at most.
    pub limit_bytes: u64,
}

impl Request {
    /// The task that index `index` of the Job with this request works on, `None` past the end of an attempt.
    pub fn task_at(&self, index: u32) -> Option<u32> {
        match &self.attempt {
            None => Some(index),
            Some(attempt) => attempt.tasks.get(index as usize).copied(),
        }
    }
}
