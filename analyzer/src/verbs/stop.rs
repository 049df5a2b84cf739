//! Why a verb stops before its work is done.

use genome_contract::Reason;
use genome_contract::message::Failure;

use crate::input::{InputError, cause, reason_of};

/// Why a verb stops: the word programs compare, and the sentence people read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Stop {
    /// The word; it decides the exit code.
    pub reason: Reason,
    /// The sentence.
    pub text: String,
}

impl Stop {
    /// A stop for `reason`, said in `text`.
    pub fn new(reason: Reason, text: impl Into<String>) -> Self {
        Self {
            reason,
            text: text.into(),
        }
    }

    /// A failed read of `what`.
    pub(crate) fn reading(what: &str, error: &object_store::Error) -> Self {
        let reason = reason_of(error, Reason::AccessDenied);
        Self::new(reason, format!("cannot read `{what}`: {}", cause(error)))
    }

    /// An input that could not be had, named.
    pub(crate) fn input(what: &str, error: &InputError) -> Self {
        match error {
            InputError::Uri { .. } => Self::new(error.reason(), error.to_string()),
            _ => Self::new(error.reason(), format!("cannot read `{what}`: {error}")),
        }
    }

    /// A failed write of `what`.
    pub(crate) fn writing(what: &str, error: &object_store::Error) -> Self {
        let reason = match reason_of(error, Reason::OutputNotWritable) {
            Reason::InputNotFound => Reason::OutputNotWritable,
            other => other,
        };
        Self::new(
            reason,
            format!("cannot write `{what}`: {}{}", cause(error), hint(reason)),
        )
    }

    /// An invariant that did not hold, or a document of our own that does not parse.
    pub(crate) fn internal(text: impl Into<String>) -> Self {
        Self::new(Reason::Internal, text)
    }

    /// As it stands in a message.
    pub fn to_failure(&self) -> Failure {
        Failure {
            reason: self.reason,
            genome: None,
            text: self.text.clone(),
        }
    }
}

impl From<InputError> for Stop {
    fn from(error: InputError) -> Self {
        Self::new(error.reason(), error.to_string())
    }
}

const fn hint(reason: Reason) -> &'static str {
    match reason {
        Reason::OutputNotWritable => {
            "; hint: `--output` or `output.uri` must name a place this process may write to"
        }
        Reason::StorageExhausted => "; hint: make room there, or choose another output",
        _ => "",
    }
}
