//! Properties of one decision about any world, the impossible ones included: Jobs and pods in any state, in any number,
//! forged or lost, beside any specification and any last status.

use std::collections::BTreeSet;

use genome_contract::{Message, Verb};
use genome_operator::{
    api::{GenomeAnalysisStatus, Phase, names::annotations, v1alpha1::status::Workers},
    decide::{Decision, Observed, OperatorSettings, Refusal, RefusalKind, Trouble, decide, share::Demand},
    results::{
        Death, Finish, JobState, PodState,
        pod_state::{HeldUp, Life},
    },
};
use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
    jiff::SignedDuration,
};
use kube::ResourceExt;
use proptest::prelude::*;
use serde_json::json;

use crate::support::make::{self, analysis};

const TASKS: u32 = 8;

/// The choices of a world, from its number (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u8) -> u8 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u8::try_from((mixed ^ (mixed >> 31)) % u64::from(sides)).unwrap()
    }

    fn one_in(&mut self, sides: u8) -> bool {
        self.below(sides) == 1
    }

    fn number(&mut self, most: u8) -> u32 {
        u32::from(self.below(most + 1))
    }
}

fn ago(dice: &mut Dice) -> k8s_openapi::jiff::Timestamp {
    now() - SignedDuration::from_secs(i64::from(dice.below(250)) * 4)
}

fn now() -> k8s_openapi::jiff::Timestamp {
    make::start() + SignedDuration::from_hours(1)
}

fn pod(dice: &mut Dice, job: &str, verb: Verb, number: usize) -> PodState {
    let index = dice.number(8);
    let life = match dice.below(4) {
        0 => Life::Running,
        1 => Life::Pending,
        2 => Life::Succeeded,
        _ => Life::Failed(Death {
            exit_code: [
                Some(137),
                Some(75),
                Some(65),
                Some(64),
                Some(73),
                Some(77),
                Some(70),
                None,
            ][usize::from(dice.below(8))],
            out_of_memory: dice.one_in(2),
            reason: ["OOMKilled", "Error", "Evicted", ""][usize::from(dice.below(4))].to_owned(),
            text: "words".to_owned(),
        }),
    };
    let is_live = matches!(life, Life::Running | Life::Pending);
    let message = (!is_live && dice.one_in(2)).then(|| {
        let mut message = Message::new(verb);
        message.finished = dice.one_in(2);
        message.genome = dice.one_in(2).then(|| "in-hand".to_owned());
        message.genomes.total = 3;
        message.genomes.analyzed = u64::from(dice.number(3));
        message.peak_memory_bytes = 1 << 30;
        message
    });
    let held_up = (life == Life::Pending && dice.one_in(2)).then(|| HeldUp {
        reason: ["Unschedulable", "ErrImagePull"][usize::from(dice.below(2))].to_owned(),
        text: "0/3 nodes are available".to_owned(),
        since: dice.one_in(2).then(|| ago(dice)),
    });
    PodState {
        name: format!("{job}-{number}"),
        node: dice.one_in(2).then(|| "node".to_owned()),
        index,
        created: Some(ago(dice)),
        started: (life != Life::Pending).then(|| ago(dice)),
        finished: (!is_live).then(|| ago(dice)),
        disrupted: dice.one_in(5),
        overdue_since: dice.one_in(6).then(|| ago(dice)),
        held_up,
        message,
        life,
    }
}

fn job(dice: &mut Dice, number: usize) -> JobState {
    let verb = [Verb::Map, Verb::Map, Verb::Plan, Verb::Merge][usize::from(dice.below(4))];
    let attempt = dice.number(4);
    let tasks: Vec<u32> = if verb == Verb::Map {
        (0..TASKS + 1).filter(|_| !dice.one_in(3)).collect()
    } else {
        vec![0]
    };
    let name = format!("job-{number}");
    let indexes = |dice: &mut Dice| (0..TASKS).filter(|_| dice.one_in(4)).collect();
    let (succeeded, failed) = (indexes(dice), indexes(dice));
    let finish = match dice.below(5) {
        0 => Some(Finish::Complete),
        1 => Some(Finish::Failed {
            reason: ["FailedIndexes", "PodFailurePolicy"][usize::from(dice.below(2))].to_owned(),
            text: "words".to_owned(),
        }),
        _ => None,
    };
    let pods = dice.number(9);
    let mut pods: Vec<PodState> = (0..pods as usize)
        .map(|one| pod(dice, &name, verb, one))
        .collect();
    if finish.is_some() {
        // The Job controller ends its pods before it says so.
        pods.retain(|pod| !pod.is_live());
    }
    JobState {
        uid: format!("uid-of-{name}"),
        resource_version: "1".to_owned(),
        verb,
        round: u32::from(dice.one_in(6)),
        attempt,
        memory_step: dice.number(3),
        image: dice.one_in(2).then(|| "analyzer:1".to_owned()),
        tasks,
        given_up: Vec::new(),
        parallelism: dice.number(20),
        suspended: dice.one_in(8),
        finish,
        succeeded,
        failed,
        active: 0,
        created: Some(ago(dice)),
        deleting: dice.one_in(8),
        pods,
        name,
    }
}

