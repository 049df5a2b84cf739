//! Inputs that nobody thought of, a reader at a time: mutated specimens, of which those that lead to an outcome not seen
//! before are mutated further. No input makes a reader panic, hang or take more memory than an input is worth; any buffer
//! yields the same genome, and any way of arriving the same words.
//!
//! `make test` tries a fixed number of inputs, always the same ones; `make fuzz` tries others for `FUZZ_SECONDS` a reader.

use std::collections::HashSet;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use flate2::{Compression, GzBuilder};
use genome_contract::request::GeneCalling;
use genomic_pleiotropy::read::{ReadOptions, read_genome};

use super::mutate::{Random, mutate};
use super::{OneByOne, Specimen, outcome, specimens};

/// Inputs of a reader in `make test`.
const INPUTS: u64 = 4_000;

/// An input takes microseconds: this is a hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// Resident memory of this process, all readers together; a window of zstd or xz alone may be 128 MiB.
const MEMORY_KIB: u64 = 768 << 10;

/// Decompressed bytes an input may have here.
const BYTE_LIMIT: u64 = 1 << 20;

/// Inputs kept for further changes.
const CORPUS: usize = 2_000;

/// Content, and annotation of a pair.
type Input = (Vec<u8>, Option<Vec<u8>>);

/// What an input leads to, in words.
type Target = fn(&Input) -> String;

fn read(input: &Input) -> String {
    let read_with = |content: &mut dyn Read, buffer_size| {
        let options = ReadOptions {
            gene_calling: GeneCalling::Annotated,
            byte_limit: BYTE_LIMIT,
            buffer_size,
            ..ReadOptions::default()
        };
        read_genome(content, input.1.as_deref(), &options)
    };
    let whole = read_with(&mut &input.0[..], 1 << 16);
    let small = read_with(&mut &input.0[..], 61);
    assert_eq!(
        small.ok(),
        whole.as_ref().ok().cloned(),
        "the buffer makes a difference"
    );
    let said = outcome(&whole);
    let slow = read_with(&mut OneByOne(&input.0), 1 << 16);
    assert_eq!(outcome(&slow), said, "the way of arriving makes a difference");
    said
}

/// When to stop, and with what to begin.
struct Plan {
    seed: u64,
    inputs: u64,
    end: Option<Instant>,
}

impl Plan {
    fn asked() -> Self {
        let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        match number("FUZZ_SECONDS") {
            None => Self {
                seed: 1,
                inputs: INPUTS,
                end: None,
            },
            Some(seconds) => Self {
                seed: number("FUZZ_SEED").unwrap_or(now),
                inputs: u64::MAX,
                end: Some(Instant::now() + Duration::from_secs(seconds)),
            },
        }
    }

    fn goes_on(&self, tried: u64) -> bool {
        tried < self.inputs && self.end.is_none_or(|end| Instant::now() < end)
    }
}

/// Tries inputs made from `corpus`; the number of them, or the file with the input that broke `target`.
fn fuzz(reader: &'static str, mut corpus: Vec<Input>, plan: &Plan, target: Target) -> Result<u64, PathBuf> {
    let mut random = Random::new(plan.seed);
    let mut seen = HashSet::new();
    let watched = watch(reader);
    let mut tried = 0;
    while plan.goes_on(tried) {
        let mut input = random.one_of(&corpus).clone();
        let other = &random.one_of(&corpus).0;
        match &mut input.1 {
            Some(annotation) if random.below(4) > 0 => mutate(&mut random, annotation, other),
            _ => mutate(&mut random, &mut input.0, other),
        }
        *watched.lock().unwrap() = Some((Instant::now(), input.clone()));
        let Ok(said) = catch_unwind(AssertUnwindSafe(|| target(&input))) else {
            return Err(keep(reader, &input));
        };
        *watched.lock().unwrap() = None;
        tried += 1;
        if tried % 256 == 0 && resident_kib() > MEMORY_KIB {
            return Err(keep(reader, &input));
        }
        if corpus.len() < CORPUS && seen.insert(kind_of(&said)) {
            corpus.push(input);
        }
    }
    println!(
        "{reader}: {tried} inputs, {} kinds of outcomes, seed {}",
        seen.len(),
        plan.seed
    );
    Ok(tried)
}

