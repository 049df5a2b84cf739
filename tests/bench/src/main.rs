//! `make bench`: the user's floor and the peers, a row a figure. Ends with 1 when a floor is missed.
//!
//! The release binaries are run as a user runs them, several times each; the median counts. Against a peer the two take
//! turns, so that a busy machine slows both. What can't be measured here is a row that says so.

use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};

mod caller;
mod floor;
mod map_stage;
mod peers;
mod program;
mod python;
mod reading;
mod server;
mod table;
mod turns;

use program::Program;

/// Where K-12 and a panel for it lie beside the repository, where they do.
const ESCHERICHIA: &str = "../shared/data/NC_000913.gbk.gz";
const PANEL: &str = "../shared/data/ecoli-k12-traits.json";

/// As the first argument: read the file that follows, on one thread, and say what is in it.
const READ: &str = "--read";

/// Where the binaries are, where the work goes, and how often each figure is measured.
struct Bench {
    analyzer: Program,
    codon_usage: Program,
    /// GenBank of E. coli K-12, decompressed.
    escherichia: Option<PathBuf>,
    work: PathBuf,
    runs: usize,
}

impl Bench {
    fn new() -> Result<Self> {
        let usage = "usage: bench FOLDER_OF_RELEASE_BINARIES";
        let binaries = PathBuf::from(env::args_os().nth(1).context(usage)?);
        let program = |name: &str| {
            let path = binaries.join(name);
            let shown = path.display();
            ensure!(path.is_file(), "no program `{shown}`\nhint: make bench builds it");
            Ok(Program::new(path))
        };
        let mut bench = Self {
            analyzer: program("genomic_pleiotropy")?,
            codon_usage: program("examples/codon_usage")?,
            escherichia: None,
            work: work_folder()?,
            runs: 5,
        };
        let named = env::var_os("K12")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from);
        let beside = Some(PathBuf::from(ESCHERICHIA)).filter(|path| path.is_file());
        if let Some(stored) = named.or(beside) {
            bench.escherichia = Some(bench.decompressed(&stored)?);
        }
        Ok(bench)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.work.join(name)
    }

    /// The peers read no compressed files, so neither do we.
    fn decompressed(&self, stored: &Path) -> Result<PathBuf> {
        let plain = self.path("NC_000913.gbk");
        let file = fs::File::open(stored).with_context(|| format!("opening `{}`", stored.display()))?;
        let mut content = genomic_pleiotropy::input::Content::new(file, u64::MAX)?;
        std::io::copy(&mut content, &mut fs::File::create(&plain)?)?;
        Ok(plain)
    }

    /// The traits that go with K-12.
    fn panel() -> String {
        if Path::new(PANEL).is_file() {
            PANEL.to_owned()
        } else {
            "bacteria".to_owned()
        }
    }
}

/// An empty folder of this process.
fn work_folder() -> Result<PathBuf> {
    let folder = env::temp_dir().join(format!("genome-operator-bench-{}", process::id()));
    fs::create_dir(&folder).with_context(|| format!("making `{}`", folder.display()))?;
    Ok(folder)
}

fn main() -> Result<ExitCode> {
    if env::args_os().nth(1).is_some_and(|argument| argument == READ) {
        let file = env::args_os().nth(2).context("a file to read")?;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
        pool.use_current_thread().build_global()?;
        let (bases, gc) = reading::ours(Path::new(&file))?;
        println!("{bases} bases, {gc} of them G or C");
        return Ok(ExitCode::SUCCESS);
    }
    let bench = Bench::new()?;
    let rows = floor::rows(&bench).and_then(|mut rows| {
        rows.extend(server::rows(&bench));
        rows.extend(peers::rows(&bench)?);
        Ok(rows)
    });
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
