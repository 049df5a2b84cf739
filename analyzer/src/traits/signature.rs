//! The codon signature of a trait: how the synonymous choices of its genes differ from the genome's.
//!
//! q(c|a) = (n_c + α·p(c|a)) / (n_a + α) with α = 20, background p from all coding sequences, weight w = ln(q/p). Under
//! the null a gene's codons are drawn from p given its own amino acids, so that its score Σ n·w has exactly the mean
//! Σ n_a·μ_a and the variance Σ n_a·σ²_a, with μ and σ² of w under p.

#![expect(
    clippy::inline_always,
    reason = "what is called within a dispatch must be compiled for its vector unit"
)]

use crate::indices::families::Families;
use crate::products::dot_of_counts;

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
    /// σ² of each amino acid.
    variance: [f64; FAMILIES],
    /// Background frequency among its synonyms; 0 where it has none.
    pub(super) background: [f64; 64],
    /// Number of its amino acid, from 1; 0 where it has no synonym.
    pub(super) family: [u8; 64],
}

/// Amino acids that a signature may number, and 0 for none: 22, filled up for vector units.
pub(super) const FAMILIES: usize = 24;

/// Codons of each amino acid in a gene, by its number; under 0 those without synonyms.
pub(super) type Sizes = [u32; FAMILIES];

/// Number of each codon's amino acid, from 1 in the order of `families`; 0 where it has no synonym.
fn numbers(families: &Families) -> [u8; 64] {
    let mut numbers = [0; 64];
    for (number, family) in (1..).zip(families.informative()) {
        for codon in &family.codons {
            numbers[codon.as_index()] = number;
        }
    }
    numbers
}

/// The sizes of genes under one translation table.
pub(super) struct Sizing([u8; 64]);

impl Sizing {
    pub(super) fn of(families: &Families) -> Self {
        Self(numbers(families))
    }

    pub(super) fn sizes(&self, counts: &[u32; 64]) -> Sizes {
        sizes(&self.0, counts)
    }
}

fn sizes(numbers: &[u8; 64], counts: &[u32; 64]) -> Sizes {
    let mut sizes = [0; FAMILIES];
    for (&count, &number) in counts.iter().zip(numbers) {
        sizes[usize::from(number)] += count;
    }
    sizes
}

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
            variance: [0.0; FAMILIES],
            background: [0.0; 64],
            family: numbers(families),
        };
        for (number, family) in (1..).zip(families.informative()) {
            let indices = || family.codons.iter().map(|codon| codon.as_index());
            let total: f64 = indices().map(|codon| members[codon] as f64).sum();
            for codon in indices().filter(|&codon| background[codon] > 0.0) {
                let q = (members[codon] as f64 + SHRINKAGE * background[codon]) / (total + SHRINKAGE);
                signature.weights[codon] = (q / background[codon]).ln();
                signature.background[codon] = background[codon];
            }
            signature.variance[number] = signature.center(indices, background);
        }
        signature
    }

    /// Takes the mean out of an amino acid's weights; their variance.
    fn center<I: Iterator<Item = usize>>(&mut self, indices: impl Fn() -> I, background: &[f64; 64]) -> f64 {
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
        }
        variance
    }

    /// A gene's score in standard deviations of its exact null; 0 where the null has no spread.
    pub fn z(&self, counts: &[u32; 64]) -> f64 {
        let (score, variance) = self.moments(counts, &self.sizes(counts));
        if variance > 0.0 {
            score / variance.sqrt()
        } else {
            0.0
        }
    }

    pub(super) fn sizes(&self, counts: &[u32; 64]) -> Sizes {
        sizes(&self.family, counts)
    }

    /// Score less its mean under the null, and its variance there, 0 where that is nothing but rounding.
    #[inline(always)]
    pub(super) fn moments(&self, counts: &[u32; 64], sizes: &Sizes) -> (f64, f64) {
        let variance = dot_of_counts(sizes, &self.variance);
        let score = dot_of_counts(counts, &self.centered);
        (score, if variance > NO_SPREAD { variance } else { 0.0 })
    }
}