/// An outcome without its numbers: what is new in it is new code that ran.
fn kind_of(said: &str) -> String {
    let mut kind: String = said
        .chars()
        .take(400)
        .filter(|letter| !letter.is_ascii_digit())
        .collect();
    if let Some(found) = kind.find("found `") {
        let expected = kind.rfind("expected").unwrap_or(kind.len());
        kind.replace_range(found..expected.max(found), "");
    }
    kind
}

/// The input in hand, and since when.
type Watched = Arc<Mutex<Option<(Instant, Input)>>>;

/// A thread that ends the process where an input takes too long; it ends with its reader.
fn watch(reader: &'static str) -> Watched {
    let watched = Watched::default();
    let weak = Arc::downgrade(&watched);
    std::thread::spawn(move || {
        while let Some(watched) = weak.upgrade() {
            if let Some((since, input)) = &*watched.lock().unwrap()
                && since.elapsed() > PATIENCE
            {
                eprintln!("{reader}: hangs on {}", keep(reader, input).display());
                std::process::exit(101);
            }
            drop(watched);
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    watched
}

fn keep(reader: &str, (content, annotation): &Input) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{reader}"));
    std::fs::write(&path, content).unwrap();
    if let Some(annotation) = annotation {
        std::fs::write(path.with_extension("gff"), annotation).unwrap();
    }
    path
}

pub(crate) fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

/// The specimens whose names begin so; not those of a megabyte, which are slow.
fn corpus(prefixes: &[&str]) -> Vec<Input> {
    let is_meant = |specimen: &Specimen| {
        prefixes.iter().any(|prefix| specimen.name.starts_with(prefix)) && specimen.content.len() < 10_000
    };
    let found: Vec<Input> = specimens()
        .into_iter()
        .filter(is_meant)
        .map(|specimen| (specimen.content, specimen.annotation))
        .collect();
    assert!(found.len() > 5, "{prefixes:?} begin the names of {}", found.len());
    found
}

#[track_caller]
fn holds(reader: &'static str, corpus: Vec<Input>) {
    if let Err(path) = fuzz(reader, corpus, &Plan::asked(), read) {
        panic!("{reader}: see {}", path.display());
    }
}

#[test]
fn fasta_of_any_kind() {
    holds("fasta", corpus(&["fasta", "UTF", "FASTQ", "EMBL", "a "]));
}

#[test]
fn genbank_of_any_kind() {
    holds("genbank", corpus(&["genbank"]));
}

#[test]
fn gff_of_any_kind() {
    holds("gff", corpus(&["gff", "pair"]));
}

#[test]
fn compressed_data_of_any_kind() {
    let mut all = Vec::new();
    for (content, _) in corpus(&["genbank: two", "fasta: NCBI", "gff"])
        .into_iter()
        .take(12)
    {
        let gzip = gzip(&content, &[]);
        all.extend([
            ([bgzip(&content), bgzip(b"")].concat(), None),
            ([gzip.clone(), gzip].concat(), None),
            (zstd::encode_all(&content[..], 1).unwrap(), None),
            (bzip2(&content), None),
            (xz(&content), None),
        ]);
    }
    holds("compressed", all);
}

pub(crate) fn gzip(content: &[u8], extra: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let builder = if extra.is_empty() {
        GzBuilder::new()
    } else {
        GzBuilder::new().extra(extra)
    };
    let mut encoder = builder.write(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// One member, with its size.
pub(crate) fn bgzip(content: &[u8]) -> Vec<u8> {
    let mut member = gzip(content, b"BC\x02\0\0\0");
    let size = u16::try_from(member.len() - 1).unwrap().to_le_bytes();
    member[16..18].copy_from_slice(&size);
    member
}

pub(crate) fn bzip2(content: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn xz(content: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(0)).unwrap();
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A reader with a fault three changes away from every specimen.
fn faulty(input: &Input) -> String {
    let said = read(input);
    let is_hit = said.contains("+ partial") && said.contains("circular") && said.contains(" | aside");
    assert!(!is_hit, "the planted fault");
    said
}

#[test]
fn a_planted_fault_is_found_and_its_input_kept() {
    let plan = Plan {
        seed: 1,
        inputs: 200_000,
        end: None,
    };
    let corpus: Vec<Input> = corpus(&["genbank"])
        .into_iter()
        .filter(|input| catch_unwind(AssertUnwindSafe(|| faulty(input))).is_ok())
        .collect();
    let path = fuzz("planted", corpus, &plan, faulty).unwrap_err();
    let kept = (std::fs::read(path).unwrap(), None);
    assert!(catch_unwind(|| faulty(&kept)).is_err());
}
