//! The error rates of METHOD's calibration table, on genomes whose truth is known, and on real ones where they are there.
//!
//! `make calibrate GENOME=… [TRAITS=…]` prints the table of a genome of yours beside METHOD's figures.

#[path = "calibration/generated.rs"]
mod generated;
#[path = "calibration/genomes.rs"]
mod genomes;
#[path = "calibration/measure.rs"]
mod measure;
#[path = "calibration/real.rs"]
mod real;
#[path = "calibration/table.rs"]
mod table;

use genomic_pleiotropy::analyze::Settings;
use genomic_pleiotropy::rows::AssociationRow;
use genomic_pleiotropy::traits::{Panel, Trait};

use measure::{
    NOMINAL, SCORES_ONLY, Shuffled, TESTED, found_and_false, is_detectable_alone, over_seeds, run, share,
    shuffled,
};

fn planted_panel() -> Panel {
    let associated_genes = (0..30).map(|index| format!("planted{index}")).collect();
    Panel::from(vec![Trait {
        name: "planted".to_owned(),
        associated_genes,
        ..Trait::default()
    }])
}

#[test]
fn a_synonymously_shuffled_genome_has_no_calls_and_nominal_tails() {
    let genome = genomes::drawn(1500, 1);
    let panel = genomes::random_sets(&genome, &[10, 30, 90, 200], 12, 1);
    let Shuffled {
        calls,
        tails,
        by_length,
    } = shuffled(&genome, &panel, 20);
    println!("calls {calls:?}\ntails {tails:?}\nby length {by_length:?}");
    // where nothing is true, Benjamini–Hochberg calls something in one copy of twenty
    let with_calls = calls.iter().filter(|&&calls| calls > 0).count();
    assert!(
        with_calls <= 1 && calls.iter().all(|&calls| calls <= 1),
        "{calls:?}"
    );
    for (tail, nominal) in tails.iter().zip(NOMINAL) {
        assert!(
            (tail / nominal - 1.0).abs() <= 0.2,
            "{tail} where {nominal} is nominal"
        );
    }
    for tails in by_length {
        assert!(
            tails
                .iter()
                .zip(NOMINAL)
                .all(|(tail, nominal)| tail / nominal <= 1.2),
            "{tails:?}"
        );
    }
}

/// Some synonyms are taken once in ten times, as in a mycoplasma: sums of few rare codons are skewed, and the tail of a
/// normal distribution has .0435, .0079 and .00074 here.
#[test]
fn a_genome_with_rare_synonyms_has_nominal_tails() {
    let genome = genomes::with_rare_synonyms(900, 6);
    let panel = genomes::random_sets(&genome, &[10, 30, 60], 12, 6);
    let Shuffled { calls, tails, .. } = shuffled(&genome, &panel, 20);
    println!("calls {calls:?}\ntails {tails:?}");
    let with_calls = calls.iter().filter(|&&calls| calls > 0).count();
    assert!(with_calls <= 3, "{calls:?}");
    for (tail, nominal) in tails.iter().zip(NOMINAL) {
        assert!(
            (tail / nominal - 1.0).abs() <= 0.2,
            "{tail} where {nominal} is nominal"
        );
    }
}

#[test]
fn a_gene_that_leans_away_from_a_signature_is_not_called_for_leaning_less_than_its_composition_would() {
    let genome = genomes::contrary(1200, 8);
    let rows = run(&genome, &planted_panel(), TESTED);
    assert_eq!(
        rows.genome.traits[0].verdict, "detectable",
        "{:?}",
        rows.genome.traits[0]
    );
    let contrary = rows
        .associations
        .iter()
        .find(|row| rows.genes[row.gene as usize].gene == "g600")
        .unwrap();
    println!("{contrary:?}");
    assert!(
        contrary.z < 0.0 && contrary.residual_z.unwrap() > 5.0,
        "{contrary:?}"
    );
    assert!(contrary.q_residual.unwrap() > 0.5, "{contrary:?}");
    let is_called = |row: &&AssociationRow| row.member && row.q_residual.is_some_and(|q| q < 0.05);
    let called = rows.associations.iter().filter(is_called).count();
    assert!(called >= 5, "{called} members are called");
}

#[test]
fn random_sets_are_detectable_no_more_often_than_nominal() {
    let genome = genomes::drawn(1200, 2);
    let panel = genomes::random_sets(&genome, &[10, 25, 60, 120], 60, 2);
    let rows = run(&genome, &panel, TESTED).genome.traits;
    let (alone, jointly) = (
        share(&rows, is_detectable_alone),
        share(&rows, |row| row.verdict == "detectable"),
    );
    println!("detectable: {alone} alone, {jointly} as a panel");
    assert!(alone <= 0.05 && jointly <= 0.05, "{alone}, {jointly}");
}

#[test]
fn a_planted_trait_is_found_and_false_calls_stay_at_the_rate() {
    let panel = planted_panel();
    let measured: Vec<(f64, f64)> = (0..20)
        .map(|seed| found_and_false(&run(&genomes::planted(1500, seed), &panel, SCORES_ONLY)))
        .collect();
    let (found, wrong, standard_error, largest) = over_seeds(&measured);
    println!("found {found} of 30, false share {wrong} ± {standard_error}, at most {largest}");
    assert!(found >= 28.0, "{found}");
    assert!(wrong <= 0.05 + 2.0 * standard_error, "{wrong} ± {standard_error}");
    assert!(largest <= 0.15, "{measured:?}");
}

#[test]
fn a_planted_trait_is_detectable() {
    // these genes lean towards nothing but their own signature, so that the reference does not explain it
    let genome = genomes::planted(1500, 3);
    let row = &run(&genome, &planted_panel(), TESTED).genome.traits[0];
    assert!(row.auc.unwrap() > 0.95, "{row:?}");
    assert_eq!(row.verdict, "detectable", "{row:?}");
}

#[test]
fn a_genome_of_shuffled_nucleotides_has_no_detectable_trait() {
    let genome = genomes::from_nucleotides(&genomes::drawn(1200, 4), 4);
    let panel = genomes::random_sets(&genome, &[10, 30, 100], 12, 4);
    let rows = run(&genome, &panel, TESTED).genome.traits;
    assert!(rows.iter().all(|row| row.verdict == "not_detectable"), "{rows:?}");
}

#[test]
fn any_number_of_threads_gives_the_same_rows() {
    let genome = genomes::drawn(600, 5);
    let panel = genomes::random_sets(&genome, &[10, 40], 6, 5);
    let settings = Settings {
        permutations: 199,
        shuffled_copy: true,
    };
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| run(&genome, &panel, settings))
    };
    let alone = with_threads(1);
    assert!([2, 7].into_iter().all(|threads| with_threads(threads) == alone));
}
