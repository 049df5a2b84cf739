//! Compressed streams, with the offset of what is wrong: gzip of one or many members (bgzip writes one for every
//! 64 KiB), zstd of one or many frames.

use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use crate::input::InputError;

/// Compressed bytes asked for at a time.
const BUFFER: usize = 64 << 10;

/// Largest zstd window, as a power of two: what `zstd` itself accepts without `--long`.
const ZSTD_WINDOW: u32 = 27;

type Source<R> = BufReader<Counted<R>>;

/// Decompresses.
pub(super) enum Compressed<R: Read> {
    Gzip(Box<MultiGzDecoder<Source<R>>>),
    Zstd(Box<zstd::Decoder<'static, Source<R>>>),
}

/// Counts the bytes that pass.
pub(super) struct Counted<R> {
    reader: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

impl<R: Read> Compressed<R> {
    pub(super) fn gzip(reader: R) -> Self {
        Self::Gzip(Box::new(MultiGzDecoder::new(source(reader))))
    }

    pub(super) fn zstd(reader: R) -> Result<Self, InputError> {
        let mut decoder = zstd::Decoder::with_buffer(source(reader))?;
        decoder.window_log_max(ZSTD_WINDOW)?;
        Ok(Self::Zstd(Box::new(decoder)))
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Gzip(_) => "gzip",
            Self::Zstd(_) => "zstd",
        }
    }

    /// Compressed bytes consumed.
    fn offset(&self) -> u64 {
        let source = match self {
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Zstd(decoder) => decoder.get_ref(),
        };
        source.get_ref().count - source.buffer().len() as u64
    }

    /// What the decoder complains about, as our own; what the source complains about, as it is.
    fn explained(&self, error: io::Error) -> io::Error {
        let (kind, offset) = (self.kind(), self.offset());
        match error.kind() {
            io::ErrorKind::UnexpectedEof => InputError::Truncated { kind, offset }.into(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => InputError::Damaged {
                kind,
                offset,
                detail: error.to_string(),
            }
            .into(),
            // The zstd library's own errors have no kind; an error of the source is one of ours, or the system's.
            io::ErrorKind::Other if matches!(self, Self::Zstd(_)) && !is_ours(&error) => {
                InputError::Damaged {
                    kind,
                    offset,
                    detail: error.to_string(),
                }
                .into()
            }
            _ => error,
        }
    }
}

fn source<R: Read>(reader: R) -> Source<R> {
    BufReader::with_capacity(BUFFER, Counted { reader, count: 0 })
}

fn is_ours(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<InputError>)
}

impl<R: Read> Read for Compressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self {
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
        };
        read.map_err(|error| self.explained(error))
    }
}
