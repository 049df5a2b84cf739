//! Operator and definition are replaced in the middle of a run, forth and back again: the run goes on as if nothing had been.
//! `PREVIOUS_OPERATOR` names the program of an earlier release to change places with.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use cluster_tests::{Cluster, Level, eventually, in_namespace};
use futures::StreamExt;
use genome_contract::Verb;
use genome_operator::api::{GenomeAnalysis, GenomeAnalysisStatus, Phase, crd};
use k8s_openapi::api::batch::v1::Job;
use kube::{
    Api, Client, ResourceExt,
    api::ListParams,
    runtime::{WatchStreamExt, watcher},
};
use serde_json::{Value, json};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    last_words::Work,
    operator_process::OperatorProcess,
    player::{Act, End, Player, Role},
    simulated::seconds,
    support::{
        analysis, created_jobs, install, install_definition, kubectl, operator_program, repository, status,
    },
};

const SWAPS: u32 = 10;
const TASKS: u32 = 160;
const NAME: &str = "lasting";

/// After the last swap nothing is left to wait for.
static IN_HASTE: AtomicBool = AtomicBool::new(false);

/// Every thirtieth task needs more memory: in the end there is a second attempt, made by another version than the plan.
fn is_greedy(task: u32) -> bool {
    task % 30 == 7
}