fn status(dice: &mut Dice) -> GenomeAnalysisStatus {
    let condition = |kind: &str, reason: &str| Condition {
        type_: kind.to_owned(),
        status: "True".to_owned(),
        reason: reason.to_owned(),
        message: "words".to_owned(),
        observed_generation: Some(1),
        last_transition_time: Time(make::start()),
    };
    let mut status = GenomeAnalysisStatus {
        phase: Some(Phase::ALL[usize::from(dice.below(9))]),
        observed_generation: Some(1),
        round: Some(u32::from(dice.one_in(8))),
        start_time: Some(Time(ago(dice))),
        ..GenomeAnalysisStatus::default()
    };
    status.conditions.push(condition("Accepted", "Valid"));
    if !dice.one_in(3) {
        let analyzed = u64::from(dice.number(20));
        status.conditions.push(condition("Planned", "PlanWritten"));
        status.genomes = Some(
            serde_json::from_value(json!({"total": 24, "analyzed": analyzed, "remaining": 24 - analyzed}))
                .unwrap(),
        );
        status.tasks =
            Some(serde_json::from_value(json!({"total": TASKS, "succeeded": dice.number(4)})).unwrap());
    }
    if dice.one_in(2) {
        let reason = ["Unschedulable", "QuotaExceeded", "FairShare"][usize::from(dice.below(3))];
        status.conditions.push(condition("ScalingLimited", reason));
        status.workers = Some(Workers {
            desired: dice.number(12),
            probe: dice.one_in(2).then(|| dice.number(4)),
            fewer_since: dice.one_in(2).then(|| Time(ago(dice))),
            ..Workers::default()
        });
    }
    status
}

struct World {
    observed: Observed,
    settings: OperatorSettings,
    max: u32,
}

fn world(number: u64) -> World {
    let dice = &mut Dice(number);
    let max = 1 + dice.number(9);
    let mut scaling = json!({ "maxWorkers": max });
    if dice.one_in(3) {
        scaling["workers"] = dice.number(15).into();
    }
    if dice.one_in(3) {
        scaling["finishWithin"] = "90m".into();
    }
    let spec = json!({
        "scaling": scaling, "suspend": dice.one_in(8), "cancel": dice.one_in(12), "retries": {"round": u32::from(dice.one_in(6))},
        "resources": {"memory": "512Mi", "maxMemory": "2Gi"},
    });
    let mut analysis = analysis(&spec);
    if !dice.one_in(4) {
        analysis.status = Some(status(dice));
    }
    if dice.one_in(3) {
        let resumed = (annotations::RESUMED_AT.to_owned(), ago(dice).to_string());
        analysis.metadata.annotations = Some([resumed].into());
    }
    let jobs = dice.number(5);
    let jobs: Vec<JobState> = (0..jobs as usize).map(|number| job(dice, number)).collect();
    let troubles = jobs.iter().filter(|_| dice.one_in(3)).map(|job| Trouble {
        about: job.name.clone(),
        reason: "FailedCreate".to_owned(),
        text: "exceeded quota: words".to_owned(),
        last_seen: now(),
    });
    let troubles = troubles.collect();
    let kinds = [
        RefusalKind::Quota,
        RefusalKind::Admission,
        RefusalKind::NameTaken,
        RefusalKind::NamespaceTerminating,
    ];
    let refusal = dice.one_in(6).then(|| Refusal {
        kind: kinds[usize::from(dice.below(4))],
        text: "words".to_owned(),
    });
    let mut settings = make::settings();
    let (mut demands, mut elsewhere) = (Vec::new(), 0);
    if dice.one_in(3) {
        settings.max_workers = Some(dice.number(12));
        elsewhere = dice.number(12);
        let demand = |name: &str, wanted| Demand {
            namespace: "lab".to_owned(),
            name: name.to_owned(),
            wanted,
        };
        demands = vec![demand("first", dice.number(9)), demand("other", dice.number(9))];
    }
    let observed = Observed {
        analysis: std::sync::Arc::new(analysis),
        jobs,
        troubles,
        refusal,
        demands,
        elsewhere,
        one_node: dice.one_in(6),
        now: now(),
    };
    World {
        observed,
        settings,
        max,
    }
}

