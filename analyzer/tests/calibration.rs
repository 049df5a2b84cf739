//! The error rates of METHOD's calibration table, on genomes whose truth is known.
//!
//! `GENOME=… [TRAITS=…] cargo test --release -p genomic_pleiotropy --test calibration -- --ignored --nocapture` prints
//! the table of a real genome instead (`make calibrate`).

#[path = "calibration/genomes.rs"]
mod genomes;

use genome_contract::request::{Associations, Method};
use genomic_pleiotropy::analyze::{Settings, analyze_with};
use genomic_pleiotropy::record::Genome;
use genomic_pleiotropy::rows::{GenomeRows, TraitRow};
use genomic_pleiotropy::traits::normal::upper_tail;
use genomic_pleiotropy::traits::shuffle;
use genomic_pleiotropy::traits::{Panel, Trait};

const SCORES_ONLY: Settings = Settings {
    permutations: 0,
    shuffled_copy: false,
};
const TESTED: Settings = Settings {
    permutations: 999,
    shuffled_copy: false,
};
const NOMINAL: [f64; 3] = [0.05, 0.01, 0.001];

fn run(genome: &Genome, panel: &Panel, settings: Settings) -> GenomeRows {
    analyze_with(genome, panel, &Method::default(), Associations::All, settings)
}

/// What 20 synonymously shuffled copies show.
struct Shuffled {
    /// Calls at q < .05 of each copy.
    calls: Vec<u64>,
    /// Share of p below each nominal rate.
    tails: [f64; 3],
    /// The same for the shortest, the middle and the longest third of the genes.
    by_length: [[f64; 3]; 3],
}

fn shuffled(genome: &Genome, panel: &Panel, copies: u64) -> Shuffled {
    let mut calls = Vec::new();
    let mut below = [[0.0; 3]; 3];
    let mut tests = [0.0; 3];
    for seed in 0..copies {
        let rows = run(&shuffle::synonymously(genome, seed), panel, SCORES_ONLY);
        calls.push(rows.genome.calls);
        let mut lengths: Vec<u64> = rows.genes.iter().map(|gene| gene.length).collect();
        lengths.sort_unstable();
        let bounds = [lengths[lengths.len() / 3], lengths[2 * lengths.len() / 3]];
        for association in &rows.associations {
            let length = rows.genes[association.gene as usize].length;
            let third = bounds.iter().filter(|&&bound| length >= bound).count();
            tests[third] += 1.0;
            let p = upper_tail(association.z);
            (0..3)
                .filter(|&rate| p < NOMINAL[rate])
                .for_each(|rate| below[third][rate] += 1.0);
        }
    }
    let pooled = [0, 1, 2].map(|rate| below.iter().map(|third| third[rate]).sum::<f64>());
    Shuffled {
        calls,
        tails: pooled.map(|count| count / tests.iter().sum::<f64>()),
        by_length: [0, 1, 2].map(|third| below[third].map(|count| count / tests[third])),
    }
}

/// Would be detectable were it the panel's only trait.
fn is_detectable_alone(row: &TraitRow) -> bool {
    let p = row
        .p_rotation_residual
        .zip(row.p_stratified)
        .map(|(rotation, stratified)| rotation.max(stratified));
    p.is_some_and(|p| p < 0.05) && row.residual_auc_low.is_some_and(|low| low > 0.5)
}

fn share(rows: &[TraitRow], is: impl Fn(&TraitRow) -> bool) -> f64 {
    rows.iter().filter(|row| is(row)).count() as f64 / rows.len() as f64
}

/// Found members, and false ones among the calls of the trait `planted`.
fn found_and_false(rows: &GenomeRows) -> (f64, f64) {
    let called = rows.associations.iter().filter(|row| row.q_multinomial < 0.05);
    let (members, others): (Vec<_>, Vec<_>) = called.partition(|row| row.member);
    (
        members.len() as f64,
        others.len() as f64 / (members.len() + others.len()).max(1) as f64,
    )
}

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
    assert!(calls.iter().sum::<u64>() <= 1, "{calls:?}");
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
    let standard_error = (0.05_f64 * 0.95 / rows.len() as f64).sqrt();
    assert!(alone <= 0.05 + 2.0 * standard_error, "{alone}");
    assert!(jointly <= 0.05, "{jointly}");
}

