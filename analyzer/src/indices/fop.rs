//! Frequency of optimal codons (Ikemura 1981, Journal of Molecular Biology 151:389).

use crate::codons::CodonCounts;
use crate::indices::families::{Families, Family};
use crate::indices::reference::Reference;

/// Fop = optimal codons / all codons of amino acids that have an optimal codon, 0 to 1. `None` without one of these.
///
/// ```
/// use genomic_pleiotropy::{codons::*, genetic_code::GeneticCode};
/// use genomic_pleiotropy::indices::{families::Families, fop, reference::Reference};
///
/// let families = Families::of(GeneticCode::by_id(11).unwrap());
/// let mut counts = CodonCounts::default();
/// counts[Codon::from_bases(b'A', b'A', b'A').unwrap()] = 3;
/// let reference = Reference::from_counts(&counts, &families);
/// counts[Codon::from_bases(b'A', b'A', b'G').unwrap()] = 1;
/// assert_eq!(fop::fop(&counts, &families, &reference), Some(0.75));
/// ```
pub fn fop(counts: &CodonCounts, families: &Families, reference: &Reference) -> Option<f64> {
    let OptimalUse { optimal, total, .. } = optimal_use(counts, families, reference);
    (total > 0.0).then(|| optimal / total)
}

/// How often optimal codons are used, over amino acids that have one.
pub(crate) struct OptimalUse {
    /// Optimal codons.
    pub(crate) optimal: f64,
    /// Optimal codons if synonymous ones were used alike.
    pub(crate) expected: f64,
    /// All codons.
    pub(crate) total: f64,
}

pub(crate) fn optimal_use(counts: &CodonCounts, families: &Families, reference: &Reference) -> OptimalUse {
    let mut sums = OptimalUse {
        optimal: 0.0,
        expected: 0.0,
        total: 0.0,
    };
    for family in families.informative() {
        add(&mut sums, counts, family, reference);
    }
    sums
}

fn add(sums: &mut OptimalUse, counts: &CodonCounts, family: &Family, reference: &Reference) {
    let is_optimal = |codon: &&crate::codons::Codon| reference.is_optimal[codon.as_index()];
    let kinds = family.codons.iter().filter(is_optimal).count();
    if kinds == 0 {
        return;
    }
    let total: f64 = family.codons.iter().map(|&codon| f64::from(counts[codon])).sum();
    sums.optimal += family
        .codons
        .iter()
        .filter(is_optimal)
        .map(|&codon| f64::from(counts[codon]))
        .sum::<f64>();
    sums.expected += total * kinds as f64 / family.codons.len() as f64;
    sums.total += total;
}
