//! Bytes → [`Genome`]: the format told by content, sequences counted while they are read.
//!
//! ```text
//!  bytes ─► decompressed, hashed, limited ─► lines ─┬─► genbank ─┐
//!                                                  ├─► fasta ───┼─► features, counted ─► Genome
//!  annotation (GFF3) ──────────────────────────────┴─► gff ─────┘
//! ```
//!
//! What is wrong with an input is a [`ReadError`] with line and record; no input makes a reader panic.

pub(crate) mod assembly;
pub(crate) mod bases;
pub(crate) mod counting;
pub(crate) mod error;
pub(crate) mod feature;
pub(crate) mod lines;
pub(crate) mod passing;

use std::io::Read;

use genome_contract::request::GeneCalling;

use self::assembly::Assembly;
use self::error::shown;
pub use self::error::{Position, ReadError};
use self::lines::Lines;
use crate::gff::{self, Annotation};
use crate::input::{Content, is_compressed};
use crate::memory::Guard;
use crate::record::{Format, GeneSource, Genome};
use crate::{fasta, genbank};

/// How to read.
///
/// ```
/// use genomic_pleiotropy::read::{FastaKind, ReadOptions, read_genome};
///
/// let contig = b">contig\nATGAAACGCTAA\n";
/// let genome_of = |fasta| {
///     let options = ReadOptions { fasta: Some(fasta), ..ReadOptions::default() };
///     read_genome(&contig[..], None::<&[u8]>, &options).unwrap()
/// };
/// assert_eq!(genome_of(FastaKind::Coding).genes.len(), 1);
/// assert_eq!(genome_of(FastaKind::Genome).contigs[0].length, 12);
/// ```
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// NCBI translation table for coding sequences that name none.
    pub genetic_code: u8,
    /// Where genes come from.
    pub gene_calling: GeneCalling,
    /// Whether to keep each gene's protein ([`Gene::protein`](crate::record::Gene::protein)).
    pub keeps_proteins: bool,
    /// What FASTA sequences are; told by headers and reading frames where absent.
    pub fasta: Option<FastaKind>,
    /// Decompressed bytes that an input may have.
    pub byte_limit: u64,
    /// Bases that genes are predicted on at most; never more than 32 million, Prodigal's own limit for a sequence.
    pub prediction_limit: usize,
    /// Bytes read at a time.
    pub buffer_size: usize,
    /// Watches over the memory that this genome takes.
    pub guard: Option<Guard>,
}

impl Default for ReadOptions {
    /// Table 11, annotated genes where there are any and predicted ones elsewhere, at most 64 GiB (four times wheat), 128 KiB at a time.
    fn default() -> Self {
        Self {
            genetic_code: 11,
            gene_calling: GeneCalling::Auto,
            keeps_proteins: false,
            fasta: None,
            byte_limit: 1 << 36,
            prediction_limit: usize::MAX,
            buffer_size: 128 << 10,
            guard: None,
        }
    }
}

impl ReadOptions {
    /// Where genes are predicted, every sequence is one to predict them on.
    fn fasta_kind(&self) -> Option<FastaKind> {
        match self.gene_calling {
            GeneCalling::Predicted => Some(FastaKind::Genome),
            GeneCalling::Auto | GeneCalling::Annotated => self.fasta,
        }
    }
}

/// What the sequences of a FASTA file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FastaKind {
    /// Chromosomes, plasmids, contigs.
    Genome,
    /// Coding sequences in frame.
    Coding,
}

/// Reads a genome from `sequence` (FASTA, GenBank, or GFF3 with its sequence; plain or compressed) and, of a pair, from
/// `annotation` (GFF3).
///
/// ```
/// use genomic_pleiotropy::read::{ReadOptions, read_genome};
///
/// let fasta = b">thrL [gene=thrL] [locus_tag=b0001]\nATGAAACGCATTAGCACCACCTAA\n";
/// let genome = read_genome(&fasta[..], None::<&[u8]>, &ReadOptions::default())?;
/// assert_eq!(genome.genes[0].locus_tag.as_deref(), Some("b0001"));
/// assert_eq!(genome.genes[0].codons.total(), 6);
/// # Ok::<(), genomic_pleiotropy::read::ReadError>(())
/// ```
pub fn read_genome<S: Read, A: Read>(
    sequence: S,
    annotation: Option<A>,
    options: &ReadOptions,
) -> Result<Genome, ReadError> {
    let mut assembly = Assembly::new(options)?;
    let annotation = annotation
        .map(|annotation| read_annotation(annotation, options))
        .transpose()?;
    let mut content = Content::guarded(sequence, options.byte_limit, options.guard)?;
    let mut lines = Lines::new(&mut content, options.buffer_size);
    let begin = format_of(&mut lines)?;
    let (annotation, annotation_hash) = annotation.unzip();
    let format = match (begin, annotation) {
        (Begin::Fasta, Some(annotation)) => {
            gff::read_sequence(&mut lines, annotation, &mut assembly)?;
            Format::FastaGff
        }
        (Begin::GenBank | Begin::Gff, Some(_)) => {
            let found = ReadError::malformed(
                Position {
                    line: 1,
                    record: None,
                },
                b"an annotation",
                "FASTA, since the annotation is in a file of its own",
            );
            return Err(found);
        }
        (Begin::GenBank, None) => {
            genbank::read(&mut lines, &mut assembly)?;
            Format::GenBank
        }
        (Begin::Gff, None) => {
            let annotation = Annotation::read(&mut lines)?;
            gff::read_sequence(&mut lines, annotation, &mut assembly)?;
            Format::FastaGff
        }
        (Begin::Fasta, None) => fasta::read(&mut lines, &mut assembly, options.fasta_kind())?,
    };
    let sequence_hash = content.finish()?;
    let content_hash = match annotation_hash {
        Some(annotation_hash) => *blake3::hash(&[sequence_hash, annotation_hash].concat()).as_bytes(),
        None => sequence_hash,
    };
    let is_predicted = assembly.predict()?;
    let genome = assembly.genome_mut();
    genome.content_hash = content_hash;
    genome.format = format;
    genome.gene_source = match genome.genes.len() {
        0 => GeneSource::None,
        _ if is_predicted => GeneSource::Predicted,
        _ => GeneSource::Annotated,
    };
    let genome = assembly.finish()?;
    require_genes(&genome, options)?;
    Ok(genome)
}

