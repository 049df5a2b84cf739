//! Reading alone, in this process and on one thread: our reader, which also counts codons and hashes the content, and needletail's.

use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result};
use genomic_pleiotropy::read::{FastaKind, ReadOptions, read_genome};

/// Bases that our reader finds.
pub(crate) fn ours(fasta: &Path) -> Result<u64> {
    let options = ReadOptions {
        fasta: Some(FastaKind::Coding),
        ..ReadOptions::default()
    };
    let genome = read_genome(File::open(fasta)?, None::<File>, &options)?;
    Ok(genome.contigs.iter().map(|contig| contig.length).sum())
}

/// Bases, and those that are G or C, that needletail finds.
pub(crate) fn needletail(fasta: &Path) -> Result<(u64, u64)> {
    let mut reader = needletail::parse_fastx_file(fasta).context("needletail")?;
    let (mut bases, mut gc) = (0, 0);
    while let Some(record) = reader.next() {
        let record = record.context("needletail")?;
        let sequence = record.seq();
        bases += sequence.len() as u64;
        gc += sequence
            .iter()
            .filter(|base| matches!(base, b'G' | b'C' | b'g' | b'c'))
            .count() as u64;
    }
    Ok((bases, gc))
}