/// Pods that are there now, those on lost nodes left out: they take nobody's place.
fn pods_of(job: &JobState) -> u32 {
    let live = job.pods.iter().filter(|pod| pod.is_live());
    u32::try_from(live.count()).unwrap() - lost_of(job)
}

fn lost_of(job: &JobState) -> u32 {
    let lost = |pod: &&PodState| {
        let overdue = pod.overdue_since.filter(|_| pod.is_live());
        overdue.is_some_and(|since| now().duration_since(since) > SignedDuration::from_mins(5))
    };
    u32::try_from(job.pods.iter().filter(lost).count()).unwrap()
}

/// The world as it is once `decision` is carried out.
fn carried_out(observed: &Observed, decision: &Decision) -> Observed {
    let mut next = observed.clone();
    for patch in &decision.patch {
        let job = next.jobs.iter_mut().find(|job| job.name == patch.job).unwrap();
        job.parallelism = patch.to;
    }
    for (_, job) in &decision.create {
        let mut job = job.clone();
        job.metadata.uid = Some(format!("uid-of-{}", job.name_any()));
        job.metadata.resource_version = Some("2".to_owned());
        next.jobs.push(JobState::read(&job, []).unwrap());
    }
    if let Some(status) = &decision.status {
        let mut analysis = (*next.analysis).clone();
        analysis.status = Some(status.clone());
        next.analysis = std::sync::Arc::new(analysis);
    }
    next
}

fn done(status: &GenomeAnalysisStatus) -> u64 {
    status.genomes.map_or(0, |one| one.analyzed + one.cached)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_observed_the_limits_hold(number in any::<u64>()) {
        let World { observed, settings, max } = world(number);
        let decision = decide(&observed, &settings);
        prop_assert_eq!(&decision, &decide(&observed, &settings), "decide is a function");

        // Never above max: pods that are there stay counted, and more are asked for only within the limit.
        let to = |job: &JobState| {
            let patch = decision.patch.iter().find(|patch| patch.job == job.name);
            patch.map_or(job.parallelism, |patch| patch.to)
        };
        let to_be = |job: &JobState, parallelism: u32| {
            let parallelism = if job.is_live() { parallelism } else { 0 };
            parallelism.min(job.open_indexes()).saturating_sub(lost_of(job)).max(pods_of(job))
        };
        let there: u32 = observed.jobs.iter().map(|job| to_be(job, job.parallelism)).sum();
        let kept: u32 = observed.jobs.iter().map(|job| to_be(job, to(job))).sum();
        let new: u32 = decision.create.iter().map(|(_, job)| u32::try_from(job.spec.as_ref().unwrap().parallelism.unwrap()).unwrap()).sum();
        prop_assert!(
            kept + new <= max.max(there),
            "{kept} + {new} pods, at most {max}, {there} before: {:#?}",
            observed.jobs
        );

        // Never two Jobs of a name.
        let mut names: BTreeSet<String> = BTreeSet::new();
        for (_, job) in &decision.create {
            prop_assert!(names.insert(job.name_any()));
        }
        prop_assert!(decision.create.len() <= 3);

        let before = observed.analysis.status.clone().unwrap_or_default();
        let round = observed.analysis.spec.retries.round;
        let Some(status) = &decision.status else { return Ok(()) };
        prop_assert!(serde_json::to_string(status).unwrap().len() < 16 << 10);
        prop_assert!(status.failures_by_reason.len() <= 10);
        if let Some(genomes) = status.genomes {
            prop_assert_eq!(genomes.analyzed + genomes.cached + genomes.failed + genomes.remaining, genomes.total);
        }
        // Counts never go back; the last word of a merge is exact.
        let is_over = status.phase.is_some_and(Phase::is_finished);
        if before.round == Some(round) && !is_over {
            prop_assert!(done(status) >= done(&before).min(24), "{} after {}", done(status), done(&before));
        }
        // Finished never un-finishes.
        let was_over = before.phase.is_some_and(Phase::is_finished) && before.round >= Some(round);
        prop_assert!(!was_over, "a status after the end");
    }

    #[test]
    fn deciding_again_on_any_outcome_asks_for_nothing(number in any::<u64>()) {
        let World { mut observed, settings, .. } = world(number);
        for _ in 0..4 {
            let decision = decide(&observed, &settings);
            observed = carried_out(&observed, &decision);
        }
        let again = decide(&observed, &settings);
        prop_assert!(again.create.is_empty(), "creates {:?}", again.create.iter().map(|(_, job)| job.metadata.labels.clone()).collect::<Vec<_>>());
        prop_assert_eq!(&again.patch, &Vec::new());
        prop_assert_eq!(&again.status, &None);
    }
}
