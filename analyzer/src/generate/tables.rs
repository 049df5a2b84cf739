//! What goes with the genomes: trait panel, phenotypes, truth, frequency table, trial records.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::cast::{Cast, Recipe};
use super::genome::SyntheticGenome;
use super::random::Random;
use super::species::Species;
use crate::codons::{Codon, CodonCounts};
use crate::read::bases;
use crate::read::counting::codon_of;

/// Traits of random genes: they must not be found.
const NULL_TRAITS: usize = 3;

/// The panel: the planted traits, the ribosome, and as many random sets, which carry no signature.
pub(super) fn panel(cast: &Cast, recipe: &Recipe) -> Value {
    let mut traits: Vec<Value> = cast
        .planted
        .iter()
        .map(|planted| {
            entry(
                &planted.name,
                "planted with a signature of its own",
                &planted.genes,
            )
        })
        .collect();
    traits.push(entry("ribosome", "ribosomal proteins", &cast.ribosomal));
    let mut random = Random::new(recipe.seed, 2);
    // Drawn from all genes: those without a planted signature are a set that differs from the genome, and is found as one.
    let mut all: Vec<String> = cast.members().map(|member| member.name.clone()).collect();
    for number in 1..=NULL_TRAITS {
        random.shuffle(&mut all);
        let genes = &all[..recipe.trait_genes.min(all.len() / 4)];
        traits.push(entry(
            &format!("null_{number}"),
            "random genes: no signature of their own",
            genes,
        ));
    }
    traits.retain(|entry| {
        entry["associated_genes"]
            .as_array()
            .is_some_and(|genes| !genes.is_empty())
    });
    json!({ "traits": traits })
}

fn entry(name: &str, description: &str, genes: &[String]) -> Value {
    json!({ "name": name, "description": description, "associated_genes": genes })
}

/// What the analysis should find.
pub(super) fn truth(cast: &Cast, recipe: &Recipe, genomes: &[Value]) -> Value {
    let traits: Vec<Value> = cast
        .planted
        .iter()
        .map(|planted| json!({ "name": planted.name, "strength": recipe.strength, "genes": planted.genes }))
        .collect();
    json!({
        "schemaVersion": 1,
        "seed": recipe.seed,
        "traits": traits,
        "ribosomal": cast.ribosomal,
        "phenotype": { "name": "adapted", "families": lower_case(&cast.adapted) },
        "lineages": { "count": recipe.lineages, "families": lower_case(&cast.drifting) },
        "genomes": genomes,
    })
}

fn lower_case(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.to_lowercase()).collect()
}

/// A genome's part of the truth.
pub(super) fn genome_truth(genome: &SyntheticGenome, files: &[String]) -> Value {
    json!({
        "id": genome.id,
        "files": files,
        "length": genome.sequence.len(),
        "genes": genome.genes.iter().filter(|gene| !gene.is_pseudo).count(),
        "pseudogenes": genome.genes.iter().filter(|gene| gene.is_pseudo).count(),
        "adapted": genome.origin.has_phenotype,
        "lineage": genome.origin.lineage,
    })
}

/// Genome id → phenotypes: the true one, and one that means nothing.
pub(super) fn phenotypes(genomes: &[SyntheticGenome], seed: u64) -> String {
    let mut random = Random::new(seed, 3);
    let mut table = "genome\tadapted\tcoin\n".to_owned();
    for genome in genomes {
        let coin = u8::from(random.happens(0.5));
        let _ = writeln!(
            table,
            "{}\t{}\t{coin}",
            genome.id,
            u8::from(genome.origin.has_phenotype)
        );
    }
    table
}

/// Codon frequencies, per thousand, of each gene.
pub(super) fn frequencies(genome: &SyntheticGenome) -> String {
    let mut table = "gene\tlocus_tag\tcodons".to_owned();
    for codon in Codon::all() {
        let _ = write!(table, "\t{}", String::from_utf8_lossy(&codon.to_bases()));
    }
    table.push('\n');
    for gene in genome.genes.iter().filter(|gene| !gene.is_pseudo) {
        let counts = counts(&gene.coding);
        let total = counts.total();
        let _ = write!(table, "{}\t{}\t{total}", gene.name, gene.locus_tag);
        for codon in Codon::all() {
            let _ = write!(table, "\t{:.3}", 1000.0 * f64::from(counts[codon]) / total as f64);
        }
        table.push('\n');
    }
    table
}

fn counts(coding: &[u8]) -> CodonCounts {
    let mut codes = Vec::with_capacity(coding.len());
    bases::append(&mut codes, coding).expect("generated from A, C, G and T");
    let mut counts = CodonCounts::default();
    for codon in codes.chunks_exact(3).filter_map(codon_of) {
        counts[codon] += 1;
    }
    counts
}

/// Trials: a gene drawn with or without the signature of trait 0, and how many of its codons are the preferred ones.
pub(super) fn trials(species: &Species, records: usize, strength: f64, seed: u64) -> String {
    let mut random = Random::new(seed, 4);
    let mut table = "trial\thas_signature\tcodons\tpreferred\n".to_owned();
    for trial in 1..=records {
        let has_signature = random.happens(0.5);
        let codons = 60 + random.below(400);
        let planted = if has_signature {
            vec![(0, strength)]
        } else {
            Vec::new()
        };
        let cumulated = species.cumulated(0.3 * random.uniform().powi(2), &planted);
        let drawn = (0..codons).map(|_| Codon::from_index(random.pick(&cumulated)));
        let preferred = drawn.filter(|&codon| species.is_preferred(0, codon)).count();
        let _ = writeln!(
            table,
            "{trial}\t{}\t{codons}\t{preferred}",
            u8::from(has_signature)
        );
    }
    table
}
