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
    /// Number of workers a Job had before a probe took it to one. Read by `decide`.
    pub const PROBING: &str = "genomics.pleiotropy.io/probing";
}

/// Finalizers. None is needed where owner references do; the name is reserved.
pub mod finalizers {
    /// Reserved.
    pub const CLEANUP: &str = "genomics.pleiotropy.io/cleanup";
}

/// Types of conditions. Read by `kubectl wait --for=condition=…`, the plugin, and dashboards.
pub mod conditions {
    /// The specification is valid and allowed.
    pub const ACCEPTED: &str = "Accepted";
    /// The genomes are listed and bundled.
    pub const PLANNED: &str = "Planned";
    /// Work goes on; False with a reason while something outside stands in the way.
    pub const PROGRESSING: &str = "Progressing";
    /// Fewer workers run than asked for, with the reason.
    pub const SCALING_LIMITED: &str = "ScalingLimited";
    /// The analysis has not taken longer than `alerts.duration`.
    pub const WITHIN_DURATION: &str = "WithinDuration";
    /// No process has used more than `alerts.memory`.
    pub const WITHIN_MEMORY: &str = "WithinMemory";
    /// No worker is started until `suspend` is false.
    pub const SUSPENDED: &str = "Suspended";
    /// It ended with results.
    pub const COMPLETE: &str = "Complete";
    /// It ended without.
    pub const FAILED: &str = "Failed";
    /// All types, in the order they are written.
    pub const ALL: [&str; 9] = [
        ACCEPTED,
        PLANNED,
        PROGRESSING,
        SCALING_LIMITED,
        WITHIN_DURATION,
        WITHIN_MEMORY,
        SUSPENDED,
        COMPLETE,
        FAILED,
    ];
}

