//! The course of an analysis from its first Job to its end, as `decide` steers it on the fake cluster.

use genome_contract::Verb;
use genome_operator::{
    api::Phase,
    results::{Indexes, JobState},
};
use serde_json::json;

use crate::support::{
    Cluster, End,
    cluster::{Worker, attempts, conditions},
    make::analysis,
};

fn all_well(_: &Worker) -> End {
    End::well()
}

#[test]
fn plan_map_and_merge_follow_each_other() {
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 3, all_well);
    cluster.run_to_end();
    let status = cluster.status();
    assert_eq!(status.phase, Some(Phase::Succeeded));
    assert_eq!(status.done.as_deref(), Some("12/12"));
    assert_eq!(status.results.unwrap().pleiotropic_genes, Some(7));
    assert_eq!(
        cluster.condition(conditions::COMPLETE),
        ("True".to_owned(), "AllAnalyzed".to_owned())
    );
    assert_eq!(cluster.made.len(), 3);
    assert_eq!(cluster.most_pods, 3);
    assert_eq!(cluster.events, ["Accepted", "Planned", "Completed"]);
}

#[test]
fn a_task_that_the_cache_answers_makes_no_pod() {
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 4, all_well);
    cluster.settled = Indexes::parse("0-1,3");
    cluster.run_to_end();
    let status = cluster.status();
    assert_eq!(status.phase, Some(Phase::Succeeded));
    let genomes = status.genomes.unwrap();
    assert_eq!((genomes.analyzed, genomes.cached, genomes.failed), (3, 9, 0));
    assert_eq!(attempts(&cluster, Verb::Map), [(0, 0, 1)]);
    assert_eq!(cluster.most_pods, 1);
    // Known from the first page, and never taken back.
    let cached =
        |status: &genome_operator::api::GenomeAnalysisStatus| status.genomes.map_or(0, |all| all.cached);
    assert!(cluster.history.iter().map(cached).is_sorted());
}

#[test]
fn what_the_plan_settled_stays_settled_when_its_pod_is_gone() {
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 4, all_well);
    cluster.settled = Indexes::parse("0-1");
    while attempts(&cluster, Verb::Map).is_empty() {
        cluster.reconcile(usize::MAX);
        cluster.pass(1);
    }
    let plans: Vec<_> = cluster
        .jobs
        .values()
        .filter_map(|job| JobState::read(job, []))
        .filter(|job| job.verb == Verb::Plan)
        .map(|job| job.name)
        .collect();
    cluster
        .pods
        .retain(|name, _| !plans.iter().any(|plan| name.starts_with(plan.as_str())));
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::Succeeded));
    assert_eq!(attempts(&cluster, Verb::Map), [(0, 0, 2)]);
    let genomes = cluster.status().genomes.unwrap();
    assert_eq!((genomes.analyzed, genomes.cached), (6, 6));
}

#[test]
fn nothing_is_written_after_the_end() {
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 3, all_well);
    cluster.run_to_end();
    for _ in 0..20 {
        cluster.pass(30);
        assert_eq!(cluster.reconcile(usize::MAX), 0);
    }
}

#[test]
fn only_the_victim_climbs_the_memory_ladder() {
    let script = |worker: &Worker| match (worker.verb, worker.task) {
        (Verb::Map, 1) if worker.memory_step < 2 => End::out_of_memory("big"),
        _ => End::well(),
    };
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 3, script);
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::Succeeded));
    assert_eq!(attempts(&cluster, Verb::Map), [(0, 0, 3), (1, 1, 1), (2, 2, 1)]);
    let tasks = cluster.status().tasks.unwrap();
    assert_eq!(tasks.out_of_memory, 2);
    assert_eq!(tasks.chunks_found, 1, "its second and third pod found the same");
    assert_eq!(cluster.status().memory_step, Some(2));
}

