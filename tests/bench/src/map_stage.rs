//! The map stage as a pod runs it, on one thread and on two.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use crate::Bench;
use crate::table::Row;
use crate::turns::{median, take};

/// Enough for tasks of the default size (a quarter of all is more than that), of which one is mapped: ten genomes.
const GENOMES: usize = 40;
const GENES: usize = 4000;

/// Name of the request's file.
const REQUEST: &str = "request.json";

impl Bench {
    /// How many times faster two threads map a task of genomes, with all tests, than one; beside it how many times as much
    /// this machine gets done by two programs of one thread each, which wait for nothing of each other's.
    pub(crate) fn map_on_two_threads(&self, figure: &'static str) -> Result<Row> {
        let folders = [self.planned("mapped")?, self.planned("mapped too")?];
        let with = |threads| self.mapped(&folders[0], threads);
        let turns = take(2 * self.runs, |_| with(2), |_| with(1))?;
        let both = (0..self.runs).map(|_| self.mapped_at_once(&folders));
        let both = median(both.collect::<Result<_>>()?);
        let mut row = turns.faster(figure, "one thread", 1.7);
        write!(
            row.note,
            "; two programs at once {:.2} ×",
            2.0 * turns.theirs / both
        )?;
        Ok(row)
    }

    fn planned(&self, name: &str) -> Result<PathBuf> {
        let folder = self.generate(name, &[("genomes", GENOMES), ("genes", GENES)], &[])?;
        write_request(&folder)?;
        self.analyzer.seconds(&arguments("plan", &folder, 2))?;
        Ok(folder)
    }

    fn mapped(&self, folder: &Path, threads: usize) -> Result<f64> {
        forget_chunks(folder)?;
        self.analyzer.seconds(&arguments("map", folder, threads))
    }

    fn mapped_at_once(&self, folders: &[PathBuf]) -> Result<f64> {
        for folder in folders {
            forget_chunks(folder)?;
        }
        let each = folders.iter().map(|folder| arguments("map", folder, 1));
        self.analyzer.at_once(&each.collect::<Vec<_>>())
    }
}

/// Those that are committed would be skipped.
fn forget_chunks(folder: &Path) -> Result<()> {
    let parts = folder.join("results/parts");
    if parts.exists() {
        fs::remove_dir_all(parts)?;
    }
    Ok(())
}

fn arguments(verb: &str, folder: &Path, threads: usize) -> [String; 7] {
    [
        verb.to_owned(),
        "--request".to_owned(),
        folder.join(REQUEST).display().to_string(),
        "--mount".to_owned(),
        format!("/data={}", folder.display()),
        "--threads".to_owned(),
        threads.to_string(),
    ]
}

/// For two tasks, so that the plan leaves the mapping to others.
fn write_request(folder: &Path) -> Result<()> {
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
    fs::write(folder.join(REQUEST), serde_json::to_vec(&request)?)?;
    Ok(())
}
