//! Genomes without annotation: genes are predicted, and held against the truth of the generator.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use genome_contract::ExitCode;
use genome_contract::request::GeneCalling;
use genomic_pleiotropy::read::{ReadError, ReadOptions, read_genome};
use genomic_pleiotropy::record::{GeneSource, Genome, Strand};

use super::support::{PROGRAM, Place, assert_identical, ended, laptop};

/// A generated genome in that format, the same for every format.
fn generated(place: &Place, format: &str) -> PathBuf {
    let folder = place.path(format);
    let mut command = Command::new(PROGRAM);
    command.args([
        "generate", "--genes", "600", "--seed", "5", "--format", format, "--output",
    ]);
    ended(command.arg(&folder).output().unwrap(), ExitCode::Success);
    let mut files = std::fs::read_dir(folder.join("genomes")).unwrap();
    files.next().unwrap().unwrap().path()
}

fn read(path: &Path, gene_calling: GeneCalling) -> Result<Genome, ReadError> {
    let options = ReadOptions {
        gene_calling,
        ..ReadOptions::default()
    };
    read_genome(std::fs::File::open(path).unwrap(), None::<&[u8]>, &options)
}

/// Strand and stop of each gene, and where it starts.
fn places(genome: &Genome) -> HashMap<(bool, u64), u64> {
    let place = |gene: &genomic_pleiotropy::record::Gene| {
        let location = gene.location;
        match location.strand {
            Strand::Forward => ((true, location.end), location.start),
            Strand::Reverse => ((false, location.start), location.end),
        }
    };
    genome.genes.iter().map(place).collect()
}

#[test]
fn predicted_genes_are_those_that_were_generated() {
    let place = Place::empty();
    let truth = read(&generated(&place, "genbank"), GeneCalling::Annotated).unwrap();
    let found = read(&generated(&place, "fasta"), GeneCalling::Auto).unwrap();
    assert_eq!(found.gene_source, GeneSource::Predicted);
    let (truth, found) = (places(&truth), places(&found));
    let with_stop = truth.keys().filter(|stop| found.contains_key(stop)).count();
    let exact = truth
        .iter()
        .filter(|(stop, start)| found.get(stop) == Some(start))
        .count();
    println!(
        "of {} generated genes {with_stop} are found, {exact} with their start; {} are called in all",
        truth.len(),
        found.len()
    );
    assert!(100 * with_stop >= 99 * truth.len() && 100 * exact >= 93 * truth.len());
    assert!(100 * found.len() <= 105 * truth.len());
}

#[test]
fn prediction_does_as_if_there_were_no_annotation() {
    let place = Place::empty();
    let bare = read(&generated(&place, "fasta"), GeneCalling::Auto).unwrap();
    for (format, calling) in [
        ("fasta", GeneCalling::Predicted),
        ("genbank", GeneCalling::Predicted),
    ] {
        let genome = read(&generated(&place, format), calling).unwrap();
        assert_eq!(genome.gene_source, GeneSource::Predicted, "{format}");
        assert_eq!(places(&genome), places(&bare), "{format}");
        let codons = |genome: &Genome| {
            genome
                .genes
                .iter()
                .map(|gene| gene.codons.clone())
                .collect::<Vec<_>>()
        };
        assert!(codons(&genome) == codons(&bare), "{format}");
    }
    let annotated = read(&generated(&place, "fasta"), GeneCalling::Annotated).unwrap();
    assert_eq!(
        (annotated.gene_source, annotated.genes.len()),
        (GeneSource::None, 0)
    );
}

#[test]
fn the_report_of_a_bare_genome_is_the_same_for_any_number_of_threads() {
    let place = Place::empty();
    let genome = generated(&place, "fasta");
    for threads in ["1", "3"] {
        let mut command = laptop(&genome, &place.path(threads));
        command.args(["--no-cache", "--genes", "predicted", "--threads", threads]);
        ended(command.output().unwrap(), ExitCode::Success);
    }
    assert_identical(&place.path("1"), &place.path("3"));
    let results = place.json("1/analysis_results.json");
    let text = results.to_string();
    assert!(
        text.contains("insufficient_genes") && !text.contains("\"detectable\""),
        "{text}"
    );
}

#[test]
fn more_than_can_be_called_is_a_failed_genome_with_a_way_out() {
    let place = Place::empty();
    let genome = place.write(
        "long.fna",
        format!(">one\n{}\n", "ACGTGATC".repeat(4_000_001)).as_bytes(),
    );
    let said = ended(
        laptop(&genome, &place.path("out")).output().unwrap(),
        ExitCode::BadInput,
    );
    for words in [
        "`long`",
        "LimitExceeded",
        "record `one`",
        "at most 32000000 bases",
        "hint: give the annotated",
    ] {
        assert!(said.contains(words), "`{words}` is not in: {said}");
    }
    let mut command = laptop(&genome, &place.path("out"));
    ended(
        command.args(["--genes", "annotated"]).output().unwrap(),
        ExitCode::Success,
    );
}

#[test]
fn where_there_is_no_gene_there_is_a_reason() {
    let place = Place::empty();
    let genome = place.write(
        "none.fna",
        format!(">one\n{}\n", "TTAATTAATTAA".repeat(100)).as_bytes(),
    );
    let mut command = laptop(&genome, &place.path("out"));
    let said = ended(
        command.args(["--genes", "predicted"]).output().unwrap(),
        ExitCode::BadInput,
    );
    assert!(
        said.contains("NoCodingSequences") && said.contains("no gene was found in 1200 bases"),
        "{said}"
    );
    let mut command = laptop(&genome, &place.path("out"));
    let said = ended(
        command.args(["--genetic-code", "27"]).output().unwrap(),
        ExitCode::BadInput,
    );
    assert!(said.contains("it knows no translation table 27; hint:"), "{said}");
}

#[test]
fn known_sequences_find_predicted_genes() {
    let place = Place::empty();
    let genome = generated(&place, "fasta");
    let bare = {
        let options = ReadOptions {
            keeps_proteins: true,
            ..ReadOptions::default()
        };
        read_genome(std::fs::File::open(&genome).unwrap(), None::<&[u8]>, &options).unwrap()
    };
    let proteins = bare
        .genes
        .iter()
        .filter_map(|gene| gene.protein.as_deref())
        .take(12);
    let known: Vec<String> = proteins
        .map(|protein| String::from_utf8_lossy(protein).into_owned())
        .collect();
    let panel =
        serde_json::json!({"traits": [{"name": "known", "associated_genes": [], "known_sequences": known}]});
    let panel = place.write("known.json", panel.to_string().as_bytes());
    let mut command = laptop(&genome, &place.path("out"));
    ended(
        command.arg("--traits").arg(panel).output().unwrap(),
        ExitCode::Success,
    );
    let text = place.json("out/analysis_results.json").to_string();
    assert!(!text.contains("insufficient_genes"), "{text}");
}
