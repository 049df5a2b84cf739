//! Coding sequences in a FASTA file: named and placed by their headers.

use std::collections::HashMap;

use super::header::{Header, Prodigal};
use crate::genbank::{parse_exceptions, parse_location};
use crate::genetic_code::GeneticCode;
use crate::read::FastaKind;
use crate::read::assembly::Assembly;
use crate::read::bases::gc;
use crate::read::counting::{Reading, codon_of, count};
use crate::read::feature::{Exception, Names, SetAsideAs, Span, excepted_codons};
use crate::record::{Contig, Location, Strand};

/// Name of the contig on which genes lie end to end that say nothing about their place.
const UNPLACED: &str = "cds";

/// Shorter sequences say nothing: one in 16 random ones of 60 codons has an open frame.
const TELLING_CODONS: usize = 20;

/// Whether the records are coding: open reading frames from end to end, in nine of ten.
pub(super) fn judge(records: &[(Header, Vec<u8>)], code: &GeneticCode) -> FastaKind {
    let open = records.iter().filter(|(_, codes)| is_open(codes, code)).count();
    if records.is_empty() || open * 10 < records.len() * 9 {
        FastaKind::Genome
    } else {
        FastaKind::Coding
    }
}

/// Whole codons, no stop before the last, and a start or a stop at its end.
fn is_open(codes: &[u8], code: &GeneticCode) -> bool {
    let (codons, rest) = codes.as_chunks::<3>();
    let [first, inner @ .., last] = codons else {
        return false;
    };
    let is_stop = |codon: &[u8; 3]| codon_of(codon).is_some_and(|codon| code.is_stop(codon));
    let begins = codon_of(first).is_some_and(|codon| code.is_start(codon));
    let ends = codon_of(last).is_some_and(|codon| code.may_stop(codon));
    let tells = codons.len() >= TELLING_CODONS || (begins && ends);
    rest.is_empty() && tells && (begins || ends) && !inner.iter().any(is_stop)
}

/// The contigs that headers named so far.
#[derive(Debug, Default)]
pub(super) struct Coding {
    contigs: HashMap<String, u32>,
}

/// What a header says about place and ends.
#[derive(Clone, Debug, Default)]
struct Placed {
    contig: Option<String>,
    start: u64,
    end: u64,
    strand: Strand,
    is_partial_start: bool,
    is_partial_end: bool,
    /// Whether the header vouches that the sequence begins with its start codon.
    is_annotated: bool,
    /// The parts it was spliced from, in the order of translation; none where the header does not say.
    spans: Vec<Span>,
}

impl Coding {
    /// Counts one sequence.
    pub(super) fn add(&mut self, header: &Header, codes: &[u8], assembly: &mut Assembly) {
        if codes.is_empty() {
            assembly.note_empty_record(header.position(header.line));
        }
        let placed = place(header);
        let contig = self.contig(placed.contig.as_deref().unwrap_or(UNPLACED), assembly);
        let (start, end) = add_to_contig(
            &mut assembly.genome_mut().contigs[contig as usize],
            codes,
            &placed,
        );
        if header
            .pair("pseudo")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
        {
            return assembly.add(Err(SetAsideAs::Pseudogene));
        }
        let tells = header.tells_translation();
        let own_code = tells.then(|| own_code(header)).flatten();
        let code = own_code.unwrap_or_else(|| assembly.default_code());
        let frame = header
            .pair("frame")
            .and_then(|frame| frame.parse().ok())
            .unwrap_or(1_u8);
        let skip = frame.clamp(1, 3) - 1;
        let begins = placed.is_annotated
            || codes
                .get(..3)
                .and_then(codon_of)
                .is_some_and(|codon| code.is_start(codon));
        let has_start = begins && skip == 0 && !placed.is_partial_start;
        let exceptions = if tells { exceptions(header) } else { Vec::new() };
        let exceptions = excepted_codons(&placed.spans, &exceptions, skip);
        let counted = count(
            codes,
            Reading {
                code,
                skip: usize::from(skip),
                has_start,
                exceptions: &exceptions,
                keeps_protein: assembly.keeps_protein(),
            },
        );
        if counted.codons.total() == 0 {
            return assembly.add(Err(SetAsideAs::WithoutCodons));
        }
        let is_partial = placed.is_partial_start || placed.is_partial_end;
        let location = Location {
            contig,
            start,
            end,
            strand: placed.strand,
            is_partial,
        };
        assembly.add(Ok(counted.into_gene(names(header), location, code.id)));
    }