#[test]
fn a_round_keeps_the_image_that_planned_it_whatever_the_operator_is_told_since() {
    let script = |worker: &Worker| match (worker.verb, worker.task) {
        (Verb::Map, 1) if worker.memory_step == 0 => End::out_of_memory("big"),
        (Verb::Map, 2) => End::with(65),
        _ => End::well(),
    };
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 3, script);
    // Nothing is planned yet: the next attempt may be of any version.
    cluster.settings.analyzer_image = "analyzer:1".to_owned();
    while attempts(&cluster, Verb::Map).is_empty() {
        cluster.reconcile(usize::MAX);
        cluster.pass(1);
    }
    cluster.settings.analyzer_image = "analyzer:2".to_owned();
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::PartiallySucceeded));
    assert_eq!(images(&cluster, 0), ["analyzer:1"; 4], "plan, map twice, merge");

    cluster.edit(|spec| spec.retries.round = 1);
    cluster.run_to_end();
    assert!(images(&cluster, 1).len() >= 3);
    assert!(images(&cluster, 1).iter().all(|image| image == "analyzer:2"));
}

#[test]
fn a_run_that_has_begun_goes_on_where_its_priority_class_is_no_longer_allowed() {
    let urgent = json!({"scheduling": {"priorityClassName": "urgent"}});
    let mut cluster = Cluster::new(analysis(&urgent), 12, 3, all_well);
    cluster.settings.validation.priority_classes = vec!["urgent".to_owned()];
    while attempts(&cluster, Verb::Map).is_empty() {
        cluster.reconcile(usize::MAX);
        cluster.pass(1);
    }
    cluster.settings.validation.priority_classes.clear();
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::Succeeded));

    let mut late = Cluster::new(analysis(&urgent), 12, 3, all_well);
    late.run_to_end();
    assert_eq!(
        late.status().phase,
        Some(Phase::Failed),
        "none of its Jobs was made"
    );
    assert!(late.jobs.is_empty());
}

fn images(cluster: &Cluster, round: u32) -> Vec<String> {
    let states = cluster.jobs.values().filter_map(|job| JobState::read(job, []));
    let of_round = states.filter(|job| job.round == round);
    of_round.map(|job| job.image.unwrap()).collect()
}

#[test]
fn a_genome_that_never_fits_is_given_up_and_its_task_goes_on() {
    let script = |worker: &Worker| match (worker.verb, worker.task) {
        (Verb::Map, 1) if worker.given_up.is_empty() => End::out_of_memory("huge"),
        _ => End::well(),
    };
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 3, script);
    cluster.run_to_end();
    let status = cluster.status();
    assert_eq!(status.phase, Some(Phase::PartiallySucceeded));
    assert_eq!(status.genomes.unwrap().failed, 1);
    assert_eq!(status.first_failure.unwrap().genome.as_deref(), Some("huge"));
    // 512Mi, 1Gi, 2Gi, and once more without the genome.
    assert_eq!(attempts(&cluster, Verb::Map).len(), 4);
}

#[test]
fn a_task_is_tried_as_often_as_its_retries_allow() {
    let script = |worker: &Worker| match (worker.verb, worker.task) {
        (Verb::Map, 1) => End::with(75),
        _ => End::well(),
    };
    let mut cluster = Cluster::new(analysis(&json!({ "retries": { "perTask": 3 } })), 12, 3, script);
    cluster.run_to_end();
    let status = cluster.status();
    assert_eq!(status.phase, Some(Phase::PartiallySucceeded));
    assert_eq!(
        (status.genomes.unwrap().analyzed, status.genomes.unwrap().failed),
        (8, 4)
    );
    assert_eq!(
        attempts(&cluster, Verb::Map),
        [(0, 0, 3), (1, 0, 1)],
        "two tries in each of two Jobs"
    );
}

