//! The gene caller by itself, in this process and on one thread: what a bare genome costs at least.

use std::path::Path;

use anyhow::{Context as _, Result};
use orphos_core::OrphosAnalyzer;
use orphos_core::config::OrphosConfig;

/// Genes called on the sequences of a FASTA file.
pub(crate) fn genes(fasta: &Path) -> Result<usize> {
    let analyzer = OrphosAnalyzer::new(OrphosConfig {
        quiet: true,
        ..OrphosConfig::default()
    });
    let results = analyzer.analyze_fasta_file(fasta).context("orphos-core")?;
    Ok(results.iter().map(|result| result.genes.len()).sum())
}
