//! G and C content of coding sequences: overall, by codon position, and at synonymous third positions.

use crate::codons::{Codon, CodonCounts};
use crate::indices::families::Families;

/// Shares of G and C, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GcContent {
    /// All positions.
    pub gc: f64,
    /// First, second, third position of the codon.
    pub by_position: [f64; 3],
}

/// GC, GC1, GC2 and GC3 over all counted codons, stops included; `None` without a codon.
///
/// ```
/// use genomic_pleiotropy::{codons::*, indices::gc};
///
/// let mut counts = CodonCounts::default();
/// assert_eq!(gc::gc(&counts), None);
/// counts[Codon::from_bases(b'A', b'T', b'G').unwrap()] = 1;
/// assert_eq!(gc::gc(&counts).unwrap().by_position, [0.0, 0.0, 1.0]);
/// ```
pub fn gc(counts: &CodonCounts) -> Option<GcContent> {
    let mut bases = [0u64; 3];
    for codon in Codon::all() {
        for (sum, base) in bases.iter_mut().zip(codon.to_bases()) {
            *sum += u64::from(counts[codon]) * u64::from(is_gc(base));
        }
    }
    let total = counts.total() as f64;
    (total > 0.0).then(|| GcContent {
        gc: bases.iter().sum::<u64>() as f64 / (3.0 * total),
        by_position: bases.map(|sum| sum as f64 / total),
    })
}

/// GC3s: G and C at the third position of codons that have a synonym (no Met, no Trp, no stop), as codonW; `None`
/// without such a codon.
///
/// ```
/// use genomic_pleiotropy::{codons::*, genetic_code::GeneticCode, indices::{families::Families, gc}};
///
/// let families = Families::of(GeneticCode::by_id(11).unwrap());
/// let mut counts = CodonCounts::default();
/// counts[Codon::from_bases(b'A', b'T', b'G').unwrap()] = 1;
/// assert_eq!(gc::gc3s(&counts, &families), None);
/// counts[Codon::from_bases(b'A', b'A', b'A').unwrap()] = 1;
/// assert_eq!(gc::gc3s(&counts, &families), Some(0.0));
/// ```
pub fn gc3s(counts: &CodonCounts, families: &Families) -> Option<f64> {
    let (mut strong, mut total) = (0, 0);
    for codon in families.informative_codons() {
        total += u64::from(counts[codon]);
        strong += u64::from(counts[codon]) * u64::from(is_gc(codon.to_bases()[2]));
    }
    (total > 0).then(|| strong as f64 / total as f64)
}

const fn is_gc(base: u8) -> bool {
    matches!(base, b'G' | b'C')
}
