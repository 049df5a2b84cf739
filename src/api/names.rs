//! Every string of the API that is not a field: who else reads it stands beside it.
//!
//! A name here is a promise to the outside (dashboards, alerts, scripts, other controllers); renaming one is a
//! breaking change.

/// API group; also the prefix of all labels and annotations below.
pub const GROUP: &str = "genomics.pleiotropy.io";
/// Served and stored version.
pub const VERSION: &str = "v1alpha1";
/// Kind.
pub const KIND: &str = "GenomeAnalysis";
/// Name of the CRD.
pub const CRD: &str = "genomeanalyses.genomics.pleiotropy.io";
/// Field manager of everything that the operator applies; read by people in `managedFields`.
pub const FIELD_MANAGER: &str = "genome-operator";
/// Field manager of everything that the plugin applies.
pub const PLUGIN_FIELD_MANAGER: &str = "kubectl-genome";

/// One word for programs, and the sentence about it that the reference page carries.
pub type Word = (&'static str, &'static str);

/// Constants, and a table of all of them with their sentences.
macro_rules! words {
    ($($(#[doc = $line:literal])+ $name:ident = $word:literal;)+) => {
        $($(#[doc = $line])+ pub const $name: &str = $word;)+

        /// All of them, in this order, each with its sentence.
        pub const ALL: &[$crate::api::names::Word] = &[$(($word, concat!($($line),+))),+];
    };
}

/// Labels of the objects we own.
pub mod labels {
    /// The analysis: its name, or 63 characters with a hash where it is longer. Read by our own selectors, by the
    /// PodMonitor (`podTargetLabels`), and by `kubectl logs -l`.
    pub const ANALYSIS: &str = "genomics.pleiotropy.io/analysis";
    /// uid of the analysis. Read by our own watches; tells a re-created analysis from its predecessor.
    pub const ANALYSIS_UID: &str = "genomics.pleiotropy.io/analysis-uid";
    /// `plan`, `map` or `merge`. Read by `observe`, and by people selecting logs.
    pub const STAGE: &str = "genomics.pleiotropy.io/stage";
    /// Number of the map attempt, from 0. Read by `observe`.
    pub const ATTEMPT: &str = "genomics.pleiotropy.io/attempt";
    /// Steps up the memory ladder. Read by `observe`, and by people.
    pub const MEMORY_STEP: &str = "genomics.pleiotropy.io/memory-step";
    /// `retries.round` of the Job. Read by `observe`.
    pub const ROUND: &str = "genomics.pleiotropy.io/round";
    /// Label the PodMonitor copies to the series as `analysis`; same value as [`ANALYSIS`]. Read by the alert rules.
    pub const METRICS_ANALYSIS: &str = "analysis";
    /// Conventional: `genome-analysis`. Read by the chart's NetworkPolicy and PodMonitor.
    pub const APP_NAME: &str = "app.kubernetes.io/name";
    /// Conventional: [`super::FIELD_MANAGER`]. Read by our watches and by tools that list what manages what.
    pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
    /// Kueue's queue. Read by Kueue.
    pub const KUEUE_QUEUE: &str = "kueue.x-k8s.io/queue-name";
    /// Value of [`APP_NAME`] on pods.
    pub const APP_NAME_VALUE: &str = "genome-analysis";
}

/// Annotations.
pub mod annotations {
    /// BLAKE3 of the request a Job was made for, hexadecimal. Read by `observe`, which ignores foreign Jobs.
    pub const REQUEST_DIGEST: &str = "genomics.pleiotropy.io/request-digest";
    /// Tasks of a map Job's indexes, as ranges; absent where they are all tasks in order. Read by `observe`.
    pub const TASKS: &str = "genomics.pleiotropy.io/tasks";
    /// Genomes that did not fit into the largest memory, as JSON. Read by `observe`.
    pub const GIVEN_UP: &str = "genomics.pleiotropy.io/given-up";
    /// Set by `kubectl genome resume` to the time of day: ends a back-off at once. Read by `decide`.
    pub const RESUMED_AT: &str = "genomics.pleiotropy.io/resumed-at";
}

/// Finalizers. None is needed where owner references do; the name is reserved.
pub mod finalizers {
    /// Reserved.
    pub const CLEANUP: &str = "genomics.pleiotropy.io/cleanup";
}

/// Types of conditions. Read by `kubectl wait --for=condition=…`, the plugin, and dashboards.
pub mod conditions {
    words! {
        /// The specification is valid and allowed.
        ACCEPTED = "Accepted";
        /// The genomes are listed and bundled.
        PLANNED = "Planned";
        /// Work goes on; False with a reason while something outside stands in the way.
        PROGRESSING = "Progressing";
        /// Something keeps workers from running; the reason says what.
        SCALING_LIMITED = "ScalingLimited";
        /// The analysis has not taken longer than `alerts.duration`.
        WITHIN_DURATION = "WithinDuration";
        /// No process has used more than `alerts.memory`.
        WITHIN_MEMORY = "WithinMemory";
        /// No worker is started until `suspend` is false.
        SUSPENDED = "Suspended";
        /// It ended with results.
        COMPLETE = "Complete";
        /// It ended without.
        FAILED = "Failed";
    }
}

/// Reasons of conditions. Read by the plugin (what to do next), the runbooks, and dashboards. Reasons of failed
/// genomes come from [`genome_contract::Reason`].
pub mod reasons {
    words! {
        /// Accepted: the specification is valid.
        VALID = "Valid";
        /// Accepted=False: at least one field is wrong; the message lists all of them.
        INVALID_SPEC = "InvalidSpec";
        /// Accepted=False: a priority class or service account is not on the operator's allow-list.
        NOT_ALLOWED = "NotAllowed";
        /// Planned: the plan is written.
        PLAN_WRITTEN = "PlanWritten";
        /// Planned=False: not begun, or under way.
        PLANNING = "Planning";
        /// Progressing: genomes are being analyzed.
        ANALYZING = "Analyzing";
        /// Progressing: reports are being written.
        MERGING = "Merging";
        /// Progressing=False: it ended.
        FINISHED = "Finished";
        /// Progressing=False: `suspend` is true.
        SUSPENDED = "Suspended";
        /// Suspended=False: nobody asked for it.
        NOT_SUSPENDED = "NotSuspended";
        /// Progressing=False: the Job is suspended from outside, by a queue such as Kueue.
        QUEUED = "Queued";
        /// Progressing=False, ScalingLimited: no node takes the pods.
        UNSCHEDULABLE = "Unschedulable";
        /// Progressing=False, ScalingLimited: a quota refuses pods.
        QUOTA_EXCEEDED = "QuotaExceeded";
        /// Progressing=False: an admission policy refuses Job or pods.
        ADMISSION_DENIED = "AdmissionDenied";
        /// Progressing=False: the analyzer's image can't be pulled.
        IMAGE_PULL_FAILED = "ImagePullFailed";
        /// Progressing=False: the Secret of `storage.secretName` is missing.
        SECRET_NOT_FOUND = "SecretNotFound";
        /// Progressing=False: the ConfigMap of `traits.configMapKeyRef`, or its key, is missing.
        CONFIG_MAP_NOT_FOUND = "ConfigMapNotFound";
        /// Progressing=False: a claim of `storage.volumes` is missing.
        CLAIM_NOT_FOUND = "ClaimNotFound";
        /// Progressing=False: the container can't be started for another reason.
        POD_NOT_STARTED = "PodNotStarted";
        /// ScalingLimited=False: as many workers run as should.
        AS_DESIRED = "AsDesired";
        /// ScalingLimited: fewer tasks than workers are left.
        FEW_TASKS = "FewTasks";
        /// ScalingLimited: this analysis's share of the operator's total.
        FAIR_SHARE = "FairShare";
        /// ScalingLimited: a read-write-once claim keeps the workers on one node.
        VOLUME_ACCESS = "VolumeAccess";
        /// ScalingLimited: while the output can't be written, one pod probes it.
        PROBING = "Probing";
        /// WithinDuration, WithinMemory: below the threshold.
        BELOW_THRESHOLD = "BelowThreshold";
        /// WithinDuration=False, WithinMemory=False: above the threshold.
        ABOVE_THRESHOLD = "AboveThreshold";
        /// Complete: every genome has a result.
        ALL_ANALYZED = "AllAnalyzed";
        /// Complete: some genomes have a failed row.
        SOME_FAILED = "SomeFailed";
        /// Complete=False, Failed=False: not yet.
        IN_PROGRESS = "InProgress";
        /// Failed: no genome could be analyzed.
        NOTHING_ANALYZED = "NothingAnalyzed";
        /// Failed: more genomes failed than `retries.maxFailedGenomes`.
        TOO_MANY_FAILED = "TooManyFailed";
        /// Failed: the plan or the merge failed for good.
        STAGE_FAILED = "StageFailed";
        /// Failed: `timeouts.total` has passed.
        TIMED_OUT = "TimedOut";
        /// Failed: `cancel` is true.
        CANCELLED = "Cancelled";
    }

    /// What keeps pods from starting: each has its advice in the plugin and its row in the guide to troubleshooting.
    pub const OBSTACLES: [&str; 9] = [
        UNSCHEDULABLE,
        QUOTA_EXCEEDED,
        ADMISSION_DENIED,
        IMAGE_PULL_FAILED,
        SECRET_NOT_FOUND,
        CONFIG_MAP_NOT_FOUND,
        CLAIM_NOT_FOUND,
        POD_NOT_STARTED,
        QUEUED,
    ];
}

/// Reasons of events. Read by people (`kubectl describe`) and by event exporters.
pub mod events {
    words! {
        /// The specification was accepted.
        ACCEPTED = "Accepted";
        /// The specification was refused.
        REFUSED = "Refused";
        /// The plan is written: how many genomes, in how many tasks.
        PLANNED = "Planned";
        /// Tasks go into another attempt.
        RETRYING = "Retrying";
        /// Tasks go into another attempt with more memory.
        MEMORY_RAISED = "MemoryRaised";
        /// Pods were evicted, preempted or lost.
        PODS_DISRUPTED = "PodsDisrupted";
        /// Something outside stands in the way.
        BLOCKED = "Blocked";
        /// It no longer does.
        UNBLOCKED = "Unblocked";
        /// It was suspended.
        SUSPENDED = "Suspended";
        /// It was resumed.
        RESUMED = "Resumed";
        /// The longest duration was passed.
        SLOW = "Slow";
        /// It ended with results.
        COMPLETED = "Completed";
        /// It ended without.
        FAILED = "Failed";
        /// It was cancelled.
        CANCELLED = "Cancelled";
    }
}

/// Labels of metrics: finite sets, but for the two that name an analysis. Read by rules and dashboards.
pub mod metric_labels {
    /// Namespace of an analysis.
    pub const NAMESPACE: &str = "namespace";
    /// Value of [`super::labels::ANALYSIS`].
    pub const ANALYSIS: &str = "analysis";
    /// One of [`crate::api::Phase::ALL`].
    pub const PHASE: &str = "phase";
    /// `analyzed`, `cached`, `failed`; `ok`, `error`.
    pub const OUTCOME: &str = "outcome";
    /// What was done: a verb of the API, of a store, or of the cache.
    pub const OPERATION: &str = "operation";
    /// Why: a reason above, or one of [`genome_contract::Reason::ALL`].
    pub const REASON: &str = "reason";
}

/// The value of [`labels::ANALYSIS`] for an analysis of this name: the name itself where it is a label value, else
/// as much of it as fits and a hash of all of it.
pub fn analysis_label(name: &str) -> String {
    if name.len() <= 63 {
        return name.to_owned();
    }
    let kept = name[..name.floor_char_boundary(46)].trim_end_matches(['.', '-', '_']);
    format!("{kept}-{}", &blake3::hash(name.as_bytes()).to_hex()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each word is given by `decide`, or nobody need look for it.
    #[test]
    fn the_tables_have_no_word_that_nobody_gives() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/decide");
        let sources: String = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        let names = include_str!("names.rs");
        for (module, table) in [
            ("reasons", reasons::ALL),
            ("event", events::ALL),
            ("conditions", conditions::ALL),
        ] {
            for (word, _) in table {
                let constants = names
                    .lines()
                    .filter(|line| line.ends_with(&format!(" = \"{word}\";")))
                    .filter_map(|line| line.trim().split_once(' '));
                let is_given = constants
                    .map(|(constant, _)| format!("{module}::{constant}"))
                    .any(|path| sources.contains(&path));
                assert!(is_given, "`{word}` of {module} is never given");
            }
        }
    }

    #[test]
    fn a_long_name_becomes_a_label_value_of_its_own() {
        assert_eq!(analysis_label("ecoli"), "ecoli");
        let (one, other) = (
            analysis_label(&"a.".repeat(100)),
            analysis_label(&("a.".repeat(99) + "ab")),
        );
        assert_ne!(one, other);
        for label in [one, other] {
            assert!(
                label.len() <= 63 && label.ends_with(|c: char| c.is_ascii_alphanumeric()),
                "{label}"
            );
        }
    }
}
