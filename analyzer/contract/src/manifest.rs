//! `manifest.json`: written last. A result without a manifest is not a result.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::chunk::ChunkId;
use crate::message::{GenomeCounts, ReasonCount, ResultsSummary};
use crate::request::AnalysisId;

/// The commit of an analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// [`crate::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What two identical runs have in common, byte for byte.
    pub results: Results,
    /// What may differ between them.
    pub run: Run,
}

/// Everything that is compared when two runs are said to be identical.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Results {
    /// Genomes with rows.
    pub genomes: u64,
    /// Of these, with results.
    pub succeeded: u64,
    /// Of these, with a failed row.
    pub failed: u64,
    /// Failed genomes by reason, in the order of the reasons' names.
    pub failures_by_reason: Vec<ReasonCount>,
    /// Genes counted in all genomes.
    pub genes: u64,
    /// The chunks, in order of task and number.
    pub chunks: Vec<ChunkEntry>,
    /// The reports and tables, in order of path.
    pub files: Vec<FileEntry>,
    /// The figures the status repeats.
    pub summary: ResultsSummary,
}

/// One chunk.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChunkEntry {
    /// Which one.
    pub id: ChunkId,
    /// Rows in the genomes file.
    pub genomes: u32,
    /// Its three files.
    pub files: Vec<FileEntry>,
}

/// One file below the output location.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileEntry {
    /// Path below the output location.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// BLAKE3, hexadecimal.
    pub blake3: String,
}

/// What happened in this run; two identical results may differ here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Run {
    /// The owner.
    pub analysis: AnalysisId,
    /// [`crate::Plan::digest`].
    pub plan_digest: String,
    /// Version of the analyzer that merged.
    pub analyzer_version: String,
    /// When the merge ended, RFC 3339.
    pub completed_at: String,
    /// Where this was written.
    pub output_uri: String,
    /// Genomes by outcome, cached ones told apart.
    pub genomes: GenomeCounts,
}
