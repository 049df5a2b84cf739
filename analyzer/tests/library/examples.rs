//! One document of each kind, as the reference shows it.

use std::collections::BTreeMap;

use genome_contract::message::ReasonCount;
use genome_contract::request::Method;
use genome_contract::{Reason, SCHEMA_VERSION};
use genomic_pleiotropy::output::documents::{
    AnalysisResults, AnnotatedFamily, CalledFamily, CandidateGene, CodonUsage, Cohort, CohortMap, CohortMaps,
    ConservedSignature, GenomeFailure, GenomeSummary, Genomes, Phenotypes, PleiotropicGenes, SetAside,
    TestedPhenotype, TestedTrait, TraitOverGenomes,
};
use serde_json::Value;

/// In the order of the schemas.
pub(crate) fn all() -> [Value; 3] {
    [
        serde_json::to_value(analysis()).unwrap(),
        serde_json::to_value(genes()).unwrap(),
        serde_json::to_value(cohort()).unwrap(),
    ]
}

fn analysis() -> AnalysisResults {
    AnalysisResults {
        schema_version: SCHEMA_VERSION,
        method: Method::default(),
        traits_digest: "6f".repeat(32),
        genomes: Genomes {
            total: 1,
            succeeded: 1,
            failed: 0,
            failures_by_reason: vec![],
            table: vec![summary()],
        },
        genes: 4140,
        codon_usage: BTreeMap::from([
            (
                "CTG".to_owned(),
                CodonUsage {
                    count: 69_614,
                    rscu: Some(2.98),
                },
            ),
            (
                "TAA".to_owned(),
                CodonUsage {
                    count: 2_646,
                    rscu: None,
                },
            ),
        ]),
        identified_traits: Some(vec![tested()]),
        traits: vec![TraitOverGenomes {
            name: "motility".to_owned(),
            genomes_by_verdict: BTreeMap::from([("detectable".to_owned(), 1)]),
            genes_found: 110,
            genomes_scored: 1,
            mean_auc: Some(0.715),
        }],
        multinomial_calls: 20_259,
        multinomial_calls_in_shuffled_copies: Some(0),
        pleiotropic_genes: 8,
        pleiotropic_genes_in_shuffled_copies: Some(0),
        claims: vec!["a signature is a statistical trace, not a cause".to_owned()],
    }
}

fn summary() -> GenomeSummary {
    GenomeSummary {
        id: "NC_000913".to_owned(),
        hash: "0f".repeat(6),
        failure: None,
        length: 4_641_652,
        gc: Some(0.508),
        genes: 4140,
        enc: Some(48.9),
        gc3s: Some(0.539),
        detectable_traits: 14,
        pleiotropic_genes: 8,
        overdispersion: Some(5.62),
        effective_traits: Some(6.0),
    }
}

fn tested() -> TestedTrait {
    TestedTrait {
        name: "motility".to_owned(),
        verdict: "detectable".to_owned(),
        in_words: "a signature of its own, beyond expression and composition".to_owned(),
        genes_listed: 114,
        genes_found: 110,
        genes_scored: 108,
        genes_missing: vec!["fliY2".to_owned()],
        auc: Some(0.715),
        auc_interval: [Some(0.66), Some(0.77)],
        residual_auc: Some(0.624),
        residual_auc_interval: [Some(0.57), Some(0.68)],
        p_rotation: Some(0.001),
        p_rotation_residual: Some(0.001),
        p_stratified: Some(0.001),
        q_rotation: Some(0.004),
        q: Some(0.004),
        overdispersion: Some(3.42),
        cluster: Some(1),
    }
}

fn genes() -> PleiotropicGenes {
    PleiotropicGenes {
        schema_version: SCHEMA_VERSION,
        claim: "a candidate is a place to look, not a proof".to_owned(),
        false_discovery_rate: 0.05,
        min_traits: 2,
        candidates_total: 1,
        candidates_in_shuffled_copies: Some(0),
        candidates: vec![CandidateGene {
            genome: "NC_000913".to_owned(),
            gene: "b3987".to_owned(),
            name: Some("rpoB".to_owned()),
            product: Some("RNA polymerase, beta subunit".to_owned()),
            signature_clusters: Some(2),
            traits: vec!["motility".to_owned(), "replication".to_owned()],
            annotated_traits: 3,
        }],
        annotated_total: 1,
        annotated: vec![AnnotatedFamily {
            family: "rpob".to_owned(),
            trait_sets: 3,
            genomes: 1,
            product: None,
        }],
    }
}

fn cohort() -> Cohort {
    let map = || CohortMap {
        points: 80,
        share_of_inertia: vec![0.658, 0.14],
        share_of_variance: vec![0.61, 0.15],
    };
    Cohort {
        schema_version: SCHEMA_VERSION,
        maps: CohortMaps {
            genomes: map(),
            families: map(),
        },
        signatures: vec![ConservedSignature {
            trait_name: "motility".to_owned(),
            genomes: 80,
            mean_correlation: Some(0.943),
        }],
        phenotypes: Some(Phenotypes {
            claim: "which families change together with the phenotype, not that they cause it".to_owned(),
            tested: vec![TestedPhenotype {
                name: "motile".to_owned(),
                with_means: "`yes`".to_owned(),
                genomes_with: 40,
                genomes_without: 40,
                pairs: 31,
                shift: 0.012,
                families_tested: 118,
                families_called: 1,
                called: vec![CalledFamily {
                    family: "flic".to_owned(),
                    product: None,
                    pairs: 31,
                    pairs_higher: 29,
                    contrast: 0.21,
                    p: 1e-6,
                    q: 1.2e-4,
                }],
            }],
            set_aside: vec![SetAside {
                name: "habitat".to_owned(),
                reason: "more than two different texts".to_owned(),
            }],
            genomes_not_in_this_analysis: 2,
        }),
    }
}

/// A failed genome is part of the schema too.
#[test]
fn a_failed_genome_has_a_reason() {
    let mut results = analysis();
    results.genomes.failures_by_reason.push(ReasonCount {
        reason: Reason::EmptyInput,
        count: 1,
    });
    results.genomes.table[0].failure = Some(GenomeFailure {
        reason: Reason::EmptyInput,
        message: "no sequence".to_owned(),
    });
    let json = serde_json::to_value(results).unwrap();
    assert_eq!(json["genomes"]["table"][0]["failure"]["reason"], "EmptyInput");
}
