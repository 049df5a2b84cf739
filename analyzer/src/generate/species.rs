//! Which codons a synthetic species prefers, and how a signature shifts that.

use super::random::Random;
use crate::codons::Codon;
use crate::genetic_code::GeneticCode;

/// ln of the odds between a preferred codon and its synonyms at strength 1: real ribosomal proteins of fast-growing
/// bacteria show ratios between 3 and 10.
const PREFERENCE: f64 = 1.8;

/// Spread of the background's own preferences, in ln units.
const BACKGROUND_SPREAD: f64 = 0.35;

/// The same between lineages of a species.
const LINEAGE_SPREAD: f64 = 0.12;

/// Spread of their share of G and C.
const LINEAGE_GC: f64 = 0.06;

/// Amino acids in E. coli K-12's proteins, per thousand.
const COMPOSITION: [(u8, f64); 20] = [
    (b'A', 95.0),
    (b'R', 55.0),
    (b'N', 39.0),
    (b'D', 51.0),
    (b'C', 12.0),
    (b'Q', 44.0),
    (b'E', 58.0),
    (b'G', 74.0),
    (b'H', 23.0),
    (b'I', 60.0),
    (b'L', 107.0),
    (b'K', 44.0),
    (b'M', 28.0),
    (b'F', 39.0),
    (b'P', 44.0),
    (b'S', 58.0),
    (b'T', 54.0),
    (b'W', 15.0),
    (b'Y', 28.0),
    (b'V', 71.0),
];

/// ln weights of the 64 codons.
pub(super) type Weights = [f64; 64];

/// Codon preferences of a species.
#[derive(Clone, Debug)]
pub struct Species {
    /// Its translation table.
    pub code: &'static GeneticCode,
    /// Probability of G or C at a neutral position.
    pub gc: f64,
    background: Weights,
    translational: Weights,
    traits: Vec<Weights>,
    starts: Vec<(Codon, f64)>,
    stops: Vec<Codon>,
}

impl Species {
    /// A species with `traits` signatures besides the ribosomal one.
    pub fn new(code: &'static GeneticCode, gc: f64, traits: usize, seed: u64) -> Self {
        let mut random = Random::new(seed, 0);
        let background = std::array::from_fn(|index| {
            neutral(Codon::from_index(index), gc) + BACKGROUND_SPREAD * random.normal()
        });
        let translational = signature(code, &mut random);
        let traits = (0..traits).map(|_| signature(code, &mut random)).collect();
        let usual = [("ATG", 0.83), ("GTG", 0.14), ("TTG", 0.03)];
        let starts = usual
            .into_iter()
            .filter_map(|(bases, share)| Some((codon(bases)?, share)));
        let starts = starts.filter(|&(codon, _)| code.is_start(codon)).collect();
        let stops = Codon::all().filter(|&codon| code.is_stop(codon)).collect();
        Self {
            code,
            gc,
            background,
            translational,
            traits,
            starts,
            stops,
        }
    }

    /// `count` lineages of it: each but the first has drifted in composition and in what its background prefers, while
    /// translation and traits prefer what they did.
    pub fn lineages(&self, count: usize, seed: u64) -> Vec<Self> {
        let drifted = |number: usize| {
            let mut lineage = self.clone();
            if number > 0 {
                let mut random = Random::new(seed, u64::MAX - number as u64);
                lineage.gc = (self.gc + LINEAGE_GC * random.normal()).clamp(0.2, 0.8);
                for (index, weight) in lineage.background.iter_mut().enumerate() {
                    let neutral = |gc| neutral(Codon::from_index(index), gc);
                    *weight += neutral(lineage.gc) - neutral(self.gc) + LINEAGE_SPREAD * random.normal();
                }
            }
            lineage
        };
        (0..count).map(drifted).collect()
    }

    /// Cumulated probabilities of the 64 codons in a gene of that expression (1: a ribosomal protein) that carries
    /// the signatures of `traits` (index, strength).
    pub(super) fn cumulated(&self, expression: f64, traits: &[(usize, f64)]) -> [f64; 64] {
        let weight = |index: usize| {
            let shift: f64 = traits
                .iter()
                .map(|&(at, strength)| strength * self.traits[at][index])
                .sum();
            (self.background[index] + expression * self.translational[index] + shift).exp()
        };
        let weights: [f64; 64] = std::array::from_fn(weight);
        let mut cumulated = [0.0; 64];
        let mut sum = 0.0;
        for codon in Codon::all() {
            let amino_acid = self.code.amino_acid(codon);
            let share = COMPOSITION
                .iter()
                .find(|&&(letter, _)| letter == amino_acid)
                .map_or(0.0, |&(_, share)| share);
            let synonyms = Codon::all().filter(|&other| self.code.amino_acid(other) == amino_acid);
            let family: f64 = synonyms.map(|other| weights[other.as_index()]).sum();
            sum += share * weights[codon.as_index()] / family;
            cumulated[codon.as_index()] = sum;
        }
        cumulated
    }

    /// A start codon.
    pub(super) fn start(&self, random: &mut Random) -> Codon {
        let total: f64 = self.starts.iter().map(|(_, share)| share).sum();
        let mut drawn = random.uniform() * total;
        for &(codon, share) in &self.starts {
            drawn -= share;
            if drawn < 0.0 {
                return codon;
            }
        }
        self.starts
            .last()
            .map_or(Codon::from_index(35), |&(codon, _)| codon)
    }

    /// A stop codon.
    pub(super) fn stop(&self, random: &mut Random) -> Codon {
        self.stops[random.below(self.stops.len())]
    }

    /// A base outside of genes.
    pub(super) fn base(&self, random: &mut Random) -> u8 {
        let is_strong = random.happens(self.gc);
        match (is_strong, random.happens(0.5)) {
            (true, true) => b'G',
            (true, false) => b'C',
            (false, true) => b'A',
            (false, false) => b'T',
        }
    }

    /// Whether a codon is the preferred one of the trait.
    pub(super) fn is_preferred(&self, trait_index: usize, codon: Codon) -> bool {
        self.traits[trait_index][codon.as_index()] > 0.0
    }
}

/// ln of how often composition alone makes a codon.
fn neutral(codon: Codon, gc: f64) -> f64 {
    codon
        .to_bases()
        .iter()
        .map(|&base| base_probability(base, gc).ln())
        .sum()
}

fn base_probability(base: u8, gc: f64) -> f64 {
    if matches!(base, b'G' | b'C') {
        gc / 2.0
    } else {
        (1.0 - gc) / 2.0
    }
}

fn codon(bases: &str) -> Option<Codon> {
    let &[first, second, third] = bases.as_bytes() else {
        return None;
    };
    Codon::from_bases(first, second, third)
}

/// One codon of each amino acid is preferred; over its synonyms the shifts sum to zero.
fn signature(code: &GeneticCode, random: &mut Random) -> Weights {
    let mut weights = [0.0; 64];
    for (amino_acid, _) in COMPOSITION {
        let family: Vec<Codon> = Codon::all()
            .filter(|&codon| code.amino_acid(codon) == amino_acid)
            .collect();
        if family.len() < 2 {
            continue;
        }
        let preferred = random.below(family.len());
        let size = family.len() as f64;
        for (at, codon) in family.iter().enumerate() {
            let own = if at == preferred { PREFERENCE } else { 0.0 };
            weights[codon.as_index()] = own - PREFERENCE / size;
        }
    }
    weights
}
