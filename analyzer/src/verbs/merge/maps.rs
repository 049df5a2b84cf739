//! Maps of codon usage of a cohort: its genomes, and its gene families; of a single genome: its genes.

use super::collect::{Collected, counts};
use super::families::Families;
use super::genes::GeneLists;
use crate::codons::CodonCounts;
use crate::cohort::maps::CodonMap;
use crate::indices::enc::enc;
use crate::indices::families::Families as Synonyms;
use crate::indices::gc::gc3s;

/// Genes or families on a map at most: the most widespread, or the first of a single genome.
const MOST_GENES: usize = 5_000;

/// Both maps.
#[derive(Debug, Default)]
pub(crate) struct Maps {
    /// Genomes, in the order of the table.
    pub genomes: CodonMap,
    /// Families of a cohort, genes of a single genome.
    pub genes: CodonMap,
    /// The same families or genes, in the map's order.
    pub named: Vec<Named>,
}

/// A family or gene on the map.
#[derive(Debug)]
pub(crate) struct Named {
    /// Name of the family, id of the gene.
    pub name: String,
    /// GC3s of its codons.
    pub gc3s: Option<f64>,
    /// ENC of its codons.
    pub enc: Option<f64>,
}

/// Draws them.
pub(super) fn of(collected: &Collected, genes: &GeneLists, families: &Families, code: u8) -> Maps {
    let synonyms = Synonyms::by_id(code);
    let shown: Vec<(String, CodonCounts)> = match &genes.all {
        Some(all) => all
            .iter()
            .filter(|row| !row.too_short)
            .take(MOST_GENES)
            .map(|row| (row.gene.clone(), counts(&row.codons)))
            .collect(),
        None => families
            .widespread()
            .into_iter()
            .take(MOST_GENES)
            .map(|(name, family)| (name.to_owned(), family.codons.clone()))
            .collect(),
    };
    Maps {
        genomes: CodonMap::of(&collected.usage, &synonyms),
        genes: CodonMap::of(shown.iter().map(|(_, counts)| counts), &synonyms),
        named: shown
            .into_iter()
            .map(|(name, counts)| Named {
                name,
                gc3s: gc3s(&counts, &synonyms),
                enc: enc(&counts, &synonyms),
            })
            .collect(),
    }
}
