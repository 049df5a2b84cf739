//! An operator that starts where there are many analyses, nearly all of them ended: it is steady soon, in little memory, and
//! leaves alone what has ended. `SCALE=full` runs the full size.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use cluster_tests::{Cluster, Level, eventually, in_namespace, within};
use futures::{StreamExt, stream};
use kube::{
    Client, ResourceExt,
    api::{DynamicObject, ListParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    last_words::Work,
    operator_process::{OperatorProcess, most_memory},
    player::{Act, Player},
    simulated::{self, seconds},
    support::{analyses, analysis, install_definition, kubectl, status},
};

/// Requests at once, while they are made.
const AT_ONCE: usize = 32;
/// Those that run when the operator starts.
const RUNNING: usize = 20;

/// Analyses in all.
fn size() -> usize {
    let is_full = std::env::var("SCALE").is_ok_and(|scale| scale == "full");
    if is_full { 10_000 } else { 1000 }
}

/// Every twentieth is suspended.
fn is_suspended(number: usize) -> bool {
    number % 20 == 3
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn an_operator_among_many_analyses_is_steady_soon_and_small() {
    // Gone with all that is in it, and no burden to other tests.
    let cluster = Cluster::start(Level::ControlPlane).unwrap();
    install_definition(&cluster);
    in_namespace(&cluster, async |client, namespace| {
        let names: Vec<String> = (0..RUNNING).map(|number| format!("running-{number}")).collect();
        let mut work: Vec<(&str, Work)> = names.iter().map(|name| (name.as_str(), Work::tasks(8))).collect();
        work.push(("model", Work::tasks(2)));
        let _player = Player::start(&client, &namespace, &work, |_| Act::well(seconds(3.0)));
        let ended = model(&cluster, &client, &namespace).await;
        let total = size() - RUNNING - 1;
        let made = Instant::now();
        stream::iter(0..total)
            .for_each_concurrent(AT_ONCE, |number| make(&client, &namespace, number, &ended))
            .await;
        let made = made.elapsed().as_secs_f64();
        for name in &names {
            kubectl(&cluster, &namespace, &["apply", "-f", &analysis(&namespace, name, &json!({}))]);
        }
        let versions = versions_of_ended(&client, &namespace).await;
        println!("{} analyses made in {made:.0} s, {} of them ended, of {} bytes each", size(), versions.len(), ended.to_string().len());

        for start in ["started", "started again"] {
            let mut operator = operator(&cluster, &namespace).await;
            let begin = Instant::now().checked_sub(operator.until_ready).unwrap();
            let page = steady(&operator).await;
            let took = begin.elapsed().as_secs_f64();
            let looks = Looks::read(&page);
            let memory = most_memory(operator.id()).unwrap() as f64 / f64::from(1 << 20);
            let processor = operator.processor_seconds().await.unwrap();
            println!(
                "{start}: ready after {:.1} s, steady after {took:.1} s; {} reconciles, 99 % of them within {} s, all within {} s; \
                 at most {memory:.0} MiB, {processor:.1} s of CPU",
                operator.until_ready.as_secs_f64(), looks.count(), looks.within(0.99), looks.within(1.0),
            );
            assert!(took <= 60.0, "{took} s");
            assert!(memory < 256.0, "{memory} MiB");
            assert!(looks.within(0.99) <= 1.0, "{} s", looks.within(0.99));
            operator.terminate().unwrap();
        }
        assert!(versions_of_ended(&client, &namespace).await == versions, "nothing is written for what has ended");
        let suspended = status(&client, &namespace, "many-3").await;
        assert_eq!(suspended["phase"], "Suspended");
    })
    .await;
}

async fn operator(cluster: &Cluster, namespace: &str) -> OperatorProcess {
    simulated::operator(cluster, namespace, &["--max-workers", "40"]).await
}

/// The status that a real run ends with.
async fn model(cluster: &Cluster, client: &Client, namespace: &str) -> Value {
    let _operator = operator(cluster, namespace).await;
    kubectl(
        cluster,
        namespace,
        &["apply", "-f", &analysis(namespace, "model", &json!({}))],
    );
    eventually("the model is done", async || {
        let status = status(client, namespace, "model").await;
        (status["phase"] == "Succeeded").then_some(status)
    })
    .await
}

/// One that has ended, as the model has; or one that is suspended, and that no operator has seen.
async fn make(client: &Client, namespace: &str, number: usize, ended: &Value) {
    let analyses = analyses(client, namespace);
    let name = format!("many-{number}");
    let one: DynamicObject = serde_json::from_value(json!({
        "apiVersion": "genomics.pleiotropy.io/v1alpha1", "kind": "GenomeAnalysis",
        "metadata": {"name": name, "labels": {"team": "genomics", "project": "survey"}},
        "spec": {
            "genomes": [{"uri": format!("file:///data/genomes/batch-{number}/*.fna.gz")}], "output": {"uri": format!("file:///data/results/{number}/")},
            "storage": {"volumes": [{"claim": "data", "mountPath": "/data"}]}, "suspend": is_suspended(number),
        },
    }))
    .unwrap();
    analyses.create(&PostParams::default(), &one).await.unwrap();
    if !is_suspended(number) {
        let status = Patch::Merge(json!({"status": ended}));
        analyses
            .patch_status(&name, &PatchParams::default(), &status)
            .await
            .unwrap();
    }
}

async fn versions_of_ended(client: &Client, namespace: &str) -> BTreeMap<String, String> {
    let all = analyses(client, namespace)
        .list(&ListParams::default())
        .await
        .unwrap();
    let is_ended = |one: &&DynamicObject| {
        one.data["status"]["phase"] == "Succeeded" && one.name_any().starts_with("many-")
    };
    let version = |one: &DynamicObject| (one.name_any(), one.resource_version().unwrap());
    all.iter().filter(is_ended).map(version).collect()
}

/// The metrics once every analysis has been looked at, and those that wait for nothing have been told so.
async fn steady(operator: &OperatorProcess) -> String {
    let suspended = (0..size() - RUNNING - 1)
        .filter(|number| is_suspended(*number))
        .count();
    within(
        Duration::from_mins(5),
        "every analysis has been looked at",
        async || {
            let page = operator.page("/metrics").await.ok()?;
            let told = page.contains(&format!("genome_analyses{{phase=\"Suspended\"}} {suspended}\n"));
            sleep(seconds(0.2)).await;
            (told && Looks::read(&page).count() >= size() as u64).then_some(page)
        },
    )
    .await
}

/// The histogram of reconciles: bounds in seconds, and how many took no longer.
struct Looks(Vec<(f64, u64)>);

impl Looks {
    fn read(page: &str) -> Self {
        let mut buckets = BTreeMap::<u64, (f64, u64)>::new();
        for line in page.lines() {
            let Some((labels, count)) = line
                .strip_prefix("reconcile_seconds_bucket{")
                .and_then(|rest| rest.split_once("} "))
            else {
                continue;
            };
            let bound = labels
                .split("le=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            let bound = bound.map_or(f64::INFINITY, |bound| bound.parse().unwrap_or(f64::INFINITY));
            // Positive numbers are in the order of their bits.
            buckets.entry(bound.to_bits()).or_insert((bound, 0)).1 += count.trim().parse::<u64>().unwrap();
        }
        Self(buckets.into_values().collect())
    }

    fn count(&self) -> u64 {
        self.0.last().map_or(0, |(_, count)| *count)
    }

    /// The bound within which this part of them lies.
    fn within(&self, part: f64) -> f64 {
        let wanted = self.count() as f64 * part;
        self.0
            .iter()
            .find(|(_, count)| *count as f64 >= wanted)
            .map_or(f64::NAN, |(bound, _)| *bound)
    }
}
