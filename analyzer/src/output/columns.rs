//! The columns of the three tables in `parts/`. Their order, names and types are part of the contract.

use std::sync::LazyLock;

use super::table::{Column, Values, column};
use crate::rows::{AssociationRow, FailureRow, GeneRow, GenomeRow, TraitRow};

/// What stands before the columns of every table.
pub(crate) const GENOME: (&str, &str) = ("genome", "id of the genome; files are sorted by it");
/// What stands after the genome in `associations-…`.
pub(crate) const ASSOCIATION_KEYS: [(&str, &str); 3] = [
    ("gene", "id of the gene, as in `genes-…`"),
    ("name", "gene name; null where it has none"),
    ("trait", "name of the trait in the panel"),
];
/// The nested column of `genomes-…`.
pub(crate) const TRAITS: (&str, &str) = (
    "traits",
    "a list with one struct a trait, in the panel's order; empty for a failed genome",
);

/// Columns of `genomes-…`.
pub static GENOMES: LazyLock<Vec<Column<GenomeRow>>> = LazyLock::new(|| {
    vec![
        Column {
            name: "failure",
            meaning: "why the genome has no results, in one word; null for a success",
            values: Values::MaybeText(
                |row| row.failure.as_ref().map(|failure| failure.reason.as_str()),
                |row, word| row.failure = word.and_then(|word| failure(&word)),
            ),
        },
        Column {
            name: "failure_message",
            meaning: "the same in a sentence",
            values: Values::MaybeText(
                |row| row.failure.as_ref().map(|failure| failure.message.as_str()),
                |row, text| {
                    if let (Some(failure), Some(text)) = (&mut row.failure, text) {
                        failure.message = text;
                    }
                },
            ),
        },
        column!(text content_hash, "BLAKE3 of the decompressed bytes, hexadecimal; empty when they could not be read to the end"),
        column!(text format, "`GenBank`, `FastaCds`, `FastaGenome`, `FastaGff`"),
        column!(text gene_source, "`Annotated`, `Predicted`, `None`"),
        Column {
            name: "genetic_code",
            meaning: "NCBI translation table of most genes",
            values: Values::Count(
                |row| row.genetic_code.into(),
                |row, code| row.genetic_code = byte(code),
            ),
        },
        column!(count contigs, "contigs"),
        column!(count length, "bases of all contigs"),
        column!(maybe_number gc, "G and C among unambiguous bases, 0 to 1"),
        column!(count genes, "coding sequences counted"),
        column!(count genes_renamed, "of these, with an id met before: `#2`, `#3` … was appended"),
        column!(count genes_too_short, "of these, with fewer than 50 informative codons: not scored"),
        column!(count pseudogenes, "features set aside as pseudogenes"),
        column!(count set_aside, "features set aside for any other reason"),
        column!(count codons_left_out, "codons left out of the counts: the sum of the next four"),
        column!(count inner_stops, "stop codons before a gene's end"),
        column!(count ambiguous_codons, "codons with an ambiguous base"),
        column!(count excepted_codons, "codons named by `transl_except`"),
        column!(count cut_codons, "codons cut by a partial end, or by a length that is no multiple of three"),
        column!(counts codons, "pooled counts of the 64 codons, starts and stops included: TTT, TTC, TTA, TTG, TCT, … GGG"),
        column!(maybe_number enc, "ENC (Wright 1990) of the pooled counts"),
        column!(maybe_number gc3s, "GC3s of the pooled counts, 0 to 1"),
        column!(maybe_number overdispersion, "overdispersion λ of the gene × trait scores"),
        column!(maybe_number effective_traits, "effective number of independent traits (Li & Ji 2005)"),
        column!(count reference_genes, "genes that served as expression reference (ribosomal proteins)"),
        column!(count calls, "gene × trait scores with multinomial q below the false discovery rate"),
        column!(maybe_count calls_shuffled, "the same on a synonymously shuffled copy of the genome"),
        column!(count candidates, "candidate pleiotropic genes"),
        column!(maybe_count candidates_shuffled, "candidates on the shuffled copy"),
        column!(count annotated_pleiotropic, "genes that belong to at least `minTraits` of the panel's sets"),
    ]
});

