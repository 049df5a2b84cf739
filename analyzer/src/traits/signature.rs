//! The codon signature of a trait: how the synonymous choices of its genes differ from the genome's.
//!
//! q(c|a) = (n_c + α·p(c|a)) / (n_a + α) with α = 20, background p from all coding sequences, weight w = ln(q/p). Under
//! the null a gene's codons are drawn from p given its own amino acids, so that its score Σ n·w has exactly the mean
//! Σ n_a·μ_a and the variance Σ n_a·σ²_a, with μ and σ² of w under p.

use crate::indices::families::Families;

/// Pseudo-observations that pull an amino acid's frequencies towards the background.
pub const SHRINKAGE: f64 = 20.0;

/// A variance of a gene's score that is nothing but rounding: no signature at all.
const NO_SPREAD: f64 = 1e-12;

/// Weights of a trait, ready for scoring.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// ln(q/p); 0 where a codon has no synonym or never occurs.
    pub weights: [f64; 64],
    /// w − μ of its amino acid.
    pub(super) centered: [f64; 64],
    /// σ² of its amino acid.
    variance: [f64; 64],
    /// Background frequency among its synonyms; 0 where it has none.
    pub(super) background: [f64; 64],
    /// Number of its amino acid, from 1; 0 where it has no synonym.
    pub(super) family: [u8; 64],
}

/// Amino acids that a signature may number, and 0 for none.
pub(super) const FAMILIES: usize = 22;

/// How far a gene leans towards a signature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// In standard deviations of the exact null; 0 where that has no spread.
    pub z: f64,
    /// Probability of this score or a larger one under the null.
    pub p: f64,
}

impl Signature {
    /// The signature of genes with the pooled counts `members`, against the synonymous frequencies `background`.
    ///
    /// ```
    /// use genomic_pleiotropy::{codons::Codon, genetic_code::GeneticCode};
    /// use genomic_pleiotropy::{indices::families::Families, traits::signature::Signature};
    ///
    /// let families = Families::of(GeneticCode::by_id(11).unwrap());
    /// let (aaa, aag) = (Codon::from_bases(b'A', b'A', b'A').unwrap(), Codon::from_bases(b'A', b'A', b'G').unwrap());
    /// let (mut background, mut members) = ([0.0; 64], [0; 64]);
    /// (background[aaa.as_index()], background[aag.as_index()]) = (0.5, 0.5);
    /// members[aaa.as_index()] = 20;
    /// let signature = Signature::fit(&members, &background, &families);
    /// // q = (20 + 20·0.5) / (20 + 20) = 0.75
    /// assert!((signature.weights[aaa.as_index()] - 1.5_f64.ln()).abs() < 1e-12);
    /// let mut gene = [0; 64];
    /// gene[aaa.as_index()] = 9;
    /// // nine of nine where half is expected: z = 9·0.5 / sqrt(9·0.25)
    /// assert!((signature.z(&gene) - 3.0).abs() < 1e-12);
    /// ```
    pub fn fit(members: &[u64; 64], background: &[f64; 64], families: &Families) -> Self {
        let mut signature = Self {
            weights: [0.0; 64],
            centered: [0.0; 64],
            variance: [0.0; 64],
            background: [0.0; 64],
            family: [0; 64],
        };
        for (number, family) in (1..).zip(families.informative()) {
            let indices = || family.codons.iter().map(|codon| codon.as_index());
            let total: f64 = indices().map(|codon| members[codon] as f64).sum();
            for codon in indices().filter(|&codon| background[codon] > 0.0) {
                let q = (members[codon] as f64 + SHRINKAGE * background[codon]) / (total + SHRINKAGE);
                signature.weights[codon] = (q / background[codon]).ln();
                signature.background[codon] = background[codon];
                signature.family[codon] = number;
            }
            signature.center(indices, background);
        }
        signature
    }

    fn center<I: Iterator<Item = usize>>(&mut self, indices: impl Fn() -> I, background: &[f64; 64]) {
        let mean: f64 = indices()
            .map(|codon| background[codon] * self.weights[codon])
            .sum();
        let variance: f64 = indices()
            .map(|codon| background[codon] * (self.weights[codon] - mean).powi(2))
            .sum();
        for codon in indices() {
            self.centered[codon] = if background[codon] > 0.0 {
                self.weights[codon] - mean
            } else {
                0.0
            };
            self.variance[codon] = variance;
        }
    }

    /// A gene's score in standard deviations of its exact null; 0 where the null has no spread.
    pub fn z(&self, counts: &[u32; 64]) -> f64 {
        let (score, variance) = self.moments(counts);
        if variance > 0.0 {
            score / variance.sqrt()
        } else {
            0.0
        }
    }

    /// Score less its mean under the null, and its variance there, 0 where that is nothing but rounding.
    pub(super) fn moments(&self, counts: &[u32; 64]) -> (f64, f64) {
        let (mut score, mut variance) = (0.0, 0.0);
        for ((&count, centered), spread) in counts.iter().zip(&self.centered).zip(&self.variance) {
            score += f64::from(count) * centered;
            variance += f64::from(count) * spread;
        }
        (score, if variance > NO_SPREAD { variance } else { 0.0 })
    }
}
