//! Why a verb stops before its work is done.

use std::error::Error as _;
use std::io;

use genome_contract::Reason;
use genome_contract::message::Failure;

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

const fn hint(reason: Reason) -> &'static str {
    match reason {
        Reason::OutputNotWritable => {
            "; hint: `--output` or `output.uri` must name a place this process may write to"
        }
        Reason::StorageExhausted => "; hint: make room there, or choose another output",
        _ => "",
    }
}

/// The word for a store's error; `denied` is the word where the store said no.
fn reason_of(error: &object_store::Error, denied: Reason) -> Reason {
    use object_store::Error as E;
    match error {
        E::NotFound { .. } => return Reason::InputNotFound,
        E::PermissionDenied { .. } | E::Unauthenticated { .. } => return denied,
        E::Precondition { .. } => return Reason::InputChanged,
        _ => {}
    }
    match innermost_io(error).map(io::Error::kind) {
        Some(io::ErrorKind::NotFound) => Reason::InputNotFound,
        Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => Reason::StorageExhausted,
        Some(
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory,
        ) => denied,
        _ => Reason::StoreUnavailable,
    }
}

fn innermost_io(error: &object_store::Error) -> Option<&io::Error> {
    let mut found = None;
    let mut source = error.source();
    while let Some(inner) = source {
        found = inner.downcast_ref::<io::Error>().or(found);
        source = inner.source();
    }
    found
}

/// The last link of the chain: what the system or the store said, without the layers that repeat the path.
fn cause(error: &object_store::Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    last.to_string().to_lowercase()
}
