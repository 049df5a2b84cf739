//! Writes bgzip: members of at most 64 KiB that say their own size, and an empty one at the end.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};

/// Bytes a member holds, so few that it stays below 64 KiB where they can't be compressed.
const MEMBER: usize = 0xFF00;

/// Where a member says its size less one.
const SIZE: std::ops::Range<usize> = 16..18;

pub(crate) struct BgzipWriter<W> {
    out: W,
    pending: Vec<u8>,
}

impl<W: Write> BgzipWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            pending: Vec::with_capacity(MEMBER),
        }
    }

    pub(crate) fn finish(mut self) -> io::Result<W> {
        if !self.pending.is_empty() {
            self.member()?;
        }
        self.member()?;
        Ok(self.out)
    }

    fn member(&mut self) -> io::Result<()> {
        let header = GzBuilder::new().extra(*b"BC\x02\0\0\0").operating_system(0xFF);
        let mut encoder = header.write(Vec::new(), Compression::new(6));
        encoder.write_all(&self.pending)?;
        let mut member = encoder.finish()?;
        let size = u16::try_from(member.len() - 1).map_err(io::Error::other)?;
        member[SIZE].copy_from_slice(&size.to_le_bytes());
        self.pending.clear();
        self.out.write_all(&member)
    }
}

impl<W: Write> Write for BgzipWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(MEMBER - self.pending.len());
        self.pending.extend_from_slice(&bytes[..count]);
        if self.pending.len() == MEMBER {
            self.member()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
