//! Lines of any length from any reader, in bounded memory: LF, CRLF and CR endings, a byte-order mark skipped.
//!
//! A line longer than the limit comes in fragments, so that a sequence of ten gigabytes on one line is read like any
//! other. Lines are slices of the buffer; nothing is copied a line.

use std::io::{self, Read};

/// How far the buffer grows before a line is handed out in fragments; also the longest header.
pub(crate) const LINE_LIMIT: usize = 1 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A line, or a fragment of one, without its ending.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// The bytes.
    pub(crate) bytes: &'a [u8],
    /// Counted from 1.
    pub(crate) number: u64,
    /// Whether it begins here: false for the later fragments of a long line.
    pub(crate) begins: bool,
    /// Whether it ends here.
    pub(crate) ends: bool,
}

impl Line<'_> {
    /// Whether nothing but blanks is in it.
    pub(crate) fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

/// Where a found line lies in the buffer.
#[derive(Clone, Debug)]
struct Found {
    range: std::ops::Range<usize>,
    begins: bool,
    ends: bool,
}

/// Reads lines.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Unread bytes are `buffer[start..end]`; of these the first `searched` hold no line ending.
    start: usize,
    end: usize,
    searched: usize,
    number: u64,
    /// The last line ended in CR: an LF that follows belongs to it.
    skips_line_feed: bool,
    inside_line: bool,
    is_first: bool,
    at_end: bool,
    last: Option<Found>,
    repeats: bool,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(reader: R, buffer_size: usize) -> Self {
        Self {
            reader,
            buffer: vec![0; buffer_size.clamp(1, LINE_LIMIT)],
            start: 0,
            end: 0,
            searched: 0,
            number: 0,
            skips_line_feed: false,
            inside_line: false,
            is_first: true,
            at_end: false,
            last: None,
            repeats: false,
        }
    }

    /// The next line, `None` at the end of the input.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        if !std::mem::take(&mut self.repeats) {
            self.last = self.find()?;
        }
        let number = self.number;
        Ok(self.last.as_ref().map(|found| Line {
            bytes: &self.buffer[found.range.clone()],
            number,
            begins: found.begins,
            ends: found.ends,
        }))
    }

    /// Makes [`Self::next`] return the same line once more.
    pub(crate) const fn unread(&mut self) {
        self.repeats = true;
    }

    /// Number of the last line returned.
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    fn find(&mut self) -> io::Result<Option<Found>> {
        if self.is_first {
            self.skip_byte_order_mark()?;
        }
        loop {
            if self.skips_line_feed && self.start < self.end {
                self.start += usize::from(self.buffer[self.start] == b'\n');
                self.skips_line_feed = false;
            }
            let unsearched = &self.buffer[self.start + self.searched..self.end];
            if let Some(at) = memchr::memchr2(b'\n', b'\r', unsearched) {
                let end = self.start + self.searched + at;
                self.skips_line_feed = self.buffer[end] == b'\r';
                return Ok(Some(self.take(end, 1, true)));
            }
            self.searched = self.end - self.start;
            if self.at_end {
                return Ok((self.searched > 0).then(|| self.take(self.end, 0, true)));
            }
            if self.searched >= LINE_LIMIT {
                return Ok(Some(self.take(self.end, 0, false)));
            }
            self.fill()?;
        }
    }

    fn take(&mut self, end: usize, ending: usize, ends: bool) -> Found {
        let found = Found {
            range: self.start..end,
            begins: !self.inside_line,
            ends,
        };
        self.number += u64::from(found.begins);
        self.inside_line = !ends;
        self.start = end + ending;
        self.searched = 0;
        found
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            let doubled = (self.buffer.len() * 2).min(LINE_LIMIT);
            self.buffer.resize(doubled, 0);
        }
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.at_end = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }

    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        self.is_first = false;
        while self.end < BYTE_ORDER_MARK.len() && !self.at_end {
            self.fill()?;
        }
        if self.buffer[..self.end].starts_with(BYTE_ORDER_MARK) {
            self.start = BYTE_ORDER_MARK.len();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(text: &[u8], buffer_size: usize) -> Vec<Vec<u8>> {
        let mut lines = Lines::new(text, buffer_size);
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            assert!(line.begins && line.ends);
            all.push(line.bytes.to_vec());
        }
        assert_eq!(lines.number(), all.len() as u64);
        all
    }

    #[test]
    fn every_ending_and_every_buffer_size_yields_the_same_lines() {
        let expected = [&b">a b"[..], b"", b"ACGT", b"AC"];
        for ending in ["\n", "\r\n", "\r"] {
            for last in ["", ending] {
                for mark in ["", "\u{FEFF}"] {
                    let text = format!("{mark}>a b{ending}{ending}ACGT{ending}AC{last}");
                    for size in 1..=text.len() + 1 {
                        assert_eq!(
                            lines_of(text.as_bytes(), size),
                            expected,
                            "{text:?} with a buffer of {size}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_line_above_the_limit_comes_in_fragments_of_one_number() {
        let text = [vec![b'A'; LINE_LIMIT * 2 + 5], b"\nC".to_vec()].concat();
        let mut lines = Lines::new(&text[..], 64);
        let mut lengths = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            lengths.push((line.number, line.bytes.len(), line.begins, line.ends));
        }
        assert_eq!(
            lengths,
            [
                (1, LINE_LIMIT, true, false),
                (1, LINE_LIMIT, false, false),
                (1, 5, false, true),
                (2, 1, true, true)
            ]
        );
    }

    #[test]
    fn an_unread_line_comes_again() {
        let mut lines = Lines::new(&b"a\nb\n"[..], 8);
        assert_eq!(lines.next().unwrap().unwrap().bytes, b"a");
        lines.unread();
        assert_eq!(lines.next().unwrap().unwrap().bytes, b"a");
        assert_eq!(lines.next().unwrap().unwrap().bytes, b"b");
    }
}
