//! Gene families over all genomes: in how many genomes each occurs, and its pooled codons.

use std::collections::HashMap;

use crate::codons::CodonCounts;
use crate::rows::GeneRow;

/// Families that are kept in mind; beyond, the rarest of those met so far are forgotten.
const MOST: usize = 65_536;

/// All families.
#[derive(Clone, Debug, Default)]
pub(crate) struct Families {
    families: HashMap<String, Family>,
    /// Codons of all ribosomal proteins that served as expression reference.
    pub reference: CodonCounts,
}

/// One of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Family {
    /// Genomes with such a gene.
    pub genomes: u32,
    /// Codons of all its genes.
    pub codons: CodonCounts,
    /// Product of the first one met.
    pub product: Option<String>,
    last: String,
}

impl Families {
    /// Takes a gene of `genome` into account.
    pub(super) fn add(&mut self, genome: &str, row: &GeneRow) {
        if row.reference {
            add(&mut self.reference, &row.codons);
        }
        let Some(name) = &row.family else { return };
        if !self.families.contains_key(name) {
            if self.families.len() >= MOST {
                self.forget();
            }
            self.families.insert(name.clone(), Family::default());
        }
        let Some(family) = self.families.get_mut(name) else {
            return;
        };
        if family.last != genome {
            family.genomes += 1;
            genome.clone_into(&mut family.last);
        }
        if family.product.is_none() {
            family.product.clone_from(&row.product);
        }
        add(&mut family.codons, &row.codons);
    }

    /// Drops the rarest half or more.
    fn forget(&mut self) {
        let mut counts: Vec<u32> = self.families.values().map(|family| family.genomes).collect();
        let (_, middle, _) = counts.select_nth_unstable(MOST / 2);
        let middle = *middle;
        self.families.retain(|_, family| family.genomes > middle);
    }

    /// The most widespread first, then by name.
    pub(crate) fn widespread(&self) -> Vec<(&str, &Family)> {
        let mut all: Vec<_> = self
            .families
            .iter()
            .map(|(name, family)| (name.as_str(), family))
            .collect();
        all.sort_by(|(one, a), (other, b)| b.genomes.cmp(&a.genomes).then(one.cmp(other)));
        all
    }
}

fn add(counts: &mut CodonCounts, more: &[u64]) {
    let mut sums = *counts.as_array();
    for (sum, &count) in sums.iter_mut().zip(more) {
        *sum = sum.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    }
    *counts = sums.into();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_counts_once_a_genome_and_rare_ones_are_forgotten_first() {
        let gene = |family: String| GeneRow {
            family: Some(family),
            codons: vec![1; 64],
            ..GeneRow::default()
        };
        let mut families = Families::default();
        for genome in ["a", "a", "b"] {
            families.add(genome, &gene("kept".to_owned()));
        }
        for number in 0..MOST + 10 {
            families.add("b", &gene(format!("rare{number}")));
        }
        let (name, family) = families.widespread()[0];
        assert_eq!((name, family.genomes, family.codons.total()), ("kept", 2, 3 * 64));
        assert!(families.families.len() <= MOST);
    }
}
