//! What `generate` writes is fair: sets of the built-in panel carry nothing unless it was planted.

use std::fs::File;

use clap::Parser;
use genomic_pleiotropy::generate::{self, Args};
use genomic_pleiotropy::read::{ReadOptions, read_genome};
use genomic_pleiotropy::rows::TraitRow;
use genomic_pleiotropy::traits::Panel;

use super::measure::{TESTED, is_detectable_alone, run};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    generate: Args,
}

/// Rows of the built-in sets, the ribosome aside, that were tested in a genome generated as in `make demo`.
fn built_in_sets(seed: u64) -> Vec<TraitRow> {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = Line::parse_from(["generate", "--genes", "300", "--trials", "0"]).generate;
    arguments.seed = seed;
    arguments.output = folder.path().to_owned();
    let written = generate::run(&arguments).unwrap();
    let genome = File::open(&written[0]).unwrap();
    let genome = read_genome(genome, None::<File>, &ReadOptions::default()).unwrap();
    let rows = run(&genome, &Panel::builtin("bacteria").unwrap(), TESTED);
    let mut rows = rows.genome.traits;
    rows.retain(|row| row.name != "ribosome" && row.p_stratified.is_some());
    rows
}

/// Where panel names go to unplanted genes alone, sets without any planted gene differ from a genome that has them.
#[test]
fn built_in_sets_of_generated_genomes_are_detectable_no_more_often_than_chance() {
    let of_genomes: Vec<Vec<TraitRow>> = (0..20).map(built_in_sets).collect();
    let sets: f64 = of_genomes.iter().map(|rows| rows.len() as f64).sum();
    let count = |is: fn(&TraitRow) -> bool| of_genomes.iter().flatten().filter(|row| is(row)).count() as f64;
    let (alone, jointly) = (
        count(is_detectable_alone),
        count(|row| row.verdict == "detectable"),
    );
    println!("{sets} sets: {alone} detectable alone, {jointly} with the rest of the panel");
    // two standard errors of a rate of .05 over so many sets
    let most = 0.05 * sets + 2.0 * (0.05 * 0.95 * sets).sqrt();
    assert!(
        sets >= 60.0 && alone <= most && jointly <= 0.05 * sets,
        "{alone} > {most}"
    );
}
