//! Why bytes could not be had.

use std::error::Error as _;
use std::io;

use genome_contract::Reason;

/// Why bytes could not be had.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// There is no such object or file.
    #[error("the input does not exist")]
    NotFound,
    /// It is no longer what the plan saw.
    #[error("the input changed after the plan was made; hint: plan again")]
    Changed,
    /// It may not be read.
    #[error("the store refused to let the input be read: {0}")]
    Denied(String),
    /// A path that is not followed, or leads to something that is not read.
    #[error("the input {0}; hint: only regular files of a volume are read")]
    NotAllowed(&'static str),
    /// A path that lies in no volume of the request.
    #[error("the path lies in none of the volumes ({})", quoted(.0))]
    OutsideVolumes(Vec<String>),
    /// No URI, or none of a scheme that is read.
    #[error("`{uri}` is not a URI this program reads: {problem}; hint: s3, gs, az, https, http or file")]
    Uri {
        /// What was given.
        uri: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A store failed.
    #[error("{}", cause(.0))]
    Store(object_store::Error),
    /// The compressed data ends in the middle.
    #[error(
        "the {kind} data ends after {offset} bytes, in the middle of a member; hint: the file was cut, fetch it again"
    )]
    Truncated {
        /// Compression.
        kind: &'static str,
        /// Compressed bytes read.
        offset: u64,
    },
    /// The compressed data is damaged, or followed by something else.
    #[error("the {kind} data is damaged near byte {offset}: {detail}")]
    Damaged {
        /// Compression.
        kind: &'static str,
        /// Compressed bytes read.
        offset: u64,
        /// What the decoder says.
        detail: String,
    },
    /// Compressed so that it takes more memory than there is for it.
    #[error("the {kind} data needs a window above 128 MiB; hint: compress it again with a lower level")]
    Window {
        /// Compression.
        kind: &'static str,
    },
    /// More bytes than accepted.
    #[error(
        "the input has more than {limit} bytes after decompression; hint: raise the limit if that is real sequence"
    )]
    TooLarge {
        /// Bytes accepted.
        limit: u64,
    },
    /// It takes more memory than there is.
    #[error(transparent)]
    Memory(#[from] crate::memory::OutOfMemory),
    /// It could not be read.
    #[error("reading failed")]
    Io(#[source] io::Error),
}

impl InputError {
    /// The word for it.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::NotFound => Reason::InputNotFound,
            Self::Changed => Reason::InputChanged,
            Self::Denied(_) => Reason::AccessDenied,
            Self::NotAllowed(_) | Self::OutsideVolumes(_) => Reason::FileNotAllowed,
            Self::Uri { .. } => Reason::BadRequest,
            Self::Truncated { .. } => Reason::TruncatedInput,
            Self::Damaged { .. } => Reason::MalformedInput,
            Self::Window { .. } | Self::TooLarge { .. } => Reason::LimitExceeded,
            Self::Memory(_) => Reason::MemoryLimitReached,
            Self::Store(_) | Self::Io(_) => Reason::StoreUnavailable,
        }
    }
}

fn quoted(volumes: &[String]) -> String {
    if volumes.is_empty() {
        return "the request has no volume".to_owned();
    }
    let quoted: Vec<_> = volumes.iter().map(|path| format!("`{path}`")).collect();
    quoted.join(", ")
}

impl From<object_store::Error> for InputError {
    fn from(error: object_store::Error) -> Self {
        match reason_of(&error, Reason::AccessDenied) {
            Reason::InputNotFound => Self::NotFound,
            Reason::InputChanged => Self::Changed,
            Reason::AccessDenied => Self::Denied(cause(&error)),
            _ => Self::Store(error),
        }
    }
}

/// The word for a store's error; `denied` is the word where the store said no.
pub(crate) fn reason_of(error: &object_store::Error, denied: Reason) -> Reason {
    use object_store::Error as E;
    match error {
        E::NotFound { .. } => return Reason::InputNotFound,
        E::PermissionDenied { .. } | E::Unauthenticated { .. } => return denied,
        E::Precondition { .. } => return Reason::InputChanged,
        // A refused listing is a general error to object_store 0.14; the status stands in its words only.
        E::Generic { .. } if DENIED.iter().any(|status| words(error).contains(status)) => return denied,
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

/// How an answer that nobody may have this begins, in object_store's words.
const DENIED: [&str; 2] = ["status code: 401", "status code: 403"];

/// The last link of the chain: what the system or the store said, without the layers that repeat the path.
fn words(error: &object_store::Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    last.to_string()
}

/// The same for people: of a store's answer in XML its code and message.
pub(crate) fn cause(error: &object_store::Error) -> String {
    let words = words(error);
    let Some((said, answer)) = words.split_once("<?xml") else {
        return words.to_lowercase();
    };
    let element = |name: &str| {
        let (_, rest) = answer.split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0.to_owned())
    };
    let told = ["Code", "Message"].into_iter().filter_map(element);
    let told: Vec<String> = std::iter::once(said.trim_end_matches([':', ' ']).to_lowercase())
        .chain(told)
        .collect();
    told.join(": ")
}

/// Readers in between know `io::Error` only: the error travels inside one.
impl From<io::Error> for InputError {
    fn from(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(inner) => inner,
            Err(error) => Self::Io(error),
        }
    }
}

impl From<InputError> for io::Error {
    fn from(error: InputError) -> Self {
        match error {
            InputError::Io(error) => error,
            other => Self::other(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(text: &str) -> object_store::Error {
        object_store::Error::Generic {
            store: "S3",
            source: text.to_owned().into(),
        }
    }

    #[test]
    fn a_refused_listing_is_told_from_a_store_that_fails() {
        let refused = answered(
            "Server returned non-2xx status code: 403 Forbidden: <?xml version=\"1.0\"?>\n<Error><Code>SignatureDoesNotMatch</Code>\
             <Message>Check your key</Message><StringToSign>x</StringToSign></Error>",
        );
        assert_eq!(reason_of(&refused, Reason::AccessDenied), Reason::AccessDenied);
        assert_eq!(
            cause(&refused),
            "server returned non-2xx status code: 403 forbidden: SignatureDoesNotMatch: Check your key"
        );
        let failed = answered("Server returned non-2xx status code: 500 Internal Server Error: ");
        assert_eq!(reason_of(&failed, Reason::AccessDenied), Reason::StoreUnavailable);
    }
}
