//! The whole path as a user walks it: images, `helm install` with the chart's defaults, `kubectl apply`, `kubectl wait`, on
//! a volume, in a namespace that enforces Pod Security `restricted`; and the same results as without a cluster.

use std::time::Instant;

use cluster_tests::{Cluster, Level, eventually, in_namespace};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client,
    api::{DeleteParams, ListParams},
};
use serde_json::json;

use crate::{
    data::Data,
    disturbed, plugin,
    support::{
        RELEASE_NAMESPACE, apply, created_jobs, helm, kubectl, repository, status, wait_until_complete,
    },
};

#[tokio::test]
#[ignore = "needs root, the programs of a node and the images"]
async fn the_operator_on_a_real_node() {
    let cluster = Cluster::start(Level::Node).unwrap();
    install(&cluster);
    a_manifest_gives_the_same_results_on_the_cluster_as_on_a_laptop(&cluster).await;
    one_bad_genome_among_twelve_is_named_and_the_others_are_done(&cluster).await;
    killing_the_operator_in_each_phase_changes_nothing(&cluster).await;
    plugin::the_plugin_watches_explains_and_repairs(&cluster).await;
    plugin::the_plugin_suspends_resumes_and_cancels(&cluster).await;
    plugin::the_operator_adds_little_to_a_bare_job(&cluster).await;
    disturbed::a_killed_worker_costs_at_most_the_chunk_in_hand(&cluster).await;
    disturbed::a_killed_kubelet_costs_no_pod(&cluster).await;
    disturbed::only_the_victim_climbs_the_memory_ladder(&cluster).await;
    disturbed::a_genome_that_never_fits_is_named_with_the_figure(&cluster).await;
    disturbed::a_kubelet_that_stays_away_costs_no_retry(&cluster).await;
}

async fn a_manifest_gives_the_same_results_on_the_cluster_as_on_a_laptop(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        let data = Data::generate(&namespace);
        let genomes = if data.add_k12() { 13 } else { 12 };
        data.bind(&client, &namespace).await;
        let local = data.run_locally(&manifest("twelve", SPREAD), 0);

        let begin = Instant::now();
        apply(cluster, &namespace, &manifest("twelve", SPREAD));
        wait_until_complete(cluster, &namespace, "twelve");
        println!(
            "{genomes} genomes from apply to Complete: {:.1} s",
            begin.elapsed().as_secs_f64()
        );

        let table = kubectl(cluster, &namespace, &["get", "ga"]);
        println!("{table}");
        assert!(
            table.contains(&format!("{genomes}/{genomes}")) && table.contains("Succeeded"),
            "{table}"
        );
        assert_eq!(data.results(), local);
        let jobs = created_jobs(cluster, &namespace);
        assert!(jobs.len() >= 3, "plan, map and merge: {jobs:?}");
        assert!(
            jobs.values().all(|&times| times == 1),
            "no Job made twice: {jobs:?}"
        );
    })
    .await;
}

async fn one_bad_genome_among_twelve_is_named_and_the_others_are_done(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        let data = Data::generate(&namespace);
        let damaged = data.damage_one();
        data.bind(&client, &namespace).await;
        let local = data.run_locally(&manifest("eleven", SPREAD), 3);

        apply(cluster, &namespace, &manifest("eleven", SPREAD));
        wait_until_complete(cluster, &namespace, "eleven");

        let status = status(&client, &namespace, "eleven").await;
        assert_eq!(status["phase"], "PartiallySucceeded");
        let counts = json!({"total": 12, "analyzed": 11, "cached": 0, "failed": 1, "remaining": 0});
        assert_eq!(status["genomes"], counts);
        assert_eq!(status["firstFailure"]["genome"], damaged);
        assert_eq!(status["firstFailure"]["reason"], "TruncatedInput");
        assert_eq!(data.results(), local);
    })
    .await;
}

async fn killing_the_operator_in_each_phase_changes_nothing(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        let data = Data::generate(&namespace);
        data.bind(&client, &namespace).await;
        let local = data.run_locally(&manifest("disturbed", SPREAD), 0);

        apply(cluster, &namespace, &manifest("disturbed", SPREAD));
        for phase in ["Planning", "Running", "Merging"] {
            eventually(&format!("phase {phase}, or a later one"), async || {
                let status = status(&client, &namespace, "disturbed").await;
                [phase, "Merging", "Succeeded"]
                    .contains(&status["phase"].as_str()?)
                    .then_some(())
            })
            .await;
            kill_operator(&client).await;
        }
        wait_until_complete(cluster, &namespace, "disturbed");

        assert_eq!(data.results(), local);
        let jobs = created_jobs(cluster, &namespace);
        assert!(
            jobs.values().all(|&times| times == 1),
            "no Job made twice: {jobs:?}"
        );
    })
    .await;
}

/// Images into the node, the chart with no values, and the time until the operator is ready.
fn install(cluster: &Cluster) {
    for image in ["operator", "analyzer"] {
        cluster
            .import(&repository().join(format!("target/image/{image}.tar")))
            .unwrap();
    }
    let begin = Instant::now();
    helm(
        cluster,
        &[
            "install",
            "genome-operator",
            "charts/genome-operator",
            "--create-namespace",
            "--wait",
        ],
    );
    let seconds = begin.elapsed().as_secs_f64();
    println!("helm install to operator ready: {seconds:.1} s");
    assert!(seconds < 30.0, "the operator took {seconds} s");
}

/// A task for each genome or so.
pub(crate) const SPREAD: &str = "  tasks: {targetSize: 2Mi}\n";

/// Three workers fit side by side on a node of two cores. `more` goes into its `spec`.
pub(crate) fn manifest(name: &str, more: &str) -> String {
    let resources = if more.contains("resources:") {
        ""
    } else {
        "  resources: {cpu: 250m}\n"
    };
    format!(
        "apiVersion: genomics.pleiotropy.io/v1alpha1
kind: GenomeAnalysis
metadata:
  name: {name}
spec:
  genomes:
    - uri: file:///data/genomes/
  output:
    uri: file:///data/results/
  storage:
    volumes:
      - claim: genomes
        mountPath: /data
  scaling:
    maxWorkers: 3
{resources}{more}"
    )
}

/// Ends the operator's pod without warning; the Deployment starts another.
async fn kill_operator(client: &Client) {
    let pods = Api::<Pod>::namespaced(client.clone(), RELEASE_NAMESPACE);
    for pod in pods.list(&ListParams::default()).await.unwrap() {
        let name = pod.metadata.name.unwrap();
        pods.delete(&name, &DeleteParams::default().grace_period(0))
            .await
            .unwrap();
    }
}
