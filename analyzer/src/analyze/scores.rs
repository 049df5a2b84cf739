//! Gene × trait scores of one genome with their nulls, and the rows that are read off them.

use genome_contract::chunk::CorrelationSums;
use genome_contract::request::{Associations, Method};
use rayon::prelude::*;

use crate::analyze::{pleiotropy, tests_of_traits};
use crate::record::Genome;
use crate::rows::{AssociationRow, GeneRow, TraitRow};
use crate::traits::adjust::benjamini_hochberg;
use crate::traits::auc::{Auc, auc};
use crate::traits::confounders::Confounders;
use crate::traits::membership::{self, Members};
use crate::traits::normal::upper_tail;
use crate::traits::robust::{Null, overdispersion};
use crate::traits::score::Scored;
use crate::traits::verdict::Verdict;
use crate::traits::{Panel, SMALLEST_SET, Trait, sequences};

/// Rows that `Associations::Top` keeps of each trait whatever their q.
const TOP: usize = 50;

/// The scores of all traits.
pub(super) struct Scores<'a> {
    pub(super) scored: Scored<'a>,
    pub(super) traits: Vec<TraitScores>,
}

/// The scores of one trait: empty for a set of which fewer than [`SMALLEST_SET`] genes are long enough.
pub(super) struct TraitScores {
    pub(super) members: Members,
    /// For each scored gene, whether it is a member.
    pub(super) is_member: Vec<bool>,
    /// The scored genes that are members, by their place.
    pub(super) places: Vec<u32>,
    pub(super) z: Vec<f64>,
    /// Upper tail of z under its exact null.
    p: Vec<f64>,
    /// Empty where the confounders are unknown, or the trait is expression itself.
    pub(super) residual: Vec<f64>,
    q_multinomial: Vec<f64>,
    q_empirical: Vec<f64>,
    pub(super) q_residual: Vec<f64>,
    auc: Option<Auc>,
    pub(super) residual_auc: Option<Auc>,
    /// Half of the set or more are reference genes.
    pub(super) is_expression: bool,
    pub(super) tests: tests_of_traits::Tested,
    pub(super) verdict: Option<Verdict>,
    pub(super) cluster: Option<u32>,
    /// Weights of the signature in the main translation table.
    pub(super) signature: Vec<f64>,
}

/// Scores and tests every trait of the panel; `members` are theirs.
pub(super) fn compute<'a>(
    genome: &'a Genome,
    rows: &[GeneRow],
    members: Vec<Members>,
    panel: &Panel,
    method: &Method,
    permutations: u32,
) -> Scores<'a> {
    let (mut scores, confounders) = untested(genome, rows, members);
    adjust(&mut scores.traits);
    if permutations > 0 {
        scores.test(genome, confounders.as_ref(), panel, method, permutations);
    }
    tests_of_traits::judge(&mut scores.traits, method.false_discovery_rate);
    scores
}

/// The members of each trait.
pub(super) fn members(genome: &Genome, panel: &Panel) -> Vec<Members> {
    let named = membership::members(&genome.genes, panel.traits());
    let matches = sequences::matches(panel.traits(), &genome.genes);
    named
        .into_iter()
        .zip(&matches)
        .map(|(members, matches)| members.with_matches(matches))
        .collect()
}

/// Scores and signature clusters of the traits with these members: no q, no test, no verdict.
pub(super) fn untested<'a>(
    genome: &'a Genome,
    rows: &[GeneRow],
    members: Vec<Members>,
) -> (Scores<'a>, Option<Confounders>) {
    let scored = Scored::of(genome);
    let confounders = Confounders::of(rows, &scored.genes);
    let of_trait = |members| TraitScores::of(members, &scored, rows, confounders.as_ref());
    let mut traits: Vec<TraitScores> = members.into_par_iter().map(of_trait).collect();
    pleiotropy::assign_clusters(&mut traits);
    (Scores { scored, traits }, confounders)
}

/// q over all genes and traits of the genome, for each null.
fn adjust(traits: &mut [TraitScores]) {
    let (multinomial, (empirical, residual)) = rayon::join(
        || over_all(traits, |scores| scores.p.clone()),
        || {
            rayon::join(
                || over_all(traits, |scores| scores.empirical_tails(&scores.z)),
                || over_all(traits, TraitScores::residual_tails),
            )
        },
    );
    let columns = multinomial.into_iter().zip(empirical).zip(residual);
    for (scores, ((multinomial, empirical), residual)) in traits.iter_mut().zip(columns) {
        scores.q_multinomial = multinomial;
        scores.q_empirical = empirical;
        scores.q_residual = residual;
    }
}

/// The same for the residuals alone, by which candidates are found.
pub(super) fn adjust_residuals(traits: &mut [TraitScores]) {
    let residual = over_all(traits, TraitScores::residual_tails);
    for (scores, residual) in traits.iter_mut().zip(residual) {
        scores.q_residual = residual;
    }
}

