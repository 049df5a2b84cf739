//! `docs/reference/results` holds the schemas and golden examples of the JSON results; `BLESS=1` rewrites them.

use std::fs;
use std::path::{Path, PathBuf};

use genomic_pleiotropy::output::documents::{AnalysisResults, Cohort, PleiotropicGenes};
use schemars::{Schema, schema_for};
use serde_json::Value;

use super::{examples, results};

fn schemas() -> [(&'static str, &'static str, Schema); 3] {
    [
        (
            "analysis-results",
            "analysis_results.json",
            schema_for!(AnalysisResults),
        ),
        (
            "pleiotropic-genes",
            "pleiotropic_genes.json",
            schema_for!(PleiotropicGenes),
        ),
        ("cohort", "cohort.json", schema_for!(Cohort)),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/results")
}

#[track_caller]
fn check(name: &str, value: &Value) {
    let path = folder().join(name);
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(folder()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == text,
        "`docs/reference/results/{name}` has drifted; hint: `make bless`, and look at the difference"
    );
}

#[track_caller]
fn assert_valid(name: &str, schema: &Schema, document: &Value) {
    let validator = jsonschema::validator_for(schema.as_value()).unwrap();
    let problems: Vec<_> = validator
        .iter_errors(document)
        .map(|error| error.to_string())
        .collect();
    assert!(problems.is_empty(), "{name}: {problems:?}");
    let mut strange = document.clone();
    strange
        .as_object_mut()
        .unwrap()
        .insert("surprise".into(), Value::Null);
    assert!(!validator.is_valid(&strange), "{name}");
}

#[test]
fn the_reference_has_schemas_and_examples_of_the_json_results() {
    for ((name, _, schema), example) in schemas().iter().zip(examples::all()) {
        assert_valid(name, schema, &example);
        check(&format!("{name}.schema.json"), schema.as_value());
        check(&format!("{name}.example.json"), &example);
    }
}

#[test]
fn what_the_program_writes_is_what_the_schemas_say() {
    let traits = ["--traits", "traits.json"];
    let phenotypes = ["--traits", "traits.json", "--phenotypes", "phenotypes.tsv"];
    for (genomes, genes, flags) in [(1, 120, &traits[..]), (12, 80, &phenotypes[..])] {
        let folder = tempfile::tempdir().unwrap();
        let results = results(folder.path(), genomes, genes, flags);
        let mut seen = 0;
        for (name, file, schema) in schemas() {
            if let Ok(text) = fs::read(results.join(file)) {
                assert_valid(name, &schema, &serde_json::from_slice(&text).unwrap());
                seen += 1;
            }
        }
        assert_eq!(seen, if genomes == 1 { 2 } else { 3 });
    }
}
