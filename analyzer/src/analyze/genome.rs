//! The genome's own row, but for what its traits add.

use std::collections::BTreeMap;

use crate::codons::Codon;
use crate::indices::families::Families;
use crate::indices::{counts, enc, gc};
use crate::record::{Format, GeneSource, Genome, LeftOut};
use crate::rows::{GeneRow, GenomeRow};

/// The row of `genome`, whose genes have the rows `genes`.
pub(super) fn row(genome: &Genome, genes: &[GeneRow]) -> GenomeRow {
    let wholes: Vec<_> = genome.genes.iter().map(counts::whole).collect();
    let pooled = counts::pooled(&wholes);
    let code = most_frequent_code(genome);
    let families = Families::by_id(code);
    let sum = |of: fn(&crate::record::Contig) -> u64| genome.contigs.iter().map(of).sum::<u64>();
    let left_out = left_out(genome);
    let unambiguous = sum(|contig| contig.unambiguous_bases);
    GenomeRow {
        content_hash: hexadecimal(&genome.content_hash),
        format: format_name(genome.format).to_owned(),
        gene_source: source_name(genome.gene_source).to_owned(),
        genetic_code: code,
        contigs: genome.contigs.len() as u64,
        length: sum(|contig| contig.length),
        gc: (unambiguous > 0).then(|| sum(|contig| contig.gc_bases) as f64 / unambiguous as f64),
        genes: genes.len() as u64,
        genes_renamed: genome.renamed_genes,
        genes_too_short: genes.iter().filter(|row| row.too_short).count() as u64,
        reference_genes: genes.iter().filter(|row| row.reference).count() as u64,
        pseudogenes: genome.set_aside.pseudogenes,
        set_aside: genome.set_aside.without_sequence + genome.set_aside.without_codons,
        codons_left_out: left_out.iter().sum(),
        inner_stops: left_out[0],
        ambiguous_codons: left_out[1],
        excepted_codons: left_out[2],
        cut_codons: left_out[3],
        codons: Codon::all().map(|codon| u64::from(pooled[codon])).collect(),
        enc: enc::enc(&pooled, &families),
        gc3s: gc::gc3s(&pooled, &families),
        ..GenomeRow::default()
    }
}

/// Codons left out, by kind: inner stops, ambiguous, excepted, cut.
fn left_out(genome: &Genome) -> [u64; 4] {
    let mut sums = [0; 4];
    for gene in &genome.genes {
        let LeftOut {
            inner_stops,
            ambiguous,
            exceptions,
            cut,
        } = gene.left_out;
        let kinds = [inner_stops, ambiguous, exceptions, cut];
        sums.iter_mut()
            .zip(kinds)
            .for_each(|(sum, count)| *sum += u64::from(count));
    }
    sums
}

fn most_frequent_code(genome: &Genome) -> u8 {
    let mut genes: BTreeMap<u8, usize> = BTreeMap::new();
    for gene in &genome.genes {
        *genes.entry(gene.genetic_code).or_default() += 1;
    }
    genes
        .into_iter()
        .rev()
        .max_by_key(|&(_, count)| count)
        .map_or(0, |(code, _)| code)
}

fn hexadecimal(bytes: &[u8]) -> String {
    blake3::Hash::from_slice(bytes)
        .map(|hash| hash.to_hex().to_string())
        .unwrap_or_default()
}

const fn format_name(format: Format) -> &'static str {
    match format {
        Format::FastaGenome => "FastaGenome",
        Format::FastaCds => "FastaCds",
        Format::GenBank => "GenBank",
        Format::FastaGff => "FastaGff",
    }
}

const fn source_name(source: GeneSource) -> &'static str {
    match source {
        GeneSource::None => "None",
        GeneSource::Annotated => "Annotated",
        GeneSource::Predicted => "Predicted",
    }
}
