//! Why bytes could not be had.

use std::io;

use genome_contract::Reason;

/// Why bytes could not be had.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// There is no such object or file.
    #[error("`{0}` does not exist")]
    NotFound(String),
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
    /// A compression that is not read.
    #[error("the input is compressed with {0}; hint: gzip and zstd are read, compress it with one of these")]
    Compression(&'static str),
    /// More bytes than accepted.
    #[error(
        "the input has more than {limit} bytes after decompression; hint: raise the limit if that is real sequence"
    )]
    TooLarge {
        /// Bytes accepted.
        limit: u64,
    },
    /// It could not be read.
    #[error("reading failed")]
    Io(#[source] io::Error),
}

impl InputError {
    /// The word for it.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::NotFound(_) => Reason::InputNotFound,
            Self::Truncated { .. } => Reason::TruncatedInput,
            Self::Damaged { .. } => Reason::MalformedInput,
            Self::Compression(_) => Reason::UnknownFormat,
            Self::TooLarge { .. } => Reason::LimitExceeded,
            Self::Io(_) => Reason::StoreUnavailable,
        }
    }
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
