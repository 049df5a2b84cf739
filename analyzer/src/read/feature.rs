//! A coding feature as GenBank and GFF3 describe it, and its way to a [`Gene`]: splice, complement, count.

use super::bases::gc;
use super::counting::{Excepted, Reading, count};
use super::passing::Bases;
use crate::genetic_code::GeneticCode;
use crate::record::{Gene, Location, Strand};

/// A run of bases, counted from 0, end excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) strand: Strand,
}

impl Span {
    /// 0 where it runs over the origin, which only the contig's length tells.
    const fn length(self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// Where a feature lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// In the order of translation.
    pub(crate) spans: Vec<Span>,
    /// Whether the 5′ end is beyond what was sequenced.
    pub(crate) is_partial_start: bool,
    /// Whether the 3′ end is.
    pub(crate) is_partial_end: bool,
    /// Whether a part of it lies on another record.
    pub(crate) is_remote: bool,
}

/// What a feature is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) gene: Option<String>,
    pub(crate) locus_tag: Option<String>,
    pub(crate) synonyms: Vec<String>,
    pub(crate) protein_id: Option<String>,
    pub(crate) product: Option<String>,
    /// Used where there is neither locus tag nor protein id.
    pub(crate) fallback: Option<String>,
}

/// A place of `transl_except`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exception {
    pub(crate) span: Span,
    /// Whether it names a stop (`aa:TERM`) rather than an amino acid.
    pub(crate) is_stop: bool,
}

/// A CDS before its sequence is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CodingFeature {
    pub(crate) place: Place,
    pub(crate) names: Names,
    /// Bases before the first whole codon: `codon_start` − 1, or the GFF3 phase.
    pub(crate) skip: u8,
    pub(crate) genetic_code: Option<u8>,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) is_pseudo: bool,
}

/// Why a feature is no gene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetAsideAs {
    Pseudogene,
    WithoutSequence,
    WithoutCodons,
}

/// What features are counted against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountingContext<'a> {
    /// Those of the contig's bases that are in memory.
    pub(crate) bases: Bases<'a>,
    /// All of its bases, or those read so far where the feature lies within them.
    pub(crate) length: u64,
    /// Its index.
    pub(crate) contig: u32,
    pub(crate) is_circular: bool,
    /// For features that name no table.
    pub(crate) default_code: &'static GeneticCode,
    pub(crate) keeps_protein: bool,
}

impl CodingFeature {
    /// Counts the feature; `scratch` is memory to splice in.
    pub(crate) fn to_gene(
        &self,
        context: CountingContext<'_>,
        scratch: &mut Vec<u8>,
    ) -> Result<Gene, SetAsideAs> {
        let CountingContext {
            bases,
            length,
            contig,
            is_circular,
            default_code,
            keeps_protein,
        } = context;
        if self.is_pseudo {
            return Err(SetAsideAs::Pseudogene);
        }
        let spans = self
            .place
            .on_contig(length, is_circular)
            .ok_or(SetAsideAs::WithoutSequence)?;
        splice(bases, &spans, scratch).ok_or(SetAsideAs::WithoutSequence)?;
        let skip = usize::from(self.skip);
        let reading = Reading {
            code: self
                .genetic_code
                .and_then(GeneticCode::by_id)
                .unwrap_or(default_code),
            skip,
            has_start: !self.place.is_partial_start && skip == 0,
            exceptions: &excepted_codons(&spans, &self.exceptions, self.skip),
            keeps_protein,
        };
        let counted = count(scratch, reading);
        if counted.codons.total() == 0 {
            return Err(SetAsideAs::WithoutCodons);
        }
        let location = self.place.location(&spans, contig);
        Ok(counted.into_gene(self.names.clone(), location, reading.code.id))
    }
}

impl super::counting::Counted {
    /// Joins counts, names and place.
    pub(crate) fn into_gene(self, names: Names, location: Location, genetic_code: u8) -> Gene {
        let Names {
            gene,
            locus_tag,
            synonyms,
            protein_id,
            product,
            fallback,
        } = names;
        let id = locus_tag
            .as_ref()
            .or(protein_id.as_ref())
            .or(fallback.as_ref())
            .or(gene.as_ref());
        Gene {
            id: id
                .cloned()
                .unwrap_or_else(|| format!("cds_{}", location.start + 1)),
            name: gene,
            locus_tag,
            synonyms,
            protein_id,
            product,
            location,
            genetic_code,
            codons: self.codons,
            start_codon: self.start_codon,
            stop_codon: self.stop_codon,
            left_out: self.left_out,
            excepted_codons: self.set_aside,
            protein: self.protein,
        }
    }
}

