//! A chunk: the unit that is committed, and the statistics its footer carries to the merge.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::manifest::FileEntry;

/// Key of the footer among the key-value metadata of a `genomes-…` file.
pub const FOOTER_KEY: &str = "genome.pleiotropy.chunk";

/// Which chunk.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChunkId {
    /// The task it belongs to.
    pub task: u32,
    /// Its number in the task, from 0.
    pub chunk: u32,
    /// `retries.round` when it was written.
    pub round: u32,
}

/// What a `genomes-…` file carries beside its rows: enough for the merge to read no gene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChunkFooter {
    /// [`crate::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Which chunk.
    pub id: ChunkId,
    /// [`crate::Plan::layout_digest`]: a chunk of another layout is not merged.
    pub layout_digest: String,
    /// Genomes with results.
    pub succeeded: u32,
    /// Genomes with a failed row.
    pub failed: u32,
    /// Genes with a row.
    pub genes: u64,
    /// The two files written before this one.
    pub files: Vec<FileEntry>,
    /// Pooled counts of the 64 codons over the chunk's genes, in the order TTT, TTC, TTA, TTG, TCT, … GGG.
    pub codons: Vec<u64>,
    /// Sums over genes for the trait × trait correlation.
    pub correlation: CorrelationSums,
    /// What each trait showed in the chunk's genomes.
    pub traits: BTreeMap<String, TraitSums>,
}

/// Sums over genes for the correlation of the traits' z-scores, standardised within each genome (mean 0, variance 1), so
/// that a trait missing in one genome distorts no other pair. Pairs of traits in the panel's order: the lower triangle
/// with the diagonal, row by row; empty without traits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CorrelationSums {
    /// Genes with a score for both traits of a pair.
    pub genes: Vec<u64>,
    /// Σ z·z′ over these genes; divided by `genes` it is the mean correlation within genomes.
    pub products: Vec<f64>,
}

/// What a trait showed in the chunk's genomes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TraitSums {
    /// Genomes by verdict.
    pub verdicts: BTreeMap<String, u64>,
    /// Genes of the set found, over all genomes.
    pub genes_found: u64,
    /// Genomes with a leave-one-out AUC.
    pub scored: u64,
    /// Sum of these AUCs.
    pub auc_sum: f64,
    /// Sum of their squares.
    pub auc_squares: f64,
}