#[test]
fn evictions_cost_nothing() {
    let script = |worker: &Worker| match worker.verb {
        Verb::Map if worker.earlier < 5 => End::evicted(),
        _ => End::well(),
    };
    let spec = json!({ "retries": { "perTask": 0 } });
    let mut cluster = Cluster::new(analysis(&spec), 12, 3, script);
    cluster.run_to_end();
    let status = cluster.status();
    assert_eq!(status.phase, Some(Phase::Succeeded));
    assert_eq!(
        (status.tasks.unwrap().disrupted, status.tasks.unwrap().retried),
        (15, 0)
    );
}

#[test]
fn bad_input_is_settled_without_a_retry() {
    let script = |worker: &Worker| match (worker.verb, worker.task) {
        (Verb::Map, 2) => End::with(65),
        _ => End::well(),
    };
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 3, script);
    cluster.run_to_end();
    let status = cluster.status();
    assert_eq!(status.phase, Some(Phase::PartiallySucceeded));
    assert_eq!(status.genomes.unwrap().failed, 4);
    assert_eq!(status.first_failure.unwrap().reason, "EmptyInput");
    assert_eq!(attempts(&cluster, Verb::Map).len(), 1);
}

#[test]
fn a_wrong_request_fails_at_once_with_the_pods_words() {
    let script = |worker: &Worker| {
        if worker.verb == Verb::Plan {
            End::with(64)
        } else {
            End::well()
        }
    };
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 3, script);
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::Failed));
    assert_eq!(
        cluster.condition(conditions::FAILED),
        ("True".to_owned(), "BadRequest".to_owned())
    );
    assert_eq!(cluster.status().message.as_deref(), Some("exit 64"));
}

#[test]
fn while_the_output_refuses_one_worker_probes() {
    let script = |worker: &Worker| match worker.verb {
        Verb::Map if (worker.now - crate::support::make::start()).get_seconds() < 200 => End::with(73),
        _ => End::well(),
    };
    let mut cluster = Cluster::new(analysis(&json!({})), 40, 10, script);
    while cluster.status().phase != Some(Phase::Running) {
        cluster.reconcile(usize::MAX);
        cluster.pass(10);
    }
    for _ in 0..4 {
        cluster.reconcile(usize::MAX);
        cluster.pass(10);
    }
    cluster.reconcile(usize::MAX);
    assert_eq!(
        cluster.condition(conditions::PROGRESSING),
        ("False".to_owned(), "OutputConflict".to_owned())
    );
    assert_eq!(cluster.status().workers.unwrap().desired, 1);
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::Succeeded));
    assert!(cluster.events.contains(&"Unblocked"), "{:?}", cluster.events);
}

#[test]
fn resuming_brings_all_workers_back_at_once() {
    let script = |worker: &Worker| match worker.verb {
        Verb::Map if worker.earlier < 3 => End::with(77),
        _ => End::well(),
    };
    let mut cluster = Cluster::new(analysis(&json!({})), 40, 10, script);
    while cluster
        .status()
        .workers
        .is_none_or(|workers| workers.reason.is_none())
    {
        cluster.reconcile(usize::MAX);
        cluster.pass(10);
    }
    assert_eq!(cluster.status().workers.unwrap().desired, 1);
    cluster.now += k8s_openapi::jiff::SignedDuration::from_secs(1);
    resume(&mut cluster);
    while cluster.reconcile(usize::MAX) > 0 {}
    assert_eq!(cluster.status().workers.unwrap().desired, 10);
    // The Job controller pauses before it tries a refused task again; another Job does not. One probes at that moment.
    let all = cluster.observed().jobs;
    let mut map: Vec<(u32, usize, u32)> = all
        .iter()
        .filter(|job| job.verb == Verb::Map)
        .map(|job| (job.attempt, job.tasks.len(), job.parallelism))
        .collect();
    map.sort_unstable();
    assert_eq!(map, [(0, 10, 1), (1, 9, 9)]);
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::Succeeded));
    assert_eq!(attempts(&cluster, Verb::Map).len(), 2, "no third");
}