fn script(role: &Role) -> Act {
    let is_victim = role.verb == Verb::Map && is_greedy(role.task) && role.memory_step == 0;
    let end = if is_victim {
        End::OutOfMemory("g".to_owned())
    } else {
        End::Exit(0)
    };
    let is_in_haste = IN_HASTE.load(Ordering::Relaxed);
    Act {
        time: seconds(if is_in_haste { 0.2 } else { 1.5 }),
        end,
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn a_run_outlasts_ten_swaps_of_operator_and_definition() {
    // Others want the definition as it is.
    let cluster = &Cluster::start(Level::ControlPlane).unwrap();
    install_definition(cluster);
    in_namespace(cluster, async |client, namespace| {
        let player = Player::start(&client, &namespace, &[(NAME, Work::tasks(TASKS))], script);
        let mut operator = version(cluster, &namespace, 0).await;
        let wishes = json!({"scaling": {"minWorkers": 8, "maxWorkers": 8, "finishWithin": "1h"}});
        kubectl(cluster, &namespace, &["apply", "-f", &analysis(&namespace, NAME, &wishes)]);
        let watched = Watched::start(&client, &namespace);
        let until = async |succeeded: u64| {
            eventually(&format!("{succeeded} tasks are done by the status"), async || {
                let status = status(&client, &namespace, NAME).await;
                (status["tasks"]["succeeded"].as_u64() >= Some(succeeded)).then_some(status)
            })
            .await
        };
        let mut done = until(3).await["tasks"]["succeeded"].as_u64().unwrap();
        let mut slowest = 0.0_f64;
        for swap in 1..=SWAPS {
            // As `helm upgrade` and `helm rollback` do: the definition, then the operator, old and new at once for a while.
            replace_definition(cluster, &namespace, swap);
            let next = version(cluster, &namespace, swap).await;
            let begin = Instant::now();
            operator.terminate().unwrap();
            operator = next;
            let status = until(done + 1).await;
            slowest = slowest.max(begin.elapsed().as_secs_f64());
            assert_eq!(status["phase"], "Running", "swapped in the middle: {status}");
            done = status["tasks"]["succeeded"].as_u64().unwrap();
        }
        IN_HASTE.store(true, Ordering::Relaxed);
        eventually("it succeeds", async || {
            (status(&client, &namespace, NAME).await["phase"] == "Succeeded").then_some(())
        })
        .await;

        let statuses = watched.stop().await;
        let started = player.figures(NAME).started;
        let retried = (0..TASKS).filter(|task| is_greedy(*task)).count();
        println!(
            "{SWAPS} swaps of operator and definition in a run of {TASKS} tasks: the status went on after {slowest:.1} s at most; \
             {} pods for {TASKS} tasks and {retried} retries, {} statuses seen",
            started.values().sum::<u32>() - 2,
            statuses.len(),
        );
        for ((verb, task), pods) in started {
            let needed = 1 + u32::from(verb == "map" && is_greedy(task));
            assert_eq!(pods, needed, "{verb} of task {task}");
        }
        let jobs = created_jobs(cluster, &namespace);
        assert_eq!(jobs.into_values().collect::<Vec<_>>(), [1; 4], "plan, map twice, merge");
        let images = images(&client, &namespace).await;
        assert!(images.iter().all(|image| image == "genome-analyzer:0"), "{images:?}");
        assert_legal(&statuses);
    })
    .await;
}

/// A version of the operator: another analyzer, other defaults.
async fn version(cluster: &Cluster, namespace: &str, number: u32) -> OperatorProcess {
    let image = format!("genome-analyzer:{number}");
    let mut flags = vec![
        "--namespace",
        namespace,
        "--pod-namespace",
        namespace,
        "--analyzer-image",
        &image,
    ];
    // Those that ran out of memory wait until nothing else is open: a place that is taken for them is another test's.
    flags.extend(["--gather", "1h"]);
    let is_new = number % 2 == 1;
    if is_new {
        flags.extend(["--max-workers", "50", "--expected-task", "7s", "--settle", "5s"]);
        flags.extend(["--cache-uri", "redis://cache:6379", "--lost-node-grace", "1m"]);
    }
    let previous = std::env::var_os("PREVIOUS_OPERATOR").map(Into::into);
    let program = previous.filter(|_| !is_new).unwrap_or_else(operator_program);
    OperatorProcess::start(&program, cluster, &flags).await.unwrap()
}

/// One of three definitions: ours; one with an optional field more in specification and status, both of them used; one without
/// two fields of the status that came late, and that the operator writes.
fn replace_definition(cluster: &Cluster, namespace: &str, swap: u32) {
    let mut definition = serde_json::to_value(crd::definition()).unwrap();
    let fields = &mut definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"];
    match swap % 3 {
        1 => {
            fields["spec"]["properties"]["weather"] = json!({"type": "string", "maxLength": 10});
            fields["status"]["properties"]["sunshine"] = json!({"type": "integer"});
        }
        2 => {
            let status = &mut fields["status"]["properties"];
            for (part, field) in [("workers", "fewerSince"), ("tasks", "chunksFound")] {
                let removed = status[part]["properties"].as_object_mut().unwrap().remove(field);
                assert!(removed.is_some(), "no `{field}`");
            }
        }
        _ => {}
    }
    let file = repository().join(format!("target/cluster-tests/{namespace}-definition.json"));
    fs::write(&file, definition.to_string()).unwrap();
    install(cluster, Path::new(&file));
    if swap % 3 == 1 {
        use_what_is_new(cluster, namespace);
    }
}

/// Until the API server serves the new definition, it drops the fields of it.
fn use_what_is_new(cluster: &Cluster, namespace: &str) {
    let wish = json!({"spec": {"weather": "fine"}, "status": {"sunshine": 7}}).to_string();
    let read = |path: &str| {
        kubectl(
            cluster,
            namespace,
            &["get", "ga", NAME, "-o", &format!("jsonpath={path}")],
        )
    };
    for _ in 0..50 {
        kubectl(
            cluster,
            namespace,
            &["patch", "ga", NAME, "--type", "merge", "--patch", &wish],
        );
        let of_status = [
            "patch",
            "ga",
            NAME,
            "--subresource",
            "status",
            "--type",
            "merge",
            "--patch",
            &wish,
        ];
        kubectl(cluster, namespace, &of_status);
        if read("{.spec.weather} {.status.sunshine}") == "fine 7" {
            return;
        }
    }
    panic!("the new fields are not served");
}

async fn images(client: &Client, namespace: &str) -> Vec<String> {
    let jobs = Api::<Job>::namespaced(client.clone(), namespace);
    let jobs = jobs.list(&ListParams::default()).await.unwrap();
    let image = |job: &Job| {
        let pod = job.spec.as_ref()?.template.spec.as_ref()?;
        pod.containers[0].image.clone()
    };
    jobs.iter().filter_map(image).collect()
}

/// Everybody's view of the status, from a watch.
struct Watched {
    statuses: mpsc::UnboundedReceiver<GenomeAnalysisStatus>,
    task: JoinHandle<()>,
}

impl Watched {
    fn start(client: &Client, namespace: &str) -> Self {
        let (tell, statuses) = mpsc::unbounded_channel();
        let analyses = Api::<GenomeAnalysis>::namespaced(client.clone(), namespace);
        let task = tokio::spawn(async move {
            let mut changes = watcher(analyses, watcher::Config::default())
                .default_backoff()
                .touched_objects()
                .boxed();
            while let Some(change) = changes.next().await {
                let status = change
                    .ok()
                    .filter(|one| one.name_any() == NAME)
                    .and_then(|one| one.status);
                if status.is_some_and(|status| tell.send(status).is_err()) {
                    return;
                }
            }
        });
        Self { statuses, task }
    }

    async fn stop(mut self) -> Vec<GenomeAnalysisStatus> {
        let is_end = |status: &GenomeAnalysisStatus| status.phase.is_some_and(Phase::is_finished);
        let mut all = Vec::new();
        while !all.last().is_some_and(is_end) {
            all.extend(self.statuses.recv().await);
        }
        self.task.abort();
        all
    }
}

/// Counts and phases only go forward, and genomes add up.
fn assert_legal(statuses: &[GenomeAnalysisStatus]) {
    let order = [
        Phase::Pending,
        Phase::Planning,
        Phase::Running,
        Phase::Merging,
        Phase::Succeeded,
    ];
    let figures = |status: &GenomeAnalysisStatus| -> Vec<u64> {
        let phase = status
            .phase
            .and_then(|phase| order.iter().position(|one| *one == phase));
        let genomes = status.genomes.unwrap_or_default();
        let tasks = status.tasks.unwrap_or_default();
        assert_eq!(
            genomes.analyzed + genomes.cached + genomes.failed + genomes.remaining,
            genomes.total
        );
        vec![
            phase.unwrap_or_else(|| panic!("{:?}", status.phase)) as u64,
            u64::try_from(status.observed_generation.unwrap_or(0)).unwrap(),
            genomes.total,
            genomes.analyzed,
            tasks.total,
            tasks.succeeded,
            tasks.retried,
            tasks.out_of_memory,
        ]
    };
    for pair in statuses.windows(2) {
        let (before, after) = (figures(&pair[0]), figures(&pair[1]));
        let is_forward = before.iter().zip(&after).all(|(before, after)| before <= after);
        assert!(is_forward, "{before:?}, then {after:?}");
    }
    let last = statuses
        .last()
        .map(|last| Value::from(last.tasks.unwrap_or_default().disrupted));
    assert_eq!(last, Some(json!(0)), "no pod was disturbed");
}
