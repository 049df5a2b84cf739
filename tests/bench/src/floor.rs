//! The user's list: what was asked for, and how it is measured.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::Bench;
use crate::program::Cost;
use crate::table::{Floor, Row};

const MINUTE: f64 = 60.0;
const GB: f64 = 1e9;
const MB: f64 = 1e6;

/// Measures every row.
pub(crate) fn rows(bench: &Bench) -> Result<Vec<Row>> {
    let five = bench.analyze("5 genes", &bench.genome(5)?, &[])?;
    let fifty = bench.analyze("50 genes", &bench.genome(50)?, &[])?;
    let thousand = bench.analyze("1000 genes", &bench.genome(1000)?, &[])?;
    let ten_thousand = bench.analyze("10000 genes", &bench.genome(10_000)?, &[])?;
    let added = (ten_thousand.peak - five.peak).max(0.0);
    let bare = bench.generate("bare-10000", &[("genes", 10_000)], &["--format", "fasta"])?;
    let bare = bench.analyze("10000 genes, bare", &only_file(&bare)?, &[])?;
    let per_second = |genes: f64, seconds: f64| genes / seconds;
    let mut rows = vec![
        row("genome of 5 genes", "s", five.seconds, Floor::Below(10.0)),
        row("genome of 50 genes", "s", fifty.seconds, Floor::Below(10.0)),
        row(
            "genome of 1,000 genes, all tests",
            "s",
            thousand.seconds,
            Floor::Below(10.0),
        ),
        row(
            "sequences a second (1,000 genes)",
            "/s",
            per_second(1e3, thousand.seconds),
            Floor::Above(1000.0),
        ),
        row(
            "sequences a second (10,000 genes)",
            "/s",
            per_second(1e4, ten_thousand.seconds),
            Floor::Above(1000.0),
        ),
        row(
            "what 10,000 genes add to memory",
            "GB",
            added / GB,
            Floor::Below(1.0),
        ),
        row(
            "the same, against the design's own floor",
            "MB",
            added / MB,
            Floor::Below(64.0),
        ),
        row(
            "what 10,000 genes add that are predicted",
            "GB",
            (bare.peak - five.peak).max(0.0) / GB,
            Floor::Below(1.0),
        ),
        row(
            "frequency table of 50 genes",
            "s",
            bench.generated(&["--genes", "50"])?,
            Floor::Below(10.0),
        ),
        row(
            "200 trial records",
            "s",
            bench.generated(&["--genes", "5", "--trials", "200"])?,
            Floor::Below(10.0),
        ),
        row(
            "10 genomes, correlation of 5 traits and its heatmap",
            "s",
            bench.correlation()?,
            Floor::Below(0.5),
        ),
        row(
            "12 genomes of 1,000 genes as one analysis",
            "/h",
            bench.an_hour()?,
            Floor::Above(10.0),
        ),
    ];
    let (slower, memory) = bench.ten_at_once()?;
    rows.push(row(
        "10 users at once against 10 in turn",
        "×",
        slower,
        Floor::Below(2.0),
    ));
    rows.push(row(
        "memory of all ten, sum of their peaks",
        "GB",
        memory / GB,
        Floor::Below(2.0),
    ));
    rows.extend(bench.escherichia_rows()?);
    rows.push(Row {
        figure: "helm install to Ready",
        measured: Err("`make test-cluster` prints it".to_owned()),
        floor: Floor::Below(30.0),
        unit: "s",
        note: String::new(),
    });
    Ok(rows)
}

fn row(figure: &'static str, unit: &'static str, measured: f64, floor: Floor) -> Row {
    Row {
        figure,
        measured: Ok(measured),
        floor,
        unit,
        note: String::new(),
    }
}

impl Bench {
    /// The folder that `generate` writes with these numbers and other arguments.
    pub(crate) fn generate(&self, name: &str, numbers: &[(&str, usize)], more: &[&str]) -> Result<PathBuf> {
        let folder = self.path(name);
        let numbers = numbers
            .iter()
            .flat_map(|(name, value)| [format!("--{name}"), value.to_string()]);
        let all = ["generate".to_owned(), "--output".to_owned(), text(&folder)].into_iter();
        let more = more.iter().map(|&argument| argument.to_owned());
        self.analyzer
            .run(&all.chain(numbers).chain(more).collect::<Vec<_>>())?;
        Ok(folder)
    }

    /// A GenBank file with that many genes.
    pub(crate) fn genome(&self, genes: usize) -> Result<PathBuf> {
        only_file(&self.generate(&format!("generated-{genes}"), &[("genes", genes)], &[])?)
    }

    fn analyze(&self, name: &str, input: &Path, more: &[String]) -> Result<Cost> {
        self.analyzer.median(self.runs, |run| {
            let own = self.arguments(&[input.to_owned()], &format!("{name} {run}"));
            own.into_iter().chain(more.iter().cloned()).collect()
        })
    }

