//! The screen of an analysis half done, of one nobody has seen, and what to do next.

use serde_json::json;

use super::*;

fn analysis(status: serde_json::Value) -> GenomeAnalysis {
    serde_json::from_value(json!({
        "apiVersion": "genomics.pleiotropy.io/v1alpha1", "kind": "GenomeAnalysis",
        "metadata": { "name": "demo", "namespace": "lab" },
        "spec": { "genomes": [{ "uri": "s3://b/g/" }], "output": { "uri": "s3://b/r/" } },
        "status": status,
    }))
    .unwrap()
}

#[test]
fn an_analysis_half_done_fits_on_a_screen() {
    let text = text(&analysis(json!({
        "phase": "Running", "message": "500 of 1000 genomes done",
        "genomes": { "total": 1000, "analyzed": 490, "cached": 8, "failed": 2, "remaining": 500 },
        "tasks": { "total": 40, "active": 4, "succeeded": 20, "retried": 1, "outOfMemory": 1 },
        "workers": { "desired": 4, "running": 3, "reason": "FairShare" },
        "genomesPerHour": 6000, "estimatedCompletionTime": "2026-01-01T12:00:00Z",
        "peakMemory": "412Mi", "memoryStep": 1,
        "failuresByReason": [{ "reason": "TruncatedInput", "count": 2 }],
        "firstFailure": { "genome": "g7", "task": 3, "pod": "demo-map-3", "reason": "TruncatedInput", "exitCode": 65, "message": "ends in line 9" },
        "conditions": [{ "type": "ScalingLimited", "status": "True", "reason": "FairShare", "message": "4 of 10",
            "lastTransitionTime": "2026-01-01T11:00:00Z" }],
    })));
    insta::assert_snapshot!(text);
}

#[test]
fn an_analysis_without_a_status_is_waiting_for_its_operator() {
    assert_eq!(
        text(&analysis(json!({}))),
        "lab/demo · not seen by an operator yet\n"
    );
}
