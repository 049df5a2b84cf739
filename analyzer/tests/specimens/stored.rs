//! Specimens as they are stored: by each kind of compression, cut at every byte, followed by something else, and as bombs.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use genome_contract::Reason;
use genome_contract::request::GeneCalling;
use genomic_pleiotropy::read::{ReadOptions, read_genome};

use super::fuzz::{bgzip, bzip2, gzip, resident_kib, xz};
use super::{Specimen, outcome, specimens};

type Compress = fn(&[u8]) -> Vec<u8>;

/// Each kind; of bgzip a member, and the empty one that ends a file.
const KINDS: [(&str, Compress); 5] = [
    ("gzip", |bytes| gzip(bytes, &[])),
    ("bgzip", |bytes| [bgzip(bytes), bgzip(b"")].concat()),
    ("zstd", |bytes| zstd::encode_all(bytes, 1).unwrap()),
    ("bzip2", bzip2),
    ("xz", xz),
];

/// What bgzip puts into one member, and no cut takes long for.
fn short() -> impl Iterator<Item = Specimen> {
    specimens()
        .into_iter()
        .filter(|specimen| specimen.content.len() < 10_000)
}

#[test]
fn by_any_compression_a_specimen_is_read_the_same() {
    for specimen in short() {
        let plain = outcome(&specimen.read(64));
        for (kind, compress) in KINDS {
            let stored = compress(&specimen.content);
            assert_eq!(
                outcome(&specimen.read_bytes(&stored, 64)),
                plain,
                "{} by {kind}",
                specimen.name
            );
        }
    }
}

#[test]
fn cut_anywhere_it_is_an_error_or_a_genome_and_cut_where_it_is_compressed_always_an_error() {
    for (number, specimen) in short().enumerate() {
        for cut in 0..specimen.content.len().min(600) {
            let _ = outcome(&specimen.read_bytes(&specimen.content[..cut], 64));
        }
        let whole = specimen.read(64);
        for (kind, compress) in KINDS {
            let stored = compress(&specimen.content);
            // every byte of every fifth specimen; of the others the ends, where headers and checksums lie
            let cuts =
                (6..stored.len()).filter(|cut| number % 5 == 0 || *cut < 24 || cut + 24 > stored.len());
            for cut in cuts {
                let read = specimen.read_bytes(&stored[..cut], 64);
                let error = read.expect_err(&format!("{} by {kind}, cut at {cut}", specimen.name));
                // what is wrong with the content itself may be met before the end
                let own = whole
                    .as_ref()
                    .err()
                    .map(genomic_pleiotropy::read::ReadError::reason);
                let is_right = error.reason() == Reason::TruncatedInput || Some(error.reason()) == own;
                assert!(is_right, "{} by {kind}, cut at {cut}: {error}", specimen.name);
            }
        }
    }
}

#[test]
fn what_follows_the_end_is_refused_with_its_place() {
    let specimen = short().next().unwrap();
    for (kind, compress) in KINDS {
        let stored = compress(&specimen.content);
        for garbage in [
            &b"garbage after the end of it"[..],
            b"\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
        ] {
            let error = specimen
                .read_bytes(&[&stored[..], garbage].concat(), 64)
                .expect_err(kind);
            assert_eq!(error.reason(), Reason::MalformedInput, "{kind}: {error}");
            assert!(error.to_string().contains("near byte "), "{kind}: {error}");
        }
    }
}

/// So many zeros, or bases, as they come.
struct Endless {
    begin: &'static [u8],
    left: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.begin.is_empty() {
            return self.begin.read(buffer);
        }
        let count = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        buffer[..count].fill(b'A');
        self.left -= count as u64;
        Ok(count)
    }
}

#[test]
fn a_bomb_stops_at_the_limit_soon_and_in_little_memory() {
    const EXPANDED: u64 = 256 << 20;
    const LIMIT: u64 = 32 << 20;
    let endless = || Endless {
        begin: b">bomb\n",
        left: EXPANDED,
    };
    let mut gzip = flate2::read::GzEncoder::new(endless(), flate2::Compression::fast());
    let mut bomb = Vec::new();
    gzip.read_to_end(&mut bomb).unwrap();
    for (kind, stored) in [("gzip", bomb), ("zstd", zstd::encode_all(endless(), 1).unwrap())] {
        assert!(
            (stored.len() as u64) < EXPANDED / 100,
            "{kind}: {} bytes",
            stored.len()
        );
        let options = ReadOptions {
            byte_limit: LIMIT,
            gene_calling: GeneCalling::Annotated,
            ..ReadOptions::default()
        };
        let (begin, before) = (Instant::now(), resident_kib());
        let error = read_genome(&stored[..], None::<&[u8]>, &options).expect_err(kind);
        assert_eq!(error.reason(), Reason::LimitExceeded, "{kind}");
        assert!(error.to_string().contains("more than 33554432 bytes"), "{error}");
        let (took, grown) = (begin.elapsed(), resident_kib().saturating_sub(before));
        println!(
            "{kind}: {} bytes, {took:.2?}, {} MiB more in memory",
            stored.len(),
            grown >> 10
        );
        assert!(
            took < Duration::from_secs(2) && grown < 64 << 10,
            "{kind}: {took:?}, {grown} KiB"
        );
    }
}
