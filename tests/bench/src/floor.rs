//! The user's list: what was asked for, and how it is measured.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::Bench;
use crate::program::Cost;
use crate::table::{Floor, Row};

const MINUTE: f64 = 60.0;
const GB: f64 = 1e9;

/// Measures every row.
pub(crate) fn rows(bench: &Bench) -> Result<Vec<Row>> {
    let thousand = bench.analyze("1000 genes", &bench.genome(1000)?)?;
    let ten_thousand = bench.analyze("10000 genes", &bench.genome(10_000)?)?;
    let little = bench.analyze("5 genes", &bench.genome(5)?)?;
    let more = bench.analyze("50 genes", &bench.genome(50)?)?;
    let mut rows = vec![
        row(
            "genome of 1,000 genes, 32 traits, all tests",
            "s",
            thousand.seconds,
            Floor::Below(10.0),
        ),
        row("genome of 5 genes", "s", little.seconds, Floor::Below(10.0)),
        row("genome of 50 genes", "s", more.seconds, Floor::Below(10.0)),
        row(
            "sequences a second (1,000 genes)",
            "/s",
            1000.0 / thousand.seconds,
            Floor::Above(1000.0),
        ),
        row(
            "sequences a second (10,000 genes)",
            "/s",
            10_000.0 / ten_thousand.seconds,
            Floor::Above(1000.0),
        ),
        row(
            "peak memory, 10,000 genes",
            "GB",
            ten_thousand.peak / GB,
            Floor::Below(2.0),
        ),
        row(
            "what 10,000 genes add",
            "GB",
            (ten_thousand.peak - little.peak).max(0.0) / GB,
            Floor::Below(1.0),
        ),
        row(
            "200 trial records generated",
            "s",
            bench.trials()?,
            Floor::Below(10.0),
        ),
        row(
            "12 genomes of 1,000 genes as one analysis",
            "/h",
            bench.an_hour()?,
            Floor::Above(10.0),
        ),
        row(
            "10 at once against 10 in turn",
            "×",
            bench.ten_at_once()?,
            Floor::Below(2.0),
        ),
    ];
    rows.extend(bench.escherichia()?);
    rows.push(Row {
        figure: "helm install to Ready",
        measured: Err("make test-cluster prints it".to_owned()),
        floor: Floor::Below(30.0),
        unit: "s",
    });
    Ok(rows)
}

fn row(figure: &'static str, unit: &'static str, measured: f64, floor: Floor) -> Row {
    Row {
        figure,
        measured: Ok(measured),
        floor,
        unit,
    }
}

impl Bench {
    fn generate(&self, name: &str, arguments: &[(&str, usize)]) -> Result<PathBuf> {
        let folder = self.path(name);
        let mut all = vec!["generate".to_owned(), "--output".to_owned(), text(&folder)];
        all.extend(
            arguments
                .iter()
                .flat_map(|(name, value)| [format!("--{name}"), value.to_string()]),
        );
        self.analyzer.run(&all)?;
        Ok(folder)
    }

    /// A GenBank file with that many genes.
    fn genome(&self, genes: usize) -> Result<PathBuf> {
        let folder = self
            .generate(&format!("generated-{genes}"), &[("genes", genes)])?
            .join("genomes");
        let entry = fs::read_dir(&folder)?
            .next()
            .with_context(|| format!("no genome in `{}`", folder.display()))?;
        Ok(entry?.path())
    }

    fn analyze(&self, name: &str, input: &Path) -> Result<Cost> {
        self.analyzer.median(self.runs, |run| {
            self.arguments(&[input.to_owned()], &format!("{name} {run}"))
        })
    }

    fn arguments(&self, inputs: &[PathBuf], output: &str) -> Vec<String> {
        let inputs = inputs
            .iter()
            .flat_map(|input| ["--input".to_owned(), text(input)]);
        inputs
            .chain(["--output".to_owned(), text(&self.path(output))])
            .collect()
    }

    fn trials(&self) -> Result<f64> {
        let arguments = |run: usize| {
            let output = text(&self.path(&format!("trials-{run}")));
            ["generate", "--genes", "5", "--trials", "200", "--output"]
                .map(str::to_owned)
                .into_iter()
                .chain([output])
                .collect()
        };
        Ok(self.analyzer.median(self.runs, arguments)?.seconds)
    }

    /// Genomes an hour.
    fn an_hour(&self) -> Result<f64> {
        let folder = self
            .generate("twelve", &[("genomes", 12), ("genes", 1000)])?
            .join("genomes");
        let inputs = fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>>>()?;
        let cost = self.analyzer.median(self.runs, |run| {
            self.arguments(&inputs, &format!("twelve results {run}"))
        })?;
        Ok(12.0 * 60.0 * MINUTE / cost.seconds)
    }

    /// How many times longer ten users at once wait for the last result than if they took turns.
    fn ten_at_once(&self) -> Result<f64> {
        let input = [self.genome(1000)?];
        let ten = |name: &str| {
            (0..10)
                .map(|user| self.arguments(&input, &format!("{name} {user}")))
                .collect::<Vec<_>>()
        };
        let mut in_turn = 0.0;
        for arguments in ten("in turn") {
            in_turn += self.analyzer.run(&arguments)?.seconds;
        }
        Ok(self.analyzer.at_once(&ten("at once"))? / in_turn)
    }

    /// K-12, where its file is named: it is not part of the repository.
    fn escherichia(&self) -> Result<Vec<Row>> {
        let (time, memory) = (
            "E. coli K-12, GenBank, 32 traits, all tests",
            "E. coli K-12, peak memory",
        );
        let Some(genome) = self.escherichia.clone() else {
            let skipped = |figure, floor, unit| {
                let why = "K12=FILE names NC_000913.gbk.gz".to_owned();
                Row {
                    figure,
                    measured: Err(why),
                    floor,
                    unit,
                }
            };
            let floors = (Floor::Below(5.0 * MINUTE), Floor::Below(2.0));
            return Ok(vec![
                skipped(time, floors.0, "s"),
                skipped(memory, floors.1, "GB"),
            ]);
        };
        let cost = self.analyze("k12", &genome)?;
        Ok(vec![
            row(time, "s", cost.seconds, Floor::Below(5.0 * MINUTE)),
            row(memory, "GB", cost.peak / GB, Floor::Below(2.0)),
        ])
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
