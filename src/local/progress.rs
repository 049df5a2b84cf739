//! A bar on a terminal, log lines elsewhere; both on standard error.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use genome_contract::Verb;
use genome_contract::message::PlanSummary;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Between two log lines on progress.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Tells a person how far the run is.
pub(super) struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    last_line: Mutex<Instant>,
}

impl Progress {
    /// Nothing is known yet.
    pub(super) fn new(name: &str) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target = if is_terminal {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target).with_prefix(name.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{prefix} {msg} {spinner}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self {
            bar,
            is_terminal,
            last_line: Mutex::new(Instant::now()),
        }
    }

    /// A stage begins.
    pub(super) fn stage(&self, verb: Verb) {
        let doing = match verb {
            Verb::Plan => "listing genomes",
            Verb::Map => "analyzing",
            Verb::Merge => "writing reports",
        };
        self.bar.set_message(doing);
        self.line(doing);
    }

    /// The number of genomes is known.
    pub(super) fn planned(&self, plan: &PlanSummary) {
        self.bar.set_length(plan.genomes);
        let template = "{prefix} [{bar:30}] {pos}/{len} genomes {msg}, done in {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("=> "));
        }
        self.line(&format!("{} genomes in {} tasks", plan.genomes, plan.tasks));
    }

    /// So many genomes are settled.
    pub(super) fn genomes(&self, done: u64, failed: u64) {
        self.bar.set_position(done + failed);
        let failures = if failed > 0 {
            format!("({failed} failed)")
        } else {
            String::new()
        };
        self.bar.set_message(failures.clone());
        let Ok(mut last) = self.last_line.lock() else {
            return;
        };
        if last.elapsed() >= BETWEEN_LINES {
            *last = Instant::now();
            self.line(&format!(
                "{}/{} genomes {failures}",
                done + failed,
                self.bar.length().unwrap_or(0)
            ));
        }
    }

    /// Something to read, whatever the bar does.
    pub(super) fn say(&self, line: &str) {
        self.bar.suspend(|| eprintln!("{line}"));
    }

    /// The bar goes.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, text: &str) {
        if !self.is_terminal {
            eprintln!("{}: {}", self.bar.prefix(), text.trim_end());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}
