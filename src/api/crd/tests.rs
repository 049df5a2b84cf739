//! The CRD is committed, small, and says something about every field.

use std::path::Path;

use super::*;

/// Compares a generated document with the committed one; `BLESS=1` writes it.
fn committed(path: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, generated).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let line = found
        .lines()
        .zip(generated.lines())
        .position(|(found, generated)| found != generated);
    assert!(
        found == generated,
        "{} differs from src/api at line {line:?} (from 0): run `make bless`",
        path.display()
    );
}

#[test]
fn the_committed_crd_is_the_generated_one() {
    committed("crds/genomeanalyses.yaml", &yaml());
}

#[test]
fn the_committed_reference_is_the_generated_one() {
    committed("docs/reference/api.md", &crate::api::reference::page());
    committed(
        "docs/reference/conditions.md",
        &crate::api::reference::conditions_page(),
    );
}

#[test]
fn the_crd_is_small_enough_for_client_side_apply() {
    let size = serde_json::to_vec(&definition()).unwrap().len();
    assert!(size < 100 << 10, "{size} bytes");
}

#[test]
fn the_yaml_is_the_definition() {
    let read: Value = serde_saphyr::from_str(&yaml()).unwrap();
    assert_eq!(read, serde_json::to_value(definition()).unwrap());
}

/// Every field below `schema`, with its path.
fn fields(path: &str, schema: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        visit(&path, field);
        fields(&path, field, visit);
        fields(&format!("{path}[]"), &field["items"], visit);
    }
}

#[test]
fn every_field_of_the_specification_has_words_and_a_bound() {
    let schema = schema();
    fields("spec", &schema["properties"]["spec"], &mut |path, field| {
        assert!(
            field["description"].as_str().is_some_and(|text| text.len() > 10),
            "{path} has no description"
        );
        check_bound(path, field);
    });
}

fn check_bound(path: &str, field: &Value) {
    let has = |key: &str| field.get(key).is_some();
    let bounded = match field["type"].as_str() {
        Some("array") => {
            check_bound(&format!("{path}[]"), &field["items"]);
            has("maxItems")
        }
        Some("string") => has("maxLength") || has("enum"),
        Some("integer" | "number") => has("maximum"),
        Some("object") => has("properties") || has("maxProperties"),
        Some("boolean") => true,
        _ => field["x-kubernetes-int-or-string"] == true && has("maxLength"),
    };
    assert!(bounded, "{path} has no bound: {field}");
}

#[test]
fn every_field_of_the_specification_is_ruled_immutable_or_may_change() {
    let may_change = [
        "scaling",
        "retries",
        "timeouts",
        "alerts",
        "suspend",
        "cancel",
        "ttlSecondsAfterFinished",
    ];
    let schema = schema();
    for field in schema["properties"]["spec"]["properties"]
        .as_object()
        .unwrap()
        .keys()
    {
        let is_immutable = IMMUTABLE.iter().any(|(immutable, _)| immutable == field);
        assert!(is_immutable != may_change.contains(&field.as_str()), "{field}");
    }
}

#[test]
fn defaults_lie_on_fields_and_objects_only_open_the_door() {
    let schema = schema();
    fields("spec", &schema["properties"]["spec"], &mut |path, field| {
        if let Some(Value::Object(default)) = field.get("default") {
            assert!(default.is_empty() || path == "spec.traits", "{path}: {default:?}");
        }
    });
    assert_eq!(
        schema["properties"]["spec"]["properties"]["resources"]["properties"]["memory"]["default"],
        "512Mi"
    );
}
