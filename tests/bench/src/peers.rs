//! Side by side with those who do a part of it: what they need, and what we do in the same time. One thread each, where
//! the row does not say two.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};
use genome_contract::request::{Associations, Method};
use genomic_pleiotropy::analyze::{Settings, analyze_with};
use genomic_pleiotropy::read::{ReadOptions, read_genome};
use genomic_pleiotropy::traits::Panel;

use crate::floor::only_file;
use crate::program::Program;
use crate::python::Python;
use crate::table::{Floor, Row};
use crate::turns::{or_why, seconds, take};
use crate::{Bench, READ, caller, reading};

/// Genes of E. coli K-12.
const GENES: usize = 4140;

const CODONW: &str = "all indices and RSCU of 4,140 CDS: times codonW";
const CUSP: &str = "the same: times EMBOSS cusp and chips, which count and give ENC";
const CODON_BIAS: &str = "the same: times ENC by codon-bias";
const NEEDLETAIL: &str = "reading those CDS, bases and GC: times needletail";
const SEQKIT: &str = "the same as a program of its own: times seqkit stats";
const SCORES: &str = "GenBank to all indices and scores, no tests: share of Biopython's parse";
const REPORT: &str = "the same with report, pictures, shuffled copy: share of Biopython's parse";
const TESTS: &str = "the whole program, both tests at 999, two threads: times Biopython's parse";
const CALLER: &str = "bare genome to report: times the gene caller alone";
const PRODIGAL: &str = "bare genome to report: times faster than Prodigal alone";
const PYRODIGAL: &str = "bare genome to report, two threads: times faster than pyrodigal, which has one";
const THREADS: &str = "map stage, all tests: two threads against one";

/// Every row; a peer that is missing is a row that says so.
pub(crate) fn rows(bench: &Bench) -> Result<Vec<Row>> {
    let coding = only_file(&bench.generate("coding", &[("genes", GENES)], &["--format", "cds"])?)?;
    let genome = only_file(&bench.generate("bare", &[("genes", GENES)], &["--format", "fasta"])?)?;
    let genbank = match &bench.escherichia {
        Some(path) => path.clone(),
        None => bench.genome(GENES)?,
    };
    let python = Python::ready();
    let python = || python.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"));
    Ok(vec![
        or_why(CODONW, Floor::Above(5.0), bench.codonw(&coding)),
        or_why(CUSP, Floor::Above(1.0), bench.emboss(&coding)),
        or_why(
            CODON_BIAS,
            Floor::Above(1.0),
            python().and_then(|python| bench.codon_bias(python, &coding)),
        ),
        or_why(NEEDLETAIL, Floor::Below(1.5), bench.needletail(&coding)),
        or_why(SEQKIT, Floor::Above(1.0), bench.seqkit(&coding)),
        or_why(
            SCORES,
            Floor::Below(0.25),
            python().and_then(|python| bench.scores(python, &genbank)),
        ),
        or_why(
            REPORT,
            Floor::Below(0.5),
            python().and_then(|python| bench.report(python, &genbank)),
        ),
        or_why(
            TESTS,
            Floor::Below(6.0),
            python().and_then(|python| bench.tests(python, &genbank)),
        ),
        or_why(CALLER, Floor::Below(1.25), bench.caller(&genome)),
        or_why(PRODIGAL, Floor::Above(1.0), bench.prodigal(&genome)),
        or_why(
            PYRODIGAL,
            Floor::Above(1.0),
            python().and_then(|python| bench.pyrodigal(python, &genome)),
        ),
        or_why(THREADS, Floor::Above(1.7), bench.map_on_two_threads(THREADS)),
    ])
}

impl Bench {
    fn codonw(&self, coding: &Path) -> Result<Row> {
        let theirs = ["-all_indices", "-rscu", "-nomenu", "-silent", "-nowarn"];
        let [indices, bulk] = ["codonw.out", "codonw.blk"].map(|name| self.path(name));
        let run = || {
            peer(
                Command::new("codonw")
                    .args([coding, &indices, &bulk])
                    .args(theirs),
            )
        };
        let turns = take(4 * self.runs, |_| self.usage(coding), |_| run())?;
        Ok(turns.faster(CODONW, "codonW", 5.0))
    }

    fn emboss(&self, coding: &Path) -> Result<Row> {
        let run = |program: &str, input: &str| {
            let mut command = Command::new(program);
            let command = command.args(["-auto", input]).arg(coding).arg("-outfile");
            peer(command.arg(self.path("emboss.out")))
        };
        let both = || Ok(run("cusp", "-sequence")? + run("chips", "-seqall")?);
        let turns = take(4 * self.runs, |_| self.usage(coding), |_| both())?;
        Ok(turns.faster(CUSP, "EMBOSS", 1.0))
    }

    fn codon_bias(&self, python: &Python, coding: &Path) -> Result<Row> {
        let theirs = |_| python.seconds("codon-bias", coding);
        Ok(take(4 * self.runs, |_| self.usage(coding), theirs)?.faster(CODON_BIAS, "codon-bias", 1.0))
    }

