//! The reference pages of the API: every field with its type, limits and words, from the CRD; and every condition,
//! reason and event.

use std::fmt::Write;

use serde_json::Value;

use super::{crd, names};

/// The page, as `docs/reference/api.md` has it.
pub fn page() -> String {
    let schema = crd::schema();
    let mut page = format!(
        "# {kind} ({group}/{version})\n\nGenerated from `src/api` by a test; edit there, then run `make bless`.\n",
        kind = names::KIND,
        group = names::GROUP,
        version = names::VERSION,
    );
    for (part, intro) in [
        (
            "spec",
            "What to analyze, and with what means. Fields that may change while an analysis runs say so.",
        ),
        ("status", "Written by the operator only."),
    ] {
        let _ = write!(
            page,
            "\n## {part}\n\n{intro}\n\n| field | type | meaning |\n|---|---|---|\n"
        );
        rows(&mut page, part, &schema["properties"][part]);
    }
    changes(&mut page, &schema["properties"]["spec"]);
    page
}

/// The page of what the operator says, as `docs/reference/conditions.md` has it.
pub fn conditions_page() -> String {
    let mut page = String::from(
        "# Conditions, reasons and events\n\nGenerated from `src/api/names.rs` by a test; edit there, then run `make bless`.\n",
    );
    page.push_str("\n## Conditions\n\nFor `kubectl wait --for=condition=TYPE`. True is the wanted state, but for ScalingLimited, Suspended and Failed.\n\n");
    page.push_str("| type | True when |\n|---|---|\n");
    for (word, meaning) in names::conditions::ALL {
        let _ = writeln!(page, "| `{word}` | {} |", meaning.trim());
    }
    page.push_str("\n## Reasons\n\nProgressing may also be False with a reason of a failed genome that stopped a whole pod, such as `OutputConflict` or `AccessDenied`.\n\n");
    page.push_str("| reason | of | meaning |\n|---|---|---|\n");
    for (word, meaning) in names::reasons::ALL {
        let (of, meaning) = meaning.trim().split_once(": ").unwrap_or(("", meaning));
        let _ = writeln!(page, "| `{word}` | {of} | {meaning} |");
    }
    page.push_str("\n## Events\n\n`kubectl describe` shows them. An analysis has at most 30 at once, then one a minute.\n\n");
    page.push_str("| reason | meaning |\n|---|---|\n");
    for (word, meaning) in names::events::ALL {
        let _ = writeln!(page, "| `{word}` | {} |", meaning.trim());
    }
    page
}

fn rows(page: &mut String, path: &str, schema: &Value) {
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        let description = field["description"]
            .as_str()
            .unwrap_or_default()
            .replace('|', "\\|");
        let required = if required.contains(&name.as_str()) {
            " **Required.**"
        } else {
            ""
        };
        let _ = writeln!(page, "| `{path}` | {} | {description}{required} |", kind(field));
        match field["type"].as_str() {
            Some("object") => rows(page, &path, field),
            Some("array") => rows(page, &format!("{path}[]"), &field["items"]),
            _ => {}
        }
    }
}

/// Type and limits in a few words.
fn kind(field: &Value) -> String {
    if field["x-kubernetes-int-or-string"] == true {
        return "quantity".to_owned();
    }
    if let Some(words) = field["enum"].as_array() {
        return words
            .iter()
            .map(|word| {
                format!(
                    "`{}`",
                    word.as_str().map_or_else(|| word.to_string(), str::to_owned)
                )
            })
            .collect::<Vec<_>>()
            .join(" ");
    }
    let limit = |key: &str| field[key].as_f64();
    match field["type"].as_str().unwrap_or_default() {
        "array" => format!("list of {}, at most {}", kind(&field["items"]), field["maxItems"]),
        "string" if field["format"] == "date-time" => "time".to_owned(),
        "string" if field["pattern"] == super::v1alpha1::TimeSpan::PATTERN => "duration".to_owned(),
        "object" if field.get("additionalProperties").is_some() => {
            format!("map, at most {}", field["maxProperties"])
        }
        kind => match (limit("minimum"), limit("maximum")) {
            (Some(min), Some(max)) => format!("{kind}, {min} to {max}"),
            _ => kind.to_owned(),
        },
    }
}

fn changes(page: &mut String, spec: &Value) {
    page.push_str("\n## Changes\n\nThe API server refuses these changes, with the sentence beside them:\n\n");
    page.push_str("| rule | answer |\n|---|---|\n");
    for rule in spec["x-kubernetes-validations"].as_array().into_iter().flatten() {
        let [rule, message] =
            ["rule", "message"].map(|key| rule[key].as_str().unwrap_or_default().replace('|', "\\|"));
        let _ = writeln!(page, "| `{rule}` | {message} |");
    }
}
