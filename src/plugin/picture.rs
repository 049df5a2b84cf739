//! An analysis with its Jobs and pods, as far as the caller may see them.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, ResourceExt};

use super::Error;
use super::cluster::Cluster;
use crate::api::names::labels;
use crate::api::{GenomeAnalysis, GenomeAnalysisStatus};
use crate::results::{JobState, PodState};

/// What there is to see of one analysis.
pub(super) struct Picture {
    pub(super) analysis: GenomeAnalysis,
    /// Its Jobs, those of earlier rounds included.
    pub(super) jobs: Vec<JobState>,
    /// Why Jobs or pods are missing here.
    pub(super) unseen: Option<String>,
}

impl Picture {
    /// Looks once. Without the right to list Jobs or pods the rest is shown all the same.
    pub(super) async fn take(cluster: &Cluster, name: &str) -> Result<Self, Error> {
        let analysis = cluster.get(name).await?;
        Ok(match jobs_of(cluster, &analysis).await {
            Ok(jobs) => Self {
                analysis,
                jobs,
                unseen: None,
            },
            Err(error) => Self {
                analysis,
                jobs: Vec::new(),
                unseen: Some(error.lines().join("; ")),
            },
        })
    }

    pub(super) fn status(&self) -> GenomeAnalysisStatus {
        self.analysis.status.clone().unwrap_or_default()
    }

    /// The Jobs of the present round, plan to merge, attempt by attempt.
    pub(super) fn of_this_round(&self) -> Vec<&JobState> {
        let round = self.analysis.spec.retries.round;
        let mut jobs: Vec<&JobState> = self.jobs.iter().filter(|job| job.round == round).collect();
        jobs.sort_by_key(|job| {
            (
                job.verb.as_str() == "merge",
                job.verb.as_str() == "map",
                job.attempt,
            )
        });
        jobs
    }

    /// All pods with their Jobs.
    pub(super) fn pods(&self) -> impl Iterator<Item = (&JobState, &PodState)> {
        self.jobs
            .iter()
            .flat_map(|job| job.pods.iter().map(move |pod| (job, pod)))
    }
}

async fn jobs_of(cluster: &Cluster, analysis: &GenomeAnalysis) -> Result<Vec<JobState>, Error> {
    let uid = analysis.uid().unwrap_or_default();
    let list = ListParams::default().labels(&format!("{}={uid}", labels::ANALYSIS_UID));
    let jobs = Api::<Job>::namespaced(cluster.client.clone(), &cluster.namespace);
    let pods = Api::<Pod>::namespaced(cluster.client.clone(), &cluster.namespace);
    let jobs = jobs.list(&list).await.map_err(Error::api("listing its Jobs"))?;
    let pods = pods.list(&list).await.map_err(Error::api("listing its pods"))?;
    let states = jobs.iter().filter_map(|job| {
        let own = pods.iter().filter(|pod| {
            let owners = pod.owner_references();
            owners
                .iter()
                .any(|owner| Some(&owner.uid) == job.metadata.uid.as_ref())
        });
        JobState::read(job, own)
    });
    Ok(states.collect())
}
