//! A real HorizontalPodAutoscaler moves the workers of an analysis through the scale subresource. It learns of a new kind
//! within a minute of the definition only, so in CI this comes late in the alphabet.

use std::{fs, time::Instant};

use cluster_tests::eventually;
use serde_json::json;

use crate::{
    external_metric::ExternalMetric,
    last_words::Work,
    player::Act,
    simulated::{World, in_world, seconds},
    support::{apply, repository},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn an_autoscaler_moves_the_workers_between_its_bounds_as_in_the_guide() {
    in_world(&[("first", Work::tasks(2000))], &[], |_| Act::well(seconds(1.0)), async |world| {
        let metric = ExternalMetric::serve(&world, 500).await;
        world.apply("first", &json!({"scaling": {"maxWorkers": 50, "workers": 1}}));
        world.phase("first", "Running").await;

        apply(world.cluster, &world.namespace, &manifest_of_the_guide());
        let up = moves_to(&world, 12, 10..=12).await;
        metric.set(0);
        let down = moves_to(&world, 2, 1..=2).await;
        metric.set(65);
        let between = moves_to(&world, 7, 5..=7).await;
        println!(
            "an autoscaler between 2 and 12: 12 workers {up:.1} s after it was made, 2 workers {down:.1} s after the metric fell to 0, \
             7 workers {between:.1} s after it rose to 65 at 10 a worker"
        );
        let most = world.player.figures("first").most;
        assert!(most <= 12, "{most} workers");
        metric.stop(&world).await;
    })
    .await;
}

/// Seconds until the specification says `workers`, and about as many run.
async fn moves_to(world: &World<'_>, workers: u64, running: std::ops::RangeInclusive<usize>) -> f64 {
    let begin = Instant::now();
    let asked = ["get", "ga", "first", "-o", "jsonpath={.spec.scaling.workers}"];
    eventually(
        &format!("{workers} workers are asked for, {running:?} run"),
        async || {
            let runs = world.player.figures("first").running();
            (world.kubectl(&asked) == workers.to_string() && running.contains(&runs)).then_some(())
        },
    )
    .await;
    begin.elapsed().as_secs_f64()
}

/// The block that begins with the group of autoscalers.
fn manifest_of_the_guide() -> String {
    let guide = fs::read_to_string(repository().join("docs/guides/scaling.md")).unwrap();
    let from_here = guide
        .lines()
        .skip_while(|line| *line != "    apiVersion: autoscaling/v2");
    let block = from_here.map_while(|line| line.strip_prefix("    "));
    block.map(|line| format!("{line}\n")).collect()
}
