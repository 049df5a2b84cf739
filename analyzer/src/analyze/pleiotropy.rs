//! Genes that bear the signature of several different traits.
//!
//! Different means: of different signature clusters. Only detectable traits count, and only what is left of a score once
//! expression, composition and length are taken out.

use std::collections::BTreeSet;

use genome_contract::chunk::CorrelationSums;
use genome_contract::request::Method;

use crate::analyze::scores::{Scores, TraitScores};
use crate::cohort::correlation::between;
use crate::traits::clusters::{clusters, correlation, effective_number};
use crate::traits::verdict::Verdict;

/// Numbers the signature clusters among traits of sufficient size.
pub(super) fn assign_clusters(traits: &mut [TraitScores]) {
    let numbers = clusters(&correlations(&signatures(traits)));
    for (scores, number) in traits
        .iter_mut()
        .filter(|scores| scores.is_sufficient())
        .zip(numbers)
    {
        scores.cluster = Some(number);
    }
}

/// The signatures of traits of sufficient size, over codons that have a weight in any of them.
fn signatures(traits: &[TraitScores]) -> Vec<Vec<f64>> {
    let whole: Vec<&Vec<f64>> = traits
        .iter()
        .filter(|scores| scores.is_sufficient())
        .map(|scores| &scores.signature)
        .collect();
    let is_informative = |codon: &usize| whole.iter().any(|weights| weights[*codon] != 0.0);
    let codons: Vec<usize> = (0..64).filter(is_informative).collect();
    whole
        .iter()
        .map(|weights| codons.iter().map(|&codon| weights[codon]).collect())
        .collect()
}

fn correlations<T: AsRef<[f64]>>(traits: &[T]) -> Vec<Vec<f64>> {
    let pair = |row: usize, column: usize| {
        let known = || correlation(traits[row].as_ref(), traits[column].as_ref()).unwrap_or(0.0);
        if row == column { 1.0 } else { known() }
    };
    (0..traits.len())
        .map(|row| (0..traits.len()).map(|column| pair(row, column)).collect())
        .collect()
}

impl Scores<'_> {
    /// Effective number of independent traits, from the correlation of their scores over genes.
    pub(super) fn effective_traits(&self, sums: &CorrelationSums) -> Option<f64> {
        let sufficient: Vec<usize> = (0..self.traits.len())
            .filter(|&index| self.traits[index].is_sufficient())
            .collect();
        let row = |&one: &usize| {
            let r = |&other: &usize| {
                if one == other {
                    1.0
                } else {
                    between(sums, one, other).unwrap_or(0.0)
                }
            };
            sufficient.iter().map(r).collect()
        };
        let correlations: Vec<Vec<f64>> = sufficient.iter().map(row).collect();
        (!correlations.is_empty()).then(|| effective_number(&correlations))
    }

    /// Of each scored gene (its index), the signature clusters it belongs to; empty where no trait was tested.
    pub(super) fn clusters_of_genes(&self, method: &Method) -> Vec<(usize, u64)> {
        if self.traits.iter().all(|scores| scores.tests.q.is_none()) {
            return Vec::new();
        }
        let of_place = |place: usize| {
            let bears = |scores: &&TraitScores| {
                scores.verdict == Some(Verdict::Detectable)
                    && scores.q_residual[place] < method.false_discovery_rate
            };
            let clusters: BTreeSet<u32> = self
                .traits
                .iter()
                .filter(bears)
                .filter_map(|scores| scores.cluster)
                .collect();
            clusters.len() as u64
        };
        self.scored
            .genes
            .iter()
            .enumerate()
            .map(|(place, &gene)| (gene, of_place(place)))
            .collect()
    }

    /// Candidate pleiotropic genes, by index.
    pub(super) fn candidates(&self, method: &Method) -> impl Iterator<Item = usize> {
        let wanted = u64::from(method.min_traits.max(1));
        self.clusters_of_genes(method)
            .into_iter()
            .filter(move |&(_, count)| count >= wanted)
            .map(|(gene, _)| gene)
    }
}
