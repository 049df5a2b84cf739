//! What admission refuses (row B6) and what the kubelet can not start (row B4) is said in their words within a minute, and
//! clears itself.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use cluster_tests::eventually;
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    last_words::Work,
    player::{Act, End, Role},
    simulated::{World, in_world, seconds},
    support::apply,
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn what_admission_denies_is_said_in_its_words_and_clears_itself() {
    let names = ["policy-jobs", "policy-pods", "webhook-jobs", "webhook-pods"];
    let mut work = names.map(|name| (name, Work::tasks(3))).to_vec();
    work.push(("limited", Work::tasks(3)));
    in_world(&work, &[], |_| Act::well(seconds(0.3)), async |world| {
        let limits = json!({
            "apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small"},
            "spec": {"limits": [{"type": "Container", "max": {"memory": "64Mi"}}]},
        });
        apply(world.cluster, &world.namespace, &limits.to_string());
        denied(&world, "limited", "maximum memory usage per Container is 64Mi").await;
        world.kubectl(&["delete", "limitrange", "small"]);
        world.phase("limited", "Succeeded").await;

        for name in names {
            apply(world.cluster, &world.namespace, &obstacle(&world.namespace, name).to_string());
        }
        sleep(seconds(2.0)).await;
        let (first, second) = tokio::join!(
            denied(&world, "policy-jobs", "none of these here"),
            denied(&world, "policy-pods", "none of these here"),
        );
        let (third, fourth) = tokio::join!(
            denied(&world, "webhook-jobs", "failed calling webhook"),
            denied(&world, "webhook-pods", "failed calling webhook"),
        );
        for name in names {
            remove(&world, name);
        }
        for name in names {
            world.phase(name, "Succeeded").await;
        }
        println!("denied by policy and by a webhook that is down, said after s: {first:.1}, {second:.1}, {third:.1}, {fourth:.1}; all clear");
        world.assert_no_job_made_twice();
    })
    .await;
}

/// Seconds until the analysis says that admission denies it what it needs, with these words.
async fn denied(world: &World<'_>, name: &str, words: &str) -> f64 {
    let begin = Instant::now();
    world.apply(name, &json!({}));
    let condition = world.condition(name, "Progressing", "AdmissionDenied").await;
    let said = condition["message"].as_str().unwrap().to_owned();
    let seconds = begin.elapsed().as_secs_f64();
    println!("{name}: {said}");
    assert_eq!(condition["status"], "False");
    assert!(said.contains(words), "{said}");
    assert!(seconds < 60.0, "{seconds} s");
    seconds
}

/// Denies one kind of object of one analysis: `policy-jobs`, `webhook-pods` …
fn obstacle(namespace: &str, name: &str) -> Value {
    let (means, resource) = name.split_once('-').unwrap();
    let group = if resource == "jobs" { "batch" } else { "" };
    let rule = json!({"apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": [resource]});
    let this_namespace = json!({"matchLabels": {"kubernetes.io/metadata.name": namespace}});
    let this_analysis = json!({"matchLabels": {"genomics.pleiotropy.io/analysis": name}});
    let metadata = json!({"name": format!("{namespace}-{name}")});
    if means == "webhook" {
        return json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": metadata,
            "webhooks": [{
                "name": "down.example.org", "clientConfig": {"url": "https://127.0.0.1:1/"}, "rules": [rule], "failurePolicy": "Fail",
                "sideEffects": "None", "admissionReviewVersions": ["v1"], "timeoutSeconds": 2,
                "namespaceSelector": this_namespace, "objectSelector": this_analysis,
            }],
        });
    }
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": metadata,
        "spec": {
            "failurePolicy": "Fail", "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": "false", "message": "none of these here"}],
        },
    });
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": metadata,
        "spec": {
            "policyName": metadata["name"], "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": this_namespace, "objectSelector": this_analysis},
        },
    });
    json!({"apiVersion": "v1", "kind": "List", "items": [policy, binding]})
}

fn remove(world: &World<'_>, name: &str) {
    let object = format!("{}-{name}", world.namespace);
    if name.starts_with("webhook") {
        world.kubectl(&["delete", "validatingwebhookconfiguration", &object]);
    } else {
        world.kubectl(&["delete", "validatingadmissionpolicybinding", &object]);
        world.kubectl(&["delete", "validatingadmissionpolicy", &object]);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn what_the_kubelet_can_not_start_is_said_in_its_words_and_clears_itself() {
    let reasons = [
        (
            "image",
            "ImagePullBackOff",
            "Back-off pulling image \"genome-analyzer:dev\"",
            "ImagePullFailed",
        ),
        (
            "secret",
            "CreateContainerConfigError",
            "secret \"store\" not found",
            "SecretNotFound",
        ),
    ];
    let work = reasons.map(|(name, ..)| (name, Work::tasks(3)));
    in_world(
        &work,
        &[],
        |_| Act::well(seconds(0.3)),
        async |world| {
            for (name, word, words, reason) in reasons {
                world.player.hold_up(name, word, words);
                world.apply(name, &json!({}));
                let begin = Instant::now();
                let condition = world.condition(name, "Progressing", reason).await;
                let said = begin.elapsed().as_secs_f64();
                assert_eq!(condition["status"], "False");
                assert!(
                    condition["message"].as_str().unwrap().contains(words),
                    "{condition}"
                );
                assert!(said < 60.0, "{said} s");

                world.player.let_go(name);
                let begin = Instant::now();
                world.phase(name, "Succeeded").await;
                let done = begin.elapsed().as_secs_f64();
                println!("{reason}: said after {said:.1} s; mended, all was done {done:.1} s later");
            }
            world.assert_no_job_made_twice();
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn what_was_refused_goes_on_at_once_when_a_person_resumes() {
    static MENDED: AtomicBool = AtomicBool::new(false);
    let script = |role: &Role| {
        let is_refused = role.verb.as_str() == role.analysis && !MENDED.load(Ordering::Relaxed);
        Act {
            time: seconds(0.3),
            end: End::Exit(if is_refused { 73 } else { 0 }),
        }
    };
    let stages = ["plan", "map", "merge"];
    let work = stages.map(|stage| (stage, Work::tasks(1)));
    in_world(&work, &[], script, async |world| {
        for stage in stages {
            world.apply(stage, &json!({"retries": {"perTask": 0}}));
        }
        for stage in stages {
            world.condition(stage, "Progressing", "OutputConflict").await;
            // After a second pod the Job controller pauses for twenty seconds, then for forty, up to ten minutes.
            eventually("it was refused twice", async || {
                let started = world.player.figures(stage).started;
                (started.get(&(stage, 0)) >= Some(&2)).then_some(())
            })
            .await;
        }
        sleep(seconds(1.0)).await;
        MENDED.store(true, Ordering::Relaxed);
        let begin = Instant::now();
        for stage in stages {
            let now = format!("genomics.pleiotropy.io/resumed-at={}", Timestamp::now());
            world.kubectl(&["annotate", "ga", stage, &now]);
        }
        for stage in stages {
            world.phase(stage, "Succeeded").await;
            println!(
                "{stage} refused, then resumed: all was done {:.1} s later",
                begin.elapsed().as_secs_f64()
            );
        }
        assert!(
            begin.elapsed() < seconds(12.0),
            "the Job controller's pause is 20 s"
        );
    })
    .await;
}
