//! The command, or the act, that helps most now.

use kube::ResourceExt;

use crate::api::names::{conditions, reasons};
use crate::api::{GenomeAnalysis, GenomeAnalysisStatus, Phase};

/// At most two lines.
pub(super) fn steps(analysis: &GenomeAnalysis, status: &GenomeAnalysisStatus) -> Vec<String> {
    let name = analysis.name_any();
    let logs = format!("kubectl genome logs {name} --failed");
    let has_failed = status.genomes.is_some_and(|genomes| genomes.failed > 0);
    let Some(phase) = status.phase else {
        return vec![
            "is an operator installed that watches this namespace? kubectl get deploy -A | grep genome"
                .to_owned(),
        ];
    };
    match phase {
        Phase::Succeeded => vec![format!("kubectl genome results {name}")],
        Phase::PartiallySucceeded => vec![
            logs,
            format!("kubectl genome retry {name}, once the inputs are mended"),
        ],
        Phase::Cancelled => Vec::new(),
        Phase::Failed if is(status, conditions::ACCEPTED, "False").is_some() => {
            vec!["mend the manifest (kubectl genome validate -f FILE) and apply it again".to_owned()]
        }
        Phase::Failed => vec![
            logs,
            format!("kubectl genome retry {name}, once the cause is gone"),
        ],
        Phase::Suspended => vec![format!("kubectl genome resume {name}")],
        Phase::Pending | Phase::Planning | Phase::Running | Phase::Merging => {
            let obstacle =
                is(status, conditions::PROGRESSING, "False").and_then(|reason| advice(reason, &name));
            let fallback = has_failed.then_some(logs);
            obstacle.or(fallback).into_iter().collect()
        }
    }
}

/// The reason of the condition, where it has this status.
fn is<'a>(status: &'a GenomeAnalysisStatus, kind: &str, wanted: &str) -> Option<&'a str> {
    let condition = status.conditions.iter().find(|one| one.type_ == kind)?;
    (condition.status == wanted).then_some(condition.reason.as_str())
}

/// What to do about what stands in the way; each clears by itself once its cause is gone.
pub(super) fn advice(reason: &str, name: &str) -> Option<String> {
    let mend = |what: &str| {
        Some(format!(
            "{what}, then kubectl genome resume {name} to try at once"
        ))
    };
    let simply = |what: &str| Some(what.to_owned());
    match reason {
        reasons::UNSCHEDULABLE => simply("add nodes; a smaller `spec.resources` needs a new analysis"),
        reasons::QUOTA_EXCEEDED => {
            simply("kubectl describe quota; lower `spec.scaling.maxWorkers`, or ask for more")
        }
        reasons::ADMISSION_DENIED => simply("the sentence above is the policy's own: ask whoever set it"),
        reasons::IMAGE_PULL_FAILED => {
            simply("check `analyzer.image` of the chart, and that nodes reach the registry")
        }
        reasons::SECRET_NOT_FOUND => {
            simply("kubectl create secret generic, with the name in the sentence above")
        }
        reasons::CONFIG_MAP_NOT_FOUND => {
            simply("kubectl create configmap, with the name and key in the sentence above")
        }
        reasons::CLAIM_NOT_FOUND => {
            simply("create the claim named above: kubectl get pvc shows what there is")
        }
        reasons::POD_NOT_STARTED => Some(format!(
            "kubectl describe pods -l {}={name}",
            crate::api::names::labels::ANALYSIS
        )),
        reasons::QUEUED => simply("Kueue holds it: kubectl get workloads"),
        "OutputConflict" => mend(
            "the output belongs to another analysis: end that one, or apply this one with another `spec.output.uri`",
        ),
        "OutputNotWritable" | "StorageExhausted" => mend("make the output writable, or make room"),
        "AccessDenied" | "AddressNotAllowed" => {
            mend("give the Secret's key the right to read inputs and write outputs")
        }
        "StoreUnavailable" => mend("the store does not answer: wait, or mend it"),
        _ => None,
    }
}
