//! Codon bias index (Bennetzen & Hall 1982, Journal of Biological Chemistry 257:3026).

use crate::codons::CodonCounts;
use crate::indices::families::Families;
use crate::indices::fop::{OptimalUse, optimal_use};
use crate::indices::reference::Reference;

/// CBI = (N_optimal − N_random) / (N_total − N_random), over amino acids that have an optimal codon; N_random is what
/// equal use of synonymous codons would give. 1 where only optimal codons are used, 0 for equal use, negative below.
/// `None` without a codon of these amino acids.
///
/// ```
/// use genomic_pleiotropy::{codons::*, genetic_code::GeneticCode};
/// use genomic_pleiotropy::indices::{cbi, families::Families, reference::Reference};
///
/// let families = Families::of(GeneticCode::by_id(11).unwrap());
/// let mut counts = CodonCounts::default();
/// counts[Codon::from_bases(b'A', b'A', b'A').unwrap()] = 3;
/// let reference = Reference::from_counts(&counts, &families);
/// counts[Codon::from_bases(b'A', b'A', b'G').unwrap()] = 1;
/// assert_eq!(cbi::cbi(&counts, &families, &reference), Some(0.5));
/// ```
pub fn cbi(counts: &CodonCounts, families: &Families, reference: &Reference) -> Option<f64> {
    let OptimalUse {
        optimal,
        expected,
        total,
    } = optimal_use(counts, families, reference);
    (total > expected).then(|| (optimal - expected) / (total - expected))
}