/// q of the p of all traits together, trait by trait.
fn over_all(traits: &[TraitScores], p: fn(&TraitScores) -> Vec<f64>) -> Vec<Vec<f64>> {
    let p: Vec<Vec<f64>> = traits.par_iter().map(p).collect();
    let mut q = benjamini_hochberg(&p.concat()).into_iter();
    p.iter().map(|p| q.by_ref().take(p.len()).collect()).collect()
}

/// Half of the set or more are reference genes.
pub(super) fn is_expression(members: &Members, rows: &[GeneRow]) -> bool {
    let reference = members.genes.iter().filter(|&&gene| rows[gene].reference).count();
    2 * reference >= members.genes.len()
}

impl TraitScores {
    fn of(
        members: Members,
        scored: &Scored<'_>,
        rows: &[GeneRow],
        confounders: Option<&Confounders>,
    ) -> Self {
        let is_member: Vec<bool> = scored
            .genes
            .iter()
            .map(|gene| members.genes.binary_search(gene).is_ok())
            .collect();
        let places: Vec<u32> = (0..)
            .zip(&is_member)
            .filter(|(_, is)| **is)
            .map(|(place, _)| place)
            .collect();
        let is_sufficient = places.len() >= SMALLEST_SET;
        let of_genes = if is_sufficient {
            scored.scores(&members.genes)
        } else {
            Vec::new()
        };
        let (z, p): (Vec<f64>, Vec<f64>) = of_genes.into_iter().map(|score| (score.z, score.p)).unzip();
        let is_expression = is_sufficient && is_expression(&members, rows);
        let residual = match confounders {
            Some(confounders) if is_sufficient && !is_expression => confounders.residual(&z),
            _ => Vec::new(),
        };
        let signature = is_sufficient.then(|| scored.signature(&members.genes)).flatten();
        Self {
            auc: auc(&z, &is_member[..z.len()]),
            residual_auc: auc(&residual, &is_member[..residual.len()]),
            signature: signature.map(|fit| fit.weights.to_vec()).unwrap_or_default(),
            q_multinomial: Vec::new(),
            q_empirical: Vec::new(),
            q_residual: Vec::new(),
            tests: tests_of_traits::Tested::default(),
            verdict: None,
            cluster: None,
            members,
            is_member,
            places,
            z,
            p,
            residual,
            is_expression,
        }
    }

    pub(super) fn is_sufficient(&self) -> bool {
        !self.z.is_empty()
    }

    fn of_non_members<'a>(&'a self, scores: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        scores
            .iter()
            .zip(&self.is_member)
            .filter(|(_, is)| !**is)
            .map(|(&score, _)| score)
    }

    /// Upper tails of `scores` under the null that the non-members show; 1 where these have no spread.
    fn empirical_tails(&self, scores: &[f64]) -> Vec<f64> {
        let null = Null::of(&self.of_non_members(scores).collect::<Vec<_>>());
        let tail = |&score: &f64| null.map_or(1.0, |null| upper_tail(null.standardized(score)));
        scores.iter().map(tail).collect()
    }

    /// The larger of the residual's empirical tail and of the score's own: a gene that leans no further towards the
    /// signature than chance has it does not bear it, however far the confounders would have had it lean away.
    fn residual_tails(&self) -> Vec<f64> {
        let residual = self.empirical_tails(&self.residual);
        residual
            .into_iter()
            .zip(&self.p)
            .map(|(residual, &own)| residual.max(own))
            .collect()
    }

    fn row(&self, set: &Trait) -> TraitRow {
        TraitRow {
            name: set.name.clone(),
            genes_listed: set.associated_genes.len() as u64,
            genes_found: self.members.genes.len() as u64,
            genes_missing: self.members.missing.clone(),
            genes_by_sequence: self.members.by_sequence as u64,
            genes_scored: self.places.len() as u64,
            verdict: self.verdict.unwrap_or(Verdict::Untested).as_str().to_owned(),
            auc: self.auc.map(|auc| auc.area),
            auc_low: self.auc.map(|auc| auc.low),
            auc_high: self.auc.map(|auc| auc.high),
            residual_auc: self.residual_auc.map(|auc| auc.area),
            residual_auc_low: self.residual_auc.map(|auc| auc.low),
            residual_auc_high: self.residual_auc.map(|auc| auc.high),
            p_rotation: self.tests.p_rotation,
            p_rotation_residual: self.tests.p_rotation_residual,
            p_stratified: self.tests.p_stratified,
            q_rotation: self.tests.q_rotation,
            q: self.tests.q,
            overdispersion: overdispersion(self.of_non_members(&self.z)),
            cluster: self.cluster,
            signature: self.signature.clone(),
        }
    }

    /// Places of the rows to keep, ascending.
    fn kept(&self, rate: f64, associations: Associations) -> Vec<usize> {
        let order: Vec<usize> = (0..self.z.len()).collect();
        if associations == Associations::All {
            return order;
        }
        let highest_first = |&a: &usize, &b: &usize| self.z[b].total_cmp(&self.z[a]).then(a.cmp(&b));
        let mut kept = order.clone();
        if kept.len() > TOP {
            kept.select_nth_unstable_by(TOP, highest_first);
            kept.truncate(TOP);
        }
        let is_discovery = |place: usize| {
            self.q_empirical[place] < rate || self.q_residual.get(place).is_some_and(|&q| q < rate)
        };
        let others = order.into_iter();
        kept.extend(others.filter(|&place| self.is_member[place] || is_discovery(place)));
        kept.sort_unstable();
        kept.dedup();
        kept
    }

    fn association(&self, place: usize, gene: usize, trait_index: usize) -> AssociationRow {
        AssociationRow {
            gene: u32::try_from(gene).unwrap_or(u32::MAX),
            trait_index: u32::try_from(trait_index).unwrap_or(u32::MAX),
            member: self.is_member[place],
            z: self.z[place],
            q_multinomial: self.q_multinomial[place],
            q_empirical: self.q_empirical.get(place).copied(),
            residual_z: self.residual.get(place).copied(),
            q_residual: self.q_residual.get(place).copied(),
        }
    }
}

