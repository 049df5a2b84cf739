//! What stands in the way is said in the words of whoever put it there, and clears itself.

use genome_contract::Verb;
use genome_operator::{
    api::Phase,
    decide::{Refusal, RefusalKind, Trouble, decide},
    results::{
        Death, PodState,
        pod_state::{HeldUp, Life},
    },
};
use k8s_openapi::jiff::SignedDuration;
use serde_json::json;

use crate::support::{
    Cluster, End,
    cluster::{Worker, conditions},
    make::analysis,
};

fn progressing(
    cluster: &Cluster,
    change: impl Fn(&mut genome_operator::decide::Observed),
) -> (String, String, String) {
    let mut observed = cluster.observed();
    change(&mut observed);
    let status = decide(&observed, &cluster.settings)
        .status
        .or_else(|| observed.analysis.status.clone())
        .unwrap();
    let found = status
        .conditions
        .into_iter()
        .find(|one| one.type_ == conditions::PROGRESSING)
        .unwrap();
    (found.status, found.reason, found.message)
}

/// In the map stage, with ten pods that have just been made.
fn mapping() -> Cluster {
    let mut cluster = Cluster::new(analysis(&json!({})), 40, 40, |_| End::well());
    while cluster.status().phase != Some(Phase::Running) {
        while cluster.reconcile(usize::MAX) > 0 {}
        cluster.pass(30);
    }
    cluster.task_seconds = 1000;
    while cluster.reconcile(usize::MAX) > 0 {}
    cluster.pass(30);
    cluster
}

fn all_wait(reason: &str, text: &str) -> impl Fn(&mut genome_operator::decide::Observed) {
    let (reason, text) = (reason.to_owned(), text.to_owned());
    move |observed| {
        for pod in observed.jobs.iter_mut().flat_map(|job| &mut job.pods) {
            wait(pod, &reason, &text);
        }
    }
}

fn wait(pod: &mut PodState, reason: &str, text: &str) {
    if pod.life == Life::Running {
        pod.life = Life::Pending;
        pod.held_up = Some(HeldUp {
            reason: reason.to_owned(),
            text: text.to_owned(),
            since: None,
        });
    }
}

#[test]
fn pods_that_do_not_start_are_explained_by_the_kubelets_words() {
    let cluster = mapping();
    for (reason, text, expected) in [
        (
            "ErrImagePull",
            "registry.example/analyzer:1: not found",
            "ImagePullFailed",
        ),
        (
            "ImagePullBackOff",
            "Back-off pulling image \"analyzer:1\"",
            "ImagePullFailed",
        ),
        (
            "CreateContainerConfigError",
            "secret \"keys\" not found",
            "SecretNotFound",
        ),
        (
            "CreateContainerConfigError",
            "configmap \"panel\" not found",
            "ConfigMapNotFound",
        ),
        (
            "CreateContainerError",
            "no such file or directory",
            "PodNotStarted",
        ),
        (
            "Unschedulable",
            "0/3 nodes are available: 3 Insufficient cpu.",
            "Unschedulable",
        ),
        (
            "Unschedulable",
            "persistentvolumeclaim \"genomes\" not found",
            "ClaimNotFound",
        ),
    ] {
        let (status, said, words) = progressing(&cluster, all_wait(reason, text));
        assert_eq!((status.as_str(), said.as_str()), ("False", expected));
        assert!(words.contains(text), "{words}");
    }
    assert_eq!(progressing(&cluster, |_| ()).0, "True", "and it clears itself");
}

#[test]
fn what_keeps_only_some_from_starting_is_no_standstill() {
    let cluster = mapping();
    let (status, reason, _) = progressing(&cluster, |observed| {
        let pods = observed.jobs.iter_mut().flat_map(|job| &mut job.pods);
        let mut running = pods.filter(|pod| pod.life == Life::Running);
        wait(
            running.next().unwrap(),
            "Unschedulable",
            "0/3 nodes are available",
        );
    });
    assert_eq!((status.as_str(), reason.as_str()), ("True", "Analyzing"));
}

#[test]
fn a_refused_write_is_told_apart_by_what_would_help() {
    let cluster = mapping();
    for (kind, expected) in [
        (RefusalKind::Quota, "QuotaExceeded"),
        (RefusalKind::Admission, "AdmissionDenied"),
        (RefusalKind::NameTaken, "AdmissionDenied"),
    ] {
        let (status, reason, text) = progressing(&cluster, |observed| {
            observed.refusal = Some(Refusal {
                kind,
                text: "the words of the API server".to_owned(),
            });
        });
        assert_eq!((status.as_str(), reason.as_str()), ("False", expected));
        assert_eq!(text, "the words of the API server");
    }
}

#[test]
fn an_analysis_goes_with_its_namespace_and_nothing_is_made_for_it() {
    let mut observed = Cluster::new(analysis(&json!({})), 4, 4, |_| End::well()).observed();
    let settings = crate::support::make::settings();
    assert_eq!(decide(&observed, &settings).create.len(), 1);
    observed.refusal = Some(Refusal {
        kind: RefusalKind::NamespaceTerminating,
        text: "being terminated".to_owned(),
    });
    let decision = decide(&observed, &settings);
    assert!(decision.create.is_empty() && decision.status.is_none());
    assert!(decision.remove, "its Jobs go with it, and their pods with them");
}

