//! Large inputs: memory must not grow with a sequence, and little with the number of sequences.

use std::fmt::Write as _;

use genome_contract::ExitCode;

use super::support::Place;

const MIB: u64 = 1 << 20;

/// Most memory that plan, map and merge of one genome took.
fn peak(name: &str, content: &str) -> u64 {
    let place = Place::empty();
    place.write(&format!("genomes/{name}"), content.as_bytes());
    place.request("out", 1, |_| {});
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
