//! Stored bytes, counted while they are read: a message can say near which one the trouble is.

use std::io::{self, BufRead, BufReader, Read};

/// Compressed bytes asked for at a time.
const BUFFER: usize = 64 << 10;

/// Buffered stored bytes.
pub(super) struct Source<R>(BufReader<Counted<R>>);

/// Fills the whole buffer where it can, however the bytes arrive: how far a decoder comes before it meets damage depends
/// on how much it is given, and a failed row must not depend on the network.
struct Counted<R> {
    reader: R,
    count: u64,
    /// For the call after the one that had bytes.
    error: Option<io::Error>,
}

impl<R: Read> Source<R> {
    pub(super) fn new(reader: R) -> Self {
        let counted = Counted {
            reader,
            count: 0,
            error: None,
        };
        Self(BufReader::with_capacity(BUFFER, counted))
    }

    /// Bytes consumed.
    pub(super) fn offset(&self) -> u64 {
        self.0.get_ref().count - self.0.buffer().len() as u64
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let mut filled = 0;
        while filled < buffer.len() {
            match self.reader.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if filled == 0 => return Err(error),
                Err(error) => {
                    self.error = Some(error);
                    break;
                }
            }
        }
        self.count += filled as u64;
        Ok(filled)
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
