//! Stored bytes → content: decompressed by its magic bytes, limited, hashed.

mod bgzip;
mod compressed;
mod source;

use std::io::{self, Chain, Cursor, Read};

use self::compressed::{Compressed, WINDOW, window_in};
use super::InputError;
use crate::memory::Guard;

/// Bytes of content between two looks at the memory this process takes.
const WATCHED: u64 = 1 << 20;

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
    guard: Option<Guard>,
    /// Bytes until the guard is asked again.
    unwatched: u64,
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
#[derive(Clone, Copy)]
enum Magic {
    None,
    Gzip,
    Bgzip,
    Zstd,
    Bzip2,
    Xz,
}

impl Magic {
    fn of(bytes: &[u8]) -> Self {
        match bytes {
            bytes if bgzip::is_bgzip(bytes) => Self::Bgzip,
            [0x1F, 0x8B, ..] => Self::Gzip,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            _ => Self::None,
        }
    }
}

/// Whether `bytes` begin as compressed data does.
pub(crate) fn is_compressed(bytes: &[u8]) -> bool {
    !matches!(Magic::of(bytes), Magic::None)
}

impl<R: Read> Content<R> {
    /// Looks at the first bytes of `stored` and prepares to read at most `limit` bytes of content.
    pub fn new(stored: R, limit: u64) -> Result<Self, InputError> {
        Self::guarded(stored, limit, None)
    }

    /// The same, given up as soon as this process takes more memory than `guard` allows.
    pub(crate) fn guarded(mut stored: R, limit: u64, guard: Option<Guard>) -> Result<Self, InputError> {
        let mut magic = Vec::with_capacity(bgzip::HEADER);
        let most = bgzip::HEADER as u64;
        stored.by_ref().take(most).read_to_end(&mut magic)?;
        let compression = Magic::of(&magic);
        let whole = Cursor::new(magic).chain(stored);
        let window = guard.map_or(WINDOW, |guard| window_in(guard.limit()));
        let decoder = match compression {
            Magic::None => Decoder::Plain(whole),
            Magic::Gzip => Decoder::Compressed(Compressed::gzip(whole)),
            Magic::Bgzip => Decoder::Compressed(Compressed::bgzip(whole)),
            Magic::Zstd => Decoder::Compressed(Compressed::zstd(whole, window)?),
            Magic::Bzip2 => Decoder::Compressed(Compressed::bzip2(whole)),
            Magic::Xz => Decoder::Compressed(Compressed::xz(whole, window)),
        };
        Ok(Self {
            decoder,
            left: limit,
            limit,
            hasher: blake3::Hasher::new(),
            guard,
            unwatched: 0,
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
            Decoder::Compressed(reader) => reader.read(buffer).map_err(|error| self.blamed(error))?,
        };
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or(InputError::TooLarge { limit: self.limit })?;
        self.watch(count as u64)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

impl<R: Read> Content<R> {
    /// A window refused for want of memory is not the input's fault.
    fn blamed(&self, error: io::Error) -> io::Error {
        let guard = self.guard.filter(|guard| window_in(guard.limit()) < WINDOW);
        match (InputError::from(error), guard) {
            (InputError::Window { .. }, Some(guard)) => InputError::from(guard.refusal()).into(),
            (error, _) => error.into(),
        }
    }

    fn watch(&mut self, count: u64) -> Result<(), InputError> {
        let Some(guard) = self.guard else {
            return Ok(());
        };
        let Some(left) = self.unwatched.checked_sub(count) else {
            self.unwatched = WATCHED;
            return guard.check(0).map_err(InputError::from);
        };
        self.unwatched = left;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use genome_contract::Reason;

    use lzma_rust2::{XzOptions, XzWriter};

    use super::*;
    use crate::generate::bgzip::BgzipWriter;

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

    fn bgzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = BgzipWriter::new(Vec::new());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 1).unwrap()
    }

    fn bzip2(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn xz(bytes: &[u8]) -> Vec<u8> {
        let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(1)).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    type Compress = fn(&[u8]) -> Vec<u8>;

    const ALL: [(&str, Compress); 5] = [
        ("gzip", gzip),
        ("bgzip", bgzip),
        ("zstd", zstd),
        ("bzip2", bzip2),
        ("xz", xz),
    ];

    /// A generator's bytes, which compress to three quarters.
    fn bases(count: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"ACGT"[(state >> 30) as usize]
        };
        std::iter::repeat_with(&mut next).take(count).collect()
    }

    /// With the pool's help, and, on a thread of a pool, without.
    fn on_threads(run: impl Fn() + Send + Sync) {
        // Fails where another test was first, on a machine of one processor without more than that one.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(3).build_global();
        run();
        rayon::scope(|_| run());
    }

    #[test]
    fn members_frames_and_streams_are_read_to_the_last() {
        for (name, compress) in ALL {
            let parts = [compress(b">a\n"), compress(b""), compress(b"ACGT\n")].concat();
            assert_eq!(read(&parts, 100).unwrap(), b">a\nACGT\n", "{name}");
        }
        assert_eq!(read(b"", 100).unwrap(), b"");
        let mixed = [bgzip(b">a\n"), gzip(b"ACGT\n"), bgzip(b"TT\n")].concat();
        assert_eq!(read(&mixed, 100).unwrap(), b">a\nACGT\nTT\n");
    }

    #[test]
    fn any_number_of_threads_and_any_way_of_arriving_yields_the_same_bytes() {
        let text = bases(1 << 20);
        for (name, compress) in ALL {
            let stored = compress(&text);
            on_threads(|| {
                assert!(read(&stored, 1 << 20).unwrap() == text, "{name}");
                let mut bytes = Vec::new();
                let slow = Slow(&stored);
                Content::new(slow, 1 << 20)
                    .unwrap()
                    .read_to_end(&mut bytes)
                    .unwrap();
                assert!(bytes == text, "{name}, slowly");
            });
        }
    }

    /// Hands out 1,000 bytes a call.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(1000);
            self.0.read(&mut buffer[..most])
        }
    }

