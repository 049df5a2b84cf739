//! [`ValidAnalysis`] → the requests of plan, map and merge. Pure.
//!
//! One document serves plan, map attempt 0 and merge; a retry adds which tasks it covers. The same documents go to
//! pods (as ConfigMaps) and to child processes (as files): that is why their results are identical.

use genome_contract::request::{AnalysisId, Attempt, Request, Tasks, TraitSource, Volume};
use genome_contract::{SCHEMA_VERSION, names};

use crate::validate::{Identity, Panel, ValidAnalysis};

/// The request of plan, map attempt 0 and merge.
pub fn request(analysis: &ValidAnalysis) -> Request {
    Request {
        schema_version: SCHEMA_VERSION,
        analysis: owner(&analysis.identity),
        genomes: analysis.genomes.clone(),
        traits: trait_source(&analysis.traits),
        phenotypes: analysis.phenotypes.clone(),
        method: analysis.method.clone(),
        output: analysis.output.clone(),
        tasks: Tasks {
            target_size: analysis.target_size,
            max_workers: analysis.scaling.max_workers.get(),
        },
        genome_timeout_seconds: analysis.timeouts.genome.as_secs(),
        volumes: volumes(analysis),
        cache: analysis.cache.clone(),
        round: analysis.retries.round,
        attempt: None,
    }
}

/// The request of a map Job that covers `attempt.tasks` only.
pub fn request_for_attempt(analysis: &ValidAnalysis, attempt: Attempt) -> Request {
    Request {
        attempt: Some(attempt),
        ..request(analysis)
    }
}

/// The document as it stands in a ConfigMap or a file.
///
/// # Panics
/// Never: a request is plain data.
pub fn document(request: &Request) -> String {
    serde_json::to_string(request).expect("a request is JSON")
}

fn owner(identity: &Identity) -> AnalysisId {
    let Identity {
        cluster,
        namespace,
        name,
        uid,
    } = identity.clone();
    AnalysisId {
        cluster,
        namespace,
        name,
        uid,
    }
}

fn trait_source(panel: &Panel) -> TraitSource {
    match panel {
        Panel::Builtin(name) => TraitSource::Builtin(name.clone()),
        Panel::ConfigMapKey { .. } => TraitSource::File(names::TRAITS_PATH.to_owned()),
        Panel::Uri(uri) => TraitSource::Uri(uri.clone()),
    }
}

fn volumes(analysis: &ValidAnalysis) -> Vec<Volume> {
    analysis
        .volumes
        .iter()
        .map(|volume| Volume {
            mount_path: volume.mount_path.clone(),
            read_only: volume.read_only,
        })
        .collect()
}

#[cfg(test)]
mod tests;
