//! The rows of the result tables: what statistics yield, the cache keeps and Parquet stores.
//!
//! A row is a function of the genome's bytes, the panel and the method: no time, no place, no attempt in it.
//! `None` means undefined for this gene or genome (said so in the reference), never zero.

use serde::{Deserialize, Serialize};

/// Everything that one genome yields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GenomeRows {
    /// The genome's own row.
    pub genome: GenomeRow,
    /// One row a gene, in genome order.
    pub genes: Vec<GeneRow>,
    /// Gene × trait rows, by trait in the panel's order, then by gene in genome order; thinned to `output.associations`.
    pub associations: Vec<AssociationRow>,
    /// Sums over genes for the trait × trait correlation.
    pub correlation: genome_contract::chunk::CorrelationSums,
}

/// One genome. The genome's id is not in it: the same bytes under two names share one cache entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GenomeRow {
    /// BLAKE3 of the decompressed bytes, hexadecimal; empty when it could not be read to its end.
    pub content_hash: String,
    /// Why it failed; `None` for a success.
    pub failure: Option<FailureRow>,
    /// `GenBank`, `FastaCds`, `FastaGenome`, `FastaGff`.
    pub format: String,
    /// `Annotated`, `Predicted`, `None`.
    pub gene_source: String,
    /// NCBI translation table of most genes.
    pub genetic_code: u8,
    /// Contigs.
    pub contigs: u64,
    /// Bases of all contigs.
    pub length: u64,
    /// G and C among unambiguous bases, 0 to 1.
    pub gc: Option<f64>,
    /// Coding sequences counted.
    pub genes: u64,
    /// Of these, with an id met before, which got `#2`, `#3` … appended.
    pub genes_renamed: u64,
    /// Of these, with fewer than 50 informative codons: not scored.
    pub genes_too_short: u64,
    /// Features set aside as pseudogenes.
    pub pseudogenes: u64,
    /// Features set aside for any other reason.
    pub set_aside: u64,
    /// Codons left out of the counts: the sum of the next four.
    pub codons_left_out: u64,
    /// Stop codons before a gene's end.
    pub inner_stops: u64,
    /// Codons with an ambiguous base.
    pub ambiguous_codons: u64,
    /// Codons named by `transl_except`.
    pub excepted_codons: u64,
    /// Codons cut by a partial end, or by a length that is no multiple of three.
    pub cut_codons: u64,
    /// Pooled counts of the 64 codons, all in-frame codons, starts and stops included; order of `Codon`.
    pub codons: Vec<u64>,
    /// ENC (Wright 1990) of the pooled counts.
    pub enc: Option<f64>,
    /// GC3s of the pooled counts, 0 to 1.
    pub gc3s: Option<f64>,
    /// Overdispersion λ of the gene × trait scores.
    pub overdispersion: Option<f64>,
    /// Effective number of independent traits (Li & Ji 2005).
    pub effective_traits: Option<f64>,
    /// Genes that served as expression reference (ribosomal proteins).
    pub reference_genes: u64,
    /// Gene × trait scores with multinomial q below the false discovery rate.
    pub calls: u64,
    /// The same on a synonymously shuffled copy of the genome.
    pub calls_shuffled: Option<u64>,
    /// Candidate pleiotropic genes.
    pub candidates: u64,
    /// Candidates that the same procedure finds on a synonymously shuffled copy.
    pub candidates_shuffled: Option<u64>,
    /// Genes that belong to at least `minTraits` of the panel's sets.
    pub annotated_pleiotropic: u64,
    /// One row a trait, in the panel's order.
    pub traits: Vec<TraitRow>,
}

/// Why a genome has no results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRow {
    /// The word.
    pub reason: genome_contract::Reason,
    /// The sentence.
    pub message: String,
}

