//! Runs the two permutation tests of every trait and judges.

use genome_contract::request::Method;
use rayon::prelude::*;

use crate::analyze::scores::TraitScores;
use crate::record::Genome;
use crate::traits::adjust::benjamini_hochberg;
use crate::traits::confounders::Confounders;
use crate::traits::permutation::{Tests, shifts};
use crate::traits::score::Scored;
use crate::traits::verdict::{Evidence, Verdict, verdict};
use crate::traits::{Matrices, Panel};

/// What the tests of a trait said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tested {
    pub(super) p_rotation: Option<f64>,
    pub(super) p_rotation_residual: Option<f64>,
    pub(super) p_stratified: Option<f64>,
    pub(super) q_rotation: Option<f64>,
    pub(super) q: Option<f64>,
}

/// Tests the traits of sufficient size, in parallel; each draws from streams of its own.
pub(super) fn run(
    genome: &Genome,
    scored: &Scored<'_>,
    confounders: Option<&Confounders>,
    panel: &Panel,
    traits: &[TraitScores],
    method: &Method,
    permutations: u32,
) -> Vec<Tested> {
    let matrices = Matrices::of(genome, scored);
    let tests = Tests {
        matrices: &matrices,
        genes: scored.genes.len(),
        confounders: confounders.map(Confounders::rows).unwrap_or_default(),
        strata: confounders.map_or(&[], |confounders| &confounders.strata),
        shifts: shifts(scored.genes.len(), permutations, method.seed),
        permutations,
        rate: method.false_discovery_rate,
        seed: method.seed,
    };
    let mut tested: Vec<Tested> = traits
        .par_iter()
        .zip(panel.traits())
        .with_max_len(1)
        .map(|(scores, set)| {
            if scores.is_sufficient() {
                test(&tests, scores, &set.name)
            } else {
                Tested::default()
            }
        })
        .collect();
    adjust(&mut tested);
    tested
}

/// Whether it may be detectable: without a residual AUC above .5 it cannot be, whatever the tests say.
pub(super) fn is_open(scores: &TraitScores) -> bool {
    scores.residual_auc.is_some_and(|auc| auc.low > 0.5)
}

fn test(tests: &Tests<'_>, scores: &TraitScores, name: &str) -> Tested {
    let has_residual = !scores.residual.is_empty();
    let is_open = is_open(scores);
    let rotate = || tests.rotation(&scores.places, has_residual, is_open);
    let permute = || has_residual.then(|| tests.stratified(&scores.places, name, is_open));
    let (rotation, p_stratified) = rayon::join(rotate, permute);
    Tested {
        p_rotation: Some(rotation.raw),
        p_rotation_residual: rotation.residual,
        p_stratified,
        ..Tested::default()
    }
}

/// q over the traits that were tested.
fn adjust(tested: &mut [Tested]) {
    let joint = |tested: &Tested| Some(tested.p_rotation_residual?.max(tested.p_stratified?));
    let q_rotation = over_known(&tested.iter().map(|tested| tested.p_rotation).collect::<Vec<_>>());
    let q = over_known(&tested.iter().map(joint).collect::<Vec<_>>());
    for ((tested, q_rotation), q) in tested.iter_mut().zip(q_rotation).zip(q) {
        (tested.q_rotation, tested.q) = (q_rotation, q);
    }
}

fn over_known(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut q = benjamini_hochberg(&p.iter().flatten().copied().collect::<Vec<_>>()).into_iter();
    p.iter().map(|p| p.and_then(|_| q.next())).collect()
}

/// Writes the verdicts.
pub(super) fn judge(traits: &mut [TraitScores], rate: f64) {
    for scores in traits {
        let evidence = Evidence {
            is_expression: scores.is_expression,
            q_rotation: scores.tests.q_rotation,
            q: scores.tests.q,
            residual_auc_low: scores.residual_auc.map(|auc| auc.low),
        };
        scores.verdict = Some(if scores.is_sufficient() {
            verdict(evidence, rate)
        } else {
            Verdict::InsufficientGenes
        });
    }
}