impl Place {
    /// The spans inside a contig of that length; `None` if any lies outside or on another record. A span that runs
    /// over the end of a circular contig (GFF3 writes end > length, GenBank start > end) is cut in two.
    fn on_contig(&self, length: u64, is_circular: bool) -> Option<Vec<Span>> {
        if self.is_remote || self.spans.is_empty() {
            return None;
        }
        let mut spans = Vec::with_capacity(self.spans.len() + 1);
        for &span in &self.spans {
            let Span { start, end, strand } = span;
            if start < end && end <= length {
                spans.push(span);
                continue;
            }
            let wrapped = if end > length { end - length } else { end };
            if !is_circular || start >= length || wrapped > start {
                return None;
            }
            let (tail, head) = (
                Span {
                    start,
                    end: length,
                    strand,
                },
                Span {
                    start: 0,
                    end: wrapped,
                    strand,
                },
            );
            match strand {
                Strand::Forward => spans.extend([tail, head]),
                Strand::Reverse => spans.extend([head, tail]),
            }
        }
        spans.retain(|span| span.start < span.end);
        Some(spans)
    }

    pub(crate) fn location(&self, spans: &[Span], contig: u32) -> Location {
        let strand = spans.first().map_or(Strand::Forward, |span| span.strand);
        let in_order: Vec<Span> = match strand {
            Strand::Forward => spans.to_vec(),
            Strand::Reverse => spans.iter().rev().copied().collect(),
        };
        let is_mixed = spans.iter().any(|span| span.strand != strand);
        // Parts that jump back by more than a frameshift's few bases run over the origin.
        let jumps_back = in_order.windows(2).any(|pair| pair[1].start < pair[0].start);
        let (start, end) = if is_mixed || !jumps_back {
            (
                spans.iter().map(|span| span.start).min(),
                spans.iter().map(|span| span.end).max(),
            )
        } else {
            (
                in_order.first().map(|span| span.start),
                in_order.last().map(|span| span.end),
            )
        };
        Location {
            contig,
            start: start.unwrap_or_default(),
            end: end.unwrap_or_default(),
            strand,
            is_partial: self.is_partial_start || self.is_partial_end,
        }
    }
}

/// Writes the bases of `spans` one after the other, each read along its strand; `None` where one is not there.
fn splice(bases: Bases<'_>, spans: &[Span], spliced: &mut Vec<u8>) -> Option<()> {
    spliced.clear();
    for &Span { start, end, strand } in spans {
        let part = bases.get(start, end)?;
        match strand {
            Strand::Forward => spliced.extend_from_slice(part),
            // An ambiguous 4 becomes 6, which keeps the bit that marks it.
            Strand::Reverse => spliced.extend(part.iter().rev().map(|code| code ^ 2)),
        }
    }
    Some(())
}

/// The codons that hold the first base of each exception, counted from 0 after `skip`.
pub(crate) fn excepted_codons(spans: &[Span], exceptions: &[Exception], skip: u8) -> Vec<Excepted> {
    let excepted = |&Exception { span, is_stop }: &Exception| {
        let codon = excepted_codon(spans, span, skip)?;
        Some(Excepted { codon, is_stop })
    };
    let mut codons: Vec<Excepted> = exceptions.iter().filter_map(excepted).collect();
    codons.sort_unstable();
    codons.dedup_by_key(|excepted| excepted.codon);
    codons
}

fn excepted_codon(spans: &[Span], exception: Span, skip: u8) -> Option<usize> {
    let mut before = 0;
    for span in spans {
        let base = match span.strand {
            Strand::Forward => exception.start,
            Strand::Reverse => exception.end.checked_sub(1)?,
        };
        if (span.start..span.end).contains(&base) {
            let inside = match span.strand {
                Strand::Forward => base - span.start,
                Strand::Reverse => span.end - 1 - base,
            };
            let offset: u64 = before + inside;
            return usize::try_from(offset.checked_sub(u64::from(skip))? / 3).ok();
        }
        before += span.length();
    }
    None
}

/// Length and composition of a contig, added up while it is read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Composition {
    pub(crate) length: u64,
    pub(crate) gc_bases: u64,
    pub(crate) unambiguous_bases: u64,
}

impl Composition {
    pub(crate) fn add(&mut self, codes: &[u8]) {
        let (gc_bases, unambiguous_bases) = gc(codes);
        self.length += codes.len() as u64;
        self.gc_bases += gc_bases;
        self.unambiguous_bases += unambiguous_bases;
    }
}
