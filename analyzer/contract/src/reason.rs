//! Why a genome, a task or a verb failed: the finite set that rows, messages, status and metrics share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::exit::ExitCode;

/// Why something failed, in one CamelCase word.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Reason {
    /// The input does not exist.
    InputNotFound,
    /// The input has no bytes, or a header and no sequence.
    EmptyInput,
    /// The input is in no format that the analyzer reads.
    UnknownFormat,
    /// The input breaks the rules of its format; the message has line and record.
    MalformedInput,
    /// The input ends in the middle: a cut download, or a damaged compressed file.
    TruncatedInput,
    /// The sequences are proteins.
    ProteinSequence,
    /// The genome has no coding sequence, and none was or could be predicted.
    NoCodingSequences,
    /// The input changed between the plan and the reading.
    InputChanged,
    /// The path leads out of its volume, or to something that is no regular file.
    FileNotAllowed,
    /// The input is larger, or expands to more, than the analyzer accepts.
    LimitExceeded,
    /// The store refused to let the input be read, or the output be written.
    AccessDenied,
    /// The address is one that user URIs must not reach.
    AddressNotAllowed,
    /// The genome did not fit into the largest memory allowed.
    MemoryLimitReached,
    /// The genome took longer than `timeouts.genome`.
    GenomeTimeout,
    /// The task of this genome failed at every attempt, so that no row was written; the status says why.
    TaskFailed,
    /// The output location belongs to another analysis.
    OutputConflict,
    /// The output location can't be written.
    OutputNotWritable,
    /// The disk, claim or quota is full.
    StorageExhausted,
    /// A store, or the network, failed for longer than the process kept trying.
    StoreUnavailable,
    /// The process was asked to stop.
    Interrupted,
    /// The request, the trait panel or the phenotype table is wrong.
    BadRequest,
    /// A bug in the analyzer.
    Internal,
}

impl Reason {
    /// All reasons, for reference pages and metrics.
    pub const ALL: [Self; 22] = [
        Self::InputNotFound,
        Self::EmptyInput,
        Self::UnknownFormat,
        Self::MalformedInput,
        Self::TruncatedInput,
        Self::ProteinSequence,
        Self::NoCodingSequences,
        Self::InputChanged,
        Self::FileNotAllowed,
        Self::LimitExceeded,
        Self::AccessDenied,
        Self::AddressNotAllowed,
        Self::MemoryLimitReached,
        Self::GenomeTimeout,
        Self::TaskFailed,
        Self::OutputConflict,
        Self::OutputNotWritable,
        Self::StorageExhausted,
        Self::StoreUnavailable,
        Self::Interrupted,
        Self::BadRequest,
        Self::Internal,
    ];

    /// The word as it stands in rows and conditions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InputNotFound => "InputNotFound",
            Self::EmptyInput => "EmptyInput",
            Self::UnknownFormat => "UnknownFormat",
            Self::MalformedInput => "MalformedInput",
            Self::TruncatedInput => "TruncatedInput",
            Self::ProteinSequence => "ProteinSequence",
            Self::NoCodingSequences => "NoCodingSequences",
            Self::InputChanged => "InputChanged",
            Self::FileNotAllowed => "FileNotAllowed",
            Self::LimitExceeded => "LimitExceeded",
            Self::AccessDenied => "AccessDenied",
            Self::AddressNotAllowed => "AddressNotAllowed",
            Self::MemoryLimitReached => "MemoryLimitReached",
            Self::GenomeTimeout => "GenomeTimeout",
            Self::TaskFailed => "TaskFailed",
            Self::OutputConflict => "OutputConflict",
            Self::OutputNotWritable => "OutputNotWritable",
            Self::StorageExhausted => "StorageExhausted",
            Self::StoreUnavailable => "StoreUnavailable",
            Self::Interrupted => "Interrupted",
            Self::BadRequest => "BadRequest",
            Self::Internal => "Internal",
        }
    }

    /// The code a process exits with when this stopped all of its work.
    pub const fn exit_code(self) -> ExitCode {
        match self {
            Self::InputNotFound
            | Self::EmptyInput
            | Self::UnknownFormat
            | Self::MalformedInput
            | Self::TruncatedInput
            | Self::ProteinSequence
            | Self::NoCodingSequences
            | Self::InputChanged
            | Self::FileNotAllowed
            | Self::LimitExceeded
            | Self::MemoryLimitReached
            | Self::GenomeTimeout
            | Self::TaskFailed => ExitCode::BadInput,
            Self::AccessDenied | Self::AddressNotAllowed => ExitCode::AccessDenied,
            Self::OutputConflict | Self::OutputNotWritable | Self::StorageExhausted => {
                ExitCode::OutputNotWritable
            }
            Self::StoreUnavailable | Self::Interrupted => ExitCode::Transient,
            Self::BadRequest => ExitCode::BadRequest,
            Self::Internal => ExitCode::Internal,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_the_serialized_form() {
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
