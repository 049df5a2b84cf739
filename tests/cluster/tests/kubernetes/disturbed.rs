//! What goes wrong on a real node, with the real analyzer: memory that does not suffice, a worker that is killed.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::Path,
    time::{Duration, Instant},
};

use cluster_tests::{Cluster, eventually, in_namespace, within};
use genome_operator::api::names::labels;
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Node, NodeCondition, Pod},
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams},
};
use serde_json::json;
use tokio::time::sleep;

use crate::{
    data::Data,
    operator::{SPREAD, manifest},
    support::{RELEASE_NAMESPACE, apply, kubectl, status, wait_until_complete},
};

/// Genes of a genome that needs some 300 MB.
const BIG: u32 = 40_000;

pub(crate) async fn only_the_victim_climbs_the_memory_ladder(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        let data = Data::of(&namespace, 3, 100);
        data.add("enormous", BIG);
        data.bind(&client, &namespace).await;

        let memory = "  resources: {cpu: 250m, memory: 64Mi, maxMemory: 512Mi}\n";
        apply(cluster, &namespace, &manifest("ladder", memory));
        wait_until_complete(cluster, &namespace, "ladder");

        let status = status(&client, &namespace, "ladder").await;
        println!(
            "a genome of {BIG} genes from 64 MiB up: step {}, {} kills for memory, peak {}",
            status["memoryStep"], status["tasks"]["outOfMemory"], status["peakMemory"]
        );
        assert_eq!(status["phase"], "Succeeded", "{status}");
        assert_eq!(status["genomes"]["analyzed"], 4);
        assert_eq!(status["tasks"]["outOfMemory"], status["memoryStep"]);
        // Its neighbours ran once: every later attempt is of the one task.
        let attempts = tasks_by_attempt(&client, &namespace).await;
        println!("tasks of each attempt: {attempts:?}");
        assert!(attempts["0"] > 1 && attempts.len() > 1, "{attempts:?}");
        assert!(attempts.values().skip(1).all(|&tasks| tasks == 1), "{attempts:?}");
    })
    .await;
}

pub(crate) async fn a_genome_that_never_fits_is_named_with_the_figure(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        let data = Data::of(&namespace, 3, 100);
        data.add("enormous", BIG);
        data.bind(&client, &namespace).await;

        // In two tasks, and in one, which the plan's own pod does: without more memory to give it is named all the same.
        let several = "  resources: {cpu: 250m, memory: 64Mi, maxMemory: 128Mi}\n";
        let one =
            "  tasks: {targetSize: 1000000000}\n  resources: {cpu: 250m, memory: 64Mi, maxMemory: 64Mi}\n";
        for (name, more, limit) in [("narrow", several, "128Mi"), ("alone", one, "64Mi")] {
            let manifest = manifest(name, more).replace("/data/results/", &format!("/data/{name}/"));
            apply(cluster, &namespace, &manifest);
            wait_until_complete(cluster, &namespace, name);

            let status = status(&client, &namespace, name).await;
            let failure = &status["firstFailure"];
            println!("a genome that never fits: {}", failure["message"]);
            assert_eq!(status["phase"], "PartiallySucceeded", "{status}");
            assert_eq!(
                (&status["genomes"]["analyzed"], &status["genomes"]["failed"]),
                (&json!(3), &json!(1))
            );
            assert_eq!(failure["genome"], "enormous");
            assert_eq!(failure["reason"], "MemoryLimitReached");
            assert!(failure["message"].to_string().contains(limit), "{failure}");
            assert_eq!(
                (&status["memoryStep"], &status["tasks"]["outOfMemory"]),
                (&json!(1), &json!(2)),
                "{status}"
            );
        }
    })
    .await;
}