/// The second file of a pair, and its hash.
fn read_annotation<A: Read>(stored: A, options: &ReadOptions) -> Result<(Annotation, [u8; 32]), ReadError> {
    let mut content = Content::guarded(stored, options.byte_limit, options.guard)?;
    let mut lines = Lines::new(&mut content, options.buffer_size);
    match format_of(&mut lines)? {
        Begin::Gff => {}
        Begin::GenBank | Begin::Fasta => {
            let position = Position {
                line: lines.number(),
                record: None,
            };
            return Err(ReadError::malformed(
                position,
                b"a sequence",
                "an annotation (GFF3) as second file",
            ));
        }
    }
    let annotation = Annotation::read(&mut lines)?;
    Ok((annotation, content.finish()?))
}

/// How an input begins.
enum Begin {
    Gff,
    GenBank,
    Fasta,
}

fn format_of<R: Read>(lines: &mut Lines<R>) -> Result<Begin, ReadError> {
    while let Some(line) = lines.next()? {
        if line.is_blank() {
            continue;
        }
        let begin = match line.bytes {
            [b'>', ..] => Begin::Fasta,
            other if other.starts_with(b"##gff-version") || is_gff_row(other) => Begin::Gff,
            [b'L', b'O', b'C', b'U', b'S', blank, ..] if blank.is_ascii_whitespace() => Begin::GenBank,
            other => return Err(unknown(other)),
        };
        lines.unread();
        return Ok(begin);
    }
    Err(ReadError::Empty)
}

/// Nine columns, two of them numbers: GFF3 whose first line was forgotten.
fn is_gff_row(line: &[u8]) -> bool {
    let columns: Vec<&[u8]> = line.split(|&byte| byte == b'\t').collect();
    columns.len() == 9
        && columns[3..5]
            .iter()
            .all(|column| !column.is_empty() && column.iter().all(u8::is_ascii_digit))
}

fn unknown(line: &[u8]) -> ReadError {
    let is_binary = line.iter().take(512).any(|&byte| byte < b'\t' || byte == 0x7F);
    let hint = match line {
        _ if line.starts_with(b"\xFF\xFE") || line.starts_with(b"\xFE\xFF") => {
            "; hint: the text is UTF-16, save it as UTF-8"
        }
        [b'@', ..] => "; hint: this looks like FASTQ; reads must be assembled first",
        _ if line.starts_with(b"#gtf-version") || line.starts_with(b"#!genome-build") => {
            "; hint: this looks like GTF; fetch the GFF3 or GenBank file of the same assembly, or convert it, as `gffread -o out.gff3 in.gtf` does"
        }
        [b'I', b'D', b' ', ..] => "; hint: this looks like EMBL; fetch the GenBank file of the same record",
        _ if is_compressed(line) => "; hint: it was compressed twice, decompress it once",
        [b'P', b'K', 3, 4, ..] => "; hint: this is a zip archive, unpack it first",
        [b'<', ..] => "; hint: this looks like a web page; was a log-in page saved instead of the file?",
        _ => "",
    };
    let found = if is_binary {
        "binary data".to_owned()
    } else {
        shown(line)
    };
    ReadError::UnknownFormat { found, hint }
}

/// Refuses a genome without genes where there should be some. A bare FASTA without any is still good for its length and GC.
fn require_genes(genome: &Genome, options: &ReadOptions) -> Result<(), ReadError> {
    let found = match genome.format {
        _ if !genome.genes.is_empty() => return Ok(()),
        _ if options.gene_calling == GeneCalling::Predicted => {
            let bases = genome.contigs.iter().map(|contig| contig.length).sum();
            return Err(ReadError::NoGenesFound(bases));
        }
        Format::FastaGenome => return Ok(()),
        Format::FastaCds => "no sequence of the FASTA holds a whole codon".to_owned(),
        Format::GenBank | Format::FastaGff => match genome.set_aside.total() {
            0 => "the annotation has no CDS feature".to_owned(),
            count => format!("all {count} CDS features are pseudogenes or have no sequence"),
        },
    };
    let hint =
        "give the annotated GenBank file, or a FASTA of coding sequences, or set `geneCalling: Predicted`";
    Err(ReadError::NoCodingSequences { found, hint })
}

#[cfg(all(test, not(feature = "gene-prediction")))]
mod tests {
    use super::*;

    #[test]
    fn a_build_without_gene_caller_says_so_and_reads_the_rest() {
        let fasta = format!(">a\n{}\n", "ACGTGATCCA".repeat(100));
        let read = |gene_calling| {
            let options = ReadOptions {
                gene_calling,
                ..ReadOptions::default()
            };
            read_genome(fasta.as_bytes(), None::<&[u8]>, &options)
        };
        let error = read(GeneCalling::Predicted).unwrap_err();
        assert_eq!(error.reason(), genome_contract::Reason::BadRequest);
        assert!(
            error
                .to_string()
                .contains("hint: use the released one, or build it with")
        );
        let genome = read(GeneCalling::Auto).unwrap();
        assert_eq!(
            (genome.contigs[0].length, genome.gene_source),
            (1000, GeneSource::None)
        );
    }
}
