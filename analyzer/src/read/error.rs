//! What can be wrong with an input, and the reason each becomes in rows, messages and status.

use std::fmt;
use std::io;

use genome_contract::Reason;

use super::bases::NotABase;
use super::lines::LINE_LIMIT;
use crate::input::InputError;

/// Where in an input: line, and record where one has begun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Counted from 1.
    pub line: u64,
    /// GenBank record, FASTA sequence.
    pub record: Option<String>,
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}", self.line)?;
        match &self.record {
            Some(record) => write!(formatter, ", record `{}`", record.escape_debug()),
            None => Ok(()),
        }
    }
}

/// Why a genome could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No bytes, or nothing but blanks.
    #[error("the input is empty; expected FASTA, GenBank, or GFF3 with its sequence")]
    Empty,
    /// Headers without a single base.
    #[error("{0}: no record has a sequence")]
    NoSequence(Position),
    /// In no format the analyzer reads.
    #[error(
        "the input begins with {found}; expected FASTA (`>`), GenBank (`LOCUS`) or GFF3 (`##gff-version`){hint}"
    )]
    UnknownFormat {
        /// How it begins.
        found: String,
        /// What to do, beginning with `; hint:`, or empty.
        hint: &'static str,
    },
    /// GTF, which has the same columns as GFF3 and other attributes.
    #[error(
        "{0}: this is GTF, and annotations are read as GFF3; hint: fetch the GFF3 or GenBank file of the same assembly, or convert it, as `gffread -o out.gff3 in.gtf` does"
    )]
    Gtf(Position),
    /// Amino acids instead of bases.
    #[error(
        "{0}: the sequence is a protein; hint: codons need nucleotides, such as the genome or the `cds_from_genomic` file"
    )]
    Protein(Position),
    /// Against the rules of the format.
    #[error("{position}: found {found}, expected {expected}")]
    Malformed {
        /// Where.
        position: Position,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
    /// The end came in the middle.
    #[error("{position}: the input ends before {expected}; hint: the file was cut, fetch it again")]
    Truncated {
        /// Where.
        position: Position,
        /// What was still to come.
        expected: &'static str,
    },
    /// More than the analyzer takes.
    #[error("{position}: {what} is longer than {limit} bytes")]
    TooLong {
        /// Where.
        position: Position,
        /// What is too long.
        what: &'static str,
        /// How long it may be.
        limit: u64,
    },
    /// No coding sequence, and none may be predicted.
    #[error("{found}, and genes are not predicted; hint: {hint}")]
    NoCodingSequences {
        /// What there is instead.
        found: String,
        /// The way out.
        hint: &'static str,
    },
    /// Genes were called, and none was found.
    #[error(
        "no gene was found in {0} bases; hint: genes of bacteria and archaea are predicted, for others give an annotation"
    )]
    NoGenesFound(u64),
    /// The gene caller does not take the input.
    #[error(
        "genes could not be predicted: {0}; hint: give the annotated GenBank file, or the FASTA with its GFF3"
    )]
    NotCalled(String),
    /// More sequence than genes are called on.
    #[error(
        "{0}: genes are predicted on at most {limit} bases of a genome; hint: give the annotated GenBank file, or the FASTA with its GFF3, or set `geneCalling: Annotated` for length and composition alone",
        limit = crate::prediction::LONGEST
    )]
    TooLongToCall(Position),
    /// Genes were to be predicted by a build that can't.
    #[error(
        "`geneCalling` is `Predicted`, and this build of the analyzer has no gene caller; hint: use the released one, or build it with the cargo feature `gene-prediction`"
    )]
    NoGeneCaller,
    /// A translation table that NCBI does not have.
    #[error("`geneticCode` is {0}; expected the number of an NCBI translation table: {list}", list = crate::genetic_code::list())]
    GeneticCode(u8),
    /// The bytes could not be had.
    #[error(transparent)]
    Input(#[from] InputError),
}

impl ReadError {
    pub(crate) fn malformed(position: Position, found: &[u8], expected: &str) -> Self {
        Self::Malformed {
            position,
            found: shown(found),
            expected: expected.to_owned(),
        }
    }

    pub(crate) fn not_a_base(position: Position, NotABase { byte, is_protein }: NotABase) -> Self {
        if is_protein {
            Self::Protein(position)
        } else {
            Self::malformed(position, &[byte], "a nucleotide")
        }
    }

    pub(crate) const fn too_long(position: Position, what: &'static str) -> Self {
        Self::TooLong {
            position,
            what,
            limit: LINE_LIMIT as u64,
        }
    }

    /// The word for it.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Empty | Self::NoSequence(_) => Reason::EmptyInput,
            Self::UnknownFormat { .. } | Self::Gtf(_) => Reason::UnknownFormat,
            Self::Protein(_) => Reason::ProteinSequence,
            Self::Malformed { .. } => Reason::MalformedInput,
            Self::Truncated { .. } => Reason::TruncatedInput,
            Self::TooLong { .. } | Self::TooLongToCall(_) => Reason::LimitExceeded,
            Self::NoCodingSequences { .. } | Self::NoGenesFound(_) | Self::NotCalled(_) => {
                Reason::NoCodingSequences
            }
            Self::GeneticCode(_) | Self::NoGeneCaller => Reason::BadRequest,
            Self::Input(error) => error.reason(),
        }
    }
}

/// At most 40 bytes of an input, in backticks, printable.
pub(crate) fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 40;
    let cut = if bytes.len() > MOST { "…" } else { "" };
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST)]).into_owned();
    format!("`{}{cut}`", text.escape_debug())
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Input(error.into())
    }
}
