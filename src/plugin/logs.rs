//! The logs of an analysis's pods, each under its name.

use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, LogParams};
use kube::{Api, ResourceExt};

use super::Error;
use super::arguments::{Connection, Logs, Stage};
use super::cluster::Cluster;
use crate::api::names::{analysis_label, labels};

pub(super) async fn show(connection: &Connection, arguments: &Logs) -> Result<(), Error> {
    let Logs {
        name,
        failed,
        stage,
        tail,
    } = arguments;
    let cluster = Cluster::connect(connection, None).await?;
    // A name nobody has is told from an analysis without pods.
    cluster.get(name).await?;
    let pods: Api<Pod> = Api::namespaced(cluster.client.clone(), &cluster.namespace);
    let list = ListParams::default().labels(&selector(name, *stage));
    let mut found = pods
        .list(&list)
        .await
        .map_err(Error::api(format!("listing the pods of `{name}`")))?
        .items;
    found.retain(|pod| !failed || has_failed(pod));
    found.sort_by_key(|pod| pod.metadata.creation_timestamp.clone().map(|time| time.0));
    if found.is_empty() {
        let kind = if *failed { "failed pods" } else { "pods" };
        return Err(Error::NotThere(format!(
            "`{name}` has no {kind} in namespace `{}`",
            cluster.namespace
        )));
    }
    let parameters = LogParams {
        tail_lines: Some(*tail),
        ..LogParams::default()
    };
    for pod in found {
        println!("== {}", heading(&pod));
        match pods.logs(&pod.name_any(), &parameters).await {
            Ok(text) => print!("{text}"),
            Err(error) => println!("(no log: {})", Error::api("reading it")(error).lines().join("; ")),
        }
    }
    Ok(())
}

fn selector(name: &str, stage: Option<Stage>) -> String {
    let stage = stage.map(|stage| match stage {
        Stage::Plan => "plan",
        Stage::Map => "map",
        Stage::Merge => "merge",
    });
    let stage = stage
        .map(|stage| format!(",{}={stage}", labels::STAGE))
        .unwrap_or_default();
    format!("{}={}{stage}", labels::ANALYSIS, analysis_label(name))
}

fn has_failed(pod: &Pod) -> bool {
    pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Failed")
}

/// Pod, state, node, and how its container ended.
fn heading(pod: &Pod) -> String {
    let status = pod.status.as_ref();
    let phase = status
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("Unknown");
    let node = pod
        .spec
        .as_ref()
        .and_then(|spec| spec.node_name.as_deref())
        .unwrap_or("no node");
    let ended = status
        .and_then(|status| {
            status
                .container_statuses
                .as_ref()?
                .first()?
                .state
                .as_ref()?
                .terminated
                .as_ref()
        })
        .map(|ended| {
            format!(
                ", {} (exit code {})",
                ended.reason.as_deref().unwrap_or("ended"),
                ended.exit_code
            )
        })
        .unwrap_or_default();
    format!("{} · {phase}{ended} · {node}", pod.name_any())
}
