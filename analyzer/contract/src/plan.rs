//! What the plan verb decides, and nobody else: which genomes, in which tasks and chunks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `plan.json`: at most 64 KiB whatever the number of genomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// [`crate::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// BLAKE3, hexadecimal, over the task lines (without cached hashes) and the method: another one, other chunks.
    pub digest: String,
    /// BLAKE3, hexadecimal, over ids, chunks and method: equal wherever the genomes lie, so chunk files may carry it.
    pub layout_digest: String,
    /// Genomes in all tasks.
    pub genomes: u64,
    /// Bytes of sequence expected in all of them.
    pub bases: u64,
    /// Tasks, numbered from 0; at most [`MAX_TASKS`].
    pub tasks: u32,
    /// Chunks of all tasks.
    pub chunks: u64,
    /// Bytes of sequence a task carries, after the rule `min(targetSize, Σ/(4·maxWorkers))`.
    pub target_size: u64,
    /// Genomes that the cache knows.
    pub cached: u64,
    /// Names of the panel's traits, in the panel's order.
    pub traits: Vec<String>,
    /// BLAKE3 of `traits.json`, hexadecimal.
    pub traits_digest: String,
    /// BLAKE3 of everything but the genome that the result depends on, hexadecimal.
    pub method_hash: String,
    /// Where the lines of `plan.tasks.jsonl` begin.
    pub offsets: Offsets,
}

/// Sparse index of `plan.tasks.jsonl`: byte offset of every `every`-th line, and the file's length at the end.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Offsets {
    /// Lines between two entries, at least 1.
    pub every: u32,
    /// Offsets in bytes, ascending; the last entry is the length of the file.
    pub bytes: Vec<u64>,
}

impl Offsets {
    /// Byte range that holds the line of `task`, and the number of lines before it in that range.
    pub fn range_of(&self, task: u32) -> Option<(std::ops::Range<u64>, u32)> {
        let block = (task / self.every.max(1)) as usize;
        let (start, end) = (*self.bytes.get(block)?, *self.bytes.get(block + 1)?);
        Some((start..end, task % self.every.max(1)))
    }
}

/// Tasks an analysis has at most: an Indexed Job's failed indexes must fit into its status.
pub const MAX_TASKS: u32 = 10_000;

/// One line of `plan.tasks.jsonl`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaskLine {
    /// The task's number, equal to the line's.
    pub task: u32,
    /// Bytes of sequence expected.
    pub bases: u64,
    /// Fixed runs of genomes: a chunk is committed as a whole.
    pub chunks: Vec<Vec<PlannedGenome>>,
}

/// One genome as the plan found it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlannedGenome {
    /// Unique in the analysis; its order among genomes is that of its bytes.
    pub id: String,
    /// The object to read.
    pub uri: String,
    /// The GFF3 object that annotates it, for pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotation_uri: Option<String>,
    /// Stored bytes.
    pub size: u64,
    /// The store's version of the object; another one at reading is `InputChanged`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// BLAKE3 of the decompressed bytes, where the cache knew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<String>,
}

/// `_claim.json`: whose output location this is.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Claim {
    /// [`crate::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The owner.
    pub analysis: crate::request::AnalysisId,
    /// [`Plan::digest`]: the chunks present belong to this plan.
    pub plan_digest: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_line_lies_in_the_range_of_its_block() {
        let offsets = Offsets {
            every: 2,
            bytes: vec![0, 100, 250, 300],
        };
        assert_eq!(offsets.range_of(0), Some((0..100, 0)));
        assert_eq!(offsets.range_of(3), Some((100..250, 1)));
        assert_eq!(offsets.range_of(4), Some((250..300, 0)));
        assert_eq!(offsets.range_of(6), None);
    }
}
