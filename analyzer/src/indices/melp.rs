//! MILC-based expression level predictor (Supek & Vlahoviček 2005, BMC Bioinformatics 6:182).

use crate::codons::CodonCounts;
use crate::indices::families::Families;
use crate::indices::milc::milc;
use crate::indices::reference::Reference;

/// MELP = MILC(gene, genome) / MILC(gene, reference): above 1 where the gene is closer to the reference set
/// (ribosomal proteins) than to the genome's average. `None` where either is undefined or the divisor is not positive
/// (a gene of very few codons).
///
/// ```
/// use genomic_pleiotropy::{codons::*, genetic_code::GeneticCode};
/// use genomic_pleiotropy::indices::{families::Families, frequencies, melp, reference::Reference};
///
/// let families = Families::of(GeneticCode::by_id(11).unwrap());
/// let (aaa, aag) = (Codon::from_bases(b'A', b'A', b'A').unwrap(), Codon::from_bases(b'A', b'A', b'G').unwrap());
/// let mut reference = CodonCounts::default();
/// reference[aaa] = 99;
/// let reference = Reference::from_counts(&reference, &families);
/// let mut genome = CodonCounts::default();
/// (genome[aaa], genome[aag]) = (50, 50);
/// let genome = frequencies::synonymous(&genome, &families, 0.0);
/// let mut gene = CodonCounts::default();
/// gene[aaa] = 40;
/// assert!(melp::melp(&gene, &families, &genome, &reference).unwrap() > 1.0);
/// ```
pub fn melp(
    counts: &CodonCounts,
    families: &Families,
    genome: &[f64; 64],
    reference: &Reference,
) -> Option<f64> {
    ratio(
        milc(counts, families, genome),
        milc(counts, families, &reference.frequencies),
    )
}

/// MELP by the two MILC.
pub(crate) fn ratio(from_genome: Option<f64>, from_reference: Option<f64>) -> Option<f64> {
    let (from_genome, from_reference) = (from_genome?, from_reference?);
    (from_reference > 0.0).then(|| from_genome / from_reference)
}
