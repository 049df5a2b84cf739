//! What is said twice is said the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::chart::{folder, read, repository};

fn rules() -> Vec<Value> {
    let file: Value =
        serde_saphyr::from_str(&read(&folder().join("alerts/genome-operator.rules.yaml"))).unwrap();
    let groups = file["groups"].as_array().unwrap().clone();
    groups
        .iter()
        .flat_map(|group| group["rules"].as_array().unwrap().clone())
        .collect()
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), read(&entry.path())))
        .collect()
}

#[test]
fn the_chart_holds_the_generated_definition() {
    let (generated, copies) = (files(&repository().join("crds")), files(&folder().join("files")));
    assert!(
        generated == copies,
        "the chart's copy of crds/ is old\nhint: make crds"
    );
}

#[test]
fn each_alert_has_a_runbook_and_each_runbook_an_alert() {
    let linked: BTreeSet<String> = rules()
        .iter()
        .map(|rule| {
            let (name, url) = (
                rule["alert"].as_str().unwrap(),
                rule["annotations"]["runbook_url"].as_str().unwrap(),
            );
            assert_eq!(url, format!("docs/runbooks/{name}.md"));
            format!("{name}.md")
        })
        .collect();
    let written: BTreeSet<String> = fs::read_dir(repository().join("docs/runbooks"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    assert_eq!(linked, written);
}

#[test]
fn each_alert_waits_and_has_a_severity() {
    for rule in rules() {
        assert!(rule["for"].is_string(), "{rule}");
        assert!(
            ["warning", "critical"].contains(&rule["labels"]["severity"].as_str().unwrap()),
            "{rule}"
        );
    }
}

#[test]
fn each_value_has_a_comment_above_it() {
    let values = read(&folder().join("values.yaml"));
    let lines: Vec<&str> = values.lines().collect();
    for pair in lines.windows(2) {
        let (before, line) = (pair[0].trim_start(), pair[1].trim_start());
        let is_value = line.contains(": ") || line.ends_with(':');
        if is_value && !line.starts_with('#') {
            assert!(
                before.starts_with('#'),
                "values.yaml: `{line}` has no comment above it"
            );
        }
    }
}

#[test]
fn the_dashboard_is_a_dashboard() {
    let text = read(&folder().join("dashboards/genome-operator.json"));
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() >= 10);
    for panel in panels {
        assert!(!panel["description"].as_str().unwrap().is_empty(), "{panel}");
        assert!(!panel["targets"].as_array().unwrap().is_empty(), "{panel}");
    }
}
