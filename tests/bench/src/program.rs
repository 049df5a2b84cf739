//! Runs a program to its end, and says how long it took and how much memory it had at most.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Time between two looks at a program's memory. The kernel keeps the maximum, so only growth after the last look is missed.
const LOOK: Duration = Duration::from_millis(1);

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// From start to exit.
    pub seconds: f64,
    /// Largest resident set, in bytes.
    pub peak: f64,
}

/// A program of ours, or a peer.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    path: PathBuf,
}

impl Program {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn start<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Child> {
        let mut command = Command::new(&self.path);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
            .spawn()
            .with_context(|| format!("starting `{}`", self.path.display()))
    }

    /// Runs it once.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Cost> {
        let begin = Instant::now();
        finish(self.start(arguments)?, begin)
    }

    /// Seconds of one run that nobody looks at meanwhile: beside a peer, whose memory is not looked at either.
    pub(crate) fn seconds<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<f64> {
        let begin = Instant::now();
        let output = self.start(arguments)?.wait_with_output()?;
        let seconds = begin.elapsed().as_secs_f64();
        succeeded(output.status, &output.stderr)?;
        Ok(seconds)
    }

    /// The median of some runs, by time; `arguments` says those of each.
    pub(crate) fn median<A: AsRef<OsStr>>(
        &self,
        runs: usize,
        arguments: impl Fn(usize) -> Vec<A>,
    ) -> Result<Cost> {
        let mut costs = (0..runs)
            .map(|run| self.run(&arguments(run)))
            .collect::<Result<Vec<_>>>()?;
        costs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        Ok(costs[runs / 2])
    }

    /// Several at the same time: seconds until the last one ended.
    pub(crate) fn at_once<A: AsRef<OsStr>>(&self, each: &[impl AsRef<[A]>]) -> Result<f64> {
        let begin = Instant::now();
        let children = each
            .iter()
            .map(|arguments| self.start(arguments.as_ref()))
            .collect::<Result<Vec<_>>>()?;
        for child in children {
            finish(child, begin)?;
        }
        Ok(begin.elapsed().as_secs_f64())
    }
}

fn finish(mut child: Child, begin: Instant) -> Result<Cost> {
    let mut peak = 0_f64;
    let status = loop {
        peak = peak.max(peak_memory(child.id()).unwrap_or(0.0));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(LOOK);
    };
    let seconds = begin.elapsed().as_secs_f64();
    succeeded(status, &child.wait_with_output()?.stderr)?;
    Ok(Cost { seconds, peak })
}

fn succeeded(status: ExitStatus, said: &[u8]) -> Result<()> {
    if !status.success() {
        bail!("{status}: {}", String::from_utf8_lossy(said));
    }
    Ok(())
}

/// `VmHWM` of a live process, in bytes.
fn peak_memory(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024.0)
}
