//! Gene calls side by side with Prodigal, as Debian ships it: a genome in one piece and in several, a short one, one with
//! translation table 4, and E. coli K-12 where its file is.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use genome_contract::request::GeneCalling;
use genomic_pleiotropy::generate::{Cast, Origin, Recipe, Species, SyntheticGenome};
use genomic_pleiotropy::genetic_code::GeneticCode;
use genomic_pleiotropy::input::Content;
use genomic_pleiotropy::read::{ReadOptions, read_genome};
use genomic_pleiotropy::record::{Genome, Strand};

use crate::{is_installed, path};

/// Contig (from 0), first and last base (from 1), strand.
type Call = (u32, u64, u64, char);

fn theirs(fasta: &Path, arguments: &[&str]) -> BTreeSet<Call> {
    let mut command = Command::new("prodigal");
    command
        .args(["-q", "-f", "sco", "-i", path(fasta)])
        .args(arguments);
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (mut calls, mut contigs) = (BTreeSet::new(), 0);
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        contigs += u32::from(line.starts_with("# Sequence Data"));
        // `>7_8238_9191_+`
        let Some(call) = line.strip_prefix('>') else {
            continue;
        };
        let fields: Vec<&str> = call.split('_').collect();
        let number = |at: usize| fields[at].parse().unwrap();
        calls.insert((
            contigs - 1,
            number(1),
            number(2),
            fields[3].chars().next().unwrap(),
        ));
    }
    calls
}

fn ours(fasta: &Path, genetic_code: u8) -> BTreeSet<Call> {
    let options = ReadOptions {
        genetic_code,
        gene_calling: GeneCalling::Predicted,
        ..ReadOptions::default()
    };
    let genome: Genome = read_genome(std::fs::File::open(fasta).unwrap(), None::<&[u8]>, &options).unwrap();
    let call = |gene: &genomic_pleiotropy::record::Gene| {
        let location = gene.location;
        let strand = match location.strand {
            Strand::Forward => '+',
            Strand::Reverse => '-',
        };
        (location.contig, location.start + 1, location.end, strand)
    };
    genome.genes.iter().map(call).collect()
}

/// Demands the same calls, and says how many there are.
#[track_caller]
fn same(name: &str, fasta: &Path, genetic_code: u8, arguments: &[&str]) {
    let (ours, theirs) = (ours(fasta, genetic_code), theirs(fasta, arguments));
    let common = ours.intersection(&theirs).count();
    println!(
        "{name}: {common} calls in common, of {} of ours and {} of Prodigal's",
        ours.len(),
        theirs.len()
    );
    assert!(!theirs.is_empty() && ours == theirs, "{name}");
}

fn sequence(genes: usize, genetic_code: u8, gc: f64) -> Vec<u8> {
    let species = Species::new(GeneticCode::by_id(genetic_code).unwrap(), gc, 1, 7);
    let recipe = Recipe {
        genes,
        traits: 1,
        trait_genes: 10,
        strength: 1.0,
        named: 0.4,
        lineages: 1,
        seed: 7,
    };
    SyntheticGenome::new(&species, &Cast::new(&recipe), 1.0, 7, Origin::default()).sequence
}

#[test]
fn calls_are_those_of_prodigal() {
    if !is_installed("prodigal") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, contigs: &[&[u8]]| {
        let file = folder.path().join(name);
        let record =
            |(at, contig): (usize, &&[u8])| format!(">contig_{at}\n{}\n", String::from_utf8_lossy(contig));
        std::fs::write(&file, contigs.iter().enumerate().map(record).collect::<String>()).unwrap();
        file
    };
    let whole = sequence(500, 11, 0.5);
    same("one contig", &write("one.fna", &[&whole]), 11, &[]);
    let pieces: Vec<&[u8]> = whole.chunks(70_001).collect();
    same("several contigs", &write("several.fna", &pieces), 11, &[]);
    same(
        "a short one",
        &write("short.fna", &[&whole[..15_000]]),
        11,
        &["-p", "meta"],
    );
    let low = sequence(400, 4, 0.3);
    same("table 4", &write("table4.fna", &[&low]), 4, &["-g", "4"]);
    let mut gaps = whole.clone();
    gaps[100_000..100_500].fill(b'N');
    same("with a gap", &write("gap.fna", &[&gaps]), 11, &[]);
}

#[test]
fn calls_on_escherichia_coli_are_those_of_prodigal() {
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/NC_000913.gbk.gz");
    if !stored.is_file() {
        println!("skipped: `{}` is not there", stored.display());
        return;
    }
    if !is_installed("prodigal") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let genbank = folder.path().join("k12.gbk");
    let mut content = Content::new(std::fs::File::open(stored).unwrap(), u64::MAX).unwrap();
    std::io::copy(&mut content, &mut std::fs::File::create(&genbank).unwrap()).unwrap();
    // Prodigal reads GenBank as well.
    same("K-12", &genbank, 11, &[]);
}
