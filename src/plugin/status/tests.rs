//! The screens of analyses half done, held up, ended, and seen by nobody; and that every obstacle has its advice.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::*;
use crate::api::names::reasons;
use crate::results::JobState;

fn now() -> Timestamp {
    "2026-01-01T11:55:00Z".parse().unwrap()
}

fn picture(status: &Value, jobs: Vec<JobState>) -> Picture {
    let analysis = json!({
        "apiVersion": "genomics.pleiotropy.io/v1alpha1", "kind": "GenomeAnalysis",
        "metadata": { "name": "demo", "namespace": "lab" },
        "spec": { "genomes": [{ "uri": "s3://b/g/" }], "output": { "uri": "s3://b/r/" } },
        "status": status,
    });
    Picture {
        analysis: serde_json::from_value(analysis).unwrap(),
        jobs,
        unseen: None,
    }
}

/// A map Job of `attempt` with a pod that said `failure`.
fn job(attempt: u32, step: u32, tasks: u32, done: &str, failure: &Value) -> JobState {
    let job: Job = serde_json::from_value(json!({
        "metadata": { "name": format!("demo-map-{attempt}"), "uid": format!("u{attempt}"), "resourceVersion": "1", "labels": {
            "genomics.pleiotropy.io/stage": "map", "genomics.pleiotropy.io/attempt": attempt.to_string(),
            "genomics.pleiotropy.io/memory-step": step.to_string() } },
        "spec": { "completions": tasks, "parallelism": 4, "template": {} },
        "status": { "completedIndexes": done },
    }))
    .unwrap();
    let message =
        json!({ "schemaVersion": 1, "verb": "map", "task": 3, "finished": true, "failure": failure });
    let pod: Pod = serde_json::from_value(json!({
        "metadata": { "name": format!("demo-map-{attempt}-3-x"), "annotations": { "batch.kubernetes.io/job-completion-index": "0" } },
        "status": { "phase": "Failed", "containerStatuses": [{ "name": "a", "image": "", "imageID": "", "ready": false,
            "restartCount": 0, "state": { "terminated": { "exitCode": 65, "message": message.to_string() } } }] },
    }))
    .unwrap();
    JobState::read(&job, [&pod]).unwrap()
}

#[test]
fn an_analysis_half_done_fits_on_a_screen() {
    let failure = json!({ "reason": "TruncatedInput", "genome": "g7", "text": "ends in line 9" });
    let jobs = vec![job(0, 0, 40, "0-18", &failure), job(1, 1, 1, "0", &Value::Null)];
    let status = json!({
        "phase": "Running", "message": "500 of 1000 genomes are settled", "startTime": "2026-01-01T11:40:00Z",
        "genomes": { "total": 1000, "analyzed": 490, "cached": 8, "failed": 2, "remaining": 500 },
        "tasks": { "total": 40, "active": 4, "succeeded": 20, "retried": 1, "outOfMemory": 1, "chunksFound": 7 },
        "workers": { "desired": 4, "running": 3, "reason": "4 of 10: the share of this namespace" },
        "genomesPerHour": 6000, "estimatedCompletionTime": "2026-01-01T12:00:00Z",
        "peakMemory": "412Mi", "memoryStep": 1,
        "failuresByReason": [{ "reason": "TruncatedInput", "count": 2 }],
        "firstFailure": { "genome": "g7", "task": 3, "pod": "demo-map-3", "reason": "TruncatedInput", "exitCode": 65, "message": "ends in line 9" },
        "conditions": [{ "type": "ScalingLimited", "status": "True", "reason": "FairShare", "message": "4 of 10",
            "lastTransitionTime": "2026-01-01T11:00:00Z" }],
    });
    insta::assert_snapshot!(text(&picture(&status, jobs), now()));
}

#[test]
fn what_stands_in_the_way_comes_with_the_way_out() {
    let status = json!({
        "phase": "Pending", "message": "waiting: secret \"store\" not found", "startTime": "2026-01-01T11:54:00Z",
        "conditions": [{ "type": "Progressing", "status": "False", "reason": "SecretNotFound",
            "message": "secret \"store\" not found", "lastTransitionTime": "2026-01-01T11:54:00Z" }],
    });
    insta::assert_snapshot!(text(&picture(&status, Vec::new()), now()));
}

#[test]
fn the_end_says_what_was_found_and_where_it_is() {
    let status = json!({
        "phase": "PartiallySucceeded", "message": "11 of 12 genomes have results, 1 failed",
        "startTime": "2026-01-01T11:40:00Z", "completionTime": "2026-01-01T11:42:10Z",
        "genomes": { "total": 12, "analyzed": 11, "cached": 0, "failed": 1, "remaining": 0 },
        "workers": { "desired": 0, "running": 0 },
        "results": { "uri": "s3://b/r/", "report": "report.html", "pleiotropicGenes": 1, "detectableTraits": 3 },
    });
    insta::assert_snapshot!(text(&picture(&status, Vec::new()), now()));
}

#[test]
fn an_analysis_without_a_status_is_waiting_for_its_operator() {
    let screen = text(&picture(&json!({}), Vec::new()), now());
    assert!(
        screen.starts_with("lab/demo · not seen by an operator yet\n"),
        "{screen}"
    );
    assert!(screen.contains("is an operator installed"), "{screen}");
}

#[test]
fn every_obstacle_has_its_advice() {
    let of_stores = [
        "OutputConflict",
        "OutputNotWritable",
        "StorageExhausted",
        "AccessDenied",
    ];
    for reason in reasons::OBSTACLES.into_iter().chain(of_stores) {
        assert!(next::advice(reason, "demo").is_some(), "{reason}");
    }
}
