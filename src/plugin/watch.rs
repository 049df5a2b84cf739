//! `run --watch`: the status as it changes, until the analysis ends.

use std::io::IsTerminal;

use futures::TryStreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use kube::runtime::watcher::{Config, Event, watcher};

use super::cluster::Cluster;
use super::{Error, status};
use crate::api::{GenomeAnalysis, GenomeAnalysisStatus, Phase};

/// Waits for the end; its exit code.
pub(super) async fn until_finished(cluster: &Cluster, name: &str) -> Result<u8, Error> {
    let config = Config::default().fields(&format!("metadata.name={name}"));
    let mut events = Box::pin(watcher(cluster.analyses(), config));
    let view = View::new(name);
    loop {
        match events.try_next().await {
            Ok(Some(Event::Apply(analysis) | Event::InitApply(analysis))) => {
                if let Some(phase) = view.show(&analysis) {
                    view.bar.finish_and_clear();
                    print!("{}", status::text(&analysis));
                    return Ok(exit_code(phase));
                }
            }
            Ok(Some(Event::Delete(_))) => return Err(Error::NotThere(format!("`{name}` was deleted"))),
            Ok(Some(Event::Init | Event::InitDone)) => {}
            Ok(None) => return Err(Error::NotThere(format!("the watch of `{name}` ended"))),
            // The watcher tries again by itself.
            Err(error) => view.bar.suspend(|| eprintln!("note: watching: {error}")),
        }
    }
}

fn exit_code(phase: Phase) -> u8 {
    match phase {
        Phase::Succeeded => 0,
        Phase::PartiallySucceeded => 3,
        _ => 1,
    }
}

/// A bar on a terminal, a line a change elsewhere.
struct View {
    bar: ProgressBar,
    is_terminal: bool,
    name: String,
    last: std::cell::RefCell<String>,
}

impl View {
    fn new(name: &str) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = if is_terminal {
            ProgressBar::no_length()
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} genomes, {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self {
            bar: bar.with_prefix(name.to_owned()),
            is_terminal,
            name: name.to_owned(),
            last: String::new().into(),
        }
    }

    /// Shows the present state; the phase, where it is over and is about the present specification.
    fn show(&self, analysis: &GenomeAnalysis) -> Option<Phase> {
        let status = analysis.status.clone().unwrap_or_default();
        let genomes = status.genomes.unwrap_or_default();
        let line = line(&status);
        self.bar.set_length(genomes.total);
        self.bar
            .set_position(genomes.total - genomes.remaining.min(genomes.total));
        self.bar.set_message(line.clone());
        if !self.is_terminal && *self.last.borrow() != line {
            eprintln!("{}: {line}", self.name);
            *self.last.borrow_mut() = line;
        }
        let is_current = status.observed_generation >= analysis.metadata.generation;
        status.phase.filter(|phase| phase.is_finished() && is_current)
    }
}

fn line(status: &GenomeAnalysisStatus) -> String {
    let phase = status.phase.map_or("waiting for the operator", Phase::as_str);
    let mut parts = vec![phase.to_owned()];
    parts.extend(status.done.clone());
    parts.extend(
        status
            .workers
            .as_ref()
            .map(|workers| format!("{} of {} workers", workers.running, workers.desired)),
    );
    parts.extend(
        status
            .genomes
            .filter(|genomes| genomes.failed > 0)
            .map(|genomes| format!("{} failed", genomes.failed)),
    );
    parts.extend(
        status
            .estimated_completion_time
            .as_ref()
            .map(|time| format!("done at {}", time.0)),
    );
    parts.extend(status.message.clone().filter(|message| !message.is_empty()));
    parts.join(", ")
}