    /// Both count sequences and bases; ours G and C too.
    fn seqkit(&self, coding: &Path) -> Result<Row> {
        let reader = Program::new(env::current_exe()?);
        let ours = || reader.seconds(&[OsStr::new(READ), coding.as_os_str()]);
        let run = || {
            peer(
                Command::new("seqkit")
                    .args(["stats", "--threads", "1"])
                    .arg(coding),
            )
        };
        Ok(take(4 * self.runs, |_| ours(), |_| run())?.faster(SEQKIT, "seqkit", 1.0))
    }

    /// The example of the library that writes what codonW writes.
    fn usage(&self, coding: &Path) -> Result<f64> {
        let outputs = ["usage.tsv", "rscu.tsv"].map(|name| self.path(name));
        self.codon_usage.seconds(&[coding, &outputs[0], &outputs[1]])
    }

    fn needletail(&self, coding: &Path) -> Result<Row> {
        if reading::ours(coding)? != reading::needletail(coding)? {
            bail!("the two readers find different bases");
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
        let ours = |_| pool.install(|| seconds(|| reading::ours(coding)));
        let turns = take(4 * self.runs, ours, |_| seconds(|| reading::needletail(coding)))?;
        Ok(turns.share(NEEDLETAIL, "needletail", 1.5))
    }

    fn scores(&self, python: &Python, genbank: &Path) -> Result<Row> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
        let ours = |_| pool.install(|| seconds(|| scored(genbank)));
        let turns = take(2 * self.runs, ours, |_| python.seconds("biopython", genbank))?;
        Ok(turns.share(SCORES, "Biopython", 0.25))
    }

    fn report(&self, python: &Python, genbank: &Path) -> Result<Row> {
        let ours = |run: usize| {
            self.whole(
                genbank,
                &format!("report {run}"),
                &["--threads", "1", "--permutations", "0"],
            )
        };
        let turns = take(2 * self.runs, ours, |_| python.seconds("biopython", genbank))?;
        Ok(turns.share(REPORT, "Biopython", 0.5))
    }

    fn tests(&self, python: &Python, genbank: &Path) -> Result<Row> {
        let ours = |run: usize| self.whole(genbank, &format!("tests {run}"), &["--threads", "2"]);
        let turns = take(self.runs, ours, |_| python.seconds("biopython", genbank))?;
        Ok(turns.share(TESTS, "Biopython", 6.0))
    }

    fn caller(&self, genome: &Path) -> Result<Row> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
        let theirs = |_| pool.install(|| seconds(|| caller::genes(genome)));
        let ours = |run: usize| self.whole(genome, &format!("caller {run}"), &["--threads", "1"]);
        Ok(take(self.runs, ours, theirs)?.share(CALLER, "orphos-core", 1.25))
    }

    fn prodigal(&self, genome: &Path) -> Result<Row> {
        let run = || {
            peer(
                Command::new("prodigal")
                    .args(["-q", "-i"])
                    .arg(genome)
                    .arg("-o")
                    .arg(self.path("prodigal.out")),
            )
        };
        let ours = |run: usize| self.whole(genome, &format!("prodigal {run}"), &["--threads", "1"]);
        Ok(take(self.runs, ours, |_| run())?.faster(PRODIGAL, "Prodigal", 1.0))
    }

    fn pyrodigal(&self, python: &Python, genome: &Path) -> Result<Row> {
        let ours = |run: usize| self.whole(genome, &format!("pyrodigal {run}"), &["--threads", "2"]);
        let turns = take(self.runs, ours, |_| python.seconds("pyrodigal", genome))?;
        Ok(turns.faster(PYRODIGAL, "pyrodigal", 1.0))
    }

    /// The whole program on a genome, with its results in a folder of their own.
    fn whole(&self, input: &Path, output: &str, more: &[&str]) -> Result<f64> {
        let mut arguments = self.arguments(&[input.to_owned()], output);
        arguments.extend(["--traits".to_owned(), Self::panel()]);
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        self.analyzer.seconds(&arguments)
    }
}

/// Indices and scores of a GenBank file, in this process.
fn scored(genbank: &Path) -> Result<usize> {
    let settings = Settings {
        permutations: 0,
        shuffled_copy: false,
    };
    let panel = match fs::read(Bench::panel()) {
        Ok(json) => Panel::parse(&json)?,
        Err(_) => Panel::builtin("bacteria")?,
    };
    let genome = read_genome(
        fs::File::open(genbank)?,
        None::<fs::File>,
        &ReadOptions::default(),
    )?;
    let rows = analyze_with(&genome, &panel, &Method::default(), Associations::Top, settings);
    Ok(rows.associations.len())
}

/// Seconds of a peer's program, which must succeed.
fn peer(command: &mut Command) -> Result<f64> {
    let name = command.get_program().to_string_lossy().into_owned();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    seconds(|| {
        let status = command
            .status()
            .with_context(|| format!("`{name}` is not installed"))?;
        if status.success() {
            Ok(())
        } else {
            bail!("`{name}` ended with {status}")
        }
    })
}
