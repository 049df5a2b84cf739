//! `analysis_results.json` and `pleiotropic_genes.json`: for programs.

use serde_json::{Value, json};

use super::codon_usage::usage;
use super::{Claims, Facts, verdict_in_words};
use crate::rows::TraitRow;
use crate::verbs::merge::{GeneEntry, GenomeLine, TraitSummary};

/// Everything a program asks first.
pub(crate) fn analysis_results(facts: &Facts) -> Vec<u8> {
    let collected = facts.collected;
    let codons: serde_json::Map<_, _> = usage(facts)
        .into_iter()
        .map(|usage| (usage.codon, json!({"count": usage.count, "rscu": usage.rscu})))
        .collect();
    bytes(&json!({
        "schemaVersion": genome_contract::SCHEMA_VERSION,
        "method": facts.method,
        "traits_digest": facts.plan.traits_digest,
        "genomes": {
            "total": collected.genomes,
            "succeeded": collected.succeeded,
            "failed": collected.failed,
            "failures_by_reason": collected.failures_by_reason(),
            "table": collected.table.iter().map(genome).collect::<Vec<_>>(),
        },
        "genes": collected.genes,
        "codon_usage": codons,
        "identified_traits": identified(facts),
        "traits": collected.traits.iter().map(summary).collect::<Vec<_>>(),
        "pleiotropic_genes": collected.candidates,
        "pleiotropic_genes_in_shuffled_copies": collected.candidates_shuffled,
        "claims": [Claims::SIGNATURES, Claims::GENES],
    }))
}

fn genome(line: &GenomeLine) -> Value {
    let failure = line
        .failure
        .as_ref()
        .map(|failure| json!({"reason": failure.reason, "message": failure.message}));
    json!({
        "id": line.id, "hash": line.hash, "failure": failure, "length": line.length, "gc": line.gc,
        "genes": line.genes, "enc": line.enc, "gc3s": line.gc3s, "detectable_traits": line.detectable,
        "pleiotropic_genes": line.candidates,
    })
}

/// Of a single genome, the tests of each trait.
fn identified(facts: &Facts) -> Option<Vec<Value>> {
    Some(
        facts
            .collected
            .single
            .as_ref()?
            .traits
            .iter()
            .map(tested)
            .collect(),
    )
}

fn tested(row: &TraitRow) -> Value {
    json!({
        "name": row.name, "verdict": row.verdict, "in_words": verdict_in_words(&row.verdict),
        "genes_listed": row.genes_listed, "genes_found": row.genes_found, "genes_scored": row.genes_scored,
        "auc": row.auc, "auc_interval": [row.auc_low, row.auc_high],
        "residual_auc": row.residual_auc, "residual_auc_interval": [row.residual_auc_low, row.residual_auc_high],
        "p_rotation": row.p_rotation, "p_rotation_residual": row.p_rotation_residual,
        "p_stratified": row.p_stratified, "q_rotation": row.q_rotation, "q": row.q, "cluster": row.cluster,
    })
}

fn summary(summary: &TraitSummary) -> Value {
    json!({
        "name": summary.name, "genomes_by_verdict": summary.verdicts, "genes_found": summary.genes_found,
        "genomes_scored": summary.scored, "mean_auc": summary.auc(),
    })
}

/// Candidates, and annotated pleiotropy in a list of its own.
pub(crate) fn pleiotropic_genes(facts: &Facts) -> Vec<u8> {
    let annotated = facts.genes.annotated.iter().map(|entry| {
        json!({"family": entry.family, "trait_sets": entry.sets, "genomes": entry.genomes, "product": entry.product})
    });
    bytes(&json!({
        "schemaVersion": genome_contract::SCHEMA_VERSION,
        "claim": Claims::GENES,
        "false_discovery_rate": facts.method.false_discovery_rate,
        "min_traits": facts.method.min_traits,
        "candidates_total": facts.collected.candidates,
        "candidates_in_shuffled_copies": facts.collected.candidates_shuffled,
        "candidates": facts.genes.candidates.iter().map(candidate).collect::<Vec<_>>(),
        "annotated_total": facts.genes.annotated_total,
        "annotated": annotated.collect::<Vec<_>>(),
    }))
}

fn candidate(entry: &GeneEntry) -> Value {
    let GeneEntry { genome, row, traits } = entry;
    json!({
        "genome": genome, "gene": row.gene, "name": row.name, "product": row.product,
        "signature_clusters": row.signature_clusters, "traits": traits, "annotated_traits": row.annotated_traits,
    })
}

fn bytes(value: &Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
