//! What the merge pools over genomes is what one gets by hand from each genome's own scores.

use genome_contract::request::{Associations, Method};
use genomic_pleiotropy::analyze::{Settings, analyze_with};
use genomic_pleiotropy::read::{ReadOptions, read_genome};
use genomic_pleiotropy::rows::GenomeRows;
use genomic_pleiotropy::traits::Panel;
use genomic_pleiotropy::traits::clusters::correlation;

use super::support::{PANEL, Place};

const TRAITS: usize = 2;

fn by_hand(place: &Place, number: usize) -> GenomeRows {
    let content = place.read(&format!("genomes/g{number:02}.fna"));
    let genome = read_genome(&content[..], None::<&[u8]>, &ReadOptions::default()).unwrap();
    let panel = Panel::parse(PANEL.as_bytes()).unwrap();
    let settings = Settings {
        permutations: 0,
        shuffled_copy: false,
    };
    analyze_with(&genome, &panel, &Method::default(), Associations::All, settings)
}

fn scores(rows: &GenomeRows, number: usize) -> Vec<f64> {
    let of_trait = rows
        .associations
        .iter()
        .filter(|row| row.trait_index as usize == number);
    of_trait.map(|row| row.z).collect()
}

#[test]
fn correlation_of_traits_and_conservation_of_signatures_are_those_of_the_genomes() {
    let place = Place::with_twelve_genomes();
    place.request("out", 1, |_| {});
    place.verb("plan", 0, genome_contract::ExitCode::Success);
    let tasks = place.message().plan.unwrap().tasks;
    place.all(0..tasks);
    let genomes: Vec<GenomeRows> = (0..12).map(|number| by_hand(&place, number)).collect();

    let (mut product, mut genes) = (0.0, 0.0);
    for rows in &genomes {
        let (one, other) = (scores(rows, 0), scores(rows, 1));
        product += correlation(&one, &other).unwrap() * one.len() as f64;
        genes += one.len() as f64;
    }
    let table = String::from_utf8(place.read("out/trait_correlation.tsv")).unwrap();
    let cells: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    let pooled: f64 = cells[1][2].parse().unwrap();
    assert!(
        (pooled - product / genes).abs() < 2e-6,
        "{pooled}, by hand {}",
        product / genes
    );
    assert_eq!((cells[1][2], cells[1][1]), (cells[2][1], "1.000000"));

    let listed = place.json("out/cohort.json")["signatures"].clone();
    for number in 0..TRAITS {
        let signatures: Vec<&Vec<f64>> = genomes
            .iter()
            .map(|rows| &rows.genome.traits[number].signature)
            .collect();
        let pairs = (0..12).flat_map(|one| (0..one).map(move |other| (one, other)));
        let sum: f64 = pairs
            .map(|(one, other)| correlation(signatures[one], signatures[other]).unwrap())
            .sum();
        let pooled = listed[number]["mean_correlation"].as_f64().unwrap();
        assert!(
            (pooled - sum / 66.0).abs() < 2e-6,
            "{pooled}, by hand {}",
            sum / 66.0
        );
        assert_eq!(listed[number]["genomes"], 12);
    }
}
