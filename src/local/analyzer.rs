//! Which program analyzes, on how many cores, and what it is told of the laptop.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use super::Error;
use super::mounts::Mount;
use crate::validate::ValidAnalysis;

/// Name of the analyzer's program.
const PROGRAM: &str = "genomic_pleiotropy";
/// Environment variable that names it.
const VARIABLE: &str = "GENOME_ANALYZER";

/// The analyzer on this machine.
pub(super) struct Analyzer {
    /// The program.
    pub(super) program: PathBuf,
    /// Processes at a time: what the manifest allows, and no more than there are cores.
    pub(super) workers: usize,
    /// All cores: plan and merge run alone.
    pub(super) cores: usize,
    /// `--mount PATH=DIR` for each claim.
    pub(super) mounts: Vec<OsString>,
}

impl Analyzer {
    /// Finds the program: the one that was named, the one the environment names, beside our own, on `PATH`.
    pub(super) fn find(
        named: Option<&Path>,
        analysis: &ValidAnalysis,
        mounts: &[Mount],
    ) -> Result<Self, Error> {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        let wanted = analysis
            .scaling
            .workers
            .unwrap_or(u32::MAX)
            .min(analysis.scaling.max_workers.get())
            .max(1);
        let workers = cores.min(wanted as usize);
        let mounts = mounts.iter().flat_map(|mount| {
            let mut argument = OsString::from(&mount.mount_path);
            argument.push("=");
            argument.push(&mount.folder);
            [OsString::from("--mount"), argument]
        });
        Ok(Self {
            program: program(named)?,
            workers,
            cores,
            mounts: mounts.collect(),
        })
    }

    /// Threads of one of `processes` that run at a time.
    pub(super) fn threads(&self, processes: usize) -> usize {
        (self.cores / processes.max(1)).max(1)
    }
}

fn program(named: Option<&Path>) -> Result<PathBuf, Error> {
    let from_environment = std::env::var_os(VARIABLE)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from);
    if let Some(path) = named.map(Path::to_owned).or(from_environment) {
        return if path.is_file() {
            Ok(path)
        } else {
            Err(Error::NoAnalyzer(format!("`{}` is no file", path.display())))
        };
    }
    let own = std::env::current_exe()
        .ok()
        .and_then(|own| Some(own.parent()?.to_owned()));
    let path = std::env::var_os("PATH").unwrap_or_default();
    own.into_iter()
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(PROGRAM))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| Error::NoAnalyzer(format!("`{PROGRAM}` is not installed")))
}