#[test]
fn pods_that_can_not_be_made_are_explained_by_the_job_controllers_event() {
    let cluster = mapping();
    for (text, expected) in [
        (
            "pods \"x\" is forbidden: exceeded quota: small, requested: pods=1",
            "QuotaExceeded",
        ),
        (
            "pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\"",
            "AdmissionDenied",
        ),
        (
            "pods \"x\" is forbidden: maximum memory usage per Container is 64Mi",
            "AdmissionDenied",
        ),
        (
            "Internal error occurred: failed calling webhook \"x\"",
            "AdmissionDenied",
        ),
    ] {
        let (status, reason, words) = progressing(&cluster, |observed| {
            let now = observed.now;
            for job in observed.jobs.iter_mut().filter(|job| job.is_live()) {
                job.pods.clear();
                job.active = 0;
                observed.troubles = vec![Trouble {
                    about: job.name.clone(),
                    reason: "FailedCreate".to_owned(),
                    text: text.to_owned(),
                    last_seen: now,
                }];
            }
        });
        assert_eq!((status.as_str(), reason.as_str()), ("False", expected));
        assert_eq!(words, text);
    }
}

#[test]
fn a_job_suspended_from_outside_is_left_so_and_the_analysis_says_why_it_waits() {
    let cluster = mapping();
    let (status, reason, text) = progressing(&cluster, |observed| {
        for job in observed.jobs.iter_mut().filter(|job| job.is_live()) {
            job.suspended = true;
            job.pods.clear();
            job.active = 0;
        }
    });
    assert_eq!((status.as_str(), reason.as_str()), ("False", "Queued"));
    assert!(text.contains("suspended from outside"), "{text}");
}

#[test]
fn an_output_of_another_analysis_is_said_and_waited_for() {
    let script = |worker: &Worker| match worker.verb {
        Verb::Plan if worker.earlier < 4 => End::with(73),
        _ => End::well(),
    };
    let mut cluster = Cluster::new(analysis(&json!({})), 12, 3, script);
    cluster.reconcile(usize::MAX);
    cluster.pass(10);
    cluster.pass(10);
    while cluster.reconcile(usize::MAX) > 0 {}
    assert_eq!(
        cluster.condition(conditions::PROGRESSING),
        ("False".to_owned(), "OutputConflict".to_owned())
    );
    assert!(cluster.status().message.unwrap().starts_with("waiting: "));
    cluster.run_to_end();
    assert_eq!(cluster.status().phase, Some(Phase::Succeeded));
    assert_eq!(cluster.made.len(), 3, "and its first Job is the one that goes on");
}

#[test]
fn a_pod_evicted_for_its_disk_is_no_lack_of_memory() {
    let cluster = mapping();
    let mut observed = cluster.observed();
    let job = observed
        .jobs
        .iter_mut()
        .find(|job| job.verb == Verb::Map)
        .unwrap();
    job.failed = [0].into_iter().collect();
    let pod = job.pods.iter_mut().find(|pod| pod.index == 0).unwrap();
    pod.finished = Some(observed.now - SignedDuration::from_mins(2));
    pod.life = Life::Failed(Death {
        exit_code: Some(137),
        out_of_memory: false,
        reason: "Evicted".to_owned(),
        text: "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.".to_owned(),
    });
    let decision = decide(&observed, &cluster.settings);
    assert_eq!(decision.create.len(), 1);
    let labels = decision.create[0].1.metadata.labels.clone().unwrap();
    assert_eq!(labels["genomics.pleiotropy.io/memory-step"], "0");
    let failure = decision.status.unwrap().first_failure.unwrap();
    assert_eq!(failure.reason, "StorageExhausted");
    assert!(failure.message.unwrap().contains("1Gi"));
}

#[test]
fn a_status_is_small_whatever_is_said_and_however_many_genomes_there_are() {
    let mut cluster = Cluster::new(analysis(&json!({})), 100_000, 100, |_| End::well());
    cluster.run_to_end();
    let done = serde_json::to_string(&cluster.status()).unwrap().len();
    let mut observed = mapping().observed();
    let long = "words ".repeat(2000);
    observed.refusal = Some(Refusal {
        kind: RefusalKind::Quota,
        text: long.clone(),
    });
    let troubles = observed.jobs.iter().map(|job| Trouble {
        about: job.name.clone(),
        reason: "FailedCreate".to_owned(),
        text: format!("exceeded quota: {long}"),
        last_seen: observed.now,
    });
    observed.troubles = troubles.collect();
    for pod in observed.jobs.iter_mut().flat_map(|job| &mut job.pods) {
        pod.finished = Some(observed.now);
        pod.life = Life::Failed(Death {
            exit_code: Some(70),
            out_of_memory: false,
            reason: long.clone(),
            text: long.clone(),
        });
    }
    let status = decide(&observed, &cluster.settings).status.unwrap();
    let worst = serde_json::to_string(&status).unwrap().len();
    println!("status of 100,000 genomes: {done} bytes; with as much said as can be: {worst} bytes");
    assert!(done < 16 << 10 && worst < 16 << 10, "{done}, {worst}");
}
