//! Effective number of codons (Wright 1990, Gene 87:23), with the rules of codonW.

use crate::codons::CodonCounts;
use crate::indices::families::{Families, Family};

/// Homozygosity below which codonW takes an amino acid for uninformative.
const SMALLEST_HOMOZYGOSITY: f64 = 1e-7;
/// Codons with an amino acid in the standard code: no gene can use more.
const CAP: f64 = 61.0;

/// ENC = Σ over degeneracies k of (amino acids of degeneracy k) / mean F, where F = (n·Σp² − 1)/(n − 1) for an amino
/// acid met n > 1 times; with the standard code 2 + 9/F₂ + 1/F₃ + 5/F₄ + 3/F₆. From 20 (one codon an amino acid) to 61.
///
/// F ≤ 1e-7 is left out of the mean. A single family of three (isoleucine) without F gets (F₂ + F₄)/2. Undefined where
/// another degeneracy has no F at all. Start codons count, stops do not.
///
/// ```
/// use genomic_pleiotropy::{codons::*, genetic_code::GeneticCode, indices::{enc, families::Families}};
///
/// let families = Families::of(GeneticCode::by_id(11).unwrap());
/// let mut counts = CodonCounts::default();
/// assert_eq!(enc::enc(&counts, &families), None);
/// for family in families.all() {
///     counts[family.codons[0]] = 10;
/// }
/// assert_eq!(enc::enc(&counts, &families), Some(20.0));
/// ```
pub fn enc(counts: &CodonCounts, families: &Families) -> Option<f64> {
    let mut classes = [Class::default(); 9];
    for family in families.all() {
        let class = &mut classes[family.codons.len().min(8)];
        class.families += 1.0;
        if let Some(homozygosity) = homozygosity(counts, family) {
            class.known += 1.0;
            class.sum += homozygosity;
        }
    }
    let mut effective = classes[1].families;
    for degeneracy in 2..classes.len() {
        if classes[degeneracy].families > 0.0 {
            let mean = classes[degeneracy]
                .mean()
                .or_else(|| stand_in(&classes, degeneracy))?;
            effective += classes[degeneracy].families / mean;
        }
    }
    Some(effective.min(CAP))
}

/// Amino acids of one degeneracy.
#[derive(Clone, Copy, Default)]
struct Class {
    families: f64,
    known: f64,
    sum: f64,
}

impl Class {
    fn mean(self) -> Option<f64> {
        (self.known > 0.0).then(|| self.sum / self.known)
    }
}

fn stand_in(classes: &[Class; 9], degeneracy: usize) -> Option<f64> {
    let is_isoleucine = degeneracy == 3 && classes[3].families <= 1.0;
    if is_isoleucine {
        Some(f64::midpoint(classes[2].mean()?, classes[4].mean()?))
    } else {
        None
    }
}

fn homozygosity(counts: &CodonCounts, family: &Family) -> Option<f64> {
    let total: f64 = family.codons.iter().map(|&codon| f64::from(counts[codon])).sum();
    if family.codons.len() < 2 || total <= 1.0 {
        return None;
    }
    let squares: f64 = family
        .codons
        .iter()
        .map(|&codon| (f64::from(counts[codon]) / total).powi(2))
        .sum();
    let homozygosity = (total * squares - 1.0) / (total - 1.0);
    (homozygosity > SMALLEST_HOMOZYGOSITY).then_some(homozygosity)
}
