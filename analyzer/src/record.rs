//! What every reader yields, whatever the format: a genome with its contigs and coding sequences.
//!
//! Sequences are gone by then: a coding sequence is counted while it is read, so that a genome in memory costs a few
//! hundred bytes a gene.

use std::sync::Arc;

use crate::codons::{Codon, CodonCounts};

/// One genome.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Genome {
    /// Contigs (GenBank records, FASTA sequences) in the input's order. A FASTA of coding sequences has none of its
    /// own: there, a contig is what the headers name, else one contig `cds` on which the genes lie end to end, and
    /// length and GC are those of its coding sequences.
    pub contigs: Vec<Contig>,
    /// Coding sequences with counted codons, in the order contig, start, end.
    pub genes: Vec<Gene>,
    /// Genes whose id was met before, and that got `#2`, `#3` … appended.
    pub renamed_genes: u64,
    /// What was seen and not counted.
    pub set_aside: SetAside,
    /// Where the genes came from.
    pub gene_source: GeneSource,
    /// What the input was.
    pub format: Format,
    /// BLAKE3 of the input's decompressed bytes; of a pair: BLAKE3 of the sequence's hash, then the annotation's.
    pub content_hash: [u8; 32],
}

/// A contiguous sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contig {
    /// Its name in the input (GenBank VERSION or LOCUS; first word of a FASTA header).
    pub id: String,
    /// Bases.
    pub length: u64,
    /// G and C among its unambiguous bases.
    pub gc_bases: u64,
    /// A, C, G, T among its bases.
    pub unambiguous_bases: u64,
    /// Whether it is circular: then genes may span its origin.
    pub is_circular: bool,
}

/// A coding sequence, counted.
///
/// ```
/// use genomic_pleiotropy::read::{ReadOptions, read_genome};
///
/// let fasta = b">lcl|X_cds_7 [gene=fdhF] [locus_tag=t7] [transl_except=(pos:7..9,aa:Sec)] [location=1..15] [gbkey=CDS]\nATGAAATGACGCTAA\n";
/// let gene = read_genome(&fasta[..], None::<&[u8]>, &ReadOptions::default())?.genes.remove(0);
/// assert_eq!((gene.codons.total(), gene.left_out.exceptions), (2, 1));
/// assert_eq!(gene.start_codon.map(|codon| codon.to_bases()), Some(*b"ATG"));
/// # Ok::<(), genomic_pleiotropy::read::ReadError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gene {
    /// Unique in the genome: locus tag, else protein id, else FASTA id, else gene name; `#2`, `#3` … when met again.
    pub id: String,
    /// Gene name, such as `rplA`.
    pub name: Option<String>,
    /// Locus tag, such as `b3984`.
    pub locus_tag: Option<String>,
    /// Other names: `gene_synonym`, `old_locus_tag`.
    pub synonyms: Vec<String>,
    /// Protein id, such as `NP_418411.1`.
    pub protein_id: Option<String>,
    /// What it makes, in words.
    pub product: Option<String>,
    /// Where it lies.
    pub location: Location,
    /// NCBI translation table it was read with.
    pub genetic_code: u8,
    /// Sense codons after the start codon: no stops, no ambiguous ones, none of `transl_except`, no cut ones.
    pub codons: CodonCounts,
    /// The first codon, where the 5′ end is complete and unambiguous.
    pub start_codon: Option<Codon>,
    /// The last codon, where it is a stop of its table.
    pub stop_codon: Option<Codon>,
    /// What was left out of `codons`.
    pub left_out: LeftOut,
    /// The unambiguous codons among those: inner stops and the ones that `transl_except` names.
    pub excepted_codons: Vec<Codon>,
    /// Amino acids as letters, start to last sense codon; kept only when asked for (`known_sequences`).
    pub protein: Option<Arc<[u8]>>,
}

impl Gene {
    /// Every unambiguous in-frame codon: start, stop, inner stops and `transl_except` included. Summed over genes, these
    /// are the counts that EMBOSS `cusp` prints.
    pub fn all_codons(&self) -> CodonCounts {
        let mut all = self.codons.clone();
        for &codon in self
            .start_codon
            .iter()
            .chain(&self.stop_codon)
            .chain(&self.excepted_codons)
        {
            all[codon] += 1;
        }
        all
    }
}

/// Codons left out of a gene's counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Stop codons before the end.
    pub inner_stops: u32,
    /// Codons with an ambiguous base.
    pub ambiguous: u32,
    /// Codons named by `transl_except`.
    pub exceptions: u32,
    /// Codons cut by a partial end, or by a length that is not a multiple of three.
    pub cut: u32,
}

/// Where a gene lies: the envelope of its parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// Index into [`Genome::contigs`].
    pub contig: u32,
    /// First base, counted from 0, on the forward strand. Of an origin-spanning gene: where its first part begins.
    pub start: u64,
    /// One past the last base; smaller than `start` where the gene spans the origin.
    pub end: u64,
    /// Strand.
    pub strand: Strand,
    /// Whether the 5′ or 3′ end is beyond what was sequenced.
    pub is_partial: bool,
}

/// Strand of a gene.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strand {
    /// As written.
    #[default]
    Forward,
    /// Reverse complement.
    Reverse,
}

/// Features that are not counted as genes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetAside {
    /// Marked `/pseudo` or `/pseudogene`.
    pub pseudogenes: u64,
    /// Without sequence: a location on another record, or outside the contig.
    pub without_sequence: u64,
    /// Without a single sense codon.
    pub without_codons: u64,
}

impl SetAside {
    /// All of them.
    pub const fn total(&self) -> u64 {
        self.pseudogenes + self.without_sequence + self.without_codons
    }
}

/// Where the genes of a genome came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GeneSource {
    /// No genes.
    #[default]
    None,
    /// The input's annotation, or a FASTA of coding sequences.
    Annotated,
    /// A gene caller.
    Predicted,
}

/// Format of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// FASTA of whole sequences.
    #[default]
    FastaGenome,
    /// FASTA of coding sequences.
    FastaCds,
    /// GenBank flat file.
    GenBank,
    /// FASTA with a GFF3 annotation, in one file or two.
    FastaGff,
}
