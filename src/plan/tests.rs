//! The request of a small manifest, field by field, and what a retry adds.

use super::*;
use crate::validate::{Settings, validate};

fn analysis(traits: &str) -> ValidAnalysis {
    let manifest = format!(
        r#"{{"apiVersion":"genomics.pleiotropy.io/v1alpha1","kind":"GenomeAnalysis",
        "metadata":{{"name":"demo","namespace":"lab","uid":"u-1"}},
        "spec":{{"genomes":[{{"uri":"file:///data/genomes/"}}],"output":{{"uri":"file:///data/results"}},
        "traits":{traits},"storage":{{"volumes":[{{"claim":"data","mountPath":"/data"}}]}},
        "scaling":{{"maxWorkers":3}},"timeouts":{{"genome":"90s"}}}}}}"#
    );
    let analysis = serde_json::from_str(&manifest).unwrap();
    validate(
        &analysis,
        &Settings {
            cluster: "c".into(),
            ..Settings::default()
        },
    )
    .unwrap()
}

#[test]
fn every_default_is_applied() {
    let request = request(&analysis(r#"{"builtin":"bacteria"}"#));
    insta::assert_snapshot!(serde_json::to_string_pretty(&request).unwrap());
}

#[test]
fn a_panel_in_a_config_map_is_read_where_it_is_mounted() {
    let request = request(&analysis(
        r#"{"configMapKeyRef":{"name":"panels","key":"mine.json"}}"#,
    ));
    assert_eq!(
        request.traits,
        TraitSource::File("/etc/genome-traits/traits.json".into())
    );
}

#[test]
fn a_retry_differs_by_its_attempt_only() {
    let analysis = analysis(r#"{"builtin":"bacteria"}"#);
    let attempt = Attempt {
        tasks: vec![4, 7],
        memory_step: 1,
        given_up: Vec::new(),
    };
    let retry = request_for_attempt(&analysis, attempt.clone());
    assert_eq!(retry.task_at(1), Some(7));
    assert_eq!(
        Request {
            attempt: None,
            ..retry.clone()
        },
        request(&analysis)
    );
    assert_eq!(retry.attempt, Some(attempt));
}
