//! Large inputs: memory must not grow with a sequence, and little with the number of sequences.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use genome_contract::ExitCode;

use super::support::{Place, ended, laptop};

const MIB: u64 = 1 << 20;

/// Most memory that plan, map and merge of one genome took.
fn peak(name: &str, content: &str) -> u64 {
    let place = Place::empty();
    place.write(&format!("genomes/{name}"), content.as_bytes());
    // Reading alone: genes are predicted on no more than fits.
    place.request("out", 1, |request| {
        request["method"]["geneCalling"] = "Annotated".into()
    });
    place.verb("plan", 0, ExitCode::Success);
    let message = place.message();
    assert_eq!(message.genomes.analyzed, 1, "{name}");
    message.peak_memory_bytes
}

/// One record of `length` bases, a multiple of 60, with genes along all of it, one of which runs over its origin.
fn genbank(length: usize) -> String {
    let mut text = format!("LOCUS       X {length} bp    DNA     circular BCT 01-JAN-2000\n");
    text += "FEATURES             Location/Qualifiers\n";
    for gene in 0..500 {
        let start = gene * (length / 500) + 1;
        let _ = writeln!(
            text,
            "     CDS             {start}..{}\n{:21}/gene=\"gen{gene}\"",
            start + 299,
            ""
        );
    }
    let _ = writeln!(text, "     CDS             join({}..{length},1..90)", length - 89);
    text += "ORIGIN\n";
    let line = "atgaaacgca ttagcaccac cattaccacc accatcacca ttaccacagg taacggtgcg\n";
    for at in (1..length).step_by(60) {
        let _ = write!(text, "{at:9} {line}");
    }
    text + "//\n"
}

#[test]
fn memory_does_not_grow_with_a_record() {
    let (small, large) = (
        peak("x.gbk", &genbank(600_000)),
        peak("x.gbk", &genbank(60_000_000)),
    );
    assert!(
        large < small + 16 * MIB,
        "{} MiB, then {} MiB",
        small / MIB,
        large / MIB
    );
}

#[test]
fn memory_grows_little_with_the_number_of_contigs_and_not_with_their_lengths() {
    let contigs: String = (0..100_000).fold(String::new(), |text, number| {
        text + &format!(">contig_{number}\nACGTAA\n")
    });
    let single = format!(">one\n{}\n", "ACGTGATC".repeat(4_000_000));
    let (many, one) = (peak("many.fna", &contigs), peak("one.fna", &single));
    assert!(
        many < one + 48 * MIB && one < 160 * MIB,
        "{} MiB, {} MiB",
        many / MIB,
        one / MIB
    );
}

/// What the program took for an input that is written to its standard input, in bytes of memory; the seconds are said.
fn piped(
    what: &str,
    write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()> + Send + 'static,
) -> u64 {
    let place = Place::empty();
    let flags = ["--memory-limit", "256Mi", "--genes", "annotated"];
    let (peak, _, written) = run(&place, what, &flags, ExitCode::Success, write);
    written.unwrap();
    let results = place.manifest("out").results;
    assert_eq!((results.succeeded, results.failed), (1, 0));
    peak
}

/// Peak memory, what was said, and how the writing ended.
fn run(
    place: &Place,
    what: &str,
    flags: &[&str],
    code: ExitCode,
    write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()> + Send + 'static,
) -> (u64, String, std::io::Result<()>) {
    let begin = Instant::now();
    let mut command = laptop(Path::new("-"), &place.path("out"));
    let mut child = command
        .arg("--no-cache")
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = std::io::BufWriter::with_capacity(1 << 20, child.stdin.take().unwrap());
    let writer = std::thread::spawn(move || write(&mut input));
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(high_water(child.id()));
        std::thread::sleep(Duration::from_millis(10));
    }
    let seconds = begin.elapsed().as_secs_f64();
    let said = ended(child.wait_with_output().unwrap(), code);
    println!("{what}: {} MiB, {seconds:.1} s", peak / MIB);
    (peak, said, writer.join().unwrap())
}

