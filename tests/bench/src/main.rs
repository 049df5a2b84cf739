//! `make bench`: the user's floor, a row a figure. Ends with 1 when a floor is missed.
//!
//! The release binaries are run as a user runs them, several times each; the median counts. What can't be measured here
//! is a row that says so.

use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};

mod floor;
mod program;
mod table;

use program::Program;

/// Where the binaries are, where the work goes, and how often each figure is measured.
struct Bench {
    analyzer: Program,
    escherichia: Option<PathBuf>,
    work: PathBuf,
    runs: usize,
}

impl Bench {
    fn new() -> Result<Self> {
        let binaries = PathBuf::from(
            env::args_os()
                .nth(1)
                .context("usage: bench FOLDER_OF_RELEASE_BINARIES")?,
        );
        let analyzer = binaries.join("genomic_pleiotropy");
        ensure!(
            analyzer.is_file(),
            "no program `{}`\nhint: make bench builds it",
            analyzer.display()
        );
        Ok(Self {
            analyzer: Program::new(analyzer),
            escherichia: env::var_os("K12")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            work: work_folder()?,
            runs: 5,
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.work.join(name)
    }
}

/// An empty folder of this process.
fn work_folder() -> Result<PathBuf> {
    let folder = env::temp_dir().join(format!("genome-operator-bench-{}", process::id()));
    fs::create_dir(&folder).with_context(|| format!("making `{}`", folder.display()))?;
    Ok(folder)
}

fn main() -> Result<ExitCode> {
    let bench = Bench::new()?;
    let rows = floor::rows(&bench);
    fs::remove_dir_all(&bench.work)?;
    let rows = rows?;
    table::print(&rows);
    let missed = rows.iter().filter(|row| row.is_missed()).count();
    Ok(if missed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
