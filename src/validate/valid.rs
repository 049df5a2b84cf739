//! A specification as numbers and certainties: what is optional here may really be absent.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use genome_contract::request::{Cache, GenomeSource, Method, Output};

use crate::api::v1alpha1::ShareOf;
pub use crate::api::v1alpha1::{Toleration, Volume};

/// A specification that can be acted on.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidAnalysis {
    /// Whose it is.
    pub identity: Identity,
    /// Where the genomes are, 1 to 64 sources.
    pub genomes: Vec<GenomeSource>,
    /// The trait panel.
    pub traits: Panel,
    /// URI of the phenotype table.
    pub phenotypes: Option<String>,
    /// How to count and to test.
    pub method: Method,
    /// Where the results go; the URI ends in `/`.
    pub output: Output,
    /// Secret with the object stores' credentials.
    pub secret_name: Option<String>,
    /// Claims and where pods see them.
    pub volumes: Vec<Volume>,
    /// What one worker gets.
    pub resources: Resources,
    /// How many workers there are.
    pub scaling: Scaling,
    /// Bytes of sequence a task carries.
    pub target_size: u64,
    /// What happens to what failed.
    pub retries: Retries,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// The cache, `Off` where nobody names one.
    pub cache: Cache,
    /// From when on people are told.
    pub alerts: Alerts,
    /// Where pods run.
    pub scheduling: Scheduling,
    /// No worker is started.
    pub suspend: bool,
    /// It ends for good.
    pub cancel: bool,
    /// How long it is kept after its end; `None` for ever.
    pub ttl_after_finished: Option<Duration>,
}

/// Whose analysis it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The operator's name for its cluster, or `local`.
    pub cluster: String,
    /// Empty on a laptop.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.uid`; the local executor makes one from the manifest.
    pub uid: String,
}

/// Where the trait panel comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Panel {
    /// Ships with the analyzer.
    Builtin(String),
    /// A key of a ConfigMap of the namespace.
    ConfigMapKey {
        /// Name of the ConfigMap.
        name: String,
        /// Key in its `data`.
        key: String,
    },
    /// An object.
    Uri(String),
}

/// What one worker gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resources {
    /// Thousandths of a core.
    pub millicores: u64,
    /// Bytes at the first step of the memory ladder.
    pub memory: u64,
    /// Bytes at its last.
    pub max_memory: u64,
}

impl Resources {
    /// Bytes at `step` of the ladder: each step doubles, the last one is cut at `max_memory`.
    pub fn memory_at(self, step: u32) -> u64 {
        self.memory
            .saturating_mul(1_u64.checked_shl(step).unwrap_or(u64::MAX))
            .min(self.max_memory)
    }

    /// The last step that still adds memory.
    pub fn last_step(self) -> u32 {
        (0..64)
            .find(|step| self.memory_at(*step) >= self.max_memory)
            .unwrap_or(0)
    }
}

/// How many workers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// Fewest while there is work.
    pub min_workers: NonZeroU32,
    /// Most at any time.
    pub max_workers: NonZeroU32,
    /// When it should be done, from its start.
    pub finish_within: Option<Duration>,
    /// So many, where a person or an autoscaler says so.
    pub workers: Option<u32>,
}

/// What happens to what failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Retries of a task over all attempts.
    pub per_task: u32,
    /// More failed genomes than this fail the analysis.
    pub max_failed_genomes: ShareOf,
    /// Raised to try failed genomes again.
    pub round: u32,
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The whole analysis.
    pub total: Option<Duration>,
    /// One genome; at least a second.
    pub genome: Duration,
}

/// From when on people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alerts {
    /// `finishWithin` where nothing is said and that is set, else 300 s.
    pub duration: Duration,
    /// Bytes of one process.
    pub memory: u64,
}

/// Where pods run: only what the operator's allow-lists let through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scheduling {
    /// Kueue's queue.
    pub queue_name: Option<String>,
    /// Priority class.
    pub priority_class_name: Option<String>,
    /// Labels that nodes must have.
    pub node_selector: BTreeMap<String, String>,
    /// Taints that the pods tolerate.
    pub tolerations: Vec<Toleration>,
    /// Whether nodes may be taken away.
    pub spot: bool,
    /// Service account.
    pub service_account_name: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_ladder_doubles_up_to_its_top() {
        let resources = Resources {
            millicores: 1000,
            memory: 64,
            max_memory: 300,
        };
        assert_eq!(
            [0, 1, 2, 3, 99].map(|step| resources.memory_at(step)),
            [64, 128, 256, 300, 300]
        );
        assert_eq!(resources.last_step(), 3);
        assert_eq!(
            Resources {
                max_memory: 64,
                ..resources
            }
            .last_step(),
            0
        );
    }
}
