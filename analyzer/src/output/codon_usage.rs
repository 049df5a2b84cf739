//! `codon_usage.tsv`: the pooled counts of all genomes, with frequency and RSCU.

use std::fmt::Write as _;

use super::Facts;
use crate::codons::Codon;
use crate::genetic_code::GeneticCode;

/// One line of the table.
pub(super) struct Usage {
    /// Three letters.
    pub codon: String,
    /// One letter, `*` for a stop.
    pub amino_acid: char,
    /// How often it occurs.
    pub count: u64,
    /// Of a thousand codons.
    pub per_thousand: f64,
    /// Count over the mean of its amino acid's codons.
    pub rscu: Option<f64>,
}

/// The 64 codons under the translation table of the request.
pub(super) fn usage(facts: &Facts) -> Vec<Usage> {
    let counts = &facts.collected.codons;
    let code = GeneticCode::by_id(facts.method.genetic_code);
    let total = counts.iter().sum::<u64>().max(1) as f64;
    let amino_acid = |codon: Codon| code.map_or('?', |code| char::from(code.amino_acid(codon)));
    let line = |codon: Codon| {
        let letter = amino_acid(codon);
        let family: Vec<_> = Codon::all()
            .filter(|&other| amino_acid(other) == letter)
            .collect();
        let sum: u64 = family.iter().map(|other| counts[other.as_index()]).sum();
        let count = counts[codon.as_index()];
        Usage {
            codon: codon.to_bases().map(char::from).iter().collect(),
            amino_acid: letter,
            count,
            per_thousand: 1000.0 * count as f64 / total,
            rscu: (sum > 0 && letter != '*').then(|| count as f64 * family.len() as f64 / sum as f64),
        }
    };
    Codon::all().map(line).collect()
}

/// The table.
pub(crate) fn table(facts: &Facts) -> String {
    let mut text = "codon\tamino_acid\tcount\tper_thousand\trscu\n".to_owned();
    for Usage {
        codon,
        amino_acid,
        count,
        per_thousand,
        rscu,
    } in usage(facts)
    {
        let rscu = super::text::number(rscu, 4);
        let _ = writeln!(text, "{codon}\t{amino_acid}\t{count}\t{per_thousand:.4}\t{rscu}");
    }
    text
}
