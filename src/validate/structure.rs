//! The CRD's schema, applied to a manifest as the API server applies it: types, limits, patterns, unknown fields.
//!
//! For use without a server. It finds every mistake, where reading into types would stop at the first one, and
//! like `kubectl apply` it refuses fields that do not exist. CEL rules are the business of [`super::validate`].

use serde_json::{Map, Value};

use super::{Problems, nearest};

/// Everything in `manifest` that the schema of GenomeAnalysis refuses.
pub fn check(manifest: &Value) -> Problems {
    let mut problems = Problems::default();
    let schema = crate::api::crd::schema();
    let Some(fields) = manifest.as_object() else {
        problems.add("manifest", format!("is {}: a mapping expected", kind(manifest)));
        return problems;
    };
    for field in fields.keys() {
        if !["apiVersion", "kind", "metadata", "spec", "status"].contains(&field.as_str()) {
            problems.add(field, "unknown field");
        }
    }
    check_metadata(fields.get("metadata"), &mut problems);
    match fields.get("spec") {
        None => problems.add("spec", "is missing"),
        Some(spec) => value("spec", spec, &schema["properties"]["spec"], &mut problems),
    }
    problems
}

/// Only what a person writes; the server knows the rest.
fn check_metadata(metadata: Option<&Value>, problems: &mut Problems) {
    let Some(Value::Object(metadata)) = metadata else {
        problems.add("metadata", "is missing, or no mapping");
        return;
    };
    for field in ["name", "namespace", "generateName"] {
        match metadata.get(field) {
            Some(Value::String(name)) => {
                super::naming::subdomain(&format!("metadata.{field}"), name, problems);
            }
            Some(other) => problems.add(
                format!("metadata.{field}"),
                format!("is {}: a text expected", kind(other)),
            ),
            None => {}
        }
    }
    if !metadata.contains_key("name") {
        problems.add("metadata.name", "is missing");
    }
}

fn value(path: &str, value: &Value, schema: &Value, problems: &mut Problems) {
    if schema["x-kubernetes-int-or-string"] == true {
        return match value {
            Value::String(text) => check_text(path, text, schema, problems),
            Value::Number(number) if number.is_i64() || number.is_u64() => {}
            Value::Number(number) => {
                problems.add(path, format!("is `{number}`: quote it, or give a whole number"));
            }
            _ => problems.add(path, format!("is {}: a number or a text expected", kind(value))),
        };
    }
    match (schema["type"].as_str().unwrap_or_default(), value) {
        ("object", Value::Object(fields)) => check_object(path, fields, schema, problems),
        ("array", Value::Array(items)) => check_array(path, items, schema, problems),
        ("string", Value::String(text)) => check_text(path, text, schema, problems),
        ("boolean", Value::Bool(_)) => {}
        ("integer", Value::Number(number)) if number.is_i64() || number.is_u64() => {
            check_range(path, number.as_f64().unwrap_or(f64::MAX), schema, problems);
        }
        ("number", Value::Number(number)) => {
            check_range(path, number.as_f64().unwrap_or(f64::MAX), schema, problems);
        }
        (wanted, _) => {
            let text = format!("is {}: {} expected", kind(value), words(wanted));
            problems.add(path, text);
        }
    }
}

fn check_object(path: &str, fields: &Map<String, Value>, schema: &Value, problems: &mut Problems) {
    let properties = schema["properties"].as_object();
    check_length(
        path,
        fields.len(),
        "entries",
        ["minProperties", "maxProperties"],
        schema,
        problems,
    );
    for required in schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if fields.get(required).is_none_or(Value::is_null) {
            problems.add(format!("{path}.{required}"), "is missing");
        }
    }
    for (name, field) in fields {
        let path = format!("{path}.{name}");
        let known = properties.and_then(|properties| properties.get(name));
        match known.or_else(|| schema.get("additionalProperties")) {
            // The server drops nulls, and so do we.
            Some(_) if field.is_null() => {}
            Some(schema) => value(&path, field, schema, problems),
            None => {
                let names = properties.into_iter().flat_map(Map::keys).map(String::as_str);
                let hint = nearest(name, names)
                    .map(|near| format!("; hint: `{near}`"))
                    .unwrap_or_default();
                problems.add(path, format!("unknown field{hint}"));
            }
        }
    }
}

fn check_array(path: &str, items: &[Value], schema: &Value, problems: &mut Problems) {
    check_length(
        path,
        items.len(),
        "items",
        ["minItems", "maxItems"],
        schema,
        problems,
    );
    for (index, item) in items.iter().enumerate() {
        value(&format!("{path}[{index}]"), item, &schema["items"], problems);
    }
}

/// Patterns are left to [`super::validate`], whose words are better; lengths and words of a list are checked here.
fn check_text(path: &str, text: &str, schema: &Value, problems: &mut Problems) {
    check_length(
        path,
        text.chars().count(),
        "characters",
        ["minLength", "maxLength"],
        schema,
        problems,
    );
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        if !words.contains(&text) {
            problems.add(path, format!("is `{text}`: one of {} expected", words.join(", ")));
        }
    }
}

fn check_length(
    path: &str,
    length: usize,
    unit: &str,
    keys: [&str; 2],
    schema: &Value,
    problems: &mut Problems,
) {
    let [min, max] = keys.map(|key| schema[key].as_u64());
    if min.is_some_and(|min| (length as u64) < min) {
        problems.add(
            path,
            format!("has {length} {unit}, {} at least", min.unwrap_or_default()),
        );
    } else if max.is_some_and(|max| length as u64 > max) {
        problems.add(
            path,
            format!("has {length} {unit}, {} at most", max.unwrap_or_default()),
        );
    }
}

fn check_range(path: &str, number: f64, schema: &Value, problems: &mut Problems) {
    let [min, max] = ["minimum", "maximum"].map(|key| schema[key].as_f64());
    if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
        let [min, max] = [min, max].map(|bound| bound.map(|bound| bound.to_string()).unwrap_or_default());
        problems.add(path, format!("is {number}: {min} to {max} expected"));
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "empty".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Number(value) => format!("`{value}`"),
        Value::String(value) => format!("the text `{value}`"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}

fn words(wanted: &str) -> &str {
    match wanted {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "a text",
        "boolean" => "`true` or `false`",
        "integer" => "a whole number",
        other => other,
    }
}
