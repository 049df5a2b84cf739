//! Codon adaptation index (Sharp & Li 1987, Nucleic Acids Research 15:1281).

use crate::codons::CodonCounts;
use crate::indices::families::Families;
use crate::indices::reference::Reference;

/// CAI = exp( Σ n_c · ln w_c / Σ n_c ), w = (n + 1)/max(n + 1) of the reference set; Met, Trp and stops left out.
/// From 0 to 1. `None` without a codon that has a synonym. Programs with built-in tables give other numbers; with the
/// same w they agree.
///
/// ```
/// use genomic_pleiotropy::{codons::*, genetic_code::GeneticCode};
/// use genomic_pleiotropy::indices::{cai, families::Families, reference::Reference};
///
/// let families = Families::of(GeneticCode::by_id(11).unwrap());
/// let (aaa, aag) = (Codon::from_bases(b'A', b'A', b'A').unwrap(), Codon::from_bases(b'A', b'A', b'G').unwrap());
/// let mut counts = CodonCounts::default();
/// counts[aaa] = 3;
/// let reference = Reference::from_counts(&counts, &families);
/// counts[aaa] = 0;
/// assert_eq!(cai::cai(&counts, &families, &reference), None);
/// counts[aag] = 1;
/// assert!((cai::cai(&counts, &families, &reference).unwrap() - 0.25).abs() < 1e-12);
/// ```
pub fn cai(counts: &CodonCounts, families: &Families, reference: &Reference) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for codon in families.informative_codons() {
        sum += f64::from(counts[codon]) * reference.logarithms[codon.as_index()];
        total += f64::from(counts[codon]);
    }
    (total > 0.0).then(|| (sum / total).exp())
}
