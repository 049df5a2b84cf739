//! What others do to the Jobs and pods of an analysis: a queue that suspends its Jobs, a node that is lost.

use std::time::Instant;

use cluster_tests::eventually;
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Node, Pod},
};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
};
use serde_json::json;
use tokio::time::sleep;

use crate::{
    last_words::Work,
    player::Act,
    simulated::{World, in_world, seconds},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn a_queue_suspends_and_admits_jobs_and_wishes_about_nodes_reach_the_pods() {
    let flags = [
        "--allowed-priority-classes",
        "system-node-critical,patient",
        "--allowed-service-accounts",
        "default",
    ];
    in_world(&[("queued", Work::tasks(3))], &flags, |_| Act::well(seconds(0.5)), async |world| {
        world.kubectl(&["create", "priorityclass", &class(&world), "--value=10"]);
        world.apply("queued", &json!({"suspend": true, "scheduling": {
            "queueName": "research", "serviceAccountName": "default", "spot": true, "nodeSelector": {"type": "simulated"},
            "tolerations": [{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}],
        }}));
        world.phase("queued", "Suspended").await;
        world.patch("queued", &json!({"suspend": false}));
        let job = eventually("a Job is made", async || {
            world.jobs().list(&ListParams::default()).await.unwrap().items.pop()
        })
        .await;
        let name = job.name_any();
        assert_eq!(job.labels()["kueue.x-k8s.io/queue-name"], "research");
        let pod = job.spec.unwrap().template.spec.unwrap();
        assert_eq!(pod.service_account_name.as_deref(), Some("default"));
        assert_eq!(pod.node_selector.unwrap()["type"], "simulated");
        let tolerated: Vec<String> = pod.tolerations.unwrap().into_iter().filter_map(|one| one.key).collect();
        assert!(tolerated.contains(&"dedicated".to_owned()) && tolerated.len() > 1, "{tolerated:?}");

        suspend(&world, &name, true).await;
        let begin = Instant::now();
        world.condition("queued", "Progressing", "Queued").await;
        println!("suspended from outside: said after {:.1} s", begin.elapsed().as_secs_f64());
        sleep(seconds(3.0)).await;
        let held = world.jobs().get(&name).await.unwrap().spec.unwrap().suspend;
        assert_eq!(held, Some(true), "we never write it");
        suspend(&world, &name, false).await;
        world.phase("queued", "Succeeded").await;

        world.apply("queued-high", &json!({"scheduling": {"priorityClassName": "not-allowed"}}));
        let refused = world.condition("queued-high", "Accepted", "NotAllowed").await;
        assert!(refused["message"].as_str().unwrap().contains("priorityClassName"), "{refused}");
        world.kubectl(&["delete", "priorityclass", &class(&world)]);
    })
    .await;
}

fn class(world: &World<'_>) -> String {
    format!("patient-{}", world.namespace)
}

async fn suspend(world: &World<'_>, job: &str, suspend: bool) {
    let patch = Patch::Merge(json!({"spec": {"suspend": suspend}}));
    let jobs: Api<Job> = world.jobs();
    jobs.patch(job, &PatchParams::default(), &patch).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn one_of_ten_nodes_lost_for_good_costs_no_genome() {
    let flags = ["--lost-node-grace", "3s"];
    in_world(&[("robust", Work::tasks(300))], &flags, |_| Act::well(seconds(2.0)), async |world| {
        let nodes = Api::<Node>::all(world.client.clone());
        let names: Vec<String> = (0..10).map(|number| format!("{}-{number}", world.namespace)).collect();
        for name in &names {
            nodes.create(&PostParams::default(), &node(name, &world.namespace)).await.unwrap();
        }
        world.apply("robust", &json!({
            "scaling": {"maxWorkers": 40}, "scheduling": {"nodeSelector": {"pool": world.namespace}}, "retries": {"perTask": 0},
        }));
        eventually("all workers run", async || (world.player.figures("robust").running() >= 30).then_some(())).await;

        let begin = Instant::now();
        let lost = lose(&world, &names[0]).await;
        let status = world.phase("robust", "Succeeded").await;
        println!(
            "1 of 10 nodes lost with {lost} of 300 tasks: all done {:.1} s later, grace 3 s",
            begin.elapsed().as_secs_f64()
        );
        assert!(lost > 0, "it had workers");
        assert_eq!(status["genomes"]["analyzed"], 300);
        assert_eq!(status["tasks"]["retried"], lost);
        world.assert_no_job_made_twice();
        for name in &names {
            nodes.delete(name, &DeleteParams::default()).await.unwrap();
        }
    })
    .await;
}

/// Four workers fit on each.
pub(crate) fn node(name: &str, pool: &str) -> Node {
    let room = json!({"cpu": "4", "memory": "256Gi", "ephemeral-storage": "1Ti", "pods": "250"});
    serde_json::from_value(json!({
        "metadata": {"name": name, "labels": {"type": "simulated", "kubernetes.io/hostname": name, "pool": pool}},
        "status": {"capacity": room, "allocatable": room},
    }))
    .unwrap()
}

/// Nothing is heard of the node; the node controller would tell its pods to go, in the end. Returns how many.
async fn lose(world: &World<'_>, node: &str) -> u64 {
    world.player.lose(node);
    world.kubectl(&["cordon", node]);
    let pods: Api<Pod> = world.pods();
    let on_it = ListParams::default().fields(&format!("spec.nodeName={node},status.phase!=Succeeded"));
    let there = pods.list(&on_it).await.unwrap().items;
    for pod in &there {
        pods.delete(&pod.name_any(), &DeleteParams::default().grace_period(1))
            .await
            .unwrap();
    }
    there.len() as u64
}
