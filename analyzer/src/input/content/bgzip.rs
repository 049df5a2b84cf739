//! bgzip: gzip whose members hold at most 64 KiB and say their own size. So all threads of the pool inflate, and the
//! bytes come out in order: those that any gzip decoder yields.
//!
//! ```text
//!  source ─► member, member, member … ─► inflated by whoever is free ─► taken in order
//! ```
//!
//! It ends with an empty member; without that one, the file was cut. Other gzip members behind it are read as such.

use std::collections::VecDeque;
use std::io::{self, Chain, Cursor, Read};
use std::sync::mpsc::{Receiver, sync_channel};

use flate2::bufread::{GzDecoder, MultiGzDecoder};

use super::source::Source;
use crate::input::InputError;

/// Bytes of a member's header, the last two of which hold its size less one.
pub(super) const HEADER: usize = 18;

/// Most bytes a member may hold, as the SAM specification, section 4.1, has it.
const MEMBER: usize = 1 << 16;

/// Members in work a thread: one in hand and one waiting.
const AHEAD: usize = 2;

/// Inflates members.
pub(super) struct Bgzip<R: Read> {
    stage: Stage<R>,
    queue: VecDeque<Inflating>,
    current: Cursor<Vec<u8>>,
    ahead: usize,
}

enum Stage<R: Read> {
    Members(Source<R>),
    /// Gzip of another kind follows.
    Gzip(Box<MultiGzDecoder<Rest<R>>>),
    End(u64),
}

/// The source, with what was read of it to tell what it is.
type Rest<R> = Chain<Cursor<Vec<u8>>, Source<R>>;

/// A member in work, or ready.
enum Inflating {
    Ready(io::Result<Vec<u8>>),
    Elsewhere(Receiver<io::Result<Vec<u8>>>),
}

/// A member as stored.
struct Member {
    bytes: Vec<u8>,
    offset: u64,
}

/// What the source holds next.
enum Next {
    Member(Member),
    Other(Vec<u8>),
    Nothing,
}

/// Whether `header` begins a member of bgzip, in the one layout that its writers use.
pub(super) fn is_bgzip(header: &[u8]) -> bool {
    header.len() == HEADER
        && header.starts_with(&[0x1F, 0x8B, 8, 4])
        && header[10..16] == [6, 0, b'B', b'C', 2, 0]
}

impl<R: Read> Bgzip<R> {
    pub(super) fn new(source: Source<R>) -> Self {
        // A thread of the pool that waits for the pool could wait for ever.
        let threads = match rayon::current_thread_index() {
            None => rayon::current_num_threads(),
            Some(_) => 1,
        };
        Self {
            stage: Stage::Members(source),
            queue: VecDeque::new(),
            current: Cursor::default(),
            ahead: if threads > 1 { threads * AHEAD } else { 0 },
        }
    }

    /// Compressed bytes consumed.
    pub(super) fn offset(&self) -> u64 {
        match &self.stage {
            Stage::Members(source) => source.offset(),
            Stage::Gzip(decoder) => decoder.get_ref().get_ref().1.offset(),
            Stage::End(offset) => *offset,
        }
    }

    /// Reads one member more and hands it to the pool; false where there is none.
    fn advance(&mut self) -> bool {
        let Stage::Members(source) = &mut self.stage else {
            return false;
        };
        let next = next(source);
        let end = Stage::End(source.offset());
        match next {
            Ok(Next::Member(member)) => {
                let inflating = inflate(member, self.ahead > 0);
                self.queue.push_back(inflating);
            }
            Ok(Next::Other(begin)) => {
                if let Stage::Members(source) = std::mem::replace(&mut self.stage, end) {
                    let rest = Cursor::new(begin).chain(source);
                    self.stage = Stage::Gzip(Box::new(MultiGzDecoder::new(rest)));
                }
            }
            Ok(Next::Nothing) => self.stage = end,
            Err(error) => {
                self.stage = end;
                self.queue.push_back(Inflating::Ready(Err(error)));
            }
        }
        true
    }
}

impl<R: Read> Read for Bgzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.current.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            while self.queue.len() <= self.ahead && self.advance() {}
            match (self.queue.pop_front(), &mut self.stage) {
                (Some(inflating), _) => self.current = Cursor::new(inflating.wait()?),
                (None, Stage::Gzip(decoder)) => return decoder.read(buffer),
                (None, _) => return Ok(0),
            }
        }
    }
}

impl Inflating {
    fn wait(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Ready(inflated) => inflated,
            Self::Elsewhere(receiver) => receiver.recv().map_err(io::Error::other)?,
        }
    }
}

/// Reads a member; the last one of a file must be the empty one.
fn next<R: Read>(source: &mut Source<R>) -> io::Result<Next> {
    let offset = source.offset();
    let mut bytes = Vec::with_capacity(MEMBER / 2);
    source.by_ref().take(HEADER as u64).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Ok(Next::Nothing);
    }
    if !is_bgzip(&bytes) {
        return Ok(Next::Other(bytes));
    }
    let size = usize::from(u16::from_le_bytes([bytes[HEADER - 2], bytes[HEADER - 1]])) + 1;
    let rest = size.saturating_sub(HEADER);
    source.by_ref().take(rest as u64).read_to_end(&mut bytes)?;
    let is_last = std::io::BufRead::fill_buf(source)?.is_empty();
    // The last four bytes say how many the member holds.
    if bytes.len() < size || (is_last && !bytes.ends_with(&[0; 4])) {
        let offset = source.offset();
        return Err(InputError::Truncated { kind: "gzip", offset }.into());
    }
    Ok(Next::Member(Member { bytes, offset }))
}

fn inflate(member: Member, elsewhere: bool) -> Inflating {
    if !elsewhere {
        return Inflating::Ready(member.inflate());
    }
    let (sender, receiver) = sync_channel(1);
    rayon::spawn(move || {
        // Nobody waits any more where an earlier member was damaged.
        let _ = sender.send(member.inflate());
    });
    Inflating::Elsewhere(receiver)
}

impl Member {
    fn inflate(self) -> io::Result<Vec<u8>> {
        let damaged = |detail: String| InputError::Damaged {
            kind: "gzip",
            offset: self.offset,
            detail,
        };
        let mut inflated = Vec::with_capacity(MEMBER);
        let mut decoder = GzDecoder::new(&self.bytes[..]);
        let read = decoder
            .by_ref()
            .take(MEMBER as u64 + 1)
            .read_to_end(&mut inflated);
        read.map_err(|error| damaged(format!("in the bgzip member that begins there, {error}")))?;
        if inflated.len() > MEMBER || !decoder.into_inner().is_empty() {
            return Err(
                damaged("the bgzip member that begins there is not of the size it says".to_owned()).into(),
            );
        }
        Ok(inflated)
    }
}