pub(crate) async fn a_killed_worker_costs_at_most_the_chunk_in_hand(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        // Chunks of 512 genomes: two in each of four tasks, which one worker does.
        let data = Data::of(&namespace, 3_600, 4);
        data.bind(&client, &namespace).await;
        let half = data.bases() * 11 / 20;
        let more = format!("  tasks: {{targetSize: {half}}}\n  resources: {{cpu: 500m}}\n");
        let alone = manifest("killed", &more).replace("maxWorkers: 3", "maxWorkers: 1");
        apply(cluster, &namespace, &alone);

        let parts = data.folder.join("results/parts");
        eventually("the first chunk is there", async || {
            parts.join("genomes-00000-00.parquet").exists().then_some(())
        })
        .await;
        let before = written(&parts);
        let pods = Api::<Pod>::namespaced(client.clone(), &namespace);
        for pod in pods.list(&workers()).await.unwrap() {
            let now = DeleteParams::default().grace_period(0);
            drop(pods.delete(&pod.name_any(), &now).await);
        }
        wait_until_complete(cluster, &namespace, "killed");

        let status = status(&client, &namespace, "killed").await;
        assert_eq!(status["phase"], "Succeeded", "{status}");
        assert_eq!(status["genomes"]["analyzed"], 3_600);
        let after = written(&parts);
        let found = &status["tasks"]["chunksFound"];
        println!(
            "workers killed with {} of {} chunk files written: none of them was written again, {found} chunks were found",
            before.len(),
            after.len()
        );
        let committed = before.keys().filter(|name| name.starts_with("genomes-"));
        assert!(found.as_u64() >= Some(committed.count() as u64), "{}", status["tasks"]);
        assert!(!before.is_empty() && before.len() < after.len());
        assert!(before.iter().all(|(name, file)| after.get(name) == Some(file)));
    })
    .await;
}

/// Pods run on without their kubelet, and end without it; it finds them as they are.
pub(crate) async fn a_killed_kubelet_costs_no_pod(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        let data = Data::of(&namespace, 60, 200);
        data.bind(&client, &namespace).await;
        apply(cluster, &namespace, &manifest("orphaned", SPREAD));
        let pods = Api::<Pod>::namespaced(client.clone(), &namespace);
        two_workers(&pods).await;

        let parts = data.folder.join("results/parts");
        let before = written(&parts);
        let begin = Instant::now();
        cluster.kill("kubelet").unwrap();
        eventually("a worker commits a chunk without the kubelet", async || {
            let is_new = |name: &String| name.starts_with("genomes-") && !before.contains_key(name);
            written(&parts).keys().any(is_new).then_some(())
        })
        .await;
        sleep(Duration::from_secs(10)).await;
        let without = begin.elapsed().as_secs_f64();
        let meanwhile = status(&client, &namespace, "orphaned").await;
        let alone = written(&parts);
        assert_eq!(meanwhile["phase"], "Running", "{meanwhile}");
        cluster.restart("kubelet").unwrap();
        wait_until_complete(cluster, &namespace, "orphaned");

        let status = status(&client, &namespace, "orphaned").await;
        let after = written(&parts);
        let made = pods.list(&workers()).await.unwrap().items.len();
        println!(
            "no kubelet for {without:.1} s: {} chunk files written in that time; {made} pods for {} tasks; {}",
            alone.len() - before.len(),
            status["tasks"]["total"],
            status["tasks"],
        );
        assert_eq!(status["phase"], "Succeeded", "{status}");
        assert_eq!(status["genomes"]["analyzed"], 60);
        assert_eq!(status["tasks"]["total"], made, "a pod a task");
        assert!(made > 3, "some of them began after it");
        assert_eq!(
            (&status["tasks"]["retried"], &status["tasks"]["disrupted"]),
            (&json!(0), &json!(0))
        );
        assert!(alone.iter().all(|(name, file)| after.get(name) == Some(file)));
    })
    .await;
}

