//! What the rows of the calibration table are measured by.

use genome_contract::request::{Associations, Method};
use genomic_pleiotropy::analyze::{Settings, analyze_with};
use genomic_pleiotropy::record::Genome;
use genomic_pleiotropy::rows::{GenomeRows, TraitRow};
use genomic_pleiotropy::traits::membership::{Members, members};
use genomic_pleiotropy::traits::score::Scored;
use genomic_pleiotropy::traits::{Panel, SMALLEST_SET, shuffle};

pub(crate) const SCORES_ONLY: Settings = Settings {
    permutations: 0,
    shuffled_copy: false,
};
pub(crate) const TESTED: Settings = Settings {
    permutations: 999,
    shuffled_copy: false,
};
pub(crate) const NOMINAL: [f64; 3] = [0.05, 0.01, 0.001];

pub(crate) fn run(genome: &Genome, panel: &Panel, settings: Settings) -> GenomeRows {
    analyze_with(genome, panel, &Method::default(), Associations::All, settings)
}

/// What synonymously shuffled copies show.
pub(crate) struct Shuffled {
    /// Calls at q < .05 of each copy.
    pub(crate) calls: Vec<u64>,
    /// Share of p below each nominal rate.
    pub(crate) tails: [f64; 3],
    /// The same for the shortest, the middle and the longest third of the genes.
    pub(crate) by_length: [[f64; 3]; 3],
}

pub(crate) fn shuffled(genome: &Genome, panel: &Panel, copies: u64) -> Shuffled {
    let mut calls = Vec::new();
    let mut below = [[0.0; 3]; 3];
    let mut tests = [0.0; 3];
    for seed in 0..copies {
        let copy = shuffle::synonymously(genome, seed);
        let rows = run(&copy, panel, SCORES_ONLY);
        calls.push(rows.genome.calls);
        let mut lengths: Vec<u64> = rows.genes.iter().map(|gene| gene.length).collect();
        lengths.sort_unstable();
        let bounds = [lengths[lengths.len() / 3], lengths[2 * lengths.len() / 3]];
        for (gene, p) in tested(&copy, panel) {
            let length = rows.genes[gene].length;
            let third = bounds.iter().filter(|&&bound| length >= bound).count();
            tests[third] += 1.0;
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

/// Copies whose tests are a million, so that a thousandth of a third of them is known to a twentieth; from 20 to 200.
pub(crate) fn copies_to_know_tails_by(genome: &Genome, panel: &Panel) -> u64 {
    (1_000_000 / tested(genome, panel).len().max(1) as u64).clamp(20, 200)
}

/// Gene and p of every gene × trait test.
fn tested(genome: &Genome, panel: &Panel) -> Vec<(usize, f64)> {
    let scored = Scored::of(genome);
    let mut tested = Vec::new();
    for Members { genes: members, .. } in members(&genome.genes, panel.traits()) {
        let is_scored = |gene: &&usize| scored.genes.binary_search(gene).is_ok();
        if members.iter().filter(is_scored).count() >= SMALLEST_SET {
            let p = scored.scores(&members).into_iter().map(|score| score.p);
            tested.extend(scored.genes.iter().copied().zip(p));
        }
    }
    tested
}

/// Would be detectable were it the panel's only trait.
pub(crate) fn is_detectable_alone(row: &TraitRow) -> bool {
    let p = row
        .p_rotation_residual
        .zip(row.p_stratified)
        .map(|(rotation, stratified)| rotation.max(stratified));
    p.is_some_and(|p| p < 0.05) && row.residual_auc_low.is_some_and(|low| low > 0.5)
}

pub(crate) fn share(rows: &[TraitRow], is: impl Fn(&TraitRow) -> bool) -> f64 {
    rows.iter().filter(|row| is(row)).count() as f64 / rows.len() as f64
}

/// Found members, and the share of false ones among the calls of the panel's only trait.
pub(crate) fn found_and_false(rows: &GenomeRows) -> (f64, f64) {
    let called = rows.associations.iter().filter(|row| row.q_multinomial < 0.05);
    let (members, others): (Vec<_>, Vec<_>) = called.partition(|row| row.member);
    (
        members.len() as f64,
        others.len() as f64 / (members.len() + others.len()).max(1) as f64,
    )
}

/// Mean over seeds of the members found and of the false share, its standard error, and the largest share.
pub(crate) fn over_seeds(measured: &[(f64, f64)]) -> (f64, f64, f64, f64) {
    let mean = |of: fn(&(f64, f64)) -> f64| measured.iter().map(of).sum::<f64>() / measured.len() as f64;
    let (found, wrong) = (mean(|run| run.0), mean(|run| run.1));
    let spread = mean(|run| run.1 * run.1) - wrong * wrong;
    let largest = measured.iter().map(|run| run.1).fold(0.0, f64::max);
    (
        found,
        wrong,
        (spread / (measured.len() as f64 - 1.0)).sqrt(),
        largest,
    )
}
