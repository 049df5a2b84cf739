//! Which genes of a genome belong to a trait's set: by gene name, locus tag or synonym, without regard to case.

use std::collections::HashMap;

use crate::record::Gene;
use crate::traits::Trait;

/// The genes of one trait in one genome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Indices into the genome's genes, ascending, each once.
    pub genes: Vec<usize>,
    /// Names that no gene has, in the panel's order.
    pub missing: Vec<String>,
    /// Genes found by a known sequence only.
    pub by_sequence: usize,
}

impl Members {
    /// Adds genes that a known sequence found.
    #[must_use]
    pub fn with_matches(mut self, matches: &[usize]) -> Self {
        let named = self.genes.len();
        self.genes.extend(matches);
        self.genes.sort_unstable();
        self.genes.dedup();
        self.by_sequence = self.genes.len() - named;
        self
    }
}

/// The members of each set, by any of the genes' names. A gene's own name or locus tag goes before another gene's synonym.
///
/// ```
/// use genomic_pleiotropy::{record::Gene, traits::{Trait, membership::members}};
///
/// let gene = |name: &str, synonym: &str| Gene {
///     name: Some(name.to_owned()),
///     synonyms: vec![synonym.to_owned()],
///     ..Gene::default()
/// };
/// let genes = [gene("thrL", "b0001"), gene("fliC", "hag")];
/// let set = Trait { associated_genes: vec!["HAG".to_owned(), "motA".to_owned()], ..Trait::default() };
/// let of_set = &members(&genes, &[set])[0];
/// assert_eq!((&of_set.genes, &of_set.missing), (&vec![1], &vec!["motA".to_owned()]));
/// ```
pub fn members(genes: &[Gene], sets: &[Trait]) -> Vec<Members> {
    let found = Found::of(genes, sets);
    sets.iter().map(|set| found.members(set)).collect()
}

/// The names that sets ask for, in lower case, and the genes that go by them.
struct Found(HashMap<String, Bearers>);

/// The genes of one name.
#[derive(Default)]
struct Bearers {
    own: Vec<usize>,
    synonym: Vec<usize>,
}

impl Found {
    fn of(genes: &[Gene], sets: &[Trait]) -> Self {
        let asked = sets.iter().flat_map(|set| &set.associated_genes);
        let mut found: HashMap<String, Bearers> = asked
            .map(|name| (name.to_lowercase(), Bearers::default()))
            .collect();
        let mut lower = String::new();
        for (index, gene) in genes.iter().enumerate() {
            for name in gene.name.iter().chain(&gene.locus_tag) {
                if let Some(bearers) = found.get_mut(lowercase(name, &mut lower)) {
                    bearers.own.push(index);
                }
            }
            for name in &gene.synonyms {
                if let Some(bearers) = found.get_mut(lowercase(name, &mut lower)) {
                    bearers.synonym.push(index);
                }
            }
        }
        Self(found)
    }

    fn members(&self, set: &Trait) -> Members {
        let mut members = Members::default();
        for name in &set.associated_genes {
            match self.0.get(&name.to_lowercase()) {
                Some(Bearers { own, .. }) if !own.is_empty() => members.genes.extend(own),
                Some(Bearers { synonym, .. }) if !synonym.is_empty() => members.genes.extend(synonym),
                Some(_) | None => members.missing.push(name.clone()),
            }
        }
        members.genes.sort_unstable();
        members.genes.dedup();
        members
    }
}

/// `name` in lower case, in memory that is used again.
fn lowercase<'a>(name: &str, memory: &'a mut String) -> &'a str {
    memory.clear();
    if name.is_ascii() {
        memory.push_str(name);
        memory.make_ascii_lowercase();
    } else {
        memory.push_str(&name.to_lowercase());
    }
    memory
}