#[test]
fn a_planted_trait_is_found_and_false_calls_stay_at_the_rate() {
    let panel = planted_panel();
    let measured: Vec<(f64, f64)> = (0..20)
        .map(|seed| found_and_false(&run(&genomes::planted(1500, seed), &panel, SCORES_ONLY)))
        .collect();
    let mean = |of: fn(&(f64, f64)) -> f64| measured.iter().map(of).sum::<f64>() / measured.len() as f64;
    let (found, wrong) = (mean(|run| run.0), mean(|run| run.1));
    let spread = mean(|run| run.1 * run.1) - wrong * wrong;
    let standard_error = (spread / (measured.len() as f64 - 1.0)).sqrt();
    println!("found {found} of 30, false share {wrong} ± {standard_error}: {measured:?}");
    assert!(found >= 28.0, "{found}");
    assert!(wrong <= 0.05 + 2.0 * standard_error, "{wrong} ± {standard_error}");
    assert!(measured.iter().all(|run| run.1 <= 0.15), "{measured:?}");
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

#[test]
#[ignore = "takes a genome: GENOME=file [TRAITS=file]"]
fn calibrate() {
    let file = std::env::var("GENOME").expect("GENOME names an annotated genome");
    let options = genomic_pleiotropy::read::ReadOptions::default();
    let input = std::fs::File::open(&file).unwrap();
    let genome = genomic_pleiotropy::read::read_genome(input, None::<std::fs::File>, &options).unwrap();
    let panel = std::env::var("TRAITS")
        .map_or_else(
            |_| Panel::builtin("bacteria"),
            |file| Panel::parse(&std::fs::read(file).unwrap()),
        )
        .unwrap();
    println!(
        "{file}: {} genes, {} traits",
        genome.genes.len(),
        panel.traits().len()
    );

    let Shuffled {
        calls,
        tails,
        by_length,
    } = shuffled(&genome, &panel, 20);
    println!("20 synonymous shuffles: calls at q < .05 {calls:?} (0, but for one copy in twenty)");
    println!("  share of p below {NOMINAL:?}: {tails:.5?} (within ±20 %)");
    println!("  by thirds of length: {by_length:.5?} (at most nominal + 20 %)");

    let sizes: Vec<usize> = panel
        .traits()
        .iter()
        .map(|set| set.associated_genes.len())
        .collect();
    let random = run(&genome, &genomes::random_sets(&genome, &sizes, 40, 1), TESTED)
        .genome
        .traits;
    println!(
        "40 random sets of these sizes: detectable {:.3} alone (at most .05; METHOD .00-.075)",
        share(&random, is_detectable_alone)
    );
    println!(
        "  {:.3} as a panel",
        share(&random, |row| row.verdict == "detectable")
    );

    let noise = run(&genomes::from_nucleotides(&genome, 1), &panel, TESTED)
        .genome
        .traits;
    println!(
        "nucleotides shuffled: {} traits detectable (none)",
        noise.iter().filter(|row| row.verdict == "detectable").count()
    );
    let noisy = noise.iter().filter(|row| row.verdict == "detectable").count();

    let real = run(&genome, &panel, TESTED).genome;
    let detectable = real.traits.iter().filter(|row| row.verdict == "detectable");
    let strong = detectable
        .clone()
        .filter(|row| row.residual_auc.is_some_and(|auc| auc >= 0.65))
        .count();
    println!(
        "as it is: {} of {} detectable, {strong} with residual AUC ≥ .65",
        detectable.count(),
        real.traits.len()
    );
    println!(
        "  λ {:.2?}, M_eff {:?}, {} calls, {} candidates",
        real.overdispersion, real.effective_traits, real.calls, real.candidates
    );
    assert!(calls.iter().sum::<u64>() <= 1 && noisy == 0);
}