fn resume(cluster: &mut Cluster) {
    let said = (
        genome_operator::api::names::annotations::RESUMED_AT.to_owned(),
        cluster.now.to_string(),
    );
    cluster.analysis.metadata.annotations = Some([said].into());
}

#[test]
fn a_plan_that_was_refused_is_made_at_once_when_a_person_resumes_and_costs_no_retry() {
    let script = |worker: &Worker| match (worker.verb, worker.earlier) {
        (Verb::Plan, 0..4) => End::with(73),
        _ => End::well(),
    };
    let spec = json!({ "retries": { "perTask": 0 } });
    let mut cluster = Cluster::new(analysis(&spec), 12, 3, script);
    for _ in 0..4 {
        while cluster.reconcile(usize::MAX) > 0 {}
        cluster.pass(10);
    }
    assert_eq!(
        attempts(&cluster, Verb::Plan).len(),
        1,
        "the Job's own pod probes"
    );
    cluster.now += k8s_openapi::jiff::SignedDuration::from_secs(1);
    // Its pod has ended, and the next one is not there yet.
    cluster
        .pods
        .retain(|_, pod| pod.status.as_ref().unwrap().phase.as_deref() == Some("Failed"));
    resume(&mut cluster);
    cluster.run_to_end();
    assert_eq!(attempts(&cluster, Verb::Plan).len(), 2);
    assert_eq!(cluster.status().phase, Some(Phase::Succeeded));
}

#[test]
fn suspension_stops_workers_and_resuming_goes_on() {
    let mut cluster = Cluster::new(
        analysis(&json!({ "scaling": { "maxWorkers": 2 } })),
        20,
        10,
        all_well,
    );
    for _ in 0..6 {
        cluster.reconcile(usize::MAX);
        cluster.pass(10);
    }
    cluster.edit(|spec| spec.suspend = true);
    while cluster.reconcile(usize::MAX) > 0 {}
    cluster.pass(10);
    while cluster.reconcile(usize::MAX) > 0 {}
    assert_eq!(cluster.status().phase, Some(Phase::Suspended));
    assert_eq!(cluster.status().workers.unwrap().running, 0);
    let done = cluster.status().done;
    cluster.pass(100);
    while cluster.reconcile(usize::MAX) > 0 {}
    assert_eq!(cluster.status().done, done);
    cluster.edit(|spec| spec.suspend = false);
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::Succeeded));
}

#[test]
fn cancelling_ends_it_and_its_pods() {
    let mut cluster = Cluster::new(analysis(&json!({})), 200, 100, all_well);
    for _ in 0..5 {
        cluster.reconcile(usize::MAX);
        cluster.pass(10);
    }
    cluster.edit(|spec| spec.cancel = true);
    while cluster.reconcile(usize::MAX) > 0 {}
    assert_eq!(cluster.status().phase, Some(Phase::Cancelled));
    cluster.pass(10);
    assert_eq!(
        cluster
            .observed()
            .jobs
            .iter()
            .map(JobState::running_pods)
            .sum::<u32>(),
        0
    );
    assert_eq!(cluster.reconcile(usize::MAX), 0);
}

#[test]
fn the_total_time_out_ends_it() {
    let script = |worker: &Worker| {
        if worker.verb == Verb::Map {
            End::evicted()
        } else {
            End::well()
        }
    };
    let mut cluster = Cluster::new(analysis(&json!({ "timeouts": { "total": "5m" } })), 12, 3, script);
    cluster.run_to_end();
    assert_eq!(
        cluster.condition(conditions::FAILED),
        ("True".to_owned(), "TimedOut".to_owned())
    );
}

#[test]
fn a_finished_analysis_goes_when_its_time_to_live_has_passed() {
    let mut cluster = Cluster::new(
        analysis(&json!({ "ttlSecondsAfterFinished": 60 })),
        12,
        3,
        all_well,
    );
    cluster.run_to_end();
    cluster.pass(50);
    cluster.reconcile(usize::MAX);
    assert!(!cluster.removed);
    cluster.pass(10);
    cluster.reconcile(usize::MAX);
    assert!(cluster.removed);
}

