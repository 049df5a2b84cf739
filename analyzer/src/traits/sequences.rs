//! Finds genes by known protein sequences where names do not: by exact runs of amino acids.

use std::collections::HashMap;

use crate::record::Gene;
use crate::traits::Trait;

/// Length of a run: one in 20⁸ by chance at each place.
const RUN: usize = 8;
/// Share of a known sequence's runs that a gene must contain.
const SHARED: f64 = 0.5;

/// For each trait (by place in `traits`), the genes that contain at least half of the runs of eight amino acids of one
/// of its known sequences. Genes without a protein (readers keep them only when asked) match nothing.
///
/// ```
/// use genomic_pleiotropy::{record::Gene, traits::{Trait, sequences::matches}};
///
/// let gene = Gene { protein: Some((*b"MKRISTTITTTITITTGNGAG").into()), ..Gene::default() };
/// let set = Trait { known_sequences: vec!["ISTTITTTITITTGNG".into()], ..Trait::default() };
/// assert_eq!(matches(&[set], &[gene]), [vec![0]]);
/// ```
pub fn matches(traits: &[Trait], genes: &[Gene]) -> Vec<Vec<usize>> {
    let known: Vec<(usize, Vec<u8>)> = traits
        .iter()
        .enumerate()
        .flat_map(|(place, set)| {
            set.known_sequences
                .iter()
                .map(move |sequence| (place, letters(sequence)))
        })
        .filter(|(_, letters)| letters.len() >= RUN)
        .collect();
    let mut runs: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (number, (_, letters)) in known.iter().enumerate() {
        letters
            .windows(RUN)
            .for_each(|run| runs.entry(run).or_default().push(number));
    }
    let mut found = vec![Vec::new(); traits.len()];
    if known.is_empty() {
        return found;
    }
    for (gene, protein) in genes
        .iter()
        .enumerate()
        .filter_map(|(at, gene)| Some((at, gene.protein.as_ref()?)))
    {
        for (number, shared) in shared_runs(protein, &runs) {
            let (place, letters) = &known[number];
            if shared as f64 >= SHARED * (letters.len() - RUN + 1) as f64 {
                found[*place].push(gene);
            }
        }
    }
    for genes in &mut found {
        genes.dedup();
    }
    found
}

/// How many runs the protein shares with each known sequence it shares any with.
fn shared_runs(protein: &[u8], runs: &HashMap<&[u8], Vec<usize>>) -> HashMap<usize, usize> {
    let mut shared = HashMap::new();
    for number in protein.windows(RUN).filter_map(|run| runs.get(run)).flatten() {
        *shared.entry(*number).or_default() += 1;
    }
    shared
}

fn letters(sequence: &str) -> Vec<u8> {
    sequence
        .bytes()
        .filter(u8::is_ascii_alphabetic)
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}
