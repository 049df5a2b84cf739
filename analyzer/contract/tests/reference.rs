//! `docs/reference/contract` holds the schemas and golden examples that the types generate; `BLESS=1` rewrites them.

use std::fs;
use std::path::{Path, PathBuf};

use genome_contract::{examples, schemas};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/contract")
}

fn check(name: &str, value: &Value) {
    let path = folder().join(name);
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(folder()).unwrap();
        fs::write(path, text).unwrap();
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let line = found
        .lines()
        .zip(text.lines())
        .position(|(found, expected)| found != expected);
    assert!(
        found == text,
        "`docs/reference/contract/{name}` has drifted (first at line {:?}); hint: `make bless`, and look at the difference",
        line.map(|line| line + 1)
    );
}

#[test]
fn the_reference_has_the_schemas_of_the_types() {
    for (name, schema) in schemas::all() {
        check(&format!("{name}.schema.json"), schema.as_value());
    }
}

#[test]
fn the_reference_has_an_example_of_every_document_that_its_schema_accepts() {
    let schemas = schemas::all();
    let examples = examples::all();
    assert_eq!(schemas.len(), examples.len());
    for ((name, schema), (example_name, example)) in schemas.iter().zip(&examples) {
        assert_eq!(name, example_name);
        let validator = jsonschema::validator_for(schema.as_value()).unwrap();
        let problems: Vec<_> = validator
            .iter_errors(example)
            .map(|error| error.to_string())
            .collect();
        assert!(problems.is_empty(), "{name}: {problems:?}");
        check(&format!("{name}.example.json"), example);
    }
}

#[test]
fn an_unknown_field_is_refused_by_every_schema() {
    for ((name, schema), (_, mut example)) in schemas::all().into_iter().zip(examples::all()) {
        example
            .as_object_mut()
            .unwrap()
            .insert("surprise".into(), Value::Null);
        let validator = jsonschema::validator_for(schema.as_value()).unwrap();
        assert!(!validator.is_valid(&example), "{name}");
    }
}
