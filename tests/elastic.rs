//! As many workers as wanted, as fit, and as are needed; and the same tasks whatever becomes of nodes.

use genome_contract::Verb;
use genome_operator::{api::Phase, decide::Timing};
use k8s_openapi::jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{
    Cluster, End,
    cluster::{Worker, attempts, conditions},
    make::{analysis, start},
};

fn cluster(spec: &Value, tasks: u32, seconds: i64) -> Cluster {
    let mut cluster = Cluster::new(analysis(spec), u64::from(tasks), tasks, |_| End::well());
    cluster.task_seconds = seconds;
    cluster
}

/// Reconciles and lets `seconds` pass, five at a time.
fn live(cluster: &mut Cluster, seconds: i64) {
    for _ in 0..seconds / 5 {
        while cluster.reconcile(usize::MAX) > 0 {}
        cluster.pass(5);
    }
    while cluster.reconcile(usize::MAX) > 0 {}
}

fn live_until(cluster: &mut Cluster, phase: Phase) {
    for _ in 0..500 {
        live(cluster, 5);
        if cluster.status().phase == Some(phase) {
            return;
        }
    }
    panic!("never {phase}: {:#?}", cluster.status());
}

fn desired(cluster: &Cluster) -> u32 {
    cluster.status().workers.unwrap().desired
}

#[test]
fn it_finishes_within_the_time_asked_for_and_with_no_more_workers_than_that_needs() {
    // The plan aims at tasks of a minute. Where few of them fit, the second between two pods of a Job counts.
    for (tasks, task_seconds, minutes, between) in [
        (400, 60, 20, 0),
        (300, 30, 12, 0),
        (100, 200, 60, 0),
        (200, 50, 10, 1),
        (100, 50, 8, 1),
        (100, 60, 8, 1),
        (200, 60, 7, 1),
    ] {
        let spec = json!({ "scaling": { "maxWorkers": 400, "finishWithin": format!("{minutes}m") } });
        let mut cluster = cluster(&spec, tasks, 0);
        live_until(&mut cluster, Phase::Running);
        cluster.task_seconds = task_seconds;
        let mut most = 0;
        while cluster.status().phase == Some(Phase::Running) {
            live(&mut cluster, 5);
            if cluster.status().phase == Some(Phase::Running) {
                most = most.max(desired(&cluster));
            }
        }
        cluster.task_seconds = 0;
        live_until(&mut cluster, Phase::Succeeded);
        let within = minutes * 60;
        let took = cluster.now.duration_since(start()).as_secs();
        // Whole tasks, one after the other: the fewest workers that can be done in time.
        let rounds = u32::try_from(within / (task_seconds + between)).unwrap();
        let needed = tasks.div_ceil(rounds);
        println!(
            "{tasks} tasks of {task_seconds} s within {within} s: {took} s with at most {most} workers, {needed} needed"
        );
        assert!(took * 10 <= within * 11, "{took} s");
        assert!(most * 10 <= needed * 11, "{most} workers, {needed} needed");
    }
}

#[test]
fn fewer_workers_must_do_for_a_while_before_some_are_let_go() {
    let spec = json!({ "scaling": { "maxWorkers": 50, "finishWithin": "10m" } });
    // The plan aims at tasks of a minute; these take a fifth of that.
    let mut cluster = cluster(&spec, 200, 12);
    live_until(&mut cluster, Phase::Running);
    let first = desired(&cluster);
    live(&mut cluster, 40);
    assert_eq!(desired(&cluster), first);
    assert!(cluster.status().workers.unwrap().fewer_since.is_some());
    live(&mut cluster, 60);
    let then = desired(&cluster);
    println!("{first} workers before a task was seen to take 12 s, {then} a minute after that");
    assert!(then < first / 2, "{then} of {first}");
    assert_eq!(cluster.status().workers.unwrap().fewer_since, None);
}