#[test]
fn a_later_round_begins_anew() {
    let script = |worker: &Worker| match (worker.verb, worker.task) {
        (Verb::Map, 1) if worker.earlier == 0 => End::with(65),
        _ => End::well(),
    };
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 3, script);
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::PartiallySucceeded));
    cluster.edit(|spec| spec.retries.round = 1);
    while cluster.reconcile(usize::MAX) > 0 {}
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::Succeeded));
    assert_eq!(cluster.status().round, Some(1));
}

#[test]
fn all_mistakes_of_a_specification_are_told_at_once() {
    let spec = json!({
        "output": { "uri": "ftp://results" },
        "scaling": { "minWorkers": 5, "maxWorkers": 2 },
        "resources": { "memory": "lots" },
    });
    let mut cluster = Cluster::new(analysis(&spec), 12, 3, all_well);
    cluster.reconcile(usize::MAX);
    assert_eq!(
        cluster.condition(conditions::ACCEPTED),
        ("False".to_owned(), "InvalidSpec".to_owned())
    );
    let message = cluster.status().message.unwrap();
    for path in ["spec.output.uri", "spec.scaling", "spec.resources.memory"] {
        assert!(message.contains(path), "no `{path}` in: {message}");
    }
    assert_eq!(cluster.reconcile(usize::MAX), 0);
    assert!(cluster.made.is_empty());
}

#[test]
fn lost_status_and_pods_lose_no_result() {
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 3, all_well);
    for _ in 0..5 {
        cluster.reconcile(usize::MAX);
        cluster.pass(10);
    }
    cluster.pods.clear();
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::Succeeded));
}

#[test]
fn five_hundred_victims_trickling_in_need_few_jobs_at_once() {
    let script = |worker: &Worker| match worker.verb {
        Verb::Map if worker.task.is_multiple_of(2) && worker.memory_step == 0 => End::out_of_memory("big"),
        _ => End::well(),
    };
    let mut cluster = Cluster::new(
        analysis(&json!({ "scaling": { "maxWorkers": 20 } })),
        1000,
        1000,
        script,
    );
    for _ in 0..500 {
        while cluster.reconcile(usize::MAX) > 0 {}
        let live = cluster.observed().jobs.iter().filter(|job| job.is_live()).count();
        assert!(live <= 3, "{live} live Jobs");
        if cluster.status().phase.is_some_and(Phase::is_finished) {
            break;
        }
        cluster.pass(10);
    }
    assert_eq!(cluster.status().phase, Some(Phase::Succeeded));
    assert!(cluster.most_pods <= 20, "{}", cluster.most_pods);
}

#[test]
fn a_failure_is_judged_when_its_pod_has_been_seen_to_end() {
    let script = |worker: &Worker| match (worker.verb, worker.task) {
        (Verb::Map, 1) if worker.memory_step == 0 => End::out_of_memory("big"),
        _ => End::well(),
    };
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 3, script);
    let mut observed = cluster.observed();
    while !observed.jobs.iter().any(|job| job.failed.contains(1)) {
        cluster.reconcile(usize::MAX);
        cluster.pass(10);
        observed = cluster.observed();
    }
    let made = |observed: &genome_operator::decide::Observed| {
        let decision = genome_operator::decide::decide(observed, &cluster.settings);
        decision.create.len()
    };
    assert_eq!(made(&observed), 1, "the victim climbs");

    // The watch of pods is behind that of Jobs.
    let job = observed
        .jobs
        .iter_mut()
        .find(|job| job.verb == Verb::Map)
        .unwrap();
    let pod = job.pods.iter_mut().find(|pod| pod.index == 1).unwrap();
    pod.life = genome_operator::results::pod_state::Life::Running;
    assert_eq!(made(&observed), 0);
}
