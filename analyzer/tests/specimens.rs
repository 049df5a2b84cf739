//! Every specimen of `specimens/index.txt` is read as it says, with any buffer, any line ending, plain or compressed;
//! cut anywhere or damaged it never makes a reader panic. `BLESS=1` rewrites the expectations: review the difference.

#[path = "specimens/fuzz.rs"]
mod fuzz;
#[path = "specimens/mutate.rs"]
mod mutate;
#[path = "specimens/stored.rs"]
mod stored;
#[path = "specimens/tables.rs"]
mod tables;

use std::fmt::Write as _;
use std::io::{self, Read};

use genome_contract::request::GeneCalling;
use genomic_pleiotropy::codons::Codon;
use genomic_pleiotropy::read::{ReadError, ReadOptions, read_genome};
use genomic_pleiotropy::record::{Gene, Genome, Strand};

const INDEX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/specimens/index.txt");

/// Name, content, annotation of a pair, expectation.
struct Specimen {
    name: String,
    content: Vec<u8>,
    annotation: Option<Vec<u8>>,
    expected: String,
}

impl Specimen {
    fn read(&self, buffer_size: usize) -> Result<Genome, ReadError> {
        self.read_bytes(&self.content, buffer_size)
    }

    fn read_bytes(&self, content: &[u8], buffer_size: usize) -> Result<Genome, ReadError> {
        // The readers alone: the gene caller has tests of its own.
        let options = ReadOptions {
            gene_calling: GeneCalling::Annotated,
            buffer_size,
            ..ReadOptions::default()
        };
        read_genome(
            OneByOne(content),
            self.annotation.as_deref().map(OneByOne),
            &options,
        )
    }
}

/// Hands out a byte a call, as a slow pipe would.
struct OneByOne<'a>(&'a [u8]);

impl Read for OneByOne<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The few specimens of a megabyte come in larger pieces.
        let most = buffer.len().min(if self.0.len() < 10_000 { 1 } else { 997 });
        self.0.read(&mut buffer[..most])
    }
}

/// The index: `== name`, then `content: …` lines with escapes, `annotation: …`, `expected: …`.
fn specimens() -> Vec<Specimen> {
    let text = std::fs::read_to_string(INDEX).unwrap();
    let mut all = Vec::new();
    for block in text.split("\n== ").skip(1) {
        let (name, body) = block.split_once('\n').unwrap();
        let mut specimen = Specimen {
            name: name.to_owned(),
            content: Vec::new(),
            annotation: None,
            expected: String::new(),
        };
        for line in body.lines() {
            if let Some(content) = line.strip_prefix("content: ") {
                specimen.content.extend(unescaped(content));
            } else if let Some(annotation) = line.strip_prefix("annotation: ") {
                specimen
                    .annotation
                    .get_or_insert_default()
                    .extend(unescaped(annotation));
            } else if let Some(expected) = line.strip_prefix("expected: ") {
                specimen.expected = expected.to_owned();
            }
        }
        all.push(specimen);
    }
    assert!(all.len() >= 60, "row E5 wants at least 60 cases");
    all
}