impl Scores<'_> {
    /// The permutation tests of the traits, and nothing that follows from them.
    pub(super) fn test(
        &mut self,
        genome: &Genome,
        confounders: Option<&Confounders>,
        panel: &Panel,
        method: &Method,
        permutations: u32,
    ) {
        let Self { scored, traits } = self;
        let tests = tests_of_traits::run(genome, scored, confounders, panel, traits, method, permutations);
        traits
            .iter_mut()
            .zip(tests)
            .for_each(|(scores, tested)| scores.tests = tested);
    }

    pub(super) fn annotated_traits(&self, gene: usize) -> u64 {
        let contains = |scores: &&TraitScores| scores.members.genes.binary_search(&gene).is_ok();
        self.traits.iter().filter(contains).count() as u64
    }

    /// Scores that depart from the background at the false discovery rate.
    pub(super) fn calls(&self, rate: f64) -> u64 {
        self.traits
            .iter()
            .flat_map(|scores| &scores.q_multinomial)
            .filter(|&&q| q < rate)
            .count() as u64
    }

    pub(super) fn overdispersion(&self) -> Option<f64> {
        overdispersion(
            self.traits
                .iter()
                .flat_map(|scores| scores.of_non_members(&scores.z)),
        )
    }

    pub(super) fn trait_rows(&self, panel: &Panel) -> Vec<TraitRow> {
        panel
            .traits()
            .iter()
            .zip(&self.traits)
            .map(|(set, scores)| scores.row(set))
            .collect()
    }

    pub(super) fn associations(&self, method: &Method, associations: Associations) -> Vec<AssociationRow> {
        let of_trait = |(index, scores): (usize, &TraitScores)| {
            let kept = scores.kept(method.false_discovery_rate, associations).into_iter();
            kept.map(|place| scores.association(place, self.scored.genes[place], index))
                .collect::<Vec<_>>()
        };
        self.traits
            .par_iter()
            .enumerate()
            .flat_map_iter(of_trait)
            .collect()
    }

    pub(super) fn correlation(&self) -> CorrelationSums {
        let standard: Vec<Vec<f64>> = self
            .traits
            .par_iter()
            .map(|scores| standardized(&scores.z))
            .collect();
        let pairs: Vec<(usize, usize)> = (0..standard.len())
            .flat_map(|row| (0..=row).map(move |column| (row, column)))
            .collect();
        let product = |&(row, column): &(usize, usize)| -> f64 {
            standard[row]
                .iter()
                .zip(&standard[column])
                .map(|(a, b)| a * b)
                .sum()
        };
        let genes = |&(row, column): &(usize, usize)| {
            let both = self.traits[row].is_sufficient() && self.traits[column].is_sufficient();
            if both { self.scored.genes.len() as u64 } else { 0 }
        };
        CorrelationSums {
            genes: pairs.iter().map(genes).collect(),
            products: pairs.par_iter().map(product).collect(),
        }
    }
}

/// With mean 0 and variance 1; all 0 where the scores do not differ.
fn standardized(scores: &[f64]) -> Vec<f64> {
    let count = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / count;
    let spread = (scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / count).sqrt();
    let scale = if spread > 0.0 { 1.0 / spread } else { 0.0 };
    scores.iter().map(|score| (score - mean) * scale).collect()
}
