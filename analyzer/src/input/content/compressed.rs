//! Compressed streams, with the offset of what is wrong. Of each kind, one or many members, frames or streams are read
//! to the last.

use std::io::{self, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::bgzip::Bgzip;
use super::source::Source;
use crate::input::InputError;

/// Largest window of zstd and xz, as a power of two: what `zstd` itself accepts without `--long`, and twice what
/// `xz -9` asks for.
pub(super) const WINDOW: u32 = 27;

/// A window that every decoder takes, whatever memory there is: 8 MiB, as RFC 8878 asks of decoders of zstd.
const LEAST_WINDOW: u32 = 23;

/// What an xz decoder needs beside its window.
const XZ_OVERHEAD_KIB: u32 = 1 << 10;

/// Decompresses.
pub(super) enum Compressed<R: Read> {
    Gzip(Box<MultiGzDecoder<Source<R>>>),
    Bgzip(Box<Bgzip<R>>),
    Zstd(Box<zstd::Decoder<'static, Source<R>>>),
    Bzip2(Box<MultiBzDecoder<Source<R>>>),
    Xz(Box<XzReader<Source<R>>>),
}

/// The window, as a power of two, that half of so many bytes have room for.
pub(super) fn window_in(memory: u64) -> u32 {
    (memory / 2)
        .checked_ilog2()
        .unwrap_or_default()
        .clamp(LEAST_WINDOW, WINDOW)
}

impl<R: Read> Compressed<R> {
    pub(super) fn gzip(reader: R) -> Self {
        Self::Gzip(Box::new(MultiGzDecoder::new(Source::new(reader))))
    }

    pub(super) fn bgzip(reader: R) -> Self {
        Self::Bgzip(Box::new(Bgzip::new(Source::new(reader))))
    }

    pub(super) fn zstd(reader: R, window: u32) -> Result<Self, InputError> {
        let mut decoder = zstd::Decoder::with_buffer(Source::new(reader))?;
        decoder.window_log_max(window)?;
        Ok(Self::Zstd(Box::new(decoder)))
    }

    pub(super) fn bzip2(reader: R) -> Self {
        Self::Bzip2(Box::new(MultiBzDecoder::new(Source::new(reader))))
    }

    pub(super) fn xz(reader: R, window: u32) -> Self {
        let memory = (1 << (window - 10)) + XZ_OVERHEAD_KIB;
        let reader = XzReader::new_mem_limit(Source::new(reader), true, memory);
        Self::Xz(Box::new(reader))
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Gzip(_) | Self::Bgzip(_) => "gzip",
            Self::Zstd(_) => "zstd",
            Self::Bzip2(_) => "bzip2",
            Self::Xz(_) => "xz",
        }
    }

    /// Compressed bytes consumed.
    fn offset(&self) -> u64 {
        match self {
            Self::Gzip(decoder) => decoder.get_ref().offset(),
            Self::Bgzip(decoder) => decoder.offset(),
            Self::Zstd(decoder) => decoder.get_ref().offset(),
            Self::Bzip2(decoder) => decoder.get_ref().offset(),
            Self::Xz(decoder) => decoder.inner().offset(),
        }
    }

    /// What the decoder complains about, as our own; what the source complains about, as it is.
    fn explained(&self, error: io::Error) -> io::Error {
        use io::ErrorKind as Kind;
        let (kind, offset) = (self.kind(), self.offset());
        let damaged = |error: &io::Error| InputError::Damaged {
            kind,
            offset,
            detail: error.to_string(),
        };
        match error.kind() {
            Kind::UnexpectedEof => InputError::Truncated { kind, offset }.into(),
            Kind::InvalidInput | Kind::InvalidData | Kind::Unsupported => damaged(&error).into(),
            Kind::OutOfMemory => InputError::Window { kind }.into(),
            // The zstd library's own errors have no kind; an error of the source is one of ours, or the system's.
            Kind::Other if matches!(self, Self::Zstd(_)) && !is_ours(&error) => {
                if error.to_string().contains("too much memory") {
                    InputError::Window { kind }.into()
                } else {
                    damaged(&error).into()
                }
            }
            _ => error,
        }
    }
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
            Self::Bgzip(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
            Self::Bzip2(decoder) => decoder.read(buffer),
            Self::Xz(decoder) => decoder.read(buffer),
        };
        read.map_err(|error| self.explained(error))
    }
}