fn failure(word: &str) -> Option<FailureRow> {
    let reason = genome_contract::Reason::ALL
        .into_iter()
        .find(|reason| reason.as_str() == word)?;
    Some(FailureRow {
        reason,
        message: String::new(),
    })
}

/// A small number back from the 64 bits it was stored in.
fn byte(count: u64) -> u8 {
    u8::try_from(count).unwrap_or_default()
}

/// Fields of the structs in `traits` of `genomes-…`.
pub static TRAIT_FIELDS: LazyLock<Vec<Column<TraitRow>>> = LazyLock::new(|| {
    vec![
        column!(text name, "name in the panel"),
        column!(count genes_listed, "genes the panel lists"),
        column!(count genes_found, "of these, found in the genome"),
        column!(texts genes_missing, "names that no gene has"),
        column!(count genes_by_sequence, "genes found by a known sequence rather than by name"),
        column!(count genes_scored, "genes found that are long enough to be scored"),
        column!(text verdict, "`insufficient_genes`, `not_detectable`, `explained_by_expression_or_composition`, `detectable`, `is_expression`, `untested`"),
        column!(maybe_number auc, "leave-one-out AUC of members against all others, 0 to 1"),
        column!(maybe_number auc_low, "lower bound of its 95 % interval (DeLong)"),
        column!(maybe_number auc_high, "upper bound"),
        column!(maybe_number residual_auc, "AUC after expression, GC3 and length are regressed out"),
        column!(maybe_number residual_auc_low, "lower bound of its 95 % interval"),
        column!(maybe_number residual_auc_high, "upper bound"),
        column!(maybe_number p_rotation, "p of the rotation test on the raw z"),
        column!(maybe_number p_rotation_residual, "p of the rotation test on the residual z"),
        column!(maybe_number p_stratified, "p of the permutation within strata of expression, GC3 and length"),
        column!(maybe_number q_rotation, "q over traits (Benjamini–Hochberg) of the raw rotation test"),
        column!(maybe_number q, "q over traits of the larger of `p_rotation_residual` and `p_stratified`"),
        column!(maybe_number overdispersion, "median z² of non-members over that of a standard normal"),
        Column {
            name: "cluster",
            meaning: "cluster of correlated signatures (|r| ≥ .7), from 0 in the panel's order",
            values: Values::MaybeCount(
                |row| row.cluster.map(u64::from),
                |row, cluster| row.cluster = cluster.and_then(|cluster| u32::try_from(cluster).ok()),
            ),
        },
        column!(numbers signature, "ln(q/p) of the 64 codons, 0 where not informative; empty for an insufficient trait"),
    ]
});

