//! Relative synonymous codon usage (Sharp, Tuohy & Mosurski 1986, Nucleic Acids Research 14:5125).

use crate::codons::{Codon, CodonCounts};
use crate::indices::families::Families;

/// RSCU = n_c · k / Σ n over the k codons of the amino acid: 1 where all are used alike, k where only this one is.
///
/// `None` for stops and for codons of an amino acid that does not occur. Met and Trp have 1.
///
/// ```
/// use genomic_pleiotropy::{codons::*, genetic_code::GeneticCode, indices::{families::Families, rscu}};
///
/// let ttt = Codon::from_bases(b'T', b'T', b'T').unwrap();
/// let mut counts = CodonCounts::default();
/// counts[ttt] = 3;
/// let rscu = rscu::rscu(&counts, &Families::of(GeneticCode::by_id(11).unwrap()));
/// assert_eq!(rscu[ttt.as_index()], Some(2.0));
/// ```
pub fn rscu(counts: &CodonCounts, families: &Families) -> [Option<f64>; 64] {
    let mut values = [None; 64];
    for family in families.all() {
        let total: u64 = family.codons.iter().map(|&codon| u64::from(counts[codon])).sum();
        for &codon in family.codons.iter().filter(|_| total > 0) {
            values[codon.as_index()] = Some(value(counts, codon, family.codons.len(), total));
        }
    }
    values
}

fn value(counts: &CodonCounts, codon: Codon, degeneracy: usize, total: u64) -> f64 {
    f64::from(counts[codon]) * degeneracy as f64 / total as f64
}