/// Reasons of conditions. Read by the plugin (what to do next), the runbooks, and dashboards. Reasons of failed
/// genomes come from [`genome_contract::Reason`].
pub mod reasons {
    /// Accepted: the specification is valid.
    pub const VALID: &str = "Valid";
    /// Accepted=False: at least one field is wrong; the message lists all of them.
    pub const INVALID_SPEC: &str = "InvalidSpec";
    /// Accepted=False: a priority class or service account is not on the operator's allow-list.
    pub const NOT_ALLOWED: &str = "NotAllowed";
    /// Planned: the plan is written.
    pub const PLAN_WRITTEN: &str = "PlanWritten";
    /// Planned=False: not begun, or under way.
    pub const PLANNING: &str = "Planning";
    /// Progressing: genomes are being analyzed.
    pub const ANALYZING: &str = "Analyzing";
    /// Progressing: reports are being written.
    pub const MERGING: &str = "Merging";
    /// Progressing=False: it ended.
    pub const FINISHED: &str = "Finished";
    /// Progressing=False: `suspend` is true.
    pub const SUSPENDED: &str = "Suspended";
    /// Suspended=False, Progressing: it goes on.
    pub const RESUMED: &str = "Resumed";
    /// Suspended=False: nobody asked for it.
    pub const NOT_SUSPENDED: &str = "NotSuspended";
    /// Progressing=False: Kueue holds the Job.
    pub const QUEUED: &str = "Queued";
    /// Progressing=False, ScalingLimited: no node takes the pods.
    pub const UNSCHEDULABLE: &str = "Unschedulable";
    /// Progressing=False, ScalingLimited: a quota refuses pods.
    pub const QUOTA_EXCEEDED: &str = "QuotaExceeded";
    /// Progressing=False: an admission policy refuses Job or pods.
    pub const ADMISSION_DENIED: &str = "AdmissionDenied";
    /// Progressing=False: the analyzer's image can't be pulled.
    pub const IMAGE_PULL_FAILED: &str = "ImagePullFailed";
    /// Progressing=False: the Secret of `storage.secretName` is missing.
    pub const SECRET_NOT_FOUND: &str = "SecretNotFound";
    /// Progressing=False: the ConfigMap of `traits.configMapKeyRef`, or its key, is missing.
    pub const CONFIG_MAP_NOT_FOUND: &str = "ConfigMapNotFound";
    /// Progressing=False: a claim of `storage.volumes` is missing.
    pub const CLAIM_NOT_FOUND: &str = "ClaimNotFound";
    /// Progressing=False: the container can't be started for another reason.
    pub const POD_NOT_STARTED: &str = "PodNotStarted";
    /// Progressing=False: workers make no headway.
    pub const STALLED: &str = "Stalled";
    /// ScalingLimited=False: as many workers run as should.
    pub const AS_DESIRED: &str = "AsDesired";
    /// ScalingLimited: fewer tasks than workers are left.
    pub const FEW_TASKS: &str = "FewTasks";
    /// ScalingLimited: this analysis's share of the operator's total.
    pub const FAIR_SHARE: &str = "FairShare";
    /// ScalingLimited: a read-write-once claim keeps the workers on one node.
    pub const VOLUME_ACCESS: &str = "VolumeAccess";
    /// ScalingLimited: while the output can't be written, one pod probes it.
    pub const PROBING: &str = "Probing";
    /// WithinDuration, WithinMemory: below the threshold.
    pub const BELOW_THRESHOLD: &str = "BelowThreshold";
    /// WithinDuration=False, WithinMemory=False: above the threshold.
    pub const ABOVE_THRESHOLD: &str = "AboveThreshold";
    /// Complete: every genome has a result.
    pub const ALL_ANALYZED: &str = "AllAnalyzed";
    /// Complete: some genomes have a failed row.
    pub const SOME_FAILED: &str = "SomeFailed";
    /// Complete=False, Failed=False: not yet.
    pub const IN_PROGRESS: &str = "InProgress";
    /// Failed: no genome could be analyzed.
    pub const NOTHING_ANALYZED: &str = "NothingAnalyzed";
    /// Failed: more genomes failed than `retries.maxFailedGenomes`.
    pub const TOO_MANY_FAILED: &str = "TooManyFailed";
    /// Failed: the plan or the merge failed for good.
    pub const STAGE_FAILED: &str = "StageFailed";
    /// Failed: `timeouts.total` has passed.
    pub const TIMED_OUT: &str = "TimedOut";
    /// Failed: `cancel` is true.
    pub const CANCELLED: &str = "Cancelled";
}

/// Reasons of events. Read by people (`kubectl describe`) and by event exporters.
pub mod events {
    /// The specification was accepted.
    pub const ACCEPTED: &str = "Accepted";
    /// The specification was refused.
    pub const REFUSED: &str = "Refused";
    /// The plan is written: how many genomes, in how many tasks.
    pub const PLANNED: &str = "Planned";
    /// A Job was made.
    pub const JOB_CREATED: &str = "JobCreated";
    /// The number of workers changed.
    pub const SCALED: &str = "Scaled";
    /// Tasks go into another attempt.
    pub const RETRYING: &str = "Retrying";
    /// Tasks go into another attempt with more memory.
    pub const MEMORY_RAISED: &str = "MemoryRaised";
    /// Pods were evicted, preempted or lost.
    pub const PODS_DISRUPTED: &str = "PodsDisrupted";
    /// Something outside stands in the way.
    pub const BLOCKED: &str = "Blocked";
    /// It no longer does.
    pub const UNBLOCKED: &str = "Unblocked";
    /// It was suspended.
    pub const SUSPENDED: &str = "Suspended";
    /// It was resumed.
    pub const RESUMED: &str = "Resumed";
    /// The longest duration was passed.
    pub const SLOW: &str = "Slow";
    /// It ended with results.
    pub const COMPLETED: &str = "Completed";
    /// It ended without.
    pub const FAILED: &str = "Failed";
    /// It was cancelled.
    pub const CANCELLED: &str = "Cancelled";
    /// It was deleted since its time to live has passed.
    pub const EXPIRED: &str = "Expired";
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
