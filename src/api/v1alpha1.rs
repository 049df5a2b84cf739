//! `genomics.pleiotropy.io/v1alpha1`, kind GenomeAnalysis: the specification a user writes, the status we write.
//!
//! No pod template, no image and no namespace field, on purpose: who may create a GenomeAnalysis gets no more
//! than that. Rules over the whole specification (what may change) are added by [`super::crd`].

pub mod input;
pub mod output;
pub mod running;
pub mod status;
pub mod text;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use input::{ConfigMapKey, Genomes, Method, Phenotypes, Traits};
pub use output::{Cache, Output, Storage, Volume};
pub use running::{Alerts, Resources, Retries, Scaling, Scheduling, Tasks, Timeouts, Toleration};
pub use status::{GenomeAnalysisStatus, Phase};
pub use text::{Bytes, Cores, Share, ShareOf, TimeSpan};

/// What to analyze, and with what means.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "genomics.pleiotropy.io",
    version = "v1alpha1",
    kind = "GenomeAnalysis",
    plural = "genomeanalyses",
    shortname = "ga",
    category = "genomics",
    namespaced,
    status = "GenomeAnalysisStatus",
    derive = "PartialEq",
    doc = "One analysis of many genomes: which traits leave a signature in codon usage, and which genes carry several of them.",
    scale(
        spec_replicas_path = ".spec.scaling.workers",
        status_replicas_path = ".status.workers.running",
        label_selector_path = ".status.selector"
    ),
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(
        name = "Done",
        type_ = "string",
        json_path = ".status.done",
        description = "Genomes analyzed or taken from the cache, of all"
    ),
    printcolumn(
        name = "Running",
        type_ = "integer",
        json_path = ".status.workers.running",
        description = "Workers that run"
    ),
    printcolumn(
        name = "Failed",
        type_ = "integer",
        json_path = ".status.genomes.failed",
        description = "Genomes that failed"
    ),
    printcolumn(
        name = "ETA",
        type_ = "string",
        json_path = ".status.estimatedCompletionTime",
        description = "When it should be done"
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Cached",
        type_ = "integer",
        json_path = ".status.genomes.cached",
        description = "Genomes taken from the cache",
        priority = 1
    ),
    printcolumn(
        name = "Workers",
        type_ = "integer",
        json_path = ".status.workers.desired",
        description = "Workers that should run",
        priority = 1
    ),
    printcolumn(
        name = "Memory",
        type_ = "string",
        json_path = ".status.peakMemory",
        description = "Highest memory of one process",
        priority = 1
    ),
    printcolumn(
        name = "Rate",
        type_ = "integer",
        json_path = ".status.genomesPerHour",
        description = "Genomes an hour",
        priority = 1
    ),
    printcolumn(
        name = "Output",
        type_ = "string",
        json_path = ".spec.output.uri",
        description = "Where the results go",
        priority = 1
    ),
    printcolumn(
        name = "Message",
        type_ = "string",
        json_path = ".status.message",
        description = "What is going on",
        priority = 1
    )
)]
#[serde(rename_all = "camelCase")]
pub struct GenomeAnalysisSpec {
    /// Where the genomes are: FASTA (genome or coding sequences), GenBank, or FASTA + GFF3 pairs, plain or
    /// compressed. 1 to 64 sources.
    #[schemars(length(min = 1, max = 64))]
    pub genomes: Vec<Genomes>,
    /// The trait panel: sets of genes whose codon usage is compared with the genome's. Default: builtin bacteria.
    #[serde(default = "Traits::bacteria")]
    pub traits: Traits,
    /// Properties of the organisms, to associate gene families with. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phenotypes: Option<Phenotypes>,
    /// How to count and to test.
    #[serde(default)]
    pub method: Method,
    /// Where the results go.
    pub output: Output,
    /// What the pods get to reach their data.
    #[serde(default)]
    pub storage: Storage,
    /// What one worker gets.
    #[serde(default)]
    pub resources: Resources,
    /// How many workers there are. May change while it runs.
    #[serde(default)]
    pub scaling: Scaling,
    /// How genomes are bundled; never more than 10,000 tasks.
    #[serde(default)]
    pub tasks: Tasks,
    /// What happens to what failed. May change while it runs.
    #[serde(default)]
    pub retries: Retries,
    /// How long things may take. May change while it runs.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// The cache of results a genome.
    #[serde(default)]
    pub cache: Cache,
    /// From when on people are told. May change while it runs.
    #[serde(default)]
    pub alerts: Alerts,
    /// Where pods run.
    #[serde(default)]
    pub scheduling: Scheduling,
    /// Stop workers and start no more, until it is false again; what is done stays done. May change while it
    /// runs. Default: false.
    #[serde(default)]
    pub suspend: bool,
    /// End the analysis for good; what is done stays in the output. May change while it runs, from false to true
    /// only. Default: false.
    #[serde(default)]
    pub cancel: bool,
    /// Seconds after its end when this resource, not its output, is deleted. May change while it runs. Default:
    /// never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub ttl_seconds_after_finished: Option<u32>,
}
