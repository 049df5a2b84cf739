//! For programs: `analysis_results.json` and `pleiotropic_genes.json`.

use genome_contract::SCHEMA_VERSION;
use serde::Serialize;

use super::codon_usage::usage;
use super::documents::{
    AnalysisResults, AnnotatedFamily, CandidateGene, CodonUsage, GenomeFailure, GenomeSummary, Genomes,
    PleiotropicGenes, TestedTrait, TraitOverGenomes,
};
use super::{Claims, Facts, verdict_in_words};
use crate::rows::TraitRow;
use crate::verbs::merge::{FamilyEntry, GeneEntry, GenomeLine, TraitSummary};

/// Everything a program asks first.
pub(crate) fn analysis_results(facts: &Facts) -> Vec<u8> {
    let collected = facts.collected;
    let codons = usage(facts).into_iter().map(|usage| {
        let (count, rscu) = (usage.count, usage.rscu);
        (usage.codon, CodonUsage { count, rscu })
    });
    let single = collected.single.as_ref();
    bytes(&AnalysisResults {
        schema_version: SCHEMA_VERSION,
        method: facts.method.clone(),
        traits_digest: facts.plan.traits_digest.clone(),
        genomes: Genomes {
            total: collected.genomes,
            succeeded: collected.succeeded,
            failed: collected.failed,
            failures_by_reason: collected.failures_by_reason(),
            table: collected.table.iter().map(genome).collect(),
        },
        genes: collected.genes,
        codon_usage: codons.collect(),
        identified_traits: single.map(|genome| genome.traits.iter().map(tested).collect()),
        traits: collected.traits.iter().map(summary).collect(),
        multinomial_calls: collected.calls,
        multinomial_calls_in_shuffled_copies: collected.calls_shuffled,
        pleiotropic_genes: collected.candidates,
        pleiotropic_genes_in_shuffled_copies: collected.candidates_shuffled,
        claims: vec![Claims::SIGNATURES.to_owned(), Claims::GENES.to_owned()],
    })
}

fn genome(line: &GenomeLine) -> GenomeSummary {
    let failure = line.failure.as_ref();
    GenomeSummary {
        id: line.id.clone(),
        hash: line.hash.clone(),
        failure: failure.map(|failure| GenomeFailure {
            reason: failure.reason,
            message: failure.message.clone(),
        }),
        length: line.length,
        gc: line.gc,
        genes: line.genes,
        enc: line.enc,
        gc3s: line.gc3s,
        detectable_traits: line.detectable.len() as u64,
        pleiotropic_genes: line.candidates,
        overdispersion: line.overdispersion,
        effective_traits: line.effective_traits,
    }
}

fn tested(row: &TraitRow) -> TestedTrait {
    TestedTrait {
        name: row.name.clone(),
        verdict: row.verdict.clone(),
        in_words: verdict_in_words(&row.verdict).to_owned(),
        genes_listed: row.genes_listed,
        genes_found: row.genes_found,
        genes_scored: row.genes_scored,
        genes_missing: row.genes_missing.clone(),
        auc: row.auc,
        auc_interval: [row.auc_low, row.auc_high],
        residual_auc: row.residual_auc,
        residual_auc_interval: [row.residual_auc_low, row.residual_auc_high],
        p_rotation: row.p_rotation,
        p_rotation_residual: row.p_rotation_residual,
        p_stratified: row.p_stratified,
        q_rotation: row.q_rotation,
        q: row.q,
        overdispersion: row.overdispersion,
        cluster: row.cluster,
    }
}

fn summary(summary: &TraitSummary) -> TraitOverGenomes {
    TraitOverGenomes {
        name: summary.name.clone(),
        genomes_by_verdict: summary.verdicts.clone(),
        genes_found: summary.genes_found,
        genomes_scored: summary.scored,
        mean_auc: summary.auc(),
    }
}

/// Candidates, and annotated pleiotropy in a list of its own.
pub(crate) fn pleiotropic_genes(facts: &Facts) -> Vec<u8> {
    bytes(&PleiotropicGenes {
        schema_version: SCHEMA_VERSION,
        claim: Claims::GENES.to_owned(),
        false_discovery_rate: facts.method.false_discovery_rate,
        min_traits: facts.method.min_traits,
        candidates_total: facts.collected.candidates,
        candidates_in_shuffled_copies: facts.collected.candidates_shuffled,
        candidates: facts.genes.candidates.iter().map(candidate).collect(),
        annotated_total: facts.genes.annotated_total,
        annotated: facts.genes.annotated.iter().map(annotated).collect(),
    })
}

fn candidate(entry: &GeneEntry) -> CandidateGene {
    let GeneEntry { genome, row, traits } = entry;
    CandidateGene {
        genome: genome.clone(),
        gene: row.gene.clone(),
        name: row.name.clone(),
        product: row.product.clone(),
        signature_clusters: row.signature_clusters,
        traits: traits.clone(),
        annotated_traits: row.annotated_traits,
    }
}

fn annotated(entry: &FamilyEntry) -> AnnotatedFamily {
    AnnotatedFamily {
        family: entry.family.clone(),
        trait_sets: entry.sets,
        genomes: entry.genomes,
        product: entry.product.clone(),
    }
}

/// The document, indented, with a final newline.
pub(super) fn bytes(document: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