/// `\n`, `\r`, `\t`, `\\`, `\xNN`, and `\{text*times}`.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        let (byte, length) = match after.as_bytes()[0] {
            b'n' => (b'\n', 1),
            b'r' => (b'\r', 1),
            b't' => (b'\t', 1),
            b'x' => (u8::from_str_radix(&after[1..3], 16).unwrap(), 3),
            b'{' => {
                let (repeated, after) = after[1..].split_once('}').unwrap();
                let (what, times) = repeated.split_once('*').unwrap();
                bytes.extend(what.repeat(times.parse().unwrap()).into_bytes());
                rest = after;
                continue;
            }
            other => (other, 1),
        };
        bytes.push(byte);
        rest = &after[length..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// All that matters of an outcome, in one line of a readable length.
fn outcome(read: &Result<Genome, ReadError>) -> String {
    whole_outcome(read).chars().take(600).collect()
}

fn whole_outcome(read: &Result<Genome, ReadError>) -> String {
    let genome = match read {
        Ok(genome) => genome,
        Err(error) => return format!("{}: {error}", error.reason()),
    };
    let mut text = format!("{:?}", genome.format);
    for contig in &genome.contigs {
        let circular = if contig.is_circular { " circular" } else { "" };
        let _ = write!(
            text,
            " | {} {} bp {}/{} GC{circular}",
            contig.id, contig.length, contig.gc_bases, contig.unambiguous_bases
        );
    }
    for gene in &genome.genes {
        let _ = write!(text, " | {}", shown(gene));
    }
    if genome.set_aside.total() > 0 {
        let aside = genome.set_aside;
        let _ = write!(
            text,
            " | aside {} pseudo {} without sequence {} without codons",
            aside.pseudogenes, aside.without_sequence, aside.without_codons
        );
    }
    text
}

fn shown(gene: &Gene) -> String {
    let place = &gene.location;
    let strand = if place.strand == Strand::Forward { '+' } else { '-' };
    let partial = if place.is_partial { " partial" } else { "" };
    let letters = |codon: Option<Codon>| {
        codon.map_or("---".to_owned(), |codon| {
            String::from_utf8(codon.to_bases().to_vec()).unwrap()
        })
    };
    let codons: Vec<String> = Codon::all()
        .filter(|&codon| gene.codons[codon] > 0)
        .map(|codon| format!("{}{}", letters(Some(codon)), gene.codons[codon]))
        .collect();
    let left = gene.left_out;
    let names: Vec<&str> = gene
        .name
        .iter()
        .chain(&gene.synonyms)
        .chain(&gene.product)
        .map(String::as_str)
        .collect();
    format!(
        "{} [{}] {}:{}..{}{strand}{partial} table {} {} {} {} left out {}/{}/{}/{}",
        gene.id,
        names.join(", "),
        place.contig,
        place.start,
        place.end,
        gene.genetic_code,
        letters(gene.start_codon),
        codons.join(" "),
        letters(gene.stop_codon),
        left.inner_stops,
        left.ambiguous,
        left.exceptions,
        left.cut
    )
}

#[test]
fn every_specimen_is_read_as_the_index_says() {
    let mut blessed = std::fs::read_to_string(INDEX).unwrap();
    let mut wrong = String::new();
    for specimen in specimens() {
        let found = outcome(&specimen.read(128));
        if found != specimen.expected {
            let _ = writeln!(
                wrong,
                "{}\n  expected {}\n  found    {found}",
                specimen.name, specimen.expected
            );
            let begin = blessed.find(&format!("\n== {}\n", specimen.name)).unwrap() + 1;
            let end = blessed[begin..]
                .find("\n== ")
                .map_or(blessed.len(), |at| begin + at + 1);
            let kept: String = blessed[begin..end]
                .lines()
                .filter(|line| !line.is_empty() && !line.starts_with("expected: "))
                .map(|line| format!("{line}\n"))
                .collect();
            blessed.replace_range(begin..end, &format!("{kept}expected: {found}\n\n"));
        }
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(INDEX, blessed.trim_end().to_owned() + "\n").unwrap();
    } else {
        assert!(wrong.is_empty(), "{wrong}");
    }
}

#[test]
fn every_buffer_size_yields_the_same() {
    for specimen in specimens() {
        let whole = specimen.read(1 << 16);
        let most = if specimen.content.len() < 10_000 {
            specimen.content.len() + 1
        } else {
            3
        };
        for size in 1..=most {
            let read = specimen.read(size);
            assert_eq!(
                outcome(&read),
                outcome(&whole),
                "{} with a buffer of {size}",
                specimen.name
            );
            assert_eq!(
                read.as_ref().ok(),
                whole.as_ref().ok(),
                "{} with a buffer of {size}",
                specimen.name
            );
        }
    }
}

#[test]
fn line_endings_make_no_difference() {
    for specimen in specimens() {
        if specimen.content.contains(&b'\r') || specimen.content.starts_with(b"\x1F\x8B") {
            continue;
        }
        let expected = outcome(&specimen.read(64));
        for ending in [&b"\r\n"[..], b"\r"] {
            let lines: Vec<&[u8]> = specimen.content.split(|&byte| byte == b'\n').collect();
            let changed = lines.join(ending);
            assert_eq!(
                outcome(&specimen.read_bytes(&changed, 64)),
                expected,
                "{} with {ending:?}",
                specimen.name
            );
        }
    }
}

#[test]
fn damaged_bytes_never_panic() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for specimen in specimens()
        .into_iter()
        .filter(|specimen| specimen.content.len() < 4000 && !specimen.content.is_empty())
    {
        for _ in 0..500 {
            let mut content = specimen.content.clone();
            for _ in 0..=next() % 4 {
                let at = (next() % content.len() as u64) as usize;
                content[at] = next().to_le_bytes()[0];
            }
            let _ = outcome(&specimen.read_bytes(&content, 64));
        }
    }
}
