//! z and p of every gene under the signature of a trait, members under a signature refitted without them.
//!
//! Genes read with different translation tables have different synonyms: each table has its own background and its own
//! signature. In nearly every genome there is one.

#![expect(
    clippy::inline_always,
    reason = "what is dispatched must be compiled for its vector unit"
)]

use pulp::{Arch, Simd, WithSimd};

use crate::codons::CodonCounts;
use crate::indices::{counts, families::Families, frequencies};
use crate::record::Genome;
use crate::traits::SHORTEST_SCORED;
use crate::traits::signature::{Score, Signature, Sizes, Sizing};
use crate::traits::tilts::Tilts;

/// The genes of a genome that are long enough, and the background they are compared with.
///
/// ```
/// use genomic_pleiotropy::codons::Codon;
/// use genomic_pleiotropy::record::{Gene, Genome};
/// use genomic_pleiotropy::traits::score::Scored;
///
/// let [aaa, aag] = [b"AAA", b"AAG"].map(|&[a, b, c]| Codon::from_bases(a, b, c).unwrap());
/// let gene = |of_aaa, of_aag| {
///     let mut gene = Gene { genetic_code: 11, ..Gene::default() };
///     (gene.codons[aaa], gene.codons[aag]) = (of_aaa, of_aag);
///     gene
/// };
/// let genome = Genome { genes: vec![gene(70, 30), gene(70, 30), gene(40, 60), gene(3, 2)], ..Genome::default() };
/// let scored = Scored::of(&genome);
/// assert_eq!(scored.genes, [0, 1, 2], "five codons are too few");
/// // The first two are the set; each is scored by what the other one prefers.
/// let scores = scored.scores(&[0, 1]);
/// assert!(scores[0].z > 1.5 && scores[0].p < 0.05 && scores[2].z < -3.0);
/// ```
pub struct Scored<'a> {
    genome: &'a Genome,
    /// Indices of the scored genes, ascending.
    pub genes: Vec<usize>,
    /// Of each scored gene.
    sizes: Vec<Sizes>,
    tables: Vec<Table>,
    /// Table of each gene of the genome, scored or not.
    pub(crate) table_of: Vec<usize>,
}

/// Genes that share their synonyms.
pub struct Table {
    /// NCBI's number of the first code met with these amino acids.
    pub code: u8,
    /// Synonyms.
    pub families: Families,
    /// Synonymous frequencies over all genes of the table, start codons left out.
    pub background: [f64; 64],
    /// Genes of the genome with it.
    pub genes: usize,
}

impl<'a> Scored<'a> {
    /// Sorts the genes of `genome`.
    pub fn of(genome: &'a Genome) -> Self {
        let (tables, table_of) = tables(genome);
        let long_enough = |&index: &usize| {
            let families: &Families = &tables[table_of[index]].families;
            counts::informative(&genome.genes[index].codons, families) >= SHORTEST_SCORED
        };
        let genes: Vec<usize> = (0..genome.genes.len()).filter(long_enough).collect();
        let sizing: Vec<Sizing> = tables.iter().map(|table| Sizing::of(&table.families)).collect();
        let sizes = |&gene: &usize| sizing[table_of[gene]].sizes(genome.genes[gene].codons.as_array());
        Self {
            genome,
            sizes: genes.iter().map(sizes).collect(),
            genes,
            tables,
            table_of,
        }
    }

    /// The translation tables met.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The table most genes are read with.
    pub fn main_table(&self) -> Option<&Table> {
        self.tables.iter().rev().max_by_key(|table| table.genes)
    }

    /// Scores of all scored genes for the set `members` (indices of genes, ascending), members leave-one-out.
    pub fn scores(&self, members: &[usize]) -> Vec<Score> {
        let pooled: Vec<_> = (0..self.tables.len())
            .map(|table| self.pooled(members, table))
            .collect();
        let fitted: Vec<_> = self
            .tables
            .iter()
            .zip(&pooled)
            .map(|(table, pooled)| fit(table, pooled))
            .map(|signature| (Tilts::of(&signature), signature))
            .collect();
        let mut scores = Arch::new().dispatch(Scoring {
            scored: self,
            fitted: &fitted,
        });
        for (place, gene) in self
            .genes
            .iter()
            .enumerate()
            .filter(|(_, gene)| members.binary_search(gene).is_ok())
        {
            let (table, counts) = (self.table_of[*gene], self.genome.genes[*gene].codons.as_array());
            let mut others = pooled[table];
            others
                .iter_mut()
                .zip(counts)
                .for_each(|(sum, &own)| *sum -= u64::from(own));
            let near = &fitted[table].0;
            scores[place] = fit(&self.tables[table], &others).score_near(counts, &self.sizes[place], near);
        }
        scores
    }

    /// The signature of `members` in the main table.
    pub fn signature(&self, members: &[usize]) -> Option<Signature> {
        let main = self.main_table()?;
        let table = self.tables.iter().position(|table| table.code == main.code)?;
        Some(fit(main, &self.pooled(members, table)))
    }

    fn pooled(&self, members: &[usize], table: usize) -> [u64; 64] {
        let mut sums = [0; 64];
        for &gene in members.iter().filter(|&&gene| self.table_of[gene] == table) {
            for (sum, &count) in sums.iter_mut().zip(self.genome.genes[gene].codons.as_array()) {
                *sum += u64::from(count);
            }
        }
        sums
    }
}

/// Scores all genes by the signatures of their tables: what is compiled for each vector unit.
struct Scoring<'a> {
    scored: &'a Scored<'a>,
    fitted: &'a [(Tilts, Signature)],
}

impl WithSimd for Scoring<'_> {
    type Output = Vec<Score>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<Score> {
        let Scored {
            genome,
            genes,
            sizes,
            table_of,
            ..
        } = self.scored;
        let mut scores = Vec::with_capacity(genes.len());
        for (&gene, sizes) in genes.iter().zip(sizes) {
            let (tilts, signature) = &self.fitted[table_of[gene]];
            scores.push(signature.score_by(genome.genes[gene].codons.as_array(), sizes, Some(tilts)));
        }
        scores
    }
}

fn fit(table: &Table, members: &[u64; 64]) -> Signature {
    Signature::fit(members, &table.background, &table.families)
}

fn tables(genome: &Genome) -> (Vec<Table>, Vec<usize>) {
    let mut tables: Vec<(Table, CodonCounts)> = Vec::new();
    let mut table_of = Vec::with_capacity(genome.genes.len());
    for gene in &genome.genes {
        let known = tables
            .iter()
            .position(|(table, _)| table.code == gene.genetic_code);
        let table = known.unwrap_or_else(|| find_or_add(&mut tables, gene.genetic_code));
        tables[table].0.genes += 1;
        tables[table].1 += &gene.codons;
        table_of.push(table);
    }
    let finish = |(table, pooled): (Table, CodonCounts)| Table {
        background: frequencies::synonymous(&pooled, &table.families, 0.0),
        ..table
    };
    (tables.into_iter().map(finish).collect(), table_of)
}

fn find_or_add(tables: &mut Vec<(Table, CodonCounts)>, code: u8) -> usize {
    let families = Families::by_id(code);
    tables
        .iter()
        .position(|(table, _)| table.families == families)
        .unwrap_or_else(|| {
            let table = Table {
                code,
                families,
                background: [0.0; 64],
                genes: 0,
            };
            tables.push((table, CodonCounts::default()));
            tables.len() - 1
        })
}
