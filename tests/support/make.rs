//! Makers: a test states only what matters to it.

use genome_operator::{api::GenomeAnalysis, decide::OperatorSettings};
use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};
use serde_json::{Value, json};

/// When every test begins.
pub fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// An analysis with `spec` over the least that is valid.
pub fn analysis(spec: &Value) -> GenomeAnalysis {
    let mut whole = json!({
        "genomes": [{ "uri": "s3://genomes/all/" }],
        "output": { "uri": "s3://results/first/" },
    });
    whole
        .as_object_mut()
        .unwrap()
        .extend(spec.as_object().unwrap().clone());
    let mut analysis: GenomeAnalysis = serde_json::from_value(json!({
        "apiVersion": "genomics.pleiotropy.io/v1alpha1",
        "kind": "GenomeAnalysis",
        "metadata": { "name": "first", "namespace": "lab", "uid": "uid-1", "generation": 1, "resourceVersion": "1" },
        "spec": whole,
    }))
    .unwrap();
    analysis.metadata.creation_timestamp = Some(Time(start()));
    analysis
}

/// The configuration of an operator without limits.
pub fn settings() -> OperatorSettings {
    OperatorSettings {
        analyzer_image: "analyzer:test".to_owned(),
        ..OperatorSettings::default()
    }
}
