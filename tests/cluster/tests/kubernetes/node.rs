//! What the project relies on in a real kubelet, a real container runtime and the kernel. Needs root.

use cluster_tests::{Cluster, Level, eventually, in_namespace, probe_job, probe_pod_spec};
use k8s_openapi::api::{
    batch::v1::{Job, JobStatus},
    core::v1::{ContainerStateTerminated, Pod, Service},
};
use kube::{
    Api, Client,
    api::{ListParams, LogParams, PostParams},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
#[ignore = "needs root and the programs of a node"]
async fn each_index_ends_by_its_own_exit_code() {
    in_namespace(Cluster::shared(Level::Node), async |client, namespace| {
        let jobs = Api::<Job>::namespaced(client.clone(), &namespace);
        let job = probe_job("codes", 4, &["exit-by-index", "0,65,0,1"]);
        jobs.create(&PostParams::default(), &job).await.unwrap();

        let status = eventually("the Job has ended", async || {
            jobs.get("codes")
                .await
                .unwrap()
                .status
                .filter(|status| status.completion_time.is_some() || failed(status))
        })
        .await;

        assert_eq!(status.completed_indexes.as_deref(), Some("0,2"));
        assert_eq!(status.failed_indexes.as_deref(), Some("1,3"));
    })
    .await;
}

fn failed(status: &JobStatus) -> bool {
    status
        .conditions
        .iter()
        .flatten()
        .any(|condition| condition.type_ == "Failed" && condition.status == "True")
}

#[tokio::test]
#[ignore = "needs root and the programs of a node"]
async fn a_pod_over_its_memory_limit_is_oom_killed_and_keeps_its_last_message() {
    in_namespace(Cluster::shared(Level::Node), async |client, namespace| {
        let job = probe_job("greedy", 1, &["message-then-fill", "128"]);
        Api::namespaced(client.clone(), &namespace)
            .create(&PostParams::default(), &job)
            .await
            .unwrap();

        let end = eventually("the container has ended", async || {
            ended_container(&client, &namespace).await
        })
        .await;

        assert_eq!(end.reason.as_deref(), Some("OOMKilled"));
        assert_eq!(end.exit_code, 137);
        let message = end.message.unwrap();
        assert_eq!(message.len(), 4096);
        assert_eq!(message.trim_end(), r#"{"genome":"in hand"}"#);
    })
    .await;
}

#[tokio::test]
#[ignore = "needs root and the programs of a node"]
async fn a_refused_output_is_probed_again_without_being_counted() {
    in_namespace(Cluster::shared(Level::Node), async |client, namespace| {
        let jobs = Api::<Job>::namespaced(client.clone(), &namespace);
        jobs.create(&PostParams::default(), &probe_job("refused", 1, &["exit", "73"]))
            .await
            .unwrap();

        eventually("a second pod has been tried", async || {
            let pods = Api::<Pod>::namespaced(client.clone(), &namespace)
                .list(&ListParams::default())
                .await
                .unwrap();
            (pods.items.len() >= 2).then_some(())
        })
        .await;

        let status = jobs.get("refused").await.unwrap().status.unwrap();
        assert_eq!(status.failed_indexes.unwrap_or_default(), "");
        assert!(status.conditions.unwrap_or_default().is_empty());
    })
    .await;
}

#[tokio::test]
#[ignore = "needs root and the programs of a node"]
async fn a_service_answers_on_its_cluster_address() {
    in_namespace(Cluster::shared(Level::Node), async |client, namespace| {
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {"name": "server", "labels": {"serves": "probe"}}, "spec": probe_pod_spec(&["serve", "8080"]),
        }))
        .unwrap();
        let service: Service = serde_json::from_value(json!({
            "metadata": {"name": "server"}, "spec": {"selector": {"serves": "probe"}, "ports": [{"port": 80, "targetPort": 8080}]},
        }))
        .unwrap();
        let pods = Api::<Pod>::namespaced(client.clone(), &namespace);
        pods.create(&PostParams::default(), &pod).await.unwrap();
        let services = Api::<Service>::namespaced(client, &namespace);
        let service = services.create(&PostParams::default(), &service).await.unwrap();
        let address = service.spec.unwrap().cluster_ip.unwrap();

        let answer = eventually("the service answers", async || get(&address).await.ok()).await;

        assert!(answer.ends_with("probe\n"), "{answer}");
        pods.logs("server", &LogParams::default()).await.unwrap();
    })
    .await;
}

async fn get(address: &str) -> std::io::Result<String> {
    let mut connection = TcpStream::connect((address, 80)).await?;
    connection.write_all(b"GET / HTTP/1.0\r\n\r\n").await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn ended_container(client: &Client, namespace: &str) -> Option<ContainerStateTerminated> {
    let pods = Api::<Pod>::namespaced(client.clone(), namespace)
        .list(&ListParams::default())
        .await
        .unwrap();
    let pod = pods.items.into_iter().next()?;
    pod.status?
        .container_statuses?
        .into_iter()
        .next()?
        .state?
        .terminated
}