    #[test]
    fn what_is_cut_is_truncated_and_what_is_damaged_is_malformed() {
        let text = b"ACGTTGCA".repeat(50);
        for (name, compress) in ALL {
            let whole = compress(&text);
            for cut in 6..whole.len() {
                assert_eq!(
                    read(&whole[..cut], 1000).unwrap_err().reason(),
                    Reason::TruncatedInput,
                    "{name} cut at {cut}"
                );
            }
            // Fewer bytes than a header has could be the beginning of a member: those count as truncated.
            let garbage = [&whole[..], b"garbage after the end"].concat();
            assert_eq!(
                read(&garbage, 1000).unwrap_err().reason(),
                Reason::MalformedInput,
                "{name}"
            );
        }
        let mut bad_sum = gzip(&text);
        let sum = bad_sum.len() - 8;
        bad_sum[sum] ^= 1;
        let error = read(&bad_sum, 1000).unwrap_err();
        assert_eq!(error.reason(), Reason::MalformedInput);
        assert!(error.to_string().contains("near byte"), "{error}");
    }

    #[test]
    fn a_damaged_member_of_bgzip_is_named_by_its_offset() {
        let text = bases(300_000);
        let mut stored = bgzip(&text);
        let second = usize::from(u16::from_le_bytes([stored[16], stored[17]])) + 1;
        stored[second + 100] ^= 0x55;
        on_threads(|| {
            let mut content = Content::new(&stored[..], 1 << 20).unwrap();
            let mut before = Vec::new();
            let error = InputError::from(content.read_to_end(&mut before).unwrap_err());
            assert_eq!(error.reason(), Reason::MalformedInput);
            assert!(
                error.to_string().contains(&format!("near byte {second}:")),
                "{error}"
            );
            assert!(text.starts_with(&before) && before.len() == 0xFF00);
        });
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        for (name, compress) in ALL {
            let bomb = compress(&vec![b'A'; 1 << 20]);
            assert_eq!(
                read(&bomb, 1000).unwrap_err().reason(),
                Reason::LimitExceeded,
                "{name}"
            );
            assert_eq!(read(&bomb, 1 << 20).unwrap().len(), 1 << 20, "{name}");
        }
    }

    #[test]
    fn a_window_that_half_of_the_memory_has_no_room_for_is_refused() {
        let mut options = XzOptions::with_preset(1);
        options.lzma_options.dict_size = 32 << 20;
        let mut writer = XzWriter::new(Vec::new(), options).unwrap();
        writer.write_all(b"ACGT").unwrap();
        let stored = writer.finish().unwrap();
        let read = |bytes| {
            let mut text = String::new();
            let guard = Some(Guard::from_nothing(bytes));
            let read = Content::guarded(&stored[..], 100, guard)?.read_to_string(&mut text);
            read.map_err(InputError::from)
        };
        assert_eq!(read(1 << 40).unwrap(), 4);
        let error = read(48 << 20).unwrap_err();
        assert_eq!(error.reason(), Reason::MemoryLimitReached, "{error}");
        assert!(error.to_string().contains("does not fit into 48Mi;"), "{error}");
    }

    #[test]
    fn content_is_given_up_where_it_takes_more_memory_than_there_is() {
        let content = vec![b'A'; 8 << 20];
        let mut content = Content::guarded(&content[..], 1 << 40, Some(Guard::from_nothing(1))).unwrap();
        let mut kept = Vec::new();
        let error = InputError::from(content.read_to_end(&mut kept).unwrap_err());
        assert_eq!(error.reason(), Reason::MemoryLimitReached);
    }

    #[test]
    fn a_window_that_takes_too_much_memory_is_refused() {
        let mut options = XzOptions::with_preset(1);
        options.lzma_options.dict_size = 256 << 20;
        let mut writer = XzWriter::new(Vec::new(), options).unwrap();
        writer.write_all(b"ACGT").unwrap();
        let error = read(&writer.finish().unwrap(), 100).unwrap_err();
        assert_eq!(error.reason(), Reason::LimitExceeded, "{error}");
        // A frame header of its own making: no size, and a window descriptor for 256 MiB.
        let frame = [0x28, 0xB5, 0x2F, 0xFD, 0, 18 << 3, 1, 0, 0];
        let error = read(&frame, 100).unwrap_err();
        assert_eq!(error.reason(), Reason::LimitExceeded, "{error}");
    }
}