    /// Nothing comes from a cache: each run is a first one.
    pub(crate) fn arguments(&self, inputs: &[PathBuf], output: &str) -> Vec<String> {
        let inputs = inputs
            .iter()
            .flat_map(|input| ["--input".to_owned(), text(input)]);
        let output = [
            "--no-cache".to_owned(),
            "--output".to_owned(),
            text(&self.path(output)),
        ];
        inputs.chain(output).collect()
    }

    /// Seconds of `generate`.
    fn generated(&self, more: &[&str]) -> Result<f64> {
        let arguments = |run: usize| {
            let output = text(&self.path(&format!("{} {run}", more.join(" "))));
            let fixed = ["generate".to_owned(), "--output".to_owned(), output].into_iter();
            fixed
                .chain(more.iter().map(|&argument| argument.to_owned()))
                .collect()
        };
        Ok(self.analyzer.median(self.runs, arguments)?.seconds)
    }

    /// Ten genomes of 100 genes scored for five traits, correlated over all of them and drawn.
    fn correlation(&self) -> Result<f64> {
        let folder = self.generate(
            "ten",
            &[
                ("genomes", 10),
                ("genes", 100),
                ("traits", 2),
                ("trait-genes", 10),
            ],
            &[],
        )?;
        let inputs = files(&folder.join("genomes"))?;
        let panel = self.five_traits(&folder)?;
        let cost = self.analyzer.median(self.runs, |run| {
            let mut all = self.arguments(&inputs, &format!("ten results {run}"));
            all.extend(["--permutations", "0", "--traits", &panel].map(str::to_owned));
            all
        })?;
        Ok(cost.seconds)
    }

    /// The first five of the generated traits.
    fn five_traits(&self, folder: &Path) -> Result<String> {
        let panel: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("traits.json"))?)?;
        let traits = panel["traits"].as_array().context("a panel has traits")?;
        let path = self.path("five.json");
        fs::write(&path, serde_json::to_vec(&traits[..traits.len().min(5)])?)?;
        Ok(text(&path))
    }

    /// Genomes an hour.
    fn an_hour(&self) -> Result<f64> {
        let folder = self
            .generate("twelve", &[("genomes", 12), ("genes", 1000)], &[])?
            .join("genomes");
        let inputs = files(&folder)?;
        let cost = self.analyzer.median(self.runs, |run| {
            self.arguments(&inputs, &format!("twelve results {run}"))
        })?;
        Ok(12.0 * 60.0 * MINUTE / cost.seconds)
    }

    /// How many times longer ten users at once wait for the last result than if they took turns, and the sum of the
    /// peaks of their memory.
    fn ten_at_once(&self) -> Result<(f64, f64)> {
        let input = [self.genome(1000)?];
        let ten = |name: &str| {
            (0..10)
                .map(|user| self.arguments(&input, &format!("{name} {user}")))
                .collect::<Vec<_>>()
        };
        let (mut in_turn, mut memory) = (0.0, 0.0);
        for arguments in ten("in turn") {
            let cost = self.analyzer.run(&arguments)?;
            in_turn += cost.seconds;
            memory += cost.peak;
        }
        Ok((self.analyzer.at_once(&ten("at once"))? / in_turn, memory))
    }

    /// K-12, where its file is: it is not part of the repository.
    fn escherichia_rows(&self) -> Result<Vec<Row>> {
        let with = |more: &[&str]| -> Result<Option<Cost>> {
            let Some(genome) = &self.escherichia else {
                return Ok(None);
            };
            let panel = ["--traits".to_owned(), Self::panel()].into_iter();
            let more = more.iter().map(|&argument| argument.to_owned());
            let all: Vec<String> = panel.chain(more).collect();
            self.analyze(&format!("k12 {}", all.len()), genome, &all)
                .map(Some)
        };
        let (tests, scores) = (with(&[])?, with(&["--permutations", "0"])?);
        let of = |figure, unit, cost: Option<Cost>, measured: fn(Cost) -> f64, floor| Row {
            figure,
            measured: cost
                .map(measured)
                .ok_or_else(|| "K12=FILE names NC_000913.gbk.gz".to_owned()),
            floor,
            unit,
            note: String::new(),
        };
        let seconds = |cost: Cost| cost.seconds;
        Ok(vec![
            of(
                "E. coli K-12, GenBank, 32 traits, all tests",
                "s",
                tests,
                seconds,
                Floor::Below(5.0 * MINUTE),
            ),
            of(
                "the same, peak memory",
                "GB",
                tests,
                |cost| cost.peak / GB,
                Floor::Below(2.0),
            ),
            of(
                "the same, against the design's own floor",
                "MB",
                tests,
                |cost| cost.peak / MB,
                Floor::Below(150.0),
            ),
            of(
                "the same without permutation tests, against the design's own floor",
                "s",
                scores,
                seconds,
                Floor::Below(1.0),
            ),
        ])
    }
}

/// The one genome of a folder that `generate` wrote.
pub(crate) fn only_file(folder: &Path) -> Result<PathBuf> {
    files(&folder.join("genomes"))?.pop().context("no genome")
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