    fn contig(&mut self, name: &str, assembly: &mut Assembly) -> u32 {
        if let Some(&index) = self.contigs.get(name) {
            return index;
        }
        let index = assembly.add_contig(Contig {
            id: name.to_owned(),
            ..Contig::default()
        });
        self.contigs.insert(name.to_owned(), index);
        index
    }
}

/// Adds the bases to the contig; where the gene lies on it.
fn add_to_contig(contig: &mut Contig, codes: &[u8], placed: &Placed) -> (u64, u64) {
    let before = contig.length;
    let (gc_bases, unambiguous_bases) = gc(codes);
    contig.length += codes.len() as u64;
    contig.gc_bases += gc_bases;
    contig.unambiguous_bases += unambiguous_bases;
    if placed.contig.is_some() {
        (placed.start, placed.end)
    } else {
        (before, contig.length)
    }
}

/// The translation table that the header names.
fn own_code(header: &Header) -> Option<&'static GeneticCode> {
    GeneticCode::by_id(header.pair("transl_table")?.parse().ok()?)
}

/// Where the header says that a codon is not read by the table, on the contig.
fn exceptions(header: &Header) -> Vec<Exception> {
    let values = header.pairs("transl_except");
    values
        .filter_map(|value| parse_exceptions(value.as_bytes(), ""))
        .flatten()
        .collect()
}

fn names(header: &Header) -> Names {
    let owned = |key| header.pair(key).map(str::to_owned);
    Names {
        gene: owned("gene"),
        locus_tag: owned("locus_tag"),
        protein_id: owned("protein_id"),
        product: owned("protein"),
        fallback: Some(header.id.clone()).filter(|id| !id.is_empty()),
        ..Names::default()
    }
}

fn place(header: &Header) -> Placed {
    if let Some(Prodigal {
        start,
        end,
        is_reverse,
        partial,
    }) = header.prodigal()
    {
        let (left, right) = (partial.starts_with('1'), partial.ends_with('1'));
        let contig = header
            .id
            .rsplit_once('_')
            .map_or(header.id.as_str(), |(contig, _)| contig);
        return Placed {
            contig: Some(contig.to_owned()),
            start: start.saturating_sub(1),
            end,
            strand: if is_reverse {
                Strand::Reverse
            } else {
                Strand::Forward
            },
            is_partial_start: if is_reverse { right } else { left },
            is_partial_end: if is_reverse { left } else { right },
            is_annotated: true,
            spans: Vec::new(),
        };
    }
    // `lcl|NC_000913.3_cds_NP_414542.1_1`
    let contig = header
        .id
        .strip_prefix("lcl|")
        .and_then(|id| id.split_once("_cds_"))
        .map(|(contig, _)| contig);
    let location = header
        .pair("location")
        .and_then(|location| parse_location(location.as_bytes(), ""));
    let is_annotated = header.tells_coding();
    match (contig, location) {
        (Some(contig), Some(location)) if !location.spans.is_empty() => Placed {
            contig: Some(contig.to_owned()),
            is_annotated,
            is_partial_start: location.is_partial_start,
            is_partial_end: location.is_partial_end,
            ..envelope(&location)
        },
        (_, location) => Placed {
            is_annotated,
            is_partial_start: location
                .as_ref()
                .is_some_and(|location| location.is_partial_start),
            is_partial_end: location.as_ref().is_some_and(|location| location.is_partial_end),
            spans: location.map(|location| location.spans).unwrap_or_default(),
            ..Placed::default()
        },
    }
}

fn envelope(place: &crate::read::feature::Place) -> Placed {
    let location = place.location(&place.spans, 0);
    Placed {
        start: location.start,
        end: location.end,
        strand: location.strand,
        spans: place.spans.clone(),
        ..Placed::default()
    }
}