/// The highest resident memory of a process so far, in bytes.
fn high_water(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// `lines` lines of 80 bases, or the same in one line.
fn bases(
    lines: u64,
    end: &'static str,
) -> impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()> + Send {
    move |input| {
        input.write_all(b">one record\n")?;
        let line = "ACGTGATCCA".repeat(8) + end;
        let block = line.repeat(1_000);
        for _ in 0..lines / 1_000 {
            input.write_all(block.as_bytes())?;
        }
        input.write_all(b"\n")
    }
}

fn contigs(count: u64) -> impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()> + Send {
    move |input| (0..count).try_for_each(|number| write!(input, ">contig_{number}\nACGTAA\n"))
}

#[test]
fn a_record_through_standard_input_takes_no_memory_for_its_length() {
    let (small, large) = (
        piped("8 MB", bases(100_000, "\n")),
        piped("160 MB in a line", bases(2_000_000, "")),
    );
    assert!(large < small + 16 * MIB && large < 128 * MIB, "{small}, {large}");
}

#[test]
#[ignore = "minutes: make large-input"]
fn ten_gigabytes_in_one_record_and_in_one_line() {
    assert!(piped("10 GB in one record", bases(125_000_000, "\n")) < 256 * MIB);
    assert!(piped("10 GB in one line", bases(125_000_000, "")) < 256 * MIB);
}

/// E1: ten mebibytes of gzip, ten gibibytes of text.
fn bomb(input: &mut dyn std::io::Write) -> std::io::Result<()> {
    let member = |text: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).and_then(|()| encoder.finish())
    };
    let bases = member(&vec![b'A'; 64 << 20])?;
    input.write_all(&member(b">bomb\n")?)?;
    (0..160).try_for_each(|_| input.write_all(&bases))?;
    input.flush()
}

#[test]
#[cfg_attr(
    not(feature = "gene-prediction"),
    ignore = "the limit is that of calling genes; without it the input may have 64 GiB"
)]
fn a_gzip_bomb_ends_at_the_limit_in_little_memory() {
    let place = Place::empty();
    let (peak, said, _) = run(&place, "10 GiB in 10 MiB", &[], ExitCode::BadInput, bomb);
    assert!(
        said.contains("LimitExceeded") && said.contains("hint: "),
        "{said}"
    );
    assert!(peak < 96 * MIB, "{} MiB", peak / MIB);
}

#[test]
#[ignore = "minutes: make large-input"]
fn a_gzip_bomb_below_the_limit_of_bytes_is_read_in_little_memory() {
    assert!(piped("10 GiB in 10 MiB, read to its end", bomb) < 96 * MIB);
}

#[test]
#[ignore = "minutes: make large-input"]
fn a_million_contigs() {
    assert!(piped("a million contigs", contigs(1_000_000)) < 256 * MIB);
}

#[test]
#[ignore = "minutes: make large-input"]
fn a_thousand_genomes_are_merged() {
    let place = Place::empty();
    super::cohort::generate(&place, 1_000, 100, 4, 14);
    place.request("out", 1, |request| {
        request["tasks"] = serde_json::json!({"targetSize": 1_u64 << 40, "maxWorkers": 1});
        request["phenotypes"] = serde_json::json!("file:///data/phenotypes.tsv");
    });
    place.verb("plan", 0, ExitCode::Success);
    for task in 0..place.message().plan.unwrap().tasks {
        place.verb("map", task, ExitCode::Success);
    }
    let begin = Instant::now();
    place.verb("merge", 0, ExitCode::Success);
    let message = place.message();
    assert_eq!(message.genomes.total, 1_000);
    let peak = message.peak_memory_bytes;
    println!(
        "1,000 genomes merged: {} MiB, {:.1} s",
        peak / MIB,
        begin.elapsed().as_secs_f64()
    );
    assert!(peak < 300 * MIB, "{} MiB", peak / MIB);
}
