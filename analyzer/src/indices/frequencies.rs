//! Relative synonymous frequencies: which share of an amino acid each of its codons makes.

use crate::codons::CodonCounts;
use crate::indices::families::Families;

/// f(c|a) = (n_c + `pseudocount`) / Σ (n + `pseudocount`) over the codons of the amino acid; 0 for stops, and for an
/// amino acid that does not occur (with a pseudocount of 0).
///
/// ```
/// use genomic_pleiotropy::{codons::*, genetic_code::GeneticCode, indices::{families::Families, frequencies}};
///
/// let ttt = Codon::from_bases(b'T', b'T', b'T').unwrap();
/// let mut counts = CodonCounts::default();
/// counts[ttt] = 3;
/// let families = Families::of(GeneticCode::by_id(11).unwrap());
/// assert_eq!(frequencies::synonymous(&counts, &families, 0.0)[ttt.as_index()], 1.0);
/// assert_eq!(frequencies::synonymous(&counts, &families, 1.0)[ttt.as_index()], 0.8);
/// ```
pub fn synonymous(counts: &CodonCounts, families: &Families, pseudocount: f64) -> [f64; 64] {
    let mut frequencies = [0.0; 64];
    for family in families.all() {
        let total: f64 = family
            .codons
            .iter()
            .map(|&codon| f64::from(counts[codon]) + pseudocount)
            .sum();
        for &codon in family.codons.iter().filter(|_| total > 0.0) {
            frequencies[codon.as_index()] = (f64::from(counts[codon]) + pseudocount) / total;
        }
    }
    frequencies
}
