//! Sequences without annotation → genes, by the algorithm of Prodigal (Hyatt et al. 2010, BMC Bioinformatics 11:119).
//!
//! ```text
//!  readers ─► Sequences (bounded) ─► caller ─► spans ─► counted as any CDS ─► genes named `contig_1`, `contig_2` …
//! ```
//!
//! The caller is the crate `orphos-core`, behind the cargo feature `gene-prediction` (NOTICE says why). Predicted genes
//! have a place and no name: traits find them only by their `known_sequences`.

#[cfg(feature = "gene-prediction")]
mod caller;

use rayon::prelude::*;

use crate::genetic_code::GeneticCode;
use crate::read::assembly::Assembly;
use crate::read::error::ReadError;
use crate::read::feature::{CodingFeature, CountingContext, Names, Place, SetAsideAs, Span};
use crate::read::passing::Bases;
use crate::record::{Contig, Gene, Strand};

/// Whether this build can call genes.
pub(crate) const IS_BUILT_IN: bool = cfg!(feature = "gene-prediction");

/// Bases of a genome that genes are called on, which is Prodigal's own limit for a sequence; the largest genome of a
/// bacterium has half as many. It bounds the memory: some 36 bytes a base while genes are called (`make bench`).
pub(crate) const LONGEST: usize = 32_000_000;

/// The sequences of a genome, contig after contig, as base codes.
#[derive(Debug)]
pub(crate) struct Sequences {
    /// Bases at most.
    limit: usize,
    codes: Vec<u8>,
    /// Where each contig ends.
    ends: Vec<usize>,
}

/// More bases than genes are called on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooLong;

impl Sequences {
    /// None yet, and so many bases at most, or as many as the caller takes.
    pub(crate) fn up_to(limit: usize) -> Self {
        Self {
            limit: limit.min(LONGEST),
            codes: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Appends to the contig in hand.
    pub(crate) fn push(&mut self, codes: &[u8]) -> Result<(), TooLong> {
        if self.codes.len() + codes.len() > self.limit {
            return Err(TooLong);
        }
        self.codes.extend_from_slice(codes);
        Ok(())
    }

    /// What is pushed next belongs to the next contig.
    pub(crate) fn end_contig(&mut self) {
        self.ends.push(self.codes.len());
    }

    fn contigs(&self) -> Vec<&[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ranges = starts.zip(&self.ends);
        ranges.map(|(start, &end)| &self.codes[start..end]).collect()
    }
}

/// A gene as the caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Called {
    span: Span,
    /// Whether it runs over the left or right end of its contig.
    runs_over: [bool; 2],
}

/// Why genes could not be called.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "gene-prediction"),
    expect(dead_code, reason = "made by the caller")
)]
enum CallError {
    GeneticCode,
    Failed(String),
}

/// Calls the genes of `sequences`, which are those of the contigs of `assembly`, and adds them.
pub(crate) fn call(sequences: &Sequences, assembly: &mut Assembly) -> Result<(), ReadError> {
    let contigs = sequences.contigs();
    let code = assembly.default_code();
    let called = caller_of_this_build(&contigs, code.id).map_err(|error| refused(&error, code))?;
    let keeps_protein = assembly.keeps_protein();
    let of_contig = |(index, (contig, called)): (usize, (&Contig, &Vec<Called>))| {
        let codes = contigs[index];
        let context = CountingContext {
            bases: Bases::whole(codes),
            length: codes.len() as u64,
            contig: u32::try_from(index).expect("a contig's index is a u32"),
            is_circular: false,
            default_code: code,
            keeps_protein,
        };
        let mut scratch = Vec::new();
        let numbered = (1..).zip(called);
        let genes = numbered
            .map(|(number, called)| feature(&contig.id, number, *called).to_gene(context, &mut scratch));
        genes.collect::<Vec<_>>()
    };
    let pairs = assembly.genome_mut().contigs.par_iter().zip(&called).enumerate();
    let genes: Vec<Vec<Result<Gene, SetAsideAs>>> = pairs.map(of_contig).collect();
    genes.into_iter().flatten().for_each(|gene| assembly.add(gene));
    Ok(())
}

#[cfg(feature = "gene-prediction")]
use caller::call as caller_of_this_build;

/// Never reached: the readers keep no sequence where there is no caller.
#[cfg(not(feature = "gene-prediction"))]
#[expect(clippy::unnecessary_wraps, reason = "as the caller")]
fn caller_of_this_build(contigs: &[&[u8]], _genetic_code: u8) -> Result<Vec<Vec<Called>>, CallError> {
    Ok(vec![Vec::new(); contigs.len()])
}

fn refused(error: &CallError, code: &GeneticCode) -> ReadError {
    ReadError::NotCalled(match error {
        CallError::GeneticCode => format!("it knows no translation table {}", code.id),
        CallError::Failed(words) => format!("it failed with: {words}"),
    })
}

/// Named as Prodigal names its genes, so that the tables of both can be joined.
fn feature(contig: &str, number: usize, called: Called) -> CodingFeature {
    let Called {
        span,
        runs_over: [left, right],
    } = called;
    let (is_partial_start, is_partial_end) = match span.strand {
        Strand::Forward => (left, right),
        Strand::Reverse => (right, left),
    };
    CodingFeature {
        place: Place {
            spans: vec![span],
            is_partial_start,
            is_partial_end,
            is_remote: false,
        },
        names: Names {
            fallback: Some(format!("{contig}_{number}")),
            ..Names::default()
        },
        ..CodingFeature::default()
    }
}
