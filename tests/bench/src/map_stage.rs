//! The map stage as a pod runs it, on one thread and on two.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use crate::Bench;
use crate::table::Row;
use crate::turns::take;

/// Enough for tasks of the default size (a quarter of all is more than that), of which one is mapped: ten genomes.
const GENOMES: usize = 40;
const GENES: usize = 4000;

impl Bench {
    /// How many times faster two threads map a task of genomes, with all tests, than one.
    pub(crate) fn map_on_two_threads(&self, figure: &'static str) -> Result<Row> {
        let folder = self.generate("mapped", &[("genomes", GENOMES), ("genes", GENES)], &[])?;
        let request = write_request(&folder)?;
        self.verb("plan", &request, &folder, 2)?;
        let with = |threads| self.mapped(&request, &folder, threads);
        Ok(take(2 * self.runs, |_| with(2), |_| with(1))?.faster(figure, "one thread", 1.7))
    }

    fn mapped(&self, request: &Path, folder: &Path, threads: usize) -> Result<f64> {
        // Committed chunks would be skipped.
        let parts = folder.join("results/parts");
        if parts.exists() {
            fs::remove_dir_all(parts)?;
        }
        self.verb("map", request, folder, threads)
    }

    fn verb(&self, verb: &str, request: &Path, folder: &Path, threads: usize) -> Result<f64> {
        let arguments = [
            verb.to_owned(),
            "--request".to_owned(),
            request.display().to_string(),
            "--mount".to_owned(),
            format!("/data={}", folder.display()),
            "--threads".to_owned(),
            threads.to_string(),
        ];
        self.analyzer.seconds(&arguments)
    }
}

/// For two tasks, so that the plan leaves the mapping to others.
fn write_request(folder: &Path) -> Result<PathBuf> {
    let request = json!({
        "schemaVersion": 1,
        "analysis": {"cluster": "bench", "namespace": "", "name": "bench", "uid": "1"},
        "genomes": [{"uri": "file:///data/genomes/"}],
        "traits": {"builtin": "bacteria"},
        "method": {"geneticCode": 11, "geneCalling": "Auto", "falseDiscoveryRate": 0.05, "minTraits": 2, "seed": 7},
        "output": {"uri": "file:///data/results", "overwrite": false, "associations": "Top"},
        "tasks": {"targetSize": 67_108_864, "maxWorkers": 1},
        "genomeTimeoutSeconds": 600,
        "volumes": [{"mountPath": "/data", "readOnly": false}],
        "cache": {"mode": "Off", "ttlSeconds": 3600}
    });
    let path = folder.join("request.json");
    fs::write(&path, serde_json::to_vec(&request)?)?;
    Ok(path)
}
