//! Reading alone, in this process and on one thread: our reader, which also checks every letter and hashes the content, and
//! needletail's. Both count bases, and G and C.

use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result};
use genome_contract::request::GeneCalling;
use genomic_pleiotropy::read::{FastaKind, ReadOptions, read_genome};
use genomic_pleiotropy::record::Contig;

/// Bases, and those that are G or C, that our reader finds.
pub(crate) fn ours(fasta: &Path) -> Result<(u64, u64)> {
    let options = ReadOptions {
        fasta: Some(FastaKind::Genome),
        gene_calling: GeneCalling::Annotated,
        ..ReadOptions::default()
    };
    let genome = read_genome(File::open(fasta)?, None::<File>, &options)?;
    let sum = |of: fn(&Contig) -> u64| genome.contigs.iter().map(of).sum();
    Ok((sum(|contig| contig.length), sum(|contig| contig.gc_bases)))
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
