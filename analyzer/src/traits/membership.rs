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

/// Finds genes by any of their names. A gene's own name or locus tag goes before another gene's synonym.
///
/// ```
/// use genomic_pleiotropy::record::Gene;
/// use genomic_pleiotropy::traits::{Trait, membership::Names};
///
/// let gene = |name: &str, synonym: &str| Gene {
///     name: Some(name.to_owned()),
///     synonyms: vec![synonym.to_owned()],
///     ..Gene::default()
/// };
/// let genes = [gene("thrL", "b0001"), gene("fliC", "hag")];
/// let set = Trait { associated_genes: vec!["HAG".to_owned(), "motA".to_owned()], ..Trait::default() };
/// let members = Names::of(&genes).members(&set);
/// assert_eq!((members.genes, members.missing), (vec![1], vec!["motA".to_owned()]));
/// ```
pub struct Names {
    own: HashMap<String, Vec<usize>>,
    synonyms: HashMap<String, Vec<usize>>,
}

impl Names {
    /// The names of `genes`.
    pub fn of(genes: &[Gene]) -> Self {
        let mut names = Self {
            own: HashMap::new(),
            synonyms: HashMap::new(),
        };
        for (index, gene) in genes.iter().enumerate() {
            for name in gene.name.iter().chain(&gene.locus_tag) {
                names.own.entry(name.to_lowercase()).or_default().push(index);
            }
            for name in &gene.synonyms {
                names.synonyms.entry(name.to_lowercase()).or_default().push(index);
            }
        }
        names
    }

    /// The genes that go by `name`.
    pub fn find(&self, name: &str) -> &[usize] {
        let name = name.to_lowercase();
        self.own
            .get(&name)
            .or_else(|| self.synonyms.get(&name))
            .map_or(&[], Vec::as_slice)
    }

    /// The members of a set.
    ///
    /// ```
    /// use genomic_pleiotropy::{record::Gene, traits::{Trait, membership::Names}};
    ///
    /// let gene = Gene { name: Some("fliC".into()), ..Gene::default() };
    /// let set = Trait { associated_genes: vec!["FLIC".into(), "cheY".into()], ..Trait::default() };
    /// let members = Names::of(&[gene]).members(&set);
    /// assert_eq!((members.genes, members.missing), (vec![0], vec!["cheY".to_owned()]));
    /// ```
    pub fn members(&self, set: &Trait) -> Members {
        let mut members = Members::default();
        for name in &set.associated_genes {
            match self.find(name) {
                [] => members.missing.push(name.clone()),
                found => members.genes.extend(found),
            }
        }
        members.genes.sort_unstable();
        members.genes.dedup();
        members
    }
}
