//! Stored bytes → content: decompressed by its magic bytes, limited, hashed.

mod compressed;

use std::io::{self, Chain, Cursor, Read};

use self::compressed::Compressed;
use super::InputError;

/// The content of an input.
///
/// ```
/// use std::io::Read;
/// use genomic_pleiotropy::input::Content;
///
/// let mut content = Content::new(&b">x\nACGT\n"[..], 100)?;
/// let mut text = String::new();
/// content.read_to_string(&mut text)?;
/// assert_eq!(content.finish()?, *blake3::hash(text.as_bytes()).as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Content<R: Read> {
    decoder: Decoder<Chain<Cursor<Vec<u8>>, R>>,
    left: u64,
    limit: u64,
    hasher: blake3::Hasher,
}

impl<R: Read> std::fmt::Debug for Content<R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Content")
            .field("limit", &self.limit)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

enum Decoder<R: Read> {
    Plain(R),
    Compressed(Compressed<R>),
}

/// What the first bytes say about compression.
enum Magic {
    None,
    Gzip,
    Zstd,
    Unsupported(&'static str),
}

impl Magic {
    fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0x1F, 0x8B, ..] => Self::Gzip,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Unsupported("bzip2"),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Self::Unsupported("xz"),
            _ => Self::None,
        }
    }
}

impl<R: Read> Content<R> {
    /// Looks at the first bytes of `stored` and prepares to read at most `limit` bytes of content.
    pub fn new(mut stored: R, limit: u64) -> Result<Self, InputError> {
        let mut magic = Vec::with_capacity(6);
        stored.by_ref().take(6).read_to_end(&mut magic)?;
        let compression = Magic::of(&magic);
        let whole = Cursor::new(magic).chain(stored);
        let decoder = match compression {
            Magic::None => Decoder::Plain(whole),
            Magic::Gzip => Decoder::Compressed(Compressed::gzip(whole)),
            Magic::Zstd => Decoder::Compressed(Compressed::zstd(whole)?),
            Magic::Unsupported(kind) => return Err(InputError::Compression(kind)),
        };
        Ok(Self {
            decoder,
            left: limit,
            limit,
            hasher: blake3::Hasher::new(),
        })
    }

    /// Reads what is left, and returns the BLAKE3 of all content.
    pub fn finish(mut self) -> Result<[u8; 32], InputError> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(*self.hasher.finalize().as_bytes())
    }
}

impl<R: Read> Read for Content<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.decoder {
            Decoder::Plain(reader) => reader.read(buffer)?,
            Decoder::Compressed(reader) => reader.read(buffer)?,
        };
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or(InputError::TooLarge { limit: self.limit })?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use genome_contract::Reason;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(stored: &[u8], limit: u64) -> Result<Vec<u8>, InputError> {
        let mut content = Content::new(stored, limit)?;
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        assert_eq!(content.finish()?, *blake3::hash(&bytes).as_bytes());
        Ok(bytes)
    }

    #[test]
    fn members_and_frames_are_read_to_the_last() {
        let members = [gzip(b">a\n"), gzip(b""), gzip(b"ACGT\n")].concat();
        assert_eq!(read(&members, 100).unwrap(), b">a\nACGT\n");
        let frames = [
            zstd::encode_all(&b">a\n"[..], 1).unwrap(),
            zstd::encode_all(&b"ACGT\n"[..], 1).unwrap(),
        ]
        .concat();
        assert_eq!(read(&frames, 100).unwrap(), b">a\nACGT\n");
        assert_eq!(read(b"", 100).unwrap(), b"");
    }

    #[test]
    fn what_is_cut_is_truncated_and_what_is_damaged_is_malformed() {
        let text = b"ACGTTGCA".repeat(50);
        for whole in [gzip(&text), zstd::encode_all(&text[..], 1).unwrap()] {
            for cut in 4..whole.len() {
                assert_eq!(
                    read(&whole[..cut], 1000).unwrap_err().reason(),
                    Reason::TruncatedInput,
                    "cut at {cut}"
                );
            }
            // Fewer bytes than a gzip header has could be the beginning of a member: those count as truncated.
            let garbage = [&whole[..], b"garbage after the end"].concat();
            assert_eq!(read(&garbage, 1000).unwrap_err().reason(), Reason::MalformedInput);
        }
        let mut bad_sum = gzip(&text);
        let sum = bad_sum.len() - 8;
        bad_sum[sum] ^= 1;
        let error = read(&bad_sum, 1000).unwrap_err();
        assert_eq!(error.reason(), Reason::MalformedInput);
        assert!(error.to_string().contains("near byte"), "{error}");
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = gzip(&vec![b'A'; 1 << 20]);
        assert_eq!(read(&bomb, 1000).unwrap_err().reason(), Reason::LimitExceeded);
        assert_eq!(read(&bomb, 1 << 20).unwrap().len(), 1 << 20);
    }

    #[test]
    fn compressions_that_are_not_read_are_named() {
        assert_eq!(
            read(b"BZh91AY&SY", 100).unwrap_err().reason(),
            Reason::UnknownFormat
        );
        assert_eq!(
            read(b"\xFD7zXZ\0", 100).unwrap_err().reason(),
            Reason::UnknownFormat
        );
    }
}
