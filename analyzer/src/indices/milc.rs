//! Measure independent of length and composition (Supek & Vlahoviček 2005, BMC Bioinformatics 6:182).

use crate::codons::CodonCounts;
use crate::indices::families::Families;
use crate::indices::logarithms::logarithm;

/// MILC = ( 2·Σ O·ln(O/E) − Σ (r_a − 1) ) / L + 0.5, over the amino acids a of the gene; O the count of a codon,
/// E = n_a · f(c|a) what `expected` synonymous frequencies give, r_a the codons of the amino acid, L the codons counted.
/// About 0.5 where the gene follows the expectation. Amino acids with a single codon contribute to L alone.
///
/// `None` without a codon, and where a codon occurs that is not expected at all.
///
/// ```
/// use genomic_pleiotropy::{codons::*, genetic_code::GeneticCode};
/// use genomic_pleiotropy::indices::{families::Families, frequencies, milc};
///
/// let families = Families::of(GeneticCode::by_id(11).unwrap());
/// let mut counts = CodonCounts::default();
/// counts[Codon::from_bases(b'A', b'A', b'A').unwrap()] = 5;
/// counts[Codon::from_bases(b'A', b'A', b'G').unwrap()] = 5;
/// let expected = frequencies::synonymous(&counts, &families, 0.0);
/// // no departure: −(2 − 1)/10 + 0.5
/// assert!((milc::milc(&counts, &families, &expected).unwrap() - 0.4).abs() < 1e-12);
/// ```
pub fn milc(counts: &CodonCounts, families: &Families, expected: &[f64; 64]) -> Option<f64> {
    by_logarithms(counts, families, &expected.map(f64::ln))
}

/// The same, of logarithms of what is expected, which many genes share: ln(O/E) = ln O − ln n_a − ln f.
pub(crate) fn by_logarithms(counts: &CodonCounts, families: &Families, expected: &[f64; 64]) -> Option<f64> {
    let (mut departure, mut freedom, mut length) = (0.0, 0.0, 0.0);
    for family in families.all() {
        let total: u32 = family.codons.iter().map(|&codon| counts[codon]).sum();
        if total == 0 {
            continue;
        }
        length += f64::from(total);
        freedom += family.codons.len() as f64 - 1.0;
        for &codon in family.codons.iter().filter(|&&codon| counts[codon] > 0) {
            let rest = logarithm(counts[codon]) - logarithm(total) - expected[codon.as_index()];
            departure += 2.0 * f64::from(counts[codon]) * rest;
        }
    }
    (length > 0.0 && departure.is_finite()).then(|| (departure - freedom) / length + 0.5)
}
