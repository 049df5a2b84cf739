//! A copy of a genome whose synonymous choices are random: every gene keeps its protein, the genome its codon usage,
//! and nothing else is left. What the procedure finds on it, it finds by chance.

use crate::codons::Codon;
use crate::indices::families::Families;
use crate::record::{Gene, Genome};
use crate::traits::random::Random;

/// Deals the synonymous codons of all genes of a translation table anew; start and stop codons stay.
///
/// ```
/// use genomic_pleiotropy::codons::Codon;
/// use genomic_pleiotropy::record::{Gene, Genome};
/// use genomic_pleiotropy::traits::shuffle::synonymously;
///
/// let [aaa, aag] = [b"AAA", b"AAG"].map(|&[a, b, c]| Codon::from_bases(a, b, c).unwrap());
/// let mut genes = vec![Gene { genetic_code: 11, ..Gene::default() }; 2];
/// (genes[0].codons[aaa], genes[1].codons[aag]) = (50, 50);
/// let copy = synonymously(&Genome { genes, ..Genome::default() }, 1);
/// assert_eq!(copy.genes[0].codons[aaa] + copy.genes[1].codons[aaa], 50);
/// assert_eq!(copy.genes[0].codons.total(), 50);
/// assert!(copy.genes[0].codons[aag] > 0);
/// ```
pub fn synonymously(genome: &Genome, seed: u64) -> Genome {
    let mut copy = genome.clone();
    deal_anew(&mut copy, seed);
    copy
}

/// The same without what genes are called, in a third of the memory.
pub(crate) fn nameless(genome: &Genome, seed: u64) -> Genome {
    let counts = |gene: &Gene| Gene {
        genetic_code: gene.genetic_code,
        codons: gene.codons.clone(),
        start_codon: gene.start_codon,
        stop_codon: gene.stop_codon,
        ..Gene::default()
    };
    let mut copy = Genome {
        genes: genome.genes.iter().map(counts).collect(),
        ..Genome::default()
    };
    deal_anew(&mut copy, seed);
    copy
}

fn deal_anew(copy: &mut Genome, seed: u64) {
    let mut codes: Vec<u8> = copy.genes.iter().map(|gene| gene.genetic_code).collect();
    codes.sort_unstable();
    codes.dedup();
    for code in codes {
        let mut random = Random::new(seed, &format!("synonymous shuffle/{code}"));
        for family in Families::by_id(code).informative() {
            deal(copy, code, &family.codons, &mut random);
        }
    }
}

fn deal(genome: &mut Genome, code: u8, codons: &[Codon], random: &mut Random) {
    let mut genes: Vec<_> = genome
        .genes
        .iter_mut()
        .filter(|gene| gene.genetic_code == code)
        .collect();
    let mut deck = Vec::new();
    for gene in &genes {
        for &codon in codons {
            deck.extend(std::iter::repeat_n(codon, gene.codons[codon] as usize));
        }
    }
    random.shuffle(&mut deck);
    let mut deck = deck.into_iter();
    for gene in &mut genes {
        let held: u32 = codons
            .iter()
            .map(|&codon| std::mem::take(&mut gene.codons[codon]))
            .sum();
        deck.by_ref()
            .take(held as usize)
            .for_each(|codon| gene.codons[codon] += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indices::counts::pooled;

    #[test]
    fn proteins_and_codon_usage_stay_and_choices_change() {
        let gene = |start: u32| {
            let counts: Vec<u32> = (0..64).map(|codon| codon * start % 17).collect();
            let counts: [u32; 64] = counts.try_into().unwrap();
            Gene {
                genetic_code: 11,
                codons: counts.into(),
                ..Gene::default()
            }
        };
        let genome = Genome {
            genes: (1..17).map(gene).collect(),
            ..Genome::default()
        };
        let copy = synonymously(&genome, 7);
        let usage = |genome: &Genome| pooled(genome.genes.iter().map(|gene| &gene.codons));
        assert_eq!(usage(&genome), usage(&copy));
        let families = Families::by_id(11);
        for (before, after) in genome.genes.iter().zip(&copy.genes) {
            for family in families.all() {
                let size = |gene: &Gene| family.codons.iter().map(|&codon| gene.codons[codon]).sum::<u32>();
                assert_eq!(size(before), size(after));
            }
            assert_ne!(before.codons, after.codons);
        }
    }
}
