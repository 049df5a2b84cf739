//! A bar on a terminal, log lines elsewhere.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressStyle};

/// What people see while genomes are analyzed.
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar if standard error is a terminal and `wanted`.
    pub fn new(wanted: bool) -> Self {
        Self {
            bar: (wanted && std::io::stderr().is_terminal()).then(bar),
        }
    }

    /// So many genomes are to be done.
    pub fn expect(&self, genomes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(genomes);
        }
    }

    /// This one is in hand.
    pub fn begin(&self, genome: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(genome.escape_debug().to_string()),
            None => tracing::debug!(genome, "genome in hand"),
        }
    }

    /// So many more are done.
    pub fn advance(&self, genomes: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(genomes);
        }
    }

    /// The bar goes, so that what is printed next stands alone.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{bar:30.cyan/dim} {pos}/{len} genomes  {elapsed}  eta {eta}  {wide_msg}",
    );
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
