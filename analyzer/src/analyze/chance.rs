//! What the same procedure finds on a synonymously shuffled copy of the genome, which it can only find by chance.

use std::collections::BTreeSet;

use genome_contract::request::Method;

use crate::analyze::scores::{self, Scores};
use crate::analyze::{genes, tests_of_traits};
use crate::record::Genome;
use crate::rows::GeneRow;
use crate::traits::membership::Members;
use crate::traits::{Panel, shuffle};

/// Found on the copy.
pub(super) struct ByChance {
    /// Scores that depart from the background.
    pub(super) calls: u64,
    /// Candidate pleiotropic genes.
    pub(super) candidates: u64,
}

/// The procedure on the copy of `genome`, whose genes have the rows `rows`.
pub(super) fn found(
    genome: &Genome,
    rows: &[GeneRow],
    members: Vec<Members>,
    panel: &Panel,
    method: &Method,
    permutations: u32,
) -> ByChance {
    let copy = shuffle::nameless(genome, method.seed);
    let is_reference: Vec<bool> = rows.iter().map(|row| row.reference).collect();
    let rows = genes::confounders(&copy, &is_reference);
    let (mut scores, confounders) = scores::untested(&copy, &rows, members);
    scores::call(&mut scores.traits, method.false_discovery_rate);
    // Tests can only take traits away: where no gene could be a candidate they need not be made.
    if permutations > 0 && could_have_candidates(&scores, method) {
        scores.test(&copy, confounders.as_ref(), panel, method, permutations);
        tests_of_traits::judge(&mut scores.traits, method.false_discovery_rate);
    }
    ByChance {
        calls: scores.calls(method.false_discovery_rate),
        candidates: scores.candidates(method).count() as u64,
    }
}

/// Whether a gene would be a candidate if every trait that may be detectable were.
fn could_have_candidates(scores: &Scores<'_>, method: &Method) -> bool {
    let open: Vec<_> = scores
        .traits
        .iter()
        .filter(|scores| tests_of_traits::is_open(scores))
        .collect();
    let bears = |place: usize| {
        let called = open
            .iter()
            .filter(|scores| scores.q_residual[place] < method.false_discovery_rate);
        called
            .filter_map(|scores| scores.cluster)
            .collect::<BTreeSet<_>>()
    };
    let wanted = method.min_traits.max(1) as usize;
    (0..scores.scored.genes.len()).any(|place| bears(place).len() >= wanted)
}
