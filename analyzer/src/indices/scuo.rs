//! Synonymous codon usage order (Wan, Xu, Kleinhofs & Zhou 2004, BMC Evolutionary Biology 4:19).

use crate::codons::CodonCounts;
use crate::indices::families::{Families, Family};
use crate::indices::logarithms::logarithm;

/// SCUO = Σ_a (n_a / n) · (1 − H_a / ln k_a), H_a the entropy of the k_a codons of amino acid a: 0 where all synonymous
/// codons are used alike, 1 where each amino acid has a single codon. `None` without a codon that has a synonym.
///
/// ```
/// use genomic_pleiotropy::{codons::*, genetic_code::GeneticCode, indices::{families::Families, scuo}};
///
/// let families = Families::of(GeneticCode::by_id(11).unwrap());
/// let mut counts = CodonCounts::default();
/// assert_eq!(scuo::scuo(&counts, &families), None);
/// counts[Codon::from_bases(b'A', b'A', b'A').unwrap()] = 4;
/// assert_eq!(scuo::scuo(&counts, &families), Some(1.0));
/// counts[Codon::from_bases(b'A', b'A', b'G').unwrap()] = 4;
/// assert!(scuo::scuo(&counts, &families).unwrap().abs() < 1e-12);
/// ```
pub fn scuo(counts: &CodonCounts, families: &Families) -> Option<f64> {
    let (mut ordered, mut total) = (0.0, 0.0);
    for family in families.informative() {
        let size: u32 = family.codons.iter().map(|&codon| counts[codon]).sum();
        if size > 0 {
            let most = (family.codons.len() as f64).ln();
            total += f64::from(size);
            ordered += f64::from(size) - entropy(counts, family, size) / most;
        }
    }
    (total > 0.0).then(|| ordered / total)
}

/// Entropy of the choices of all `size` codons of an amino acid.
fn entropy(counts: &CodonCounts, family: &Family, size: u32) -> f64 {
    let most = logarithm(size);
    let counts = family.codons.iter().map(|&codon| counts[codon]);
    counts
        .filter(|&count| count > 0)
        .map(|count| f64::from(count) * (most - logarithm(count)))
        .sum()
}
