//! The chart's folder, and its manifests as helm renders them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

/// Root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

pub(crate) fn folder() -> PathBuf {
    repository().join("charts/genome-operator")
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The program that the variable names (the Makefile sets it), else the one on the path.
pub(crate) fn program(variable: &str, name: &str) -> Command {
    Command::new(
        env::var_os(variable)
            .filter(|value| !value.is_empty())
            .unwrap_or_else(|| name.into()),
    )
}

/// Runs to the end and returns whether it succeeded, with both its outputs.
pub(crate) fn run(command: &mut Command) -> (bool, String) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

pub(crate) fn template(arguments: &[&str]) -> (bool, String) {
    let mut command = program("HELM", "helm");
    command
        .args(["template", "genome-operator", "--namespace", "genome-system"])
        .arg(folder());
    run(command.args(arguments))
}

/// What `helm install` with these arguments would apply.
pub(crate) fn manifests(arguments: &[&str]) -> Vec<Value> {
    let (rendered, text) = template(arguments);
    assert!(rendered, "{text}");
    serde_saphyr::from_multiple::<Value>(&text)
        .unwrap()
        .into_iter()
        .filter(|value| !value.is_null())
        .collect()
}

pub(crate) fn of_kind<'a>(manifests: &'a [Value], kind: &str) -> Vec<&'a Value> {
    manifests
        .iter()
        .filter(|manifest| manifest["kind"] == kind)
        .collect()
}

pub(crate) fn strings(value: &Value) -> BTreeSet<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}
