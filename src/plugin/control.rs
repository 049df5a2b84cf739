//! Small changes to an analysis that runs: suspend, resume, cancel, retry.

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::Error;
use super::arguments::Connection;
use super::cluster::Cluster;
use crate::api::names::{PLUGIN_FIELD_MANAGER, annotations};

pub(super) async fn suspend(connection: &Connection, name: &str) -> Result<(), Error> {
    let cluster = Cluster::connect(connection, None).await?;
    patch(&cluster, name, json!({ "spec": { "suspend": true } })).await?;
    println!("`{name}` is suspended: workers end after the genome in hand");
    Ok(())
}

/// The annotation ends a back-off, also where `suspend` was false all along.
pub(super) async fn resume(connection: &Connection, name: &str) -> Result<(), Error> {
    let cluster = Cluster::connect(connection, None).await?;
    let now = jiff::Timestamp::now().to_string();
    let change = json!({
        "metadata": { "annotations": { annotations::RESUMED_AT: now } },
        "spec": { "suspend": false },
    });
    patch(&cluster, name, change).await?;
    println!("`{name}` goes on");
    Ok(())
}

pub(super) async fn cancel(connection: &Connection, name: &str) -> Result<(), Error> {
    let cluster = Cluster::connect(connection, None).await?;
    patch(&cluster, name, json!({ "spec": { "cancel": true } })).await?;
    println!("`{name}` is cancelled; what is done stays in the output");
    Ok(())
}

/// Raises `retries.round` by one.
pub(super) async fn retry(connection: &Connection, name: &str) -> Result<(), Error> {
    let cluster = Cluster::connect(connection, None).await?;
    let analysis = cluster.get(name).await?;
    let round = analysis.spec.retries.round + 1;
    // The version makes two retries at a time one round, and one of them a conflict.
    let change = json!({
        "metadata": { "resourceVersion": analysis.metadata.resource_version },
        "spec": { "retries": { "round": round } },
    });
    patch(&cluster, name, change).await?;
    println!("`{name}` tries its failed genomes again, round {round}");
    Ok(())
}

async fn patch(cluster: &Cluster, name: &str, change: Value) -> Result<(), Error> {
    let parameters = PatchParams {
        field_manager: Some(PLUGIN_FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    cluster
        .analyses()
        .patch(name, &parameters, &Patch::Merge(change))
        .await
        .map_err(Error::api(format!(
            "changing GenomeAnalysis `{}/{name}`",
            cluster.namespace
        )))?;
    Ok(())
}
