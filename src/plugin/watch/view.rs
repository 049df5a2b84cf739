//! A bar on a terminal; elsewhere a line when something changes, and no more than one every few seconds.

use std::cell::{Cell, RefCell};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use crate::api::{GenomeAnalysis, GenomeAnalysisStatus, Phase};
use crate::plugin::format;

/// Between two lines of the same phase.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// What a person sees of a watch.
pub(super) struct View {
    bar: ProgressBar,
    is_terminal: bool,
    name: String,
    last: RefCell<(Option<Phase>, String, Option<Instant>)>,
    has_told_failure: Cell<bool>,
}

impl View {
    pub(super) fn new(name: &str) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = if is_terminal {
            ProgressBar::no_length()
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self {
            bar: bar.with_prefix(name.to_owned()),
            is_terminal,
            name: name.to_owned(),
            last: RefCell::default(),
            has_told_failure: Cell::new(false),
        }
    }

    /// Shows the present state.
    pub(super) fn show(&self, analysis: &GenomeAnalysis, now: Timestamp) {
        let status = analysis.status.clone().unwrap_or_default();
        if let Some(failure) = status
            .first_failure
            .as_ref()
            .filter(|_| !self.has_told_failure.get())
        {
            self.has_told_failure.set(true);
            let parts = [Some(&failure.reason), failure.message.as_ref()]
                .into_iter()
                .flatten();
            let words = failure.genome.iter().chain(parts).filter(|part| !part.is_empty());
            let words: Vec<&str> = words.map(String::as_str).collect();
            self.say(&format!("{}: first failure: {}", self.name, words.join(": ")));
        }
        let genomes = status.genomes.unwrap_or_default();
        self.bar.set_length(genomes.total);
        self.bar
            .set_position(genomes.total - genomes.remaining.min(genomes.total));
        let line = line(&status, now);
        self.bar.set_message(line.clone());
        if !self.is_terminal {
            self.log(status.phase, line);
        }
    }

    fn log(&self, phase: Option<Phase>, line: String) {
        let mut last = self.last.borrow_mut();
        let is_soon = last.2.is_some_and(|time| time.elapsed() < BETWEEN_LINES);
        if last.1 == line || (is_soon && last.0 == phase) {
            return;
        }
        eprintln!("{}: {line}", self.name);
        *last = (phase, line, Some(Instant::now()));
    }

    /// Whether the last state seen was an operator's.
    pub(super) fn has_seen_an_operator(&self) -> bool {
        !self.bar.message().starts_with(UNSEEN)
    }

    /// Something to read, whatever the bar does.
    pub(super) fn say(&self, line: &str) {
        self.bar.suspend(|| eprintln!("{line}"));
    }

    /// The bar goes.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

const UNSEEN: &str = "waiting for the operator";

/// Phase, genomes, workers, failures, time left, and what stands in the way.
fn line(status: &GenomeAnalysisStatus, now: Timestamp) -> String {
    let Some(phase) = status.phase else {
        return UNSEEN.to_owned();
    };
    let mut parts = vec![phase.as_str().to_owned()];
    parts.extend(status.done.clone());
    let workers = status
        .workers
        .as_ref()
        .filter(|workers| workers.desired > 0 && !phase.is_finished());
    parts.extend(workers.map(|workers| format!("{} of {} workers", workers.running, workers.desired)));
    let failed = status.genomes.filter(|genomes| genomes.failed > 0);
    parts.extend(failed.map(|genomes| format!("{} failed", genomes.failed)));
    if let Some(eta) = status
        .estimated_completion_time
        .as_ref()
        .filter(|eta| eta.0 > now)
    {
        let left = Duration::try_from(eta.0.duration_since(now)).unwrap_or_default();
        parts.push(format!("done in about {}", format::span(left)));
    }
    let waiting = status
        .message
        .clone()
        .filter(|message| message.starts_with("waiting") || phase.is_finished());
    parts.extend(waiting);
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_how_far_it_is_and_what_stands_in_the_way() {
        let now: Timestamp = "2026-01-01T11:55:00Z".parse().unwrap();
        let status = |value| serde_json::from_value::<GenomeAnalysisStatus>(value).unwrap();
        let running = status(json!({
            "phase": "Running", "done": "498/1000", "workers": { "desired": 4, "running": 3 },
            "genomes": { "total": 1000, "failed": 2 }, "estimatedCompletionTime": "2026-01-01T12:00:00Z",
            "message": "500 of 1000 genomes are settled",
        }));
        assert_eq!(
            line(&running, now),
            "Running, 498/1000, 3 of 4 workers, 2 failed, done in about 5m"
        );
        let held_up = status(json!({ "phase": "Planning", "message": "waiting: no node fits" }));
        assert_eq!(line(&held_up, now), "Planning, waiting: no node fits");
        assert_eq!(line(&status(json!({})), now), UNSEEN);
    }
}
