//! Conformance: what any executor of a manifest must leave behind. A case is a folder of `tests/conformance`.
//!
//! ```text
//!  NAME/analysis.yaml   the manifest; everything lies on the claim `data`, genomes in `genomes/`, results in `results/`
//!  NAME/genomes.json    how the genomes are made: arguments of `generate`, then damage done to them
//!  NAME/expected.json   exit code, counts and failed genomes
//! ```
//! Needs nothing of the operator, so that the tests of a real cluster can take this file as it is (`#[path]`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// Runs a manifest whose claim `data` is the folder `data`; the exit code of `kubectl genome run`.
pub trait Executor {
    fn run(&self, manifest: &Path, data: &Path) -> i32;
}

/// One case.
pub struct Case {
    pub name: String,
    pub folder: PathBuf,
}

/// All cases below `folder`, by name.
pub fn cases(folder: &Path) -> Vec<Case> {
    let mut cases: Vec<Case> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|folder| Case {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            folder,
        })
        .collect();
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    cases
}

impl Case {
    /// The manifest.
    pub fn manifest(&self) -> PathBuf {
        self.folder.join("analysis.yaml")
    }

    /// Makes the genomes below `data` with the analyzer.
    pub fn prepare(&self, analyzer: &Path, data: &Path) {
        let recipe = self.json("genomes.json");
        let generate = recipe["generate"].as_array().unwrap();
        let mut command = Command::new(analyzer);
        command
            .arg("generate")
            .args(generate.iter().map(|word| word.as_str().unwrap()));
        let made = command.arg("--output").arg(data).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        for (name, length) in recipe["cut"].as_object().into_iter().flatten() {
            let file = fs::OpenOptions::new().write(true).open(data.join(name)).unwrap();
            file.set_len(length.as_u64().unwrap()).unwrap();
        }
        for (name, text) in recipe["write"].as_object().into_iter().flatten() {
            fs::write(data.join(name), text.as_str().unwrap()).unwrap();
        }
    }

    /// What the case is about, of the results below `data` and the exit code.
    pub fn outcome(&self, code: i32, data: &Path) -> String {
        let results = data.join("results");
        let manifest = read(&results.join("manifest.json"));
        files_are_as_listed(&results, &manifest["results"]);
        let table = read(&results.join("analysis_results.json"))["genomes"]["table"].clone();
        let failed: BTreeMap<String, Value> = table
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| !line["failure"].is_null())
            .map(|line| {
                (
                    line["id"].as_str().unwrap().to_owned(),
                    line["failure"]["reason"].clone(),
                )
            })
            .collect();
        let counts = &manifest["results"];
        let outcome = json!({
            "exitCode": code, "genomes": counts["genomes"], "succeeded": counts["succeeded"], "genes": counts["genes"],
            "chunks": counts["chunks"].as_array().unwrap().len(), "failed": failed,
        });
        serde_json::to_string_pretty(&outcome).unwrap() + "\n"
    }

    /// Where it stands what that should be.
    pub fn expected_file(&self) -> PathBuf {
        self.folder.join("expected.json")
    }

    fn json(&self, name: &str) -> Value {
        read(&self.folder.join(name))
    }
}

/// Everything that is compared when two runs are said to be identical, as one text.
pub fn compared(data: &Path) -> String {
    let manifest = read(&data.join("results/manifest.json"));
    serde_json::to_string_pretty(&manifest["results"]).unwrap()
}

/// Every file that the manifest names is there, in its size.
fn files_are_as_listed(folder: &Path, results: &Value) {
    let chunks = results["chunks"].as_array().unwrap().iter();
    let of_chunks = chunks.flat_map(|chunk| chunk["files"].as_array().unwrap());
    let files: Vec<&Value> = results["files"]
        .as_array()
        .unwrap()
        .iter()
        .chain(of_chunks)
        .collect();
    assert!(files.len() > 5, "{files:?}");
    for file in files {
        let path = file["path"].as_str().unwrap();
        let size = fs::metadata(folder.join(path))
            .unwrap_or_else(|error| panic!("{path}: {error}"))
            .len();
        assert_eq!(Some(size), file["size"].as_u64(), "{path}");
    }
}

fn read(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
