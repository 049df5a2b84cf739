//! What a person needs to see of a namespace where a test failed: pods with their containers' states, events, logs.

use k8s_openapi::api::core::v1::{ContainerStatus, Event, Pod};
use kube::{
    Api, Client, ResourceExt,
    api::{ListParams, LogParams},
};

const LINES_OF_LOG: i64 = 50;

pub(crate) async fn print(client: &Client, namespace: &str) {
    eprintln!("--- namespace `{namespace}` when the test failed");
    print_events(client, namespace).await;
    let pods = Api::<Pod>::namespaced(client.clone(), namespace);
    match pods.list(&ListParams::default()).await {
        Ok(found) => {
            for pod in found {
                print_pod(&pods, &pod).await;
            }
        }
        Err(error) => eprintln!("listing pods: {error}"),
    }
    eprintln!("---");
}

async fn print_events(client: &Client, namespace: &str) {
    match Api::<Event>::namespaced(client.clone(), namespace)
        .list(&ListParams::default())
        .await
    {
        Ok(events) => {
            for event in events {
                eprintln!(
                    "event {}/{} {}: {}",
                    event.involved_object.kind.unwrap_or_default(),
                    event.involved_object.name.unwrap_or_default(),
                    event.reason.unwrap_or_default(),
                    event.message.unwrap_or_default(),
                );
            }
        }
        Err(error) => eprintln!("listing events: {error}"),
    }
}

async fn print_pod(pods: &Api<Pod>, pod: &Pod) {
    let status = pod.status.clone().unwrap_or_default();
    eprintln!("pod {} {}", pod.name_any(), status.phase.unwrap_or_default());
    for container in status.container_statuses.unwrap_or_default() {
        print_container(&container);
        let parameters = LogParams {
            container: Some(container.name),
            tail_lines: Some(LINES_OF_LOG),
            ..LogParams::default()
        };
        match pods.logs(&pod.name_any(), &parameters).await {
            Ok(log) => log.lines().for_each(|line| eprintln!("    {line}")),
            Err(error) => eprintln!("    no log: {error}"),
        }
    }
}

fn print_container(container: &ContainerStatus) {
    let state = serde_json::to_string(&container.state).unwrap_or_default();
    eprintln!(
        "  container {} restarted {} times, state {state}",
        container.name, container.restart_count
    );
}
