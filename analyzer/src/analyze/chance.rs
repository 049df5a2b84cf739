//! What the same procedure finds on a synonymously shuffled copy of the genome, which it can only find by chance.

use std::collections::BTreeSet;

use genome_contract::request::Method;
use rayon::prelude::*;

use crate::analyze::scores::{self, Scores};
use crate::analyze::{genes, tests_of_traits};
use crate::record::Genome;
use crate::rows::GeneRow;
use crate::traits::adjust::largest_discovery;
use crate::traits::membership::Members;
use crate::traits::score::Scored;
use crate::traits::{Panel, SMALLEST_SET, shuffle};

/// Found on the copy.
pub(super) struct ByChance {
    /// Scores that depart from the background.
    pub(super) calls: u64,
    /// Candidate pleiotropic genes.
    pub(super) candidates: u64,
}

/// The procedure on the copy of `genome`, whose genes have the rows `rows`; `None` where no trait is of sufficient size.
pub(super) fn found(
    genome: &Genome,
    rows: &[GeneRow],
    members: &[Members],
    panel: &Panel,
    method: &Method,
    permutations: u32,
) -> Option<ByChance> {
    let copy = shuffle::nameless(genome, method.seed);
    let tails = own_tails(&Scored::of(&copy), rows, members);
    if tails.is_empty() {
        return None;
    }
    let calls = calls(&tails, method.false_discovery_rate);
    let candidates = if permutations > 0 && may_have_candidates(&tails, method) {
        candidates(&copy, rows, members.to_vec(), panel, method, permutations)
    } else {
        0
    };
    Some(ByChance { calls, candidates })
}

/// The tails of a trait's scores under their own null.
struct OwnTails {
    p: Vec<f64>,
    is_expression: bool,
}

/// Of the traits of sufficient size.
fn own_tails(scored: &Scored<'_>, rows: &[GeneRow], members: &[Members]) -> Vec<OwnTails> {
    let of_trait = |members: &Members| {
        let is_member = |gene: &&usize| members.genes.binary_search(gene).is_ok();
        let is_sufficient = scored.genes.iter().filter(is_member).count() >= SMALLEST_SET;
        is_sufficient.then(|| OwnTails {
            p: scored
                .scores(&members.genes)
                .iter()
                .map(|score| score.p)
                .collect(),
            is_expression: scores::is_expression(members, rows),
        })
    };
    members.par_iter().filter_map(of_trait).collect()
}

/// Scores that depart from the background at this false discovery rate.
fn calls(tails: &[OwnTails], rate: f64) -> u64 {
    let p: Vec<f64> = tails.iter().flat_map(|tails| &tails.p).copied().collect();
    let largest = largest_discovery(&p, rate).unwrap_or(-1.0);
    p.iter().filter(|&&p| p <= largest).count() as u64
}

/// Whether a gene could be a candidate. What is called of the residual is called of the scores themselves, over the same
/// traits: its p is never below theirs. So confounders, residuals and tests are not needed where these leave no gene.
fn may_have_candidates(tails: &[OwnTails], method: &Method) -> bool {
    let tails = || tails.iter().filter(|tails| !tails.is_expression);
    let p: Vec<f64> = tails().flat_map(|tails| &tails.p).copied().collect();
    let Some(largest) = largest_discovery(&p, method.false_discovery_rate) else {
        return false;
    };
    let wanted = method.min_traits.max(1) as usize;
    let genes = tails().map(|tails| tails.p.len()).max().unwrap_or(0);
    (0..genes).any(|place| tails().filter(|tails| tails.p[place] <= largest).count() >= wanted)
}

/// Candidate pleiotropic genes of the copy, by all that the procedure asks for.
fn candidates(
    copy: &Genome,
    rows: &[GeneRow],
    members: Vec<Members>,
    panel: &Panel,
    method: &Method,
    permutations: u32,
) -> u64 {
    let is_reference: Vec<bool> = rows.iter().map(|row| row.reference).collect();
    let rows = genes::confounders(copy, &is_reference);
    let (mut scores, confounders) = scores::untested(copy, &rows, members);
    scores::adjust_residuals(&mut scores.traits);
    // Tests can only take traits away: where no gene could be a candidate they need not be made.
    if could_have_candidates(&scores, method) {
        scores.test(copy, confounders.as_ref(), panel, method, permutations);
        tests_of_traits::judge(&mut scores.traits, method.false_discovery_rate);
    }
    scores.candidates(method).count() as u64
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

#[cfg(test)]
mod tests {
    use clap::Parser;
    use genome_contract::request::Associations;

    use super::*;
    use crate::analyze::{Settings, analyze_with};
    use crate::generate::{self, Args};
    use crate::read::{ReadOptions, read_genome};
    use crate::traits::membership;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        generate: Args,
    }

    /// A genome with planted signatures, and the panel that knows of them.
    fn planted(seed: u32) -> (Genome, Panel) {
        let folder = tempfile::tempdir().unwrap();
        let seed = seed.to_string();
        let line = [
            "generate", "--genes", "900", "--trials", "0", "--seed", &seed, "--output",
        ]
        .map(Into::into);
        generate::run(
            &Line::parse_from(line.into_iter().chain([folder.path().as_os_str().to_owned()])).generate,
        )
        .unwrap();
        let file = std::fs::read_dir(folder.path().join("genomes"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        let file = std::fs::File::open(file.path()).unwrap();
        let genome = read_genome(file, None::<std::fs::File>, &ReadOptions::default()).unwrap();
        let panel = Panel::parse(&std::fs::read(folder.path().join("traits.json")).unwrap()).unwrap();
        (genome, panel)
    }

    #[test]
    fn the_short_way_counts_the_same_calls_and_overlooks_no_candidate() {
        let method = Method {
            min_traits: 1,
            ..Method::default()
        };
        let (mut with_candidates, mut without) = (0, 0);
        for seed in 0..2 {
            let (planted, panel) = planted(seed);
            let rows = genes::rows(&planted);
            let members = || membership::members(&planted.genes, panel.traits());
            for genome in [&shuffle::nameless(&planted, 5), &planted] {
                let whole = scores::compute(genome, &rows, members(), &panel, &method, 0);
                let tails = own_tails(&whole.scored, &rows, &members());
                let rate = method.false_discovery_rate;
                assert_eq!(calls(&tails, rate), whole.calls(rate));
                let candidates = candidates(genome, &rows, members(), &panel, &method, 999);
                if may_have_candidates(&tails, &method) {
                    with_candidates += u64::from(candidates > 0);
                } else {
                    assert_eq!(candidates, 0, "seed {seed}");
                    without += 1;
                }
            }
        }
        assert!(
            with_candidates > 0 && without > 0,
            "{with_candidates} with candidates, {without} without"
        );
    }

    #[test]
    fn without_tests_there_are_calls_but_no_candidates() {
        let (genome, panel) = planted(1);
        let settings = Settings {
            permutations: 0,
            shuffled_copy: true,
        };
        let rows = analyze_with(&genome, &panel, &Method::default(), Associations::Top, settings);
        assert_eq!(rows.genome.candidates_shuffled, Some(0));
        assert!(rows.genome.calls_shuffled.unwrap() < rows.genome.calls);
    }
}
