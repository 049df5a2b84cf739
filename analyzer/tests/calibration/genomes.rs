//! Genomes whose truth is known: drawn from a model, planted, or real ones with what they said taken out.

use genomic_pleiotropy::codons::{Codon, CodonCounts};
use genomic_pleiotropy::indices::families::Families;
use genomic_pleiotropy::indices::{counts, reference};
use genomic_pleiotropy::record::{Gene, Genome};
use genomic_pleiotropy::traits::random::Random;
use genomic_pleiotropy::traits::shuffle;
use genomic_pleiotropy::traits::{Panel, Trait};

/// Ribosomal proteins of a drawn genome.
const REFERENCE: usize = 40;

/// A genome of `genes` genes of 60 to 700 codons under table 11. The first 40 are ribosomal proteins and use half of
/// the synonyms twice as often; every other gene leans towards them, and towards GC, by an amount of its own.
pub(crate) fn drawn(genes: usize, seed: u64) -> Genome {
    let mut random = Random::new(seed, "drawn genome");
    let families = Families::by_id(11);
    let gene = |index: usize| {
        let expression = if index < REFERENCE {
            1.0
        } else {
            0.4 * unit(&mut random)
        };
        let lean = unit(&mut random) - 0.5;
        let length = if index < REFERENCE {
            100
        } else {
            60 + random.below(640)
        };
        let weight = |codon: Codon| {
            favoured(codon).powf(expression) * (if is_strong(codon) { lean } else { -lean } * 0.6).exp()
        };
        Gene {
            name: Some(name(index)),
            codons: codons(&mut random, &families, length, weight),
            ..placed(index)
        }
    };
    genome((0..genes).map(gene))
}

/// The same without any difference between genes, but for 30 planted ones, drawn like ribosomal proteins: trait
/// `planted`, names `planted0` … `planted29`.
pub(crate) fn planted(genes: usize, seed: u64) -> Genome {
    let mut random = Random::new(seed, "planted genome");
    let families = Families::by_id(11);
    // not evenly spaced: the rotation test would meet the same set again
    let mut places: Vec<usize> = (REFERENCE..genes).collect();
    random.bring_to_front(&mut places, 30);
    let gene = |index: usize| {
        let planted = places[..30].iter().position(|&place| place == index);
        let length = 100 + random.below(400);
        let weight = |codon: Codon| {
            if planted.is_some() {
                favoured(codon).powi(2)
            } else {
                1.0
            }
        };
        let name = planted.map_or_else(|| name(index), |number| format!("planted{number}"));
        Gene {
            name: Some(name),
            codons: codons(&mut random, &families, length, weight),
            ..placed(index)
        }
    };
    genome((0..genes).map(gene))
}

/// Synonyms that end in G or C are taken once in ten times, by some genes a little more often.
pub(crate) fn with_rare_synonyms(genes: usize, seed: u64) -> Genome {
    let mut random = Random::new(seed, "rare synonyms");
    let families = Families::by_id(11);
    let gene = |index: usize| {
        let rare = 0.08 + 0.05 * unit(&mut random);
        let length = 60 + random.below(500);
        let weight = |codon| if is_strong(codon) { rare } else { 1.0 };
        Gene {
            name: Some(name(index)),
            codons: codons(&mut random, &families, length, weight),
            ..placed(index)
        }
    };
    genome((0..genes).map(gene))
}

/// Genes lean towards G and C or away from them, each by an amount of its own; 30 `planted` ones away, in every second
/// amino acid. Gene `g600` leans towards them, in the other amino acids strongly: for its GC3, its score is hardly low.
pub(crate) fn contrary(genes: usize, seed: u64) -> Genome {
    let mut random = Random::new(seed, "contrary");
    let families = Families::by_id(11);
    let is_marked = |codon: Codon| {
        let place = families
            .all()
            .iter()
            .position(|family| family.codons.contains(&codon));
        place.is_some_and(|place| place % 2 == 0)
    };
    let mut places: Vec<usize> = (REFERENCE..genes).filter(|&place| place != 600).collect();
    random.bring_to_front(&mut places, 30);
    let gene = |index: usize| {
        let planted = places[..30].iter().position(|&place| place == index);
        let lean = 2.4 * (unit(&mut random) - 0.5);
        let weight = |codon: Codon| {
            let lean = match (index, is_marked(codon)) {
                (600, true) => 0.2,
                (600, false) => 2.2,
                (_, true) if planted.is_some() => -1.2,
                (_, false) if planted.is_some() => 0.0,
                _ => lean,
            };
            (if is_strong(codon) { lean } else { -lean } / 2.0).exp()
        };
        let length = if index == 600 {
            1490
        } else {
            300 + random.below(1200)
        };
        Gene {
            name: Some(planted.map_or_else(|| name(index), |number| format!("planted{number}"))),
            codons: codons(&mut random, &families, length, weight),
            ..placed(index)
        }
    };
    genome((0..genes).map(gene))
}

fn genome(genes: impl Iterator<Item = Gene>) -> Genome {
    Genome {
        genes: genes.collect(),
        ..Genome::default()
    }
}

