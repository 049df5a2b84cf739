//! `_claim.json`: whose the output location is. Created if absent; taken over by the same owner only.

use genome_contract::plan::Claim;
use genome_contract::request::AnalysisId;
use genome_contract::{Reason, SCHEMA_VERSION, names};

use crate::output::Creation;
use crate::verbs::{Session, Stop};

/// Makes the output ours, for the plan with `digest`. Chunks of another plan are removed, or refused, but for those of
/// `before`, the plan of an earlier round.
pub(super) async fn take(session: &Session, digest: &str, before: Option<&str>) -> Result<(), Stop> {
    let ours = Claim {
        schema_version: SCHEMA_VERSION,
        analysis: session.request.analysis.clone(),
        plan_digest: digest.to_owned(),
    };
    let json = serde_json::to_vec_pretty(&ours).map_err(|error| Stop::internal(error.to_string()))?;
    // Another plan of the same owner may take over between our reading and our writing: look again then.
    for _ in 0..8 {
        if session.output.create(names::CLAIM, json.clone().into()).await? == Creation::Created {
            return Ok(());
        }
        let Some((bytes, version)) = session.output.get(names::CLAIM).await? else {
            continue;
        };
        let theirs: Claim = serde_json::from_slice(&bytes).map_err(|error| unreadable(session, &error))?;
        if !same_owner(&theirs.analysis, &ours.analysis) {
            return Err(conflict(session.output.uri(), &theirs.analysis));
        }
        if theirs == ours {
            return Ok(());
        }
        if theirs.plan_digest != ours.plan_digest && before != Some(theirs.plan_digest.as_str()) {
            clear(session, &theirs).await?;
        }
        if session
            .output
            .replace(names::CLAIM, json.clone().into(), version)
            .await?
        {
            return Ok(());
        }
    }
    Err(Stop::new(
        Reason::OutputConflict,
        format!("`{}` changes hands all the time", session.output.uri()),
    ))
}

/// The uid differs from run to run of one owner.
fn same_owner(one: &AnalysisId, other: &AnalysisId) -> bool {
    (&one.cluster, &one.namespace, &one.name) == (&other.cluster, &other.namespace, &other.name)
}

/// Removes what another plan of the same owner left, before the claim says that what is there is ours.
async fn clear(session: &Session, theirs: &Claim) -> Result<(), Stop> {
    let parts = session.output.list(names::PARTS).await?;
    if parts.is_empty() && session.output.get(names::MANIFEST).await?.is_none() {
        return Ok(());
    }
    if !session.request.output.overwrite {
        let text = format!(
            "`{}` holds results of an earlier run of `{}` with other genomes, traits or methods; hint: choose another output, or set `overwrite`",
            session.output.uri(),
            theirs.analysis.name
        );
        return Err(Stop::new(Reason::OutputConflict, text));
    }
    session.output.remove(names::MANIFEST).await?;
    for part in parts {
        session.output.remove(&format!("{}/{part}", names::PARTS)).await?;
    }
    Ok(())
}

/// The output belongs to `owner`.
pub(crate) fn conflict(output: &str, owner: &AnalysisId) -> Stop {
    let AnalysisId {
        cluster,
        namespace,
        name,
        uid,
    } = owner;
    let text = format!(
        "`{output}` belongs to another analysis, `{cluster}/{namespace}/{name}` ({uid}); hint: choose an output of its own for each analysis"
    );
    Stop::new(Reason::OutputConflict, text)
}

fn unreadable(session: &Session, error: &serde_json::Error) -> Stop {
    let text = format!(
        "`{}/{}` is not a claim: {error}; hint: is the output a folder of its own?",
        session.output.uri(),
        names::CLAIM
    );
    Stop::new(Reason::OutputConflict, text)
}
