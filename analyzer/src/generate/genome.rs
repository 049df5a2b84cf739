//! A synthetic genome: the cast's genes given sequences and laid out on a circular chromosome.

use super::cast::{Adapts, Cast, Member};
use super::random::Random;
use super::signals;
use super::species::Species;
use crate::codons::Codon;
use crate::record::Strand;

/// Share of genes that are broken and marked as pseudogenes.
const PSEUDOGENES: f64 = 0.01;

/// How much better an adapted family is expressed in a genome with the phenotype.
const ADAPTATION: f64 = 0.7;

/// The streams of start signals begin here.
const SIGNALS: u64 = 1 << 40;

/// A gene on the chromosome.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedGene {
    /// Gene name.
    pub name: String,
    /// Locus tag, ascending along the chromosome.
    pub locus_tag: String,
    /// First base on the forward strand, from 0.
    pub start: usize,
    /// Bases; the gene spans the origin where `start + length` exceeds the chromosome.
    pub length: usize,
    /// Strand.
    pub strand: Strand,
    /// Whether it is marked as a pseudogene.
    pub is_pseudo: bool,
    /// The coding sequence, start to stop.
    pub coding: Vec<u8>,
}

/// A chromosome and its genes.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticGenome {
    /// Name of the genome, `genome_001`.
    pub id: String,
    /// Name of its one contig.
    pub contig: String,
    /// What it descends from.
    pub origin: Origin,
    /// The chromosome, forward strand.
    pub sequence: Vec<u8>,
    /// In the order of their starts; the first in chromosome order spans the origin and stands last.
    pub genes: Vec<PlacedGene>,
    /// NCBI translation table.
    pub genetic_code: u8,
}

/// Which genome it is, and what it inherited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Number of the genome, from 0.
    pub index: usize,
    /// Its lineage, from 0.
    pub lineage: usize,
    /// Whether it shows the phenotype.
    pub has_phenotype: bool,
}

impl Origin {
    /// That of genome `index` among so many lineages: they take turns. Every second genome of a single lineage shows the
    /// phenotype; of several, three in four of the lineages with odd number, and one in four of the others.
    pub const fn of(index: usize, lineages: usize) -> Self {
        let (lineage, turn) = (index % lineages, index / lineages % 4);
        let has_phenotype = match lineages {
            1 => index % 2 == 1,
            _ => (turn == 0) == (lineage % 2 == 0),
        };
        Self {
            index,
            lineage,
            has_phenotype,
        }
    }
}

impl SyntheticGenome {
    /// A genome of a species.
    pub fn new(species: &Species, cast: &Cast, strength: f64, seed: u64, origin: Origin) -> Self {
        let mut random = Random::new(seed, 16 + origin.index as u64);
        let number = origin.index + 1;
        let mut sequence = Vec::new();
        let mut genes = Vec::new();
        for operon in &cast.operons {
            spacer(80 + random.below(220), species, &mut sequence, &mut random);
            let strand = if random.happens(0.5) {
                Strand::Forward
            } else {
                Strand::Reverse
            };
            for (at, member) in operon.iter().enumerate() {
                if at > 0 {
                    spacer(
                        signals::ROOM + random.below(32),
                        species,
                        &mut sequence,
                        &mut random,
                    );
                }
                let is_raised = match member.adapts {
                    Some(Adapts::ToPhenotype) => origin.has_phenotype,
                    Some(Adapts::ToLineage) => origin.lineage % 2 == 1,
                    None => false,
                };
                let expression = member.expression + if is_raised { ADAPTATION } else { 0.0 };
                let gene = coding_sequence(species, member, expression, strength, &mut random);
                let is_pseudo =
                    member.expression < 1.0 && member.planted.is_none() && random.happens(PSEUDOGENES);
                genes.push(place(gene, member, strand, is_pseudo, &mut sequence));
            }
        }
        // A stream of its own: what is drawn for the genes does not depend on what stands before them.
        signals::write(
            &genes,
            &mut sequence,
            &mut Random::new(seed, SIGNALS + origin.index as u64),
        );
        let mut genome = Self {
            id: format!("genome_{number:03}"),
            contig: format!("SYN{number:03}.1"),
            origin,
            sequence,
            genes,
            genetic_code: species.code.id,
        };
        genome.rotate();
        for (at, gene) in genome.genes.iter_mut().enumerate() {
            gene.locus_tag = format!("SYN{number:03}_{:05}", (at + 1) * 5);
        }
        genome
    }

    /// Moves the origin into the middle of the first gene, as real chromosomes happen to be cut.
    fn rotate(&mut self) {
        let Some(first) = self.genes.first() else { return };
        let origin = first.start + first.length / 2;
        self.sequence.rotate_left(origin);
        let total = self.sequence.len();
        for gene in &mut self.genes {
            gene.start = (gene.start + total - origin) % total;
        }
        self.genes.sort_by_key(|gene| gene.start);
    }
}

fn spacer(length: usize, species: &Species, sequence: &mut Vec<u8>, random: &mut Random) {
    sequence.extend((0..length).map(|_| species.base(random)));
}

fn coding_sequence(
    species: &Species,
    member: &Member,
    expression: f64,
    strength: f64,
    random: &mut Random,
) -> Vec<u8> {
    let planted: Vec<(usize, f64)> = member
        .planted
        .map(|index| (index, strength))
        .into_iter()
        .collect();
    let cumulated = species.cumulated(expression, &planted);
    let mut coding = Vec::with_capacity((member.codons + 2) * 3);
    coding.extend(species.start(random).to_bases());
    for _ in 0..member.codons {
        coding.extend(Codon::from_index(random.pick(&cumulated)).to_bases());
    }
    coding.extend(species.stop(random).to_bases());
    coding
}

fn place(
    coding: Vec<u8>,
    member: &Member,
    strand: Strand,
    is_pseudo: bool,
    sequence: &mut Vec<u8>,
) -> PlacedGene {
    let (start, length) = (sequence.len(), coding.len());
    match strand {
        Strand::Forward => sequence.extend_from_slice(&coding),
        Strand::Reverse => sequence.extend(coding.iter().rev().map(|&base| complement(base))),
    }
    PlacedGene {
        name: member.name.clone(),
        locus_tag: String::new(),
        start,
        length,
        strand,
        is_pseudo,
        coding,
    }
}

pub(super) const fn complement(base: u8) -> u8 {
    match base {
        b'A' => b'T',
        b'C' => b'G',
        b'G' => b'C',
        _ => b'A',
    }
}