fn is_strong(codon: Codon) -> bool {
    matches!(codon.to_bases()[2], b'G' | b'C')
}

/// Each gene keeps its length, and every codon is drawn from the genome's base composition: what is left of a genome
/// whose nucleotides are shuffled.
pub(crate) fn from_nucleotides(genome: &Genome, seed: u64) -> Genome {
    let mut random = Random::new(seed, "nucleotides");
    let mut bases = Vec::new();
    for gene in genome.genes.iter().step_by(7) {
        for codon in Codon::all() {
            (0..gene.codons[codon]).for_each(|_| bases.extend(codon.to_bases()));
        }
    }
    let mut copy = genome.clone();
    for gene in &mut copy.genes {
        let families = Families::by_id(gene.genetic_code);
        let length = gene.codons.total();
        gene.codons = CodonCounts::default();
        while gene.codons.total() < length {
            let [first, second, third] = [(); 3].map(|()| bases[random.below(bases.len())]);
            let codon = Codon::from_bases(first, second, third).unwrap();
            let is_sense = families.all().iter().any(|family| family.codons.contains(&codon));
            gene.codons[codon] += u32::from(is_sense);
        }
    }
    copy
}

/// `sets` random sets of named genes; sizes repeat.
pub(crate) fn random_sets(genome: &Genome, sizes: &[usize], sets: usize, seed: u64) -> Panel {
    let mut random = Random::new(seed, "random sets");
    let mut names: Vec<String> = genome.genes.iter().map(|gene| gene.id.clone()).collect();
    let set = |index: usize| {
        let size = sizes[index % sizes.len()].min(names.len() / 3);
        random.bring_to_front(&mut names, size);
        Trait {
            name: format!("random {index}"),
            associated_genes: names[..size].to_vec(),
            ..Trait::default()
        }
    };
    Panel::from((0..sets).map(set).collect::<Vec<_>>())
}

fn placed(index: usize) -> Gene {
    Gene {
        id: format!("g{index}"),
        locus_tag: Some(format!("g{index}")),
        genetic_code: 11,
        ..Gene::default()
    }
}

fn name(index: usize) -> String {
    match u8::try_from(index) {
        Ok(index @ 0..20) => format!("rpl{}", char::from(b'A' + index)),
        Ok(index @ 20..40) => format!("rps{}", char::from(b'A' + index - 20)),
        _ => format!("gene{index}"),
    }
}

/// Every other synonym is favoured by highly expressed genes.
fn favoured(codon: Codon) -> f64 {
    if (codon.as_index() / 2 + codon.as_index()).is_multiple_of(2) {
        1.8
    } else {
        0.7
    }
}

/// Draws `length` codons: an amino acid like any other, then a synonym by weight.
fn codons(
    random: &mut Random,
    families: &Families,
    length: usize,
    weight: impl Fn(Codon) -> f64,
) -> CodonCounts {
    let mut counts = CodonCounts::default();
    for _ in 0..length {
        let family = &families.all()[random.below(families.all().len())];
        counts[synonym(random, &family.codons, &weight)] += 1;
    }
    counts
}

/// One of `codons`, by weight.
fn synonym(random: &mut Random, codons: &[Codon], weight: impl Fn(Codon) -> f64) -> Codon {
    let total: f64 = codons.iter().map(|&codon| weight(codon)).sum();
    let mut left = unit(random) * total;
    let chosen = codons.iter().find(|&&codon| {
        left -= weight(codon);
        left < 0.0
    });
    *chosen.unwrap_or(&codons[0])
}

fn unit(random: &mut Random) -> f64 {
    random.below(1 << 40) as f64 / (1_u64 << 40) as f64
}

/// A synonymously shuffled copy of a real genome, in which 30 genes draw their synonyms as its ribosomal proteins do:
/// trait `planted`. `None` where it has too few of either.
pub(crate) fn planted_in(genome: &Genome, seed: u64) -> Option<Genome> {
    let is_reference = reference::find(&genome.genes);
    let usage = counts::pooled(
        genome
            .genes
            .iter()
            .zip(&is_reference)
            .filter(|(_, is)| **is)
            .map(|(gene, _)| &gene.codons),
    );
    let mut random = Random::new(seed, "planted in a genome");
    let mut copy = shuffle::synonymously(genome, seed);
    let long = |&index: &usize| copy.genes[index].codons.total() >= 100 && !is_reference[index];
    let mut places: Vec<usize> = (0..copy.genes.len()).filter(long).collect();
    if usage.total() == 0 || places.len() < 300 {
        return None;
    }
    random.bring_to_front(&mut places, 30);
    for (number, &place) in places[..30].iter().enumerate() {
        let gene = &mut copy.genes[place];
        gene.name = Some(format!("planted{number}"));
        let families = Families::by_id(gene.genetic_code);
        for family in families.informative() {
            let held: u32 = family
                .codons
                .iter()
                .map(|&codon| std::mem::take(&mut gene.codons[codon]))
                .sum();
            for _ in 0..held {
                let codon = synonym(&mut random, &family.codons, |codon| f64::from(usage[codon]) + 1.0);
                gene.codons[codon] += 1;
            }
        }
    }
    Some(copy)
}
