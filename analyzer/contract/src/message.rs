//! The termination message: how a pod speaks, also when the kernel kills it.
//!
//! The file is bind-mounted and its last 4,096 bytes are kept, so a message is one write at offset 0 of JSON
//! padded with spaces to exactly [`SIZE`] bytes: a later write replaces an earlier one as a whole.
//!
//! The schema is what this release writes. A reader leaves alone what it does not know: after a downgrade the operator is older than the analyzer whose run it
//! goes on with, and a field it has never heard of must not cost it the rest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::reason::Reason;
use crate::request::Verb;

/// Bytes of a message, always.
pub const SIZE: usize = 4096;

/// Longest `text`, in bytes.
pub const MAX_TEXT: usize = 1024;

/// One message. Counts are cumulative over the task's committed chunks, those of earlier attempts included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Message {
    /// [`crate::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The verb that speaks.
    pub verb: Verb,
    /// The task, for map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<u32>,
    /// Whether the process ended by itself and said its last word.
    pub finished: bool,
    /// The genome in hand, for the case that these are the last words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genome: Option<String>,
    /// Genomes of the task (map), of the settled tasks (plan), of all tasks (merge, or a plan that did everything).
    #[serde(default)]
    pub genomes: GenomeCounts,
    /// Chunks of the task (map), of all tasks that it mapped (a plan that did everything).
    #[serde(default)]
    pub chunks: ChunkCounts,
    /// Highest resident memory of the process so far, in bytes.
    #[serde(default)]
    pub peak_memory_bytes: u64,
    /// Why the process failed, or the reason of its first failed genome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Failed genomes by reason, at most ten, most frequent first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures_by_reason: Vec<ReasonCount>,
    /// What the plan found (plan).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanSummary>,
    /// What the analysis found (merge, or a plan that went on to do everything).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<ResultsSummary>,
}

/// Genomes by outcome; each genome in at most one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct GenomeCounts {
    /// All of them.
    pub total: u64,
    /// Computed.
    pub analyzed: u64,
    /// Taken from the cache.
    pub cached: u64,
    /// Failed, with a row that says why.
    pub failed: u64,
}

/// Chunks by what happened to them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ChunkCounts {
    /// All of them.
    pub total: u32,
    /// Committed by this process.
    pub written: u32,
    /// Found committed by an earlier attempt.
    pub found: u32,
}

/// A failure in words.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Failure {
    /// The word programs compare.
    pub reason: Reason,
    /// The genome, where it is one genome's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genome: Option<String>,
    /// The sentence people read, at most [`MAX_TEXT`] bytes.
    pub text: String,
}

/// Failed genomes with one reason.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ReasonCount {
    /// The reason.
    pub reason: Reason,
    /// How many.
    pub count: u64,
}

/// What the operator needs to know of the plan.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PlanSummary {
    /// Genomes found.
    pub genomes: u64,
    /// Tasks they were bundled into.
    pub tasks: u32,
    /// Chunks of all tasks.
    pub chunks: u64,
    /// Bytes of sequence expected.
    pub bases: u64,
    /// Genomes that the cache knows.
    pub cached: u64,
    /// Tasks that need no pod, since their chunks are written: by an earlier run, or from the cache. As Kubernetes writes
    /// indexes, `0-3,7`; only as many as fit, since a pod for another of them finds its chunks and ends at once.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub settled: String,
    /// Whether the same process went on to map and merge: nothing is left to do.
    pub all_done: bool,
}

/// What the status says of the results.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ResultsSummary {
    /// Genes that are candidates for pleiotropy by their codon usage.
    pub pleiotropic_genes: u64,
    /// Traits of which at least one genome shows a detectable signature.
    pub detectable_traits: u64,
    /// Path of the report below the output location.
    pub report: String,
}

impl Message {
    /// An empty first word of `verb`.
    pub fn new(verb: Verb) -> Self {
        Self {
            schema_version: crate::SCHEMA_VERSION,
            verb,
            task: None,
            finished: false,
            genome: None,
            genomes: GenomeCounts::default(),
            chunks: ChunkCounts::default(),
            peak_memory_bytes: 0,
            failure: None,
            failures_by_reason: Vec::new(),
            plan: None,
            results: None,
        }
    }

    /// The message as exactly [`SIZE`] bytes. Long texts and names are cut so that it always fits.
    ///
    /// # Panics
    /// Never: a message with its texts cut to nothing is far below [`SIZE`].
    pub fn to_padded_bytes(&self) -> Vec<u8> {
        let mut message = self.clone();
        message.failures_by_reason.truncate(10);
        let mut limit = MAX_TEXT;
        loop {
            message.cut_texts(limit);
            let mut bytes = serde_json::to_vec(&message).expect("a message has only strings and numbers");
            if bytes.len() <= SIZE {
                bytes.resize(SIZE, b' ');
                return bytes;
            }
            assert!(limit > 0, "a message without texts fits");
            limit /= 2;
        }
    }

    /// The message in `bytes`, which may be padded, or `None` where it is not one of this version.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let message: Self = serde_json::from_slice(bytes).ok()?;
        (message.schema_version == crate::SCHEMA_VERSION).then_some(message)
    }

    fn cut_texts(&mut self, limit: usize) {
        let genome_in_failure = self.failure.as_mut().and_then(|failure| failure.genome.as_mut());
        for text in [self.genome.as_mut(), genome_in_failure].into_iter().flatten() {
            cut(text, limit);
        }
        if let Some(failure) = &mut self.failure {
            cut(&mut failure.text, limit);
        }
    }
}

/// Shortens `text` to at most `limit` bytes at a character boundary.
fn cut(text: &mut String, limit: usize) {
    if text.len() > limit {
        text.truncate(text.floor_char_boundary(limit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_message_is_exactly_one_file() {
        let mut message = Message::new(Verb::Map);
        assert_eq!(message.to_padded_bytes().len(), SIZE);
        message.genome = Some("\u{1}ü".repeat(5_000));
        message.failure = Some(Failure {
            reason: Reason::MalformedInput,
            genome: Some("\"".repeat(5_000)),
            text: "\u{0}".repeat(9_000),
        });
        message.failures_by_reason = vec![
            ReasonCount {
                reason: Reason::MalformedInput,
                count: u64::MAX
            };
            40
        ];
        let bytes = message.to_padded_bytes();
        assert_eq!(bytes.len(), SIZE);
        assert!(
            Message::from_bytes(&bytes)
                .unwrap()
                .failure
                .unwrap()
                .text
                .starts_with('\u{0}')
        );
    }

    #[test]
    fn what_a_later_release_adds_is_left_alone() {
        let mut message = serde_json::to_value(Message::new(Verb::Map)).unwrap();
        message["weather"] = "fine".into();
        message["chunks"] = serde_json::json!({"total": 3, "written": 1, "found": 2, "skipped": 4});
        let read = Message::from_bytes(message.to_string().as_bytes()).unwrap();
        assert_eq!((read.verb, read.chunks.found), (Verb::Map, 2));
    }

    #[test]
    fn a_message_of_another_version_is_not_read() {
        let mut message = Message::new(Verb::Plan);
        message.schema_version = 99;
        assert_eq!(Message::from_bytes(&message.to_padded_bytes()), None);
        assert_eq!(Message::from_bytes(b"Killed"), None);
    }
}
