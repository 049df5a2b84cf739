//! Many analyses at once: none slows another where there is room, and a total is shared by namespaces, then by analyses.

use std::time::{Duration, Instant};

use cluster_tests::{Cluster, Level, eventually, in_namespace};
use futures::future::join_all;
use kube::Client;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    last_words::Work,
    operator_process::OperatorProcess,
    player::{Act, Player},
    simulated::{World, in_world, seconds},
    support::{analysis, install_definition, kubectl, operator_program, status},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn ten_analyses_with_room_for_all_take_hardly_longer_than_one() {
    let names: Vec<String> = (0..11).map(|number| format!("user-{number}")).collect();
    let work: Vec<(&str, Work)> = names
        .iter()
        .map(|name| (name.as_str(), Work::tasks(30)))
        .collect();
    in_world(&work, &[], |_| Act::well(seconds(3.0)), async |world| {
        let alone = seconds_of(&world, &names[0]).await;
        let together = join_all(names[1..].iter().map(|name| seconds_of(&world, name))).await;
        let slowest = together.iter().copied().fold(0.0, f64::max);
        println!(
            "30 tasks of 3 s on 10 workers: alone {alone:.1} s; ten at once {} s, the slowest {:.2} times as long",
            together.iter().map(|one| format!("{one:.1}")).collect::<Vec<_>>().join(" "),
            slowest / alone
        );
        assert!(slowest <= alone * 1.3, "{slowest} s, alone {alone} s");
    })
    .await;
}

/// From `kubectl apply` to its end.
async fn seconds_of(world: &World<'_>, name: &str) -> f64 {
    world.apply(name, &json!({}));
    let begin = Instant::now();
    world.phase(name, "Succeeded").await;
    begin.elapsed().as_secs_f64()
}

/// An analysis, its share of twelve, its namespace.
const SHARES: [(&str, u64, usize); 4] = [("only", 6, 0), ("first", 2, 1), ("second", 2, 1), ("third", 2, 1)];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn a_total_is_shared_by_namespaces_and_then_by_analyses() {
    // An operator for all namespaces must not meet what other tests left behind.
    let cluster = Cluster::start(Level::ControlPlane).unwrap();
    install_definition(&cluster);
    in_namespace(&cluster, async |client, one| {
        in_namespace(&cluster, async |_, other| {
            shared_by_namespaces(&cluster, &client, [&one, &other]).await;
        })
        .await;
    })
    .await;
}

async fn shared_by_namespaces(cluster: &Cluster, client: &Client, namespaces: [&str; 2]) {
    let flags = [
        "--pod-namespace",
        namespaces[0],
        "--leader-election",
        "false",
        "--max-workers",
        "12",
    ];
    let _operator = OperatorProcess::start(&operator_program(), cluster, &flags)
        .await
        .unwrap();
    let work = SHARES.map(|(name, ..)| (name, Work::tasks(200)));
    let players =
        namespaces.map(|namespace| Player::start(client, namespace, &work, |_| Act::well(seconds(3.0))));
    for (name, _, place) in SHARES {
        let file = analysis(namespaces[place], name, &json!({"scaling": {"maxWorkers": 20}}));
        kubectl(cluster, namespaces[place], &["apply", "-f", &file]);
    }
    for (name, share, place) in SHARES {
        eventually(&format!("`{name}` has {share} workers"), async || {
            let workers: Value = status(client, namespaces[place], name).await["workers"].take();
            (workers["desired"] == share && workers["running"].as_u64() <= Some(share)).then_some(())
        })
        .await;
    }
    // Workers at a time, not tasks begun: the Job controller starts pods in waves, and a wave more is a large part of few.
    let mut samples = Vec::new();
    for _ in 0..300 {
        sleep(Duration::from_millis(100)).await;
        samples.push(SHARES.map(|(name, _, place)| players[place].figures(name).running()));
    }
    let most = samples.iter().map(|at_once| at_once.iter().sum::<usize>()).max();
    let mean = [0, 1, 2, 3]
        .map(|one| samples.iter().map(|at_once| at_once[one]).sum::<usize>() as f64 / samples.len() as f64);
    println!(
        "12 workers for one analysis of one namespace and three of another: {mean:.1?} at a time for 30 s, at most {most:?}"
    );
    for ((name, share, _), mean_of_one) in SHARES.into_iter().zip(mean) {
        let part = mean_of_one / mean.iter().sum::<f64>() / (share as f64 / 12.0);
        assert!((part - 1.0).abs() <= 0.2, "`{name}` has {part} of its part");
    }
    assert!(most <= Some(12), "{most:?} workers");
}
