//! Codon counts of whole coding sequences, pooled over genes.
//!
//! All in-frame codons count, start and stop included, as EMBOSS `cusp` and codonW count them. Left out, as everywhere:
//! codons with an ambiguous base, inner stops, `transl_except`, and what a partial end cuts.

use crate::codons::CodonCounts;
use crate::indices::families::Families;
use crate::record::Gene;

/// A gene's codons with its start and stop codon.
///
/// ```
/// use genomic_pleiotropy::{codons::Codon, indices::counts, record::Gene};
///
/// let mut gene = Gene::default();
/// gene.start_codon = Codon::from_bases(b'G', b'T', b'G');
/// gene.codons[Codon::from_bases(b'G', b'T', b'G').unwrap()] = 2;
/// assert_eq!(counts::whole(&gene).total(), 3);
/// ```
pub fn whole(gene: &Gene) -> CodonCounts {
    let mut counts = gene.codons.clone();
    for codon in gene.start_codon.into_iter().chain(gene.stop_codon) {
        counts[codon] += 1;
    }
    counts
}

/// Sum of the counts of many genes.
///
/// ```
/// use genomic_pleiotropy::codons::{Codon, CodonCounts};
/// use genomic_pleiotropy::indices::{counts, families::Families};
///
/// let (mut one, mut other) = (CodonCounts::default(), CodonCounts::default());
/// one[Codon::from_bases(b'A', b'A', b'A').unwrap()] = 2;
/// other[Codon::from_bases(b'A', b'T', b'G').unwrap()] = 1;
/// let both = counts::pooled([&one, &other]);
/// assert_eq!(both.total(), 3);
/// // Methionine has one codon, and so no choice.
/// assert_eq!(counts::informative(&both, &Families::by_id(11)), 2);
/// ```
pub fn pooled<'a>(counts: impl IntoIterator<Item = &'a CodonCounts>) -> CodonCounts {
    let mut sum = CodonCounts::default();
    for count in counts {
        sum += count;
    }
    sum
}

/// Codons of families with a choice: 59 kinds of codons under table 11.
pub fn informative(counts: &CodonCounts, families: &Families) -> u64 {
    families
        .informative_codons()
        .map(|codon| u64::from(counts[codon]))
        .sum()
}
