//! Stored bytes, counted while they are read: a message can say near which one the trouble is.

use std::io::{self, BufRead, BufReader, Read};

/// Compressed bytes asked for at a time.
const BUFFER: usize = 64 << 10;

/// Buffered stored bytes.
pub(super) struct Source<R>(BufReader<Counted<R>>);

struct Counted<R> {
    reader: R,
    count: u64,
}

impl<R: Read> Source<R> {
    pub(super) fn new(reader: R) -> Self {
        Self(BufReader::with_capacity(BUFFER, Counted { reader, count: 0 }))
    }

    /// Bytes consumed.
    pub(super) fn offset(&self) -> u64 {
        self.0.get_ref().count - self.0.buffer().len() as u64
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.0.consume(count);
    }
}