/// A node is taken for lost when its kubelet stays away: the pods on it are to be gone and are not, their tasks are tried
/// elsewhere, and that costs no retry. Here elsewhere is the same node, once its kubelet is back.
pub(crate) async fn a_kubelet_that_stays_away_costs_no_retry(cluster: &Cluster) {
    let operator = ["deployment/genome-operator", "LOST_NODE_GRACE=10s"];
    kubectl(
        cluster,
        RELEASE_NAMESPACE,
        &[&["set", "env"][..], &operator].concat(),
    );
    let rollout = ["rollout", "status", "deployment/genome-operator", "--timeout=60s"];
    kubectl(cluster, RELEASE_NAMESPACE, &rollout);
    in_namespace(cluster, async |client, namespace| {
        let data = Data::of(&namespace, 2, 10_000);
        data.bind(&client, &namespace).await;
        let no_retry = format!("{SPREAD}  retries: {{perTask: 0}}\n");
        apply(cluster, &namespace, &manifest("abandoned", &no_retry));
        let pods = Api::<Pod>::namespaced(client.clone(), &namespace);
        two_workers(&pods).await;

        let begin = Instant::now();
        cluster.kill("kubelet").unwrap();
        let nodes = Api::<Node>::all(client.clone());
        within(Duration::from_mins(2), "the node is found lost", async || {
            let nodes = nodes.list(&ListParams::default()).await.unwrap();
            let conditions = nodes.items[0].status.clone()?.conditions?;
            let is_unknown = |ready: &NodeCondition| ready.type_ == "Ready" && ready.status == "Unknown";
            conditions.iter().any(is_unknown).then_some(())
        })
        .await;
        let found = begin.elapsed().as_secs_f64();
        // What the node controller does after five minutes, but not where no other node is left.
        let lost = pods.list(&running_workers()).await.unwrap().items;
        for pod in &lost {
            let soon = DeleteParams::default().grace_period(5);
            pods.delete(&pod.name_any(), &soon).await.unwrap();
        }
        within(Duration::from_mins(1), "their tasks are tried elsewhere", async || {
            let attempts = tasks_by_attempt(&client, &namespace).await;
            attempts.contains_key("1").then_some(())
        })
        .await;
        let replaced = begin.elapsed().as_secs_f64();
        cluster.restart("kubelet").unwrap();
        wait_until_complete(cluster, &namespace, "abandoned");

        let status = status(&client, &namespace, "abandoned").await;
        let attempts = tasks_by_attempt(&client, &namespace).await;
        println!(
            "no kubelet: the node is found lost after {found:.1} s, the tasks of {} pods that do not go are tried elsewhere after {replaced:.1} s; tasks of each attempt {attempts:?}; {}",
            lost.len(),
            status["tasks"],
        );
        assert_eq!(status["phase"], "Succeeded", "{status}");
        assert_eq!(status["genomes"]["analyzed"], 2);
        assert_eq!(attempts["1"], i32::try_from(lost.len()).unwrap());
        assert_eq!(status["tasks"]["disrupted"], json!(lost.len()));
    })
    .await;
}

/// What belongs to the map stage.
fn workers() -> ListParams {
    ListParams::default().labels(&format!("{}=map", labels::STAGE))
}

fn running_workers() -> ListParams {
    workers().fields("status.phase=Running")
}

/// Waits until two run at the same time.
async fn two_workers(pods: &Api<Pod>) {
    eventually("two workers run", async || {
        (pods.list(&running_workers()).await.unwrap().items.len() >= 2).then_some(())
    })
    .await;
}

/// Files by name, with what tells a file from another of that name.
fn written(folder: &Path) -> BTreeMap<String, (u64, i64, i64)> {
    // None before the first of them.
    let files = fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
    files
        .filter(|file| file.path().extension().is_some_and(|suffix| suffix == "parquet"))
        .map(|file| {
            let facts = file.metadata().unwrap();
            let name = file.file_name().to_string_lossy().into_owned();
            (name, (facts.ino(), facts.mtime(), facts.mtime_nsec()))
        })
        .collect()
}

/// How many tasks each attempt covers.
async fn tasks_by_attempt(client: &Client, namespace: &str) -> BTreeMap<String, i32> {
    let jobs = Api::<Job>::namespaced(client.clone(), namespace);
    let tasks = |job: &Job| job.spec.as_ref()?.completions;
    let jobs = jobs.list(&workers()).await.unwrap();
    jobs.iter()
        .map(|job| {
            (
                job.labels()[labels::ATTEMPT].clone(),
                tasks(job).unwrap_or_default(),
            )
        })
        .collect()
}
