//! The JSON results as types: what `analysis_results.json`, `pleiotropic_genes.json` and `cohort.json` hold. Their schemas
//! in `docs/reference/results` are generated from here. An undefined value is `null`, never zero.

use std::collections::BTreeMap;

use genome_contract::Reason;
use genome_contract::message::ReasonCount;
use genome_contract::request::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `analysis_results.json`: everything a program asks first.
///
/// ```
/// use genomic_pleiotropy::output::documents::AnalysisResults;
///
/// let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/results/analysis-results.example.json");
/// let results: AnalysisResults = serde_json::from_slice(&std::fs::read(path)?)?;
/// assert_eq!(results.genomes.succeeded, results.genomes.table.len() as u64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnalysisResults {
    /// [`genome_contract::SCHEMA_VERSION`].
    #[serde(rename = "schemaVersion")]
    pub schema_version: u32,
    /// How it was counted and tested.
    pub method: Method,
    /// BLAKE3 of the trait panel, hexadecimal.
    pub traits_digest: String,
    /// The genomes.
    pub genomes: Genomes,
    /// Genes counted in all genomes.
    pub genes: u64,
    /// Pooled usage of the 64 codons, by codon.
    pub codon_usage: BTreeMap<String, CodonUsage>,
    /// Of a single genome, the tests of each trait in the panel's order; `null` for several.
    pub identified_traits: Option<Vec<TestedTrait>>,
    /// Each trait over all genomes, in the panel's order.
    pub traits: Vec<TraitOverGenomes>,
    /// Gene × trait scores with multinomial q below the false discovery rate: departures from background, not evidence.
    pub multinomial_calls: u64,
    /// The same on synonymously shuffled copies; `null` where none was tested.
    pub multinomial_calls_in_shuffled_copies: Option<u64>,
    /// Candidate pleiotropic genes.
    pub pleiotropic_genes: u64,
    /// Candidates that the same procedure finds in synonymously shuffled copies; `null` where none was tested.
    pub pleiotropic_genes_in_shuffled_copies: Option<u64>,
    /// What is and is not claimed.
    pub claims: Vec<String>,
}

/// Genomes by outcome, and one by one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Genomes {
    /// In the plan.
    pub total: u64,
    /// With results.
    pub succeeded: u64,
    /// Without.
    pub failed: u64,
    /// Failed genomes by reason, in the order of the reasons' names.
    pub failures_by_reason: Vec<ReasonCount>,
    /// One a genome, in order of id.
    pub table: Vec<GenomeSummary>,
}

/// One genome in a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GenomeSummary {
    /// Id in the analysis.
    pub id: String,
    /// First twelve digits of the BLAKE3 of its decompressed bytes.
    pub hash: String,
    /// Why it has no results; `null` for a success.
    pub failure: Option<GenomeFailure>,
    /// Bases of all contigs.
    pub length: u64,
    /// G and C among unambiguous bases, 0 to 1.
    pub gc: Option<f64>,
    /// Coding sequences counted.
    pub genes: u64,
    /// ENC (Wright 1990) of the pooled counts.
    pub enc: Option<f64>,
    /// GC3s of the pooled counts, 0 to 1.
    pub gc3s: Option<f64>,
    /// Traits with verdict `detectable`.
    pub detectable_traits: u64,
    /// Candidate pleiotropic genes.
    pub pleiotropic_genes: u64,
    /// Overdispersion λ of the gene × trait scores.
    pub overdispersion: Option<f64>,
    /// Effective number of independent traits (Li & Ji 2005).
    pub effective_traits: Option<f64>,
}

/// Why a genome has no results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GenomeFailure {
    /// In one word.
    pub reason: Reason,
    /// In a sentence.
    pub message: String,
}

/// A codon over all genes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodonUsage {
    /// How often it occurs.
    pub count: u64,
    /// Count over the mean of its amino acid's codons; `null` for stops and amino acids that do not occur.
    pub rscu: Option<f64>,
}

/// What a trait showed in a single genome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestedTrait {
    /// Name in the panel.
    pub name: String,
    /// `insufficient_genes`, `not_detectable`, `explained_by_expression_or_composition`, `detectable`, `is_expression`,
    /// `untested`.
    pub verdict: String,
    /// The verdict as a sentence's predicate.
    pub in_words: String,
    /// Genes the panel lists.
    pub genes_listed: u64,
    /// Of these, found in the genome.
    pub genes_found: u64,
    /// Of these, long enough to be scored.
    pub genes_scored: u64,
    /// Names that no gene has.
    pub genes_missing: Vec<String>,
    /// Leave-one-out AUC of members against all others, 0 to 1.
    pub auc: Option<f64>,
    /// Its 95 % interval.
    pub auc_interval: [Option<f64>; 2],
    /// AUC after expression, GC3 and length are regressed out.
    pub residual_auc: Option<f64>,
    /// Its 95 % interval.
    pub residual_auc_interval: [Option<f64>; 2],
    /// p of the rotation test on the raw z.
    pub p_rotation: Option<f64>,
    /// p of the rotation test on the residual z.
    pub p_rotation_residual: Option<f64>,
    /// p of the permutation within strata of expression, GC3 and length.
    pub p_stratified: Option<f64>,
    /// q over traits of the raw rotation test.
    pub q_rotation: Option<f64>,
    /// q over traits of the larger of `p_rotation_residual` and `p_stratified`.
    pub q: Option<f64>,
    /// Overdispersion of the scores of genes outside the set.
    pub overdispersion: Option<f64>,
    /// Cluster of correlated signatures, from 0.
    pub cluster: Option<u32>,
}