#[test]
fn pods_wait_for_nodes_then_a_probe_doubles_each_time_it_is_taken() {
    let mut cluster = cluster(&json!({ "scaling": { "maxWorkers": 40 } }), 400, 100_000);
    cluster.room = 4;
    // The plan takes as long as a task; it is not what is looked at.
    cluster.task_seconds = 0;
    live_until(&mut cluster, Phase::Running);
    cluster.task_seconds = 100_000;
    live(&mut cluster, 120);
    let limited = cluster.condition(conditions::SCALING_LIMITED);
    assert_eq!(limited, ("True".to_owned(), "Unschedulable".to_owned()));
    assert_eq!(
        cluster.condition(conditions::PROGRESSING).0,
        "True",
        "four of them work"
    );
    assert_eq!(
        (desired(&cluster), cluster.live_pods()),
        (40, 40),
        "a node autoscaler needs them to stay"
    );
    live(&mut cluster, 240);
    assert_eq!(
        (desired(&cluster), cluster.live_pods()),
        (5, 5),
        "four and a probe"
    );
    let mut steps = Vec::new();
    cluster.room = 100;
    for _ in 0..6 {
        live(&mut cluster, 5);
        steps.push(desired(&cluster));
    }
    println!("workers asked for as room grows: {steps:?}");
    assert_eq!(steps, [7, 11, 19, 35, 40, 40]);
    assert_eq!(cluster.status().workers.unwrap().probe, None);
    assert!(cluster.most_pods <= 40, "{}", cluster.most_pods);
}

#[test]
fn a_task_on_a_lost_node_is_done_elsewhere_and_spends_no_retry() {
    let spec = json!({ "scaling": { "maxWorkers": 1 }, "retries": { "perTask": 0 } });
    for verb in [Verb::Plan, Verb::Map, Verb::Merge] {
        let mut cluster = cluster(&spec, 3, 10);
        let phase = match verb {
            Verb::Plan => Phase::Planning,
            Verb::Map => Phase::Running,
            Verb::Merge => Phase::Merging,
        };
        live_until(&mut cluster, phase);
        cluster.pass(5);
        cluster.lose_a_node();
        let begin = cluster.now;
        live_until(&mut cluster, Phase::Succeeded);
        let waited = cluster.now.duration_since(begin).as_secs();
        println!("node of the {} lost: all done {waited} s later", verb.as_str());
        assert!((300..420).contains(&waited), "{waited} s");
        assert_eq!(cluster.status().genomes.unwrap().analyzed, 3);
        assert_eq!(attempts(&cluster, verb).len(), 2);
    }
}

#[test]
fn the_grace_for_a_lost_node_is_the_operators_to_set() {
    let mut cluster = cluster(&json!({}), 3, 10);
    cluster.settings.timing = Timing {
        lost_node: std::time::Duration::from_secs(20),
        ..Timing::default()
    };
    live_until(&mut cluster, Phase::Running);
    cluster.pass(5);
    cluster.lose_a_node();
    let begin = cluster.now;
    live_until(&mut cluster, Phase::Succeeded);
    assert!(cluster.now.duration_since(begin) < SignedDuration::from_secs(90));
}

#[test]
fn the_memory_step_outlasts_a_preemption() {
    let script = |worker: &Worker| match (worker.verb, worker.task, worker.earlier) {
        (Verb::Map, 1, 0) => End::out_of_memory("big"),
        (Verb::Map, 1, 1 | 2) => End::evicted(),
        (Verb::Map, 1, _) if worker.memory_step == 0 => End::out_of_memory("big"),
        _ => End::well(),
    };
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 3, script);
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::Succeeded));
    assert_eq!(attempts(&cluster, Verb::Map), [(0, 0, 3), (1, 1, 1)]);
    let tasks = cluster.status().tasks.unwrap();
    assert_eq!((tasks.out_of_memory, tasks.disrupted, tasks.retried), (1, 2, 1));
}

#[test]
fn victims_gather_while_a_retry_job_of_their_step_is_at_work() {
    // One task after the other runs out of memory, ten seconds apart, and takes 25 s with more.
    let script = |worker: &Worker| match worker.verb {
        Verb::Map if worker.memory_step == 0 => End::out_of_memory("big"),
        _ => End::well(),
    };
    let spec = json!({ "scaling": { "maxWorkers": 40 } });
    let mut cluster = Cluster::new(analysis(&spec), 200, 200, script);
    live_until(&mut cluster, Phase::Running);
    cluster.task_seconds = 10;
    let mut most = 0;
    while cluster.status().phase == Some(Phase::Running) {
        live(&mut cluster, 5);
        let map_jobs = |job: &&genome_operator::results::JobState| job.verb == Verb::Map && job.is_live();
        most = most.max(cluster.observed().jobs.iter().filter(map_jobs).count());
    }
    live_until(&mut cluster, Phase::Succeeded);
    let jobs = attempts(&cluster, Verb::Map);
    println!(
        "200 victims in {} retry Jobs, at most {most} map Jobs at once",
        jobs.len() - 1
    );
    assert!(most <= 3, "{most} map Jobs at once");
    assert!(jobs.len() <= 20, "{jobs:?}");
}
