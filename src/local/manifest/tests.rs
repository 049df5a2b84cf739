//! Problems of files come with their places, all of them at once.

use super::*;

const HEAD: &str =
    "apiVersion: genomics.pleiotropy.io/v1alpha1\nkind: GenomeAnalysis\nmetadata: {name: demo}\n";

fn problems(text: &str) -> Vec<String> {
    parse(text, "a.yaml", &Settings::local())
        .err()
        .map(|bad| bad.0)
        .unwrap_or_default()
}

#[test]
fn three_mistakes_are_reported_at_once_with_their_places() {
    let text = format!(
        "{HEAD}spec:\n  genomes:\n    - uri: ftp://host/genomes/\n  output:\n    uri: s3://bucket/results/\n    \
         overwrit: true\n  resources:\n    memory: 512mb\n"
    );
    assert_eq!(
        problems(&text),
        [
            "a.yaml:9:5: spec.output.overwrit: unknown field; hint: `overwrite`",
            "a.yaml:6:7: spec.genomes[0].uri: scheme `ftp` is not supported here: one of s3, gs, az, https, http, file",
            "a.yaml:11:5: spec.resources.memory: `512mb` is no quantity of bytes; hint: `512Mi`, `2G`",
        ]
    );
}

#[test]
fn what_is_missing_is_reported_where_it_should_stand() {
    assert_eq!(
        problems(&format!("{HEAD}spec:\n  genomes: []\n")),
        [
            "a.yaml:4:1: spec.output: is missing",
            "a.yaml:5:3: spec.genomes: has 0 items, 1 at least",
        ]
    );
}

#[test]
fn broken_yaml_is_reported_with_line_and_column() {
    let found = problems(&format!("{HEAD}spec: [\n"));
    assert!(found.len() == 1 && found[0].starts_with("a.yaml:"), "{found:?}");
    let found = problems(&format!("{HEAD}spec: {{}}\nspec: {{}}\n"));
    assert!(
        found.len() == 1 && found[0].starts_with("a.yaml:5:1: "),
        "{found:?}"
    );
}

#[test]
fn other_kinds_and_versions_are_told_apart() {
    assert_eq!(problems("kind: Pod\n"), ["a.yaml: contains no GenomeAnalysis"]);
    assert_eq!(
        problems("apiVersion: genomics.pleiotropy.io/v1\nkind: GenomeAnalysis\n"),
        [
            "a.yaml:1:1: apiVersion: is `genomics.pleiotropy.io/v1`: `genomics.pleiotropy.io/v1alpha1` expected"
        ]
    );
}

#[test]
fn config_maps_and_several_documents_come_along() {
    let spec = "spec: {genomes: [{uri: 's3://b/g/'}], output: {uri: 's3://b/r/'}, resources: {cpu: 2}}";
    let text = format!(
        "---\n{HEAD}{spec}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: panel}}\ndata: {{k: '{{}}'}}\n---\n"
    );
    let manifest = parse(&text, "a.yaml", &Settings::local()).unwrap();
    assert_eq!((manifest.analyses.len(), manifest.config_maps.len()), (1, 1));
    assert_eq!(manifest.analyses[0].valid.resources.millicores, 2000);
    assert!(manifest.analyses[0].written["spec"].get("scaling").is_none());
}

#[test]
fn every_example_is_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let manifest = read(&file, &Settings::local()).unwrap_or_else(|bad| panic!("{bad}"));
        assert_eq!(manifest.analyses.len(), 1, "{}", file.display());
    }
}
