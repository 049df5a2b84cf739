//! Small changes to an analysis: suspend, resume, cancel, retry.

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::arguments::{Connection, Named};
use super::cluster::Cluster;
use super::{Error, format};
use crate::api::names::{PLUGIN_FIELD_MANAGER, annotations, conditions};
use crate::api::{GenomeAnalysis, Phase};

pub(super) async fn suspend(connection: &Connection, named: &Named) -> Result<(), Error> {
    let cluster = Cluster::connect(connection, None).await?;
    unfinished(&cluster.get(&named.name).await?, "suspend")?;
    let change = json!({ "spec": { "suspend": true } });
    let said = format!(
        "`{}` is suspended: workers end after the genome in hand",
        named.name
    );
    patch(&cluster, named, change, &said).await
}

/// The annotation ends a back-off, also where `suspend` was false all along.
pub(super) async fn resume(connection: &Connection, named: &Named) -> Result<(), Error> {
    let cluster = Cluster::connect(connection, None).await?;
    unfinished(&cluster.get(&named.name).await?, "resume")?;
    let now = jiff::Timestamp::now().to_string();
    let change = json!({
        "metadata": { "annotations": { annotations::RESUMED_AT: now } },
        "spec": { "suspend": false },
    });
    patch(&cluster, named, change, &format!("`{}` goes on", named.name)).await
}

pub(super) async fn cancel(connection: &Connection, named: &Named) -> Result<(), Error> {
    let cluster = Cluster::connect(connection, None).await?;
    unfinished(&cluster.get(&named.name).await?, "cancel")?;
    let change = json!({ "spec": { "cancel": true } });
    let said = format!("`{}` is cancelled; what is done stays in the output", named.name);
    patch(&cluster, named, change, &said).await
}

/// Raises `retries.round` by one.
pub(super) async fn retry(connection: &Connection, named: &Named) -> Result<(), Error> {
    let cluster = Cluster::connect(connection, None).await?;
    let analysis = cluster.get(&named.name).await?;
    may_retry(&analysis)?;
    let round = analysis.spec.retries.round + 1;
    // The version makes two retries at a time one round, and one of them a conflict.
    let change = json!({
        "metadata": { "resourceVersion": analysis.metadata.resource_version },
        "spec": { "retries": { "round": round } },
    });
    let said = format!("`{}` tries its failed genomes again, round {round}", named.name);
    patch(&cluster, named, change, &said).await
}

fn phase(analysis: &GenomeAnalysis) -> Option<Phase> {
    analysis.status.as_ref().and_then(|status| status.phase)
}

/// Only what runs can be stopped or resumed.
fn unfinished(analysis: &GenomeAnalysis, verb: &str) -> Result<(), Error> {
    let is_current = analysis.status.as_ref().is_some_and(|status| {
        status.observed_generation == analysis.metadata.generation
            && status.round.unwrap_or(0) >= analysis.spec.retries.round
    });
    match phase(analysis).filter(|phase| phase.is_finished() && is_current) {
        Some(phase) => Err(Error::NotThere(format!(
            "nothing to {verb}: it has ended, {phase}"
        ))),
        None => Ok(()),
    }
}

/// A later round begins when the present one has ended, and has something to do.
fn may_retry(analysis: &GenomeAnalysis) -> Result<(), Error> {
    let status = analysis.status.clone().unwrap_or_default();
    let accepted = status
        .conditions
        .iter()
        .find(|one| one.type_ == conditions::ACCEPTED);
    let refusal = match status.phase {
        _ if status.phase.is_some() && status.round.unwrap_or(0) < analysis.spec.retries.round => {
            "its last retry has not begun yet"
        }
        Some(Phase::Succeeded) => "every genome has a result: nothing to retry",
        Some(Phase::Cancelled) => "it was cancelled for good; hint: apply it again under another name",
        Some(Phase::Failed) if accepted.is_some_and(|accepted| accepted.status == "False") => {
            "its specification was refused; hint: mend the manifest and apply it again"
        }
        Some(Phase::Failed | Phase::PartiallySucceeded) => return Ok(()),
        _ => "it has not ended: failed tasks are retried by themselves, up to `retries.perTask`",
    };
    Err(Error::NotThere(refusal.to_owned()))
}

async fn patch(cluster: &Cluster, named: &Named, change: Value, said: &str) -> Result<(), Error> {
    let parameters = PatchParams {
        field_manager: Some(PLUGIN_FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let doing = format!("changing {}", cluster.named(&named.name));
    let patch = Patch::Merge(change);
    let changed = cluster.analyses().patch(&named.name, &parameters, &patch).await;
    let changed = changed.map_err(Error::api(doing))?;
    match named.output.format {
        Some(format) => format::print(&changed, format),
        None => {
            println!("{said}");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn analysis(status: &Value) -> GenomeAnalysis {
        serde_json::from_value(json!({
            "apiVersion": "genomics.pleiotropy.io/v1alpha1", "kind": "GenomeAnalysis",
            "metadata": { "name": "demo", "generation": 1 },
            "spec": { "genomes": [{ "uri": "s3://b/g/" }], "output": { "uri": "s3://b/r/" } },
            "status": status,
        }))
        .unwrap()
    }

    #[test]
    fn what_has_failed_can_be_retried_and_nothing_else() {
        for phase in ["PartiallySucceeded", "Failed"] {
            may_retry(&analysis(&json!({ "phase": phase }))).unwrap();
        }
        let refused = |status: &Value| may_retry(&analysis(status)).unwrap_err().to_string();
        assert!(refused(&json!({ "phase": "Running" })).contains("by themselves"));
        let mut again = analysis(&json!({ "phase": "Failed", "round": 0 }));
        again.spec.retries.round = 1;
        assert!(may_retry(&again).unwrap_err().to_string().contains("not begun"));
        assert!(refused(&json!({ "phase": "Succeeded" })).contains("nothing to retry"));
        assert!(refused(&json!({ "phase": "Cancelled" })).contains("another name"));
        let condition = json!([{ "type": "Accepted", "status": "False", "reason": "InvalidSpec", "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z" }]);
        assert!(refused(&json!({ "phase": "Failed", "conditions": condition })).contains("manifest"));
    }

    #[test]
    fn what_has_ended_is_not_suspended() {
        let ended = json!({ "phase": "Succeeded", "observedGeneration": 1 });
        assert!(unfinished(&analysis(&ended), "suspend").is_err());
        unfinished(
            &analysis(&json!({ "phase": "Running", "observedGeneration": 1 })),
            "suspend",
        )
        .unwrap();
        unfinished(&analysis(&json!({})), "cancel").unwrap();
    }
}