/// Columns of `genes-…`.
pub static GENES: LazyLock<Vec<Column<GeneRow>>> = LazyLock::new(|| {
    vec![
        column!(text gene, "unique in the genome: locus tag, else protein id, else FASTA id, else gene name"),
        column!(maybe_text name, "gene name"),
        column!(maybe_text locus_tag, "locus tag"),
        column!(maybe_text protein_id, "protein id"),
        column!(maybe_text product, "what it makes"),
        column!(maybe_text family, "gene-family key: the lower-case gene name, else null"),
        column!(text contig, "name of the contig"),
        column!(count start, "first base, counted from 1"),
        column!(count end, "last base, inclusive; smaller than `start` where the gene spans the origin"),
        column!(text strand, "`+` or `-`"),
        Column {
            name: "genetic_code",
            meaning: "NCBI translation table",
            values: Values::Count(
                |row| row.genetic_code.into(),
                |row, code| row.genetic_code = byte(code),
            ),
        },
        column!(count informative_codons, "codons whose choice says anything (59 kinds under table 11)"),
        column!(count length, "codons of the coding sequence that could be read, start and stop included"),
        column!(counts codons, "counts of the 64 codons, start and stop included: TTT, TTC, TTA, TTG, TCT, … GGG"),
        column!(maybe_number gc, "G and C of the coding sequence, 0 to 1"),
        column!(maybe_number gc1, "G and C at first positions"),
        column!(maybe_number gc2, "G and C at second positions"),
        column!(maybe_number gc3, "G and C at third positions"),
        column!(maybe_number gc3s, "GC3s, 0 to 1"),
        column!(maybe_number enc, "effective number of codons (Wright 1990), 20 to 61"),
        column!(maybe_number cai, "codon adaptation index (Sharp & Li 1987), 0 to 1"),
        column!(maybe_number fop, "frequency of optimal codons (Ikemura 1981), 0 to 1"),
        column!(maybe_number cbi, "codon bias index (Bennetzen & Hall 1982)"),
        column!(maybe_number scuo, "synonymous codon usage order (Wan 2004), 0 to 1"),
        column!(maybe_number milc, "MILC against the genome (Supek & Vlahoviček 2005)"),
        column!(maybe_number melp, "MELP: expression predicted against the ribosomal proteins (same paper)"),
        column!(flag too_short, "fewer than 50 informative codons: not scored"),
        column!(count annotated_traits, "trait sets of the panel that contain the gene: annotated pleiotropy"),
        column!(maybe_count signature_clusters, "signature clusters with residual-empirical q below the false discovery rate"),
        column!(flag candidate, "whether it is a candidate pleiotropic gene"),
        column!(flag reference, "whether it served as expression reference (ribosomal protein)"),
    ]
});

/// Columns of `associations-…` after its keys.
pub static ASSOCIATIONS: LazyLock<Vec<Column<AssociationRow>>> = LazyLock::new(|| {
    vec![
        column!(flag member, "whether the gene is in the trait's set; then it was scored by a signature refitted without it"),
        column!(number z, "score under the exact multinomial null given the gene's amino acids, in standard deviations"),
        column!(number q_multinomial, "q of z under its exact null (Benjamini–Hochberg): departs from background towards the signature"),
        column!(maybe_number q_empirical, "q under the empirical null (median/MAD over non-members)"),
        column!(maybe_number residual_z, "z after expression, GC3 and length are regressed out"),
        column!(maybe_number q_residual, "q of the larger of two p: of it under its empirical null, and of z"),
    ]
});

/// The reference page of the three tables, in Markdown.
pub fn reference() -> String {
    let mut page = "# Tables in `parts/`\n\nGenerated from the code; `make bless` rewrites it. Undefined values are null, never zero. \
                    A file belongs to one chunk: `…-TTTTT-CC.parquet`, task and chunk.\n"
        .to_owned();
    let keys = ASSOCIATION_KEYS
        .map(|(name, meaning)| (name, "text", meaning))
        .to_vec();
    let lists = vec![(TRAITS.0, "list of struct", TRAITS.1)];
    page += &table("genomes", "One row a genome.", &GENOMES, vec![], lists);
    page += &table(
        "genomes, fields of `traits`",
        "One struct a trait.",
        &TRAIT_FIELDS,
        vec![],
        vec![],
    );
    page += &table(
        "genes",
        "One row a gene, in genome order.",
        &GENES,
        vec![],
        vec![],
    );
    page += &table(
        "associations",
        "One row a gene × trait, by trait, then by gene.",
        &ASSOCIATIONS,
        keys,
        vec![],
    );
    page
}

type Line = (&'static str, &'static str, &'static str);

fn table<R>(name: &str, words: &str, columns: &[Column<R>], before: Vec<Line>, after: Vec<Line>) -> String {
    let mut lines = if name.contains("fields") {
        vec![]
    } else {
        vec![(GENOME.0, "text", GENOME.1)]
    };
    lines.extend(before);
    lines.extend(
        columns
            .iter()
            .map(|column| (column.name, column.type_name(), column.meaning)),
    );
    lines.extend(after);
    let rows: String = lines
        .iter()
        .map(|(name, kind, meaning)| format!("| `{name}` | {kind} | {} |\n", meaning.replace('|', "\\|")))
        .collect();
    format!("\n## {name}\n\n{words}\n\n| column | type | meaning |\n|---|---|---|\n{rows}")
}
