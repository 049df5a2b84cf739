//! What the project relies on in the API server and its controllers. No root.

use std::fs;

use cluster_tests::{Cluster, Level, eventually, in_namespace, probe_job};
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Event, Pod, Secret},
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, PostParams},
};
use serde_json::{Value, json};

#[tokio::test]
#[ignore = "needs the programs of a control plane"]
async fn the_job_controller_makes_one_pod_for_each_index() {
    in_namespace(Cluster::shared(Level::ControlPlane), async |client, namespace| {
        let jobs = Api::<Job>::namespaced(client.clone(), &namespace);
        jobs.create(&PostParams::default(), &probe_job("indexed", 3, &["exit", "0"]))
            .await
            .unwrap();

        eventually("the Job is complete", async || {
            let status = jobs.get("indexed").await.unwrap().status?;
            (status.completed_indexes.as_deref() == Some("0-2")).then_some(())
        })
        .await;

        let mut indices: Vec<String> = pods(&client, &namespace).await.iter().map(index_of).collect();
        indices.sort();
        assert_eq!(indices, ["0", "1", "2"]);
    })
    .await;
}

#[tokio::test]
#[ignore = "needs the programs of a control plane"]
async fn the_pods_of_a_removed_job_are_collected() {
    in_namespace(Cluster::shared(Level::ControlPlane), async |client, namespace| {
        let jobs = Api::<Job>::namespaced(client.clone(), &namespace);
        jobs.create(&PostParams::default(), &probe_job("removed", 2, &["exit", "0"]))
            .await
            .unwrap();
        eventually("pods exist", async || {
            (pods(&client, &namespace).await.len() == 2).then_some(())
        })
        .await;

        jobs.delete("removed", &DeleteParams::background()).await.unwrap();

        eventually("no pod is left", async || {
            pods(&client, &namespace).await.is_empty().then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test]
#[ignore = "needs the programs of a control plane"]
async fn a_pod_that_breaks_pod_security_is_refused_with_an_event() {
    in_namespace(Cluster::shared(Level::ControlPlane), async |client, namespace| {
        let mut job = probe_job("lax", 1, &["exit", "0"]);
        let pod = job.spec.as_mut().unwrap().template.spec.as_mut().unwrap();
        pod.security_context = None;
        Api::namespaced(client.clone(), &namespace)
            .create(&PostParams::default(), &job)
            .await
            .unwrap();

        let events = Api::<Event>::namespaced(client, &namespace);
        let message = eventually("the refusal is told", async || {
            let refusals = ListParams::default().fields("reason=FailedCreate");
            events.list(&refusals).await.unwrap().items.pop()?.message
        })
        .await;
        assert!(
            message.contains("violates PodSecurity \"restricted:latest\""),
            "{message}"
        );
    })
    .await;
}

#[tokio::test]
#[ignore = "needs the programs of a control plane"]
async fn the_audit_log_has_bodies_of_jobs_and_none_of_secrets() {
    let cluster = Cluster::start(Level::ControlPlane).unwrap();
    let audit_log = cluster.audit_log().unwrap();
    in_namespace(&cluster, async move |client, namespace| {
        let secret: Secret = serde_json::from_value(json!({
            "metadata": {"name": "keys"}, "stringData": {"key": "canary-in-a-secret"},
        }))
        .unwrap();
        Api::namespaced(client.clone(), &namespace)
            .create(&PostParams::default(), &secret)
            .await
            .unwrap();
        let job = probe_job("audited", 1, &["exit", "0"]);
        Api::namespaced(client, &namespace)
            .create(&PostParams::default(), &job)
            .await
            .unwrap();

        let log = fs::read_to_string(audit_log).unwrap();
        let requests: Vec<Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .filter(|request: &Value| {
                request["objectRef"]["namespace"] == namespace && request["verb"] == "create"
            })
            .collect();
        let of = |resource: &str| {
            requests
                .iter()
                .find(|request| request["objectRef"]["resource"] == resource)
                .unwrap()
        };
        assert_eq!(of("jobs")["requestObject"]["metadata"]["name"], "audited");
        assert_eq!(of("secrets")["requestObject"], Value::Null);
        assert!(!log.contains("canary-in-a-secret"));
    })
    .await;
}

#[tokio::test]
#[ignore = "needs the programs of a control plane"]
async fn a_killed_etcd_and_api_server_come_back_with_what_was_written() {
    let cluster = Cluster::start(Level::ControlPlane).unwrap();
    let client = cluster.client().await.unwrap();
    let jobs = Api::<Job>::namespaced(client.clone(), "default");
    jobs.create(&PostParams::default(), &probe_job("kept", 1, &["exit", "0"]))
        .await
        .unwrap();

    for program in ["etcd", "api-server"] {
        cluster.kill(program).unwrap();
        cluster.restart(program).unwrap();
    }

    // Read through the existing client: its connection was cut.
    eventually("the Job is read again", async || jobs.get("kept").await.ok()).await;
}

async fn pods(client: &Client, namespace: &str) -> Vec<Pod> {
    Api::<Pod>::namespaced(client.clone(), namespace)
        .list(&ListParams::default())
        .await
        .unwrap()
        .items
}

fn index_of(pod: &Pod) -> String {
    pod.annotations()["batch.kubernetes.io/job-completion-index"].clone()
}