/// What a trait showed over all genomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TraitOverGenomes {
    /// Name in the panel.
    pub name: String,
    /// Genomes by verdict.
    pub genomes_by_verdict: BTreeMap<String, u64>,
    /// Genes of the set found, over all genomes.
    pub genes_found: u64,
    /// Genomes with an AUC.
    pub genomes_scored: u64,
    /// Mean AUC over them.
    pub mean_auc: Option<f64>,
}

/// `pleiotropic_genes.json`: candidates, and annotated pleiotropy in a list of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PleiotropicGenes {
    /// [`genome_contract::SCHEMA_VERSION`].
    #[serde(rename = "schemaVersion")]
    pub schema_version: u32,
    /// What the lists are and are not.
    pub claim: String,
    /// Rate at which false discoveries are controlled.
    pub false_discovery_rate: f64,
    /// Signature clusters a candidate needs; sets an annotated family needs.
    pub min_traits: u32,
    /// How many candidates there are; the list may be cut at 10,000.
    pub candidates_total: u64,
    /// Candidates in synonymously shuffled copies; `null` where none was tested.
    pub candidates_in_shuffled_copies: Option<u64>,
    /// Most clusters first, then by genome and gene.
    pub candidates: Vec<CandidateGene>,
    /// How many annotated families there are; the list may be cut at 10,000.
    pub annotated_total: u64,
    /// Most sets first.
    pub annotated: Vec<AnnotatedFamily>,
}

/// A candidate: its codons bear the signatures of several clusters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CandidateGene {
    /// Id of the genome.
    pub genome: String,
    /// Id of the gene.
    pub gene: String,
    /// Gene name.
    pub name: Option<String>,
    /// What it makes.
    pub product: Option<String>,
    /// Signature clusters it belongs to.
    pub signature_clusters: Option<u64>,
    /// Traits with residual q below the false discovery rate; empty beyond 50 genomes.
    pub traits: Vec<String>,
    /// Trait sets of the panel that contain it: annotated pleiotropy.
    pub annotated_traits: u64,
}

/// A gene family of which a gene belongs to several sets of the panel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnotatedFamily {
    /// Lower-case gene name, or the gene's id where it has none.
    pub family: String,
    /// Most sets that a gene of it belongs to.
    pub trait_sets: u64,
    /// Genes of it that do, over all genomes.
    pub genomes: u64,
    /// Product of the first one met.
    pub product: Option<String>,
}

/// `cohort.json`: what several genomes say together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cohort {
    /// [`genome_contract::SCHEMA_VERSION`].
    #[serde(rename = "schemaVersion")]
    pub schema_version: u32,
    /// Maps of codon usage.
    pub maps: CohortMaps,
    /// Conservation of each trait's signature, in the panel's order.
    pub signatures: Vec<ConservedSignature>,
    /// With a phenotype table only.
    pub phenotypes: Option<Phenotypes>,
}

/// The two maps; their points are in `codon_map.tsv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CohortMaps {
    /// Genomes by their pooled codons.
    pub genomes: CohortMap,
    /// Gene families by the codons of all their genes.
    pub families: CohortMap,
}

/// One map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CohortMap {
    /// Points with codons.
    pub points: u64,
    /// Share of the inertia on the first axes of the correspondence analysis.
    pub share_of_inertia: Vec<f64>,
    /// Share of the variance along the first principal components.
    pub share_of_variance: Vec<f64>,
}

/// Whether a signature is the same in all genomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConservedSignature {
    /// Name in the panel.
    #[serde(rename = "trait")]
    pub trait_name: String,
    /// Genomes with a signature.
    pub genomes: u64,
    /// Mean correlation over all pairs of them; `null` with fewer than two.
    pub mean_correlation: Option<f64>,
}

/// Gene families × phenotypes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phenotypes {
    /// What an association is and is not.
    pub claim: String,
    /// One a phenotype, in the table's order.
    pub tested: Vec<TestedPhenotype>,
    /// Columns that can't be tested.
    pub set_aside: Vec<SetAside>,
    /// Genomes of the table that are not in this analysis.
    pub genomes_not_in_this_analysis: u64,
}

/// A column that can't be tested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAside {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// One phenotype.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestedPhenotype {
    /// Name in the table.
    pub name: String,
    /// What counts as having it.
    pub with_means: String,
    /// Analyzed genomes that have it.
    pub genomes_with: u64,
    /// Analyzed genomes that do not.
    pub genomes_without: u64,
    /// Pairs of neighbours that differ in it.
    pub pairs: u64,
    /// Shift that most families share, in ln MELP.
    pub shift: f64,
    /// Families tested.
    pub families_tested: u64,
    /// Of these, with q below the false discovery rate.
    pub families_called: u64,
    /// The first hundred of them.
    pub called: Vec<CalledFamily>,
}

/// A family that changes together with a phenotype.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalledFamily {
    /// Lower-case gene name.
    pub family: String,
    /// What it makes.
    pub product: Option<String>,
    /// Pairs of neighbours in which both have it.
    pub pairs: u64,
    /// Of these, where the genome with the phenotype has the higher MELP.
    pub pairs_higher: u64,
    /// Mean corrected difference of ln MELP within pairs.
    pub contrast: f64,
    /// Two-sided p.
    pub p: f64,
    /// q over the families of the phenotype.
    pub q: f64,
}
