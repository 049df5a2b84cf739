//! GenomeAnalysis → [`ValidAnalysis`]: all problems at once, each with the path of its field. Pure.
//!
//! ```text
//!  text of a manifest ─► schema (types, limits, unknown fields) ─► validate (what fields mean together)
//! ```
//! In a cluster the API server has done the first step; `kubectl genome` and the local executor do both. Nothing
//! here reads or connects.

mod genomes;
mod naming;
mod nearest;
mod problem;
mod running;
mod scheduling;
mod storage;
pub mod structure;
mod uri;
mod valid;

use kube::ResourceExt;

pub(crate) use genomes::GENETIC_CODES;
pub(crate) use nearest::nearest;
pub use problem::{Problem, Problems};
pub use valid::{
    Alerts, Identity, Panel, Resources, Retries, Scaling, Scheduling, Timeouts, Toleration, ValidAnalysis,
    Volume,
};

use crate::api::{GenomeAnalysis, GenomeAnalysisSpec, v1alpha1};

/// Bytes of sequence a task carries by default: about a minute of one core, both tests with 999 permutations
/// included (a bacterial genome of 5 MB takes 3 to 5 seconds).
pub const DEFAULT_TARGET_SIZE: u64 = 64 << 20;

/// What the operator's own configuration adds to a specification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Name of the cluster, part of the owner in `_claim.json`; `local` on a laptop.
    pub cluster: String,
    /// Cache used by analyses that name none. Absent: no cache.
    pub cache_uri: Option<String>,
    /// Priority classes that a specification may name.
    pub priority_classes: Vec<String>,
    /// Service accounts that a specification may name.
    pub service_accounts: Vec<String>,
}

impl Settings {
    /// These, with whatever `scheduling` names allowed.
    #[must_use]
    pub fn allowing(&self, scheduling: &v1alpha1::Scheduling) -> Self {
        let mut settings = self.clone();
        settings
            .priority_classes
            .extend(scheduling.priority_class_name.clone());
        settings
            .service_accounts
            .extend(scheduling.service_account_name.clone());
        settings
    }

    /// Those of a laptop: nothing to allow, nobody to allow it for. What only a cluster knows is not judged.
    pub fn local() -> Self {
        Self {
            cluster: "local".to_owned(),
            ..Self::default()
        }
    }

    /// Whether allow-lists are to be applied: a laptop has none, and starts no pods.
    fn is_local(&self) -> bool {
        self.cluster == "local"
    }
}

/// Reads `analysis` in full, or says everything that is wrong with it.
pub fn validate(analysis: &GenomeAnalysis, settings: &Settings) -> Result<ValidAnalysis, Problems> {
    let mut problems = Problems::default();
    let identity = Identity {
        cluster: settings.cluster.clone(),
        namespace: analysis.namespace().unwrap_or_default(),
        name: analysis.name_any(),
        uid: analysis.uid().unwrap_or_default(),
    };
    if identity.name.is_empty() {
        problems.add("metadata.name", "is missing");
    }
    let valid = read(&analysis.spec, identity, settings, &mut problems);
    match valid {
        Some(valid) if problems.is_empty() => Ok(valid),
        _ => Err(problems),
    }
}

/// `None` only where a problem has been added.
fn read(
    spec: &GenomeAnalysisSpec,
    identity: Identity,
    settings: &Settings,
    problems: &mut Problems,
) -> Option<ValidAnalysis> {
    let GenomeAnalysisSpec {
        genomes,
        traits,
        phenotypes,
        method,
        output,
        storage,
        resources,
        scaling,
        tasks,
        retries,
        timeouts,
        cache,
        alerts,
        scheduling,
        suspend,
        cancel,
        ttl_seconds_after_finished,
    } = spec;
    let volumes = storage::volumes(storage, problems);
    let secret_name = storage::secret_name(storage, problems);
    let genomes = genomes::sources(genomes, &volumes, problems);
    let traits = genomes::panel(traits, &volumes, problems);
    let phenotypes = genomes::phenotypes(phenotypes.as_ref(), &volumes, problems);
    let method = genomes::method(method, problems);
    let output = storage::output(output, &genomes, &volumes, problems);
    let cache = storage::cache(cache, settings, &volumes, problems);
    let resources = running::resources(resources, problems);
    let scaling = running::scaling(scaling, problems);
    let target_size = running::target_size(tasks, problems);
    let retries = running::retries(retries, problems);
    let timeouts = running::timeouts(timeouts, problems);
    let alerts = running::alerts(alerts, scaling.as_ref(), problems);
    let scheduling = scheduling::scheduling(scheduling, settings, problems);
    Some(ValidAnalysis {
        identity,
        genomes,
        traits: traits?,
        phenotypes,
        method,
        output,
        secret_name,
        volumes,
        resources: resources?,
        scaling: scaling?,
        target_size: target_size?,
        retries: retries?,
        timeouts: timeouts?,
        cache: cache?,
        alerts: alerts?,
        scheduling,
        suspend: *suspend,
        cancel: *cancel,
        ttl_after_finished: ttl_seconds_after_finished
            .map(|seconds| std::time::Duration::from_secs(u64::from(seconds))),
    })
}

#[cfg(test)]
mod tests;
