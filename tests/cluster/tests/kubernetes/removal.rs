//! What goes in the middle of a run: a whole namespace (row C1), an analysis that is made anew under its name (row C3).

use std::{
    fs,
    time::{Duration, Instant},
};

use cluster_tests::{eventually, within};
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api,
    api::{DeleteParams, ListParams},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    last_words::Work,
    player::Act,
    simulated::{World, in_world, seconds},
    support::{created_jobs, try_kubectl},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn a_namespace_that_is_deleted_in_the_middle_of_a_run_is_gone_within_a_minute() {
    let work = [("running", Work::tasks(200)), ("waiting", Work::tasks(20))];
    in_world(&work, &[], |_| Act::well(seconds(3.0)), async |world| {
        world.apply("running", &json!({"scaling": {"maxWorkers": 20}}));
        // Pods without a node are told to go as well.
        world.apply("waiting", &json!({"resources": {"cpu": 900}}));
        eventually("workers run, and a pod waits", async || {
            let runs = world.player.figures("running").running() >= 15;
            let waiting = world.pods().list(&ListParams::default().labels(&of("waiting"))).await.unwrap();
            (runs && !waiting.items.is_empty()).then_some(())
        })
        .await;
        let before = created_jobs(world.cluster, &world.namespace);

        let namespaces = Api::<Namespace>::all(world.client.clone());
        namespaces.delete(&world.namespace, &DeleteParams::default()).await.unwrap();
        let begin = Instant::now();
        within(Duration::from_secs(120), "the namespace is gone", async || {
            namespaces.get_opt(&world.namespace).await.unwrap().is_none().then_some(())
        })
        .await;
        let took = begin.elapsed().as_secs_f64();
        sleep(seconds(3.0)).await;
        let refused = refused_creations(&world);
        println!("namespace with 20 running pods and one without a node: gone {took:.1} s after it was deleted; {refused} Jobs or ConfigMaps refused after that");
        assert!(took <= 60.0, "{took} s");
        assert_eq!(created_jobs(world.cluster, &world.namespace), before, "no Job was made after it");
        assert!(refused <= 4, "{refused} creations were tried in vain");
    })
    .await;
}

fn of(analysis: &str) -> String {
    format!("genomics.pleiotropy.io/analysis={analysis}")
}

/// Jobs and ConfigMaps of ours that the API server refused to make, by its own log.
fn refused_creations(world: &World<'_>) -> usize {
    let log = fs::read_to_string(world.cluster.audit_log().unwrap()).unwrap();
    let requests = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    requests
        .filter(|request| {
            let object = &request["objectRef"];
            request["verb"] == "create"
                && object["namespace"] == world.namespace
                && (object["resource"] == "jobs" || object["resource"] == "configmaps")
                && object["name"] != "kube-root-ca.crt"
                && request["stage"] == "ResponseComplete"
                && request["responseStatus"]["code"].as_u64() >= Some(400)
                && request["userAgent"]
                    .as_str()
                    .is_some_and(|agent| !agent.starts_with("kube-"))
        })
        .count()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn an_analysis_made_anew_under_its_name_takes_no_job_of_the_one_before() {
    for propagation in ["background", "foreground"] {
        in_world(&[("again", Work::tasks(20))], &[], |_| Act::well(seconds(2.0)), async |world| {
            world.apply("again", &json!({}));
            eventually("some tasks are done", async || {
                let status = world.status("again").await;
                (status["tasks"]["succeeded"].as_u64() >= Some(5)).then_some(())
            })
            .await;
            world.kubectl(&["delete", "ga", "again", &format!("--cascade={propagation}"), "--wait=false"]);
            // Foreground keeps the name until the Jobs are gone.
            eventually("its name is free", async || {
                let there = ["get", "ga", "again", "-o", "name"];
                try_kubectl(world.cluster, &world.namespace, &there).is_err().then_some(())
            })
            .await;
            let old = created_jobs(world.cluster, &world.namespace);
            let before = world.player.figures("again").started;
            world.apply("again", &json!({}));
            let status = world.phase("again", "Succeeded").await;

            let after = world.player.figures("again").started;
            let anew = (0..20).filter(|task| after[&("map", *task)] > before.get(&("map", *task)).copied().unwrap_or(0));
            let (anew, jobs) = (anew.count(), created_jobs(world.cluster, &world.namespace));
            println!("deleted {propagation} and made anew: {anew} of 20 tasks were begun anew, in {} Jobs beside the {} before", jobs.len() - old.len(), old.len());
            assert_eq!(status["genomes"]["analyzed"], 20);
            assert_eq!(anew, 20);
            assert_eq!((jobs.len() - old.len(), old.len()), (3, 2));
            world.assert_no_job_made_twice();
        })
        .await;
    }
}
