//! Scenarios: `tests/scenarios/NAME/` holds an analysis, what is observed of it, and the decision as a golden file.
//!
//! `observed.yaml` is the cluster in short: Jobs and pods as the fields of [`Scene`] say. `make bless` rewrites `decision.yaml`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use genome_contract::Message;
use genome_operator::api::{GenomeAnalysis, GenomeAnalysisStatus};
use genome_operator::decide::{Decision, Observed, decide};
use genome_operator::results::JobState;
use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use serde_json::{Map, Value, json};

use crate::support::golden::assert_golden;
use crate::support::make::settings;
use crate::support::programs::repository;
use crate::support::scene::Scene;

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The analysis with what every object of an API server has.
fn analysis(path: &Path) -> GenomeAnalysis {
    let mut analysis = read(path);
    let metadata = json!({
        "namespace": "lab", "uid": "uid-1", "generation": 1, "resourceVersion": "7", "creationTimestamp": "2026-01-01T00:00:00Z",
    });
    let written = analysis["metadata"].as_object_mut().unwrap();
    for (field, value) in metadata.as_object().unwrap() {
        written.entry(field.clone()).or_insert(value.clone());
    }
    serde_json::from_value(analysis).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn observed(folder: &Path) -> (Observed, Scene) {
    let scene: Scene = serde_json::from_value(read(&folder.join("observed.yaml")))
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let observed = Observed {
        analysis: Arc::new(analysis(&folder.join("analysis.yaml"))),
        jobs: scene.jobs(),
        troubles: scene.troubles(),
        refusal: None,
        demands: Vec::new(),
        elsewhere: 0,
        one_node: scene.one_node,
        now: scene.now(),
    };
    (observed, scene)
}

/// A decision as people review it: of new Jobs what tells them apart, of the status everything.
fn shown(decision: &Decision) -> String {
    let Decision {
        create,
        patch,
        remove,
        status,
        events,
        next,
    } = decision;
    let jobs = create.iter().map(|(_, job)| {
        let state = JobState::read(&identified(job), []).unwrap();
        let memory = &job.spec.as_ref().unwrap().template.spec.as_ref().unwrap().containers[0].resources;
        let memory = memory.as_ref().and_then(|all| all.limits.as_ref()?.get("memory").cloned());
        json!({
            "job": job.name_any(), "stage": state.verb.as_str(), "round": state.round, "attempt": state.attempt,
            "memory": memory, "tasks": state.tasks, "parallelism": state.parallelism, "givenUp": state.given_up,
        })
    });
    let patches = patch
        .iter()
        .map(|one| json!({ "job": one.job, "parallelism": format!("{} -> {}", one.from, one.to) }));
    let events = events.iter().map(|event| {
        let kind = if event.warning { "Warning" } else { "Normal" };
        json!({ "type": kind, "reason": event.reason, "note": event.note })
    });
    let mut whole = Map::new();
    whole.insert("create".into(), jobs.collect());
    whole.insert("patch".into(), patches.collect());
    whole.insert("remove".into(), (*remove).into());
    whole.insert("events".into(), events.collect());
    whole.insert(
        "lookAgainIn".into(),
        next.map(|next| format!("{}s", next.as_secs())).into(),
    );
    whole.insert("status".into(), status.as_ref().map(told).into());
    serde_saphyr::to_string(&Value::Object(whole)).unwrap()
}

/// The status, a line a condition; what is the same in every scenario is left out.
fn told(status: &GenomeAnalysisStatus) -> Value {
    let mut told = serde_json::to_value(status).unwrap();
    let conditions = status.conditions.iter().map(|one| {
        let message = if one.message.is_empty() {
            String::new()
        } else {
            format!(": {}", one.message)
        };
        format!("{}={} {}{message}", one.type_, one.status, one.reason)
    });
    told["conditions"] = conditions.collect();
    let fields = told.as_object_mut().unwrap();
    fields.retain(|field, _| !["selector", "observedGeneration"].contains(&field.as_str()));
    told
}

/// As an API server would have stored it: a Job is read by its uid and version.
fn identified(job: &k8s_openapi::api::batch::v1::Job) -> k8s_openapi::api::batch::v1::Job {
    let mut job = job.clone();
    job.metadata.uid = Some("new".to_owned());
    job.metadata.resource_version = Some("1".to_owned());
    job
}

#[test]
fn each_scenario_is_decided_as_its_golden_file_says() {
    let mut names: Vec<_> = fs::read_dir(repository().join("tests/scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    assert!(names.len() >= 12, "{names:?}");
    for folder in names {
        let (observed, scene) = observed(&folder);
        let mut settings = settings();
        settings.max_workers = scene.max_workers;
        let decision = decide(&observed, &settings);
        assert_golden(&folder.join("decision.yaml"), &shown(&decision));
    }
}

/// What a message in a scene leaves out is as in a real one; a misspelled field must not pass for silence.
#[test]
fn a_scene_speaks_with_real_messages() {
    let said = crate::support::scene::message(
        "map",
        &json!({ "genomes": { "total": 4, "analyzed": 4, "cached": 0, "failed": 0 } }),
    );
    assert_eq!(Message::from_bytes(said.as_bytes()).unwrap().genomes.analyzed, 4);
    assert!(
        std::panic::catch_unwind(|| crate::support::scene::message("map", &json!({ "genoms": {} }))).is_err()
    );
    let _: Timestamp = Scene::default().now();
}