/// What a trait showed in one genome.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TraitRow {
    /// Name in the panel.
    pub name: String,
    /// Genes the panel lists.
    pub genes_listed: u64,
    /// Of these, found in the genome.
    pub genes_found: u64,
    /// Names that no gene has, in the panel's order.
    pub genes_missing: Vec<String>,
    /// Genes found by a known sequence rather than by name.
    pub genes_by_sequence: u64,
    /// Of these, long enough to be scored.
    pub genes_scored: u64,
    /// `insufficient_genes`, `not_detectable`, `explained_by_expression_or_composition`, `detectable`,
    /// `is_expression` (half of the set or more lies in the ribosomal reference), `untested`.
    pub verdict: String,
    /// Leave-one-out AUC of members against all others, 0 to 1.
    pub auc: Option<f64>,
    /// Its 95 % interval (DeLong).
    pub auc_low: Option<f64>,
    /// Upper bound.
    pub auc_high: Option<f64>,
    /// AUC after expression, GC3 and length are regressed out.
    pub residual_auc: Option<f64>,
    /// Its lower 95 % bound.
    pub residual_auc_low: Option<f64>,
    /// Its upper 95 % bound.
    pub residual_auc_high: Option<f64>,
    /// p of the rotation test on the raw z.
    pub p_rotation: Option<f64>,
    /// p of the rotation test on the residual z.
    pub p_rotation_residual: Option<f64>,
    /// p of the permutation within strata.
    pub p_stratified: Option<f64>,
    /// Benjamini–Hochberg q over traits of the raw rotation test.
    pub q_rotation: Option<f64>,
    /// Benjamini–Hochberg q over traits of max(p_rotation_residual, p_stratified).
    pub q: Option<f64>,
    /// Overdispersion of the non-members' scores: median z² over that of a standard normal.
    pub overdispersion: Option<f64>,
    /// Cluster of correlated signatures (|r| ≥ .7), numbered from 0 in the panel's order.
    pub cluster: Option<u32>,
    /// The signature: ln(q/p) of the 64 codons, 0 where not informative; empty for an insufficient trait.
    pub signature: Vec<f64>,
}

/// One gene.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GeneRow {
    /// Unique in the genome.
    pub gene: String,
    /// Gene name.
    pub name: Option<String>,
    /// Locus tag.
    pub locus_tag: Option<String>,
    /// Protein id.
    pub protein_id: Option<String>,
    /// What it makes.
    pub product: Option<String>,
    /// Gene-family key: the lower-case gene name, else none.
    pub family: Option<String>,
    /// Name of the contig.
    pub contig: String,
    /// First base, counted from 1.
    pub start: u64,
    /// Last base, inclusive.
    pub end: u64,
    /// `+` or `-`.
    pub strand: String,
    /// NCBI translation table.
    pub genetic_code: u8,
    /// Informative codons (59 under table 11).
    pub informative_codons: u64,
    /// Codons of the coding sequence that could be read, start and stop included.
    pub length: u64,
    /// Counts of the 64 codons, start and stop included; order of `Codon`.
    pub codons: Vec<u64>,
    /// G and C of the coding sequence, 0 to 1.
    pub gc: Option<f64>,
    /// G and C at first, second and third positions.
    pub gc1: Option<f64>,
    /// Second positions.
    pub gc2: Option<f64>,
    /// Third positions.
    pub gc3: Option<f64>,
    /// GC3s, 0 to 1.
    pub gc3s: Option<f64>,
    /// ENC (Wright 1990), 20 to 61.
    pub enc: Option<f64>,
    /// CAI (Sharp & Li 1987), 0 to 1.
    pub cai: Option<f64>,
    /// Fop (Ikemura 1981), 0 to 1.
    pub fop: Option<f64>,
    /// CBI (Bennetzen & Hall 1982).
    pub cbi: Option<f64>,
    /// SCUO (Wan 2004), 0 to 1.
    pub scuo: Option<f64>,
    /// MILC against the genome (Supek & Vlahoviček 2005).
    pub milc: Option<f64>,
    /// MELP: expression predicted against the ribosomal proteins (same paper).
    pub melp: Option<f64>,
    /// Fewer than 50 informative codons: not scored.
    pub too_short: bool,
    /// Trait sets of the panel that contain the gene: annotated pleiotropy.
    pub annotated_traits: u64,
    /// Signature clusters with residual-empirical q below the false discovery rate; `None` where not tested.
    pub signature_clusters: Option<u64>,
    /// Whether it is a candidate pleiotropic gene.
    pub candidate: bool,
    /// Whether it served as expression reference (ribosomal protein).
    pub reference: bool,
}

/// One gene × trait.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AssociationRow {
    /// Index of the gene in [`GenomeRows::genes`].
    pub gene: u32,
    /// Index of the trait in the panel.
    pub trait_index: u32,
    /// Whether the gene is in the trait's set; then it was scored by a signature refitted without it.
    pub member: bool,
    /// z under the exact multinomial null given the gene's amino acids.
    pub z: f64,
    /// Benjamini–Hochberg q of z under the multinomial: departs from background towards the signature.
    pub q_multinomial: f64,
    /// q under the empirical null (median/MAD over non-members).
    pub q_empirical: Option<f64>,
    /// z after expression, GC3 and length are regressed out.
    pub residual_z: Option<f64>,
    /// q of it under its empirical null.
    pub q_residual: Option<f64>,
}
