//! The table of traits: verdicts in words, and the figures behind them.

use std::fmt::Write as _;

use super::super::super::summary::sorted;
use super::super::super::text::{html, number};
use super::super::super::{Claims, Facts, verdict_in_words};
use super::super::pictures;
use crate::rows::TraitRow;
use crate::verbs::merge::TraitSummary;

/// Header cells: class, words, explanation.
type Heads = &'static [(&'static str, &'static str, &'static str)];

pub(super) fn traits(facts: &Facts) -> String {
    let (table, note) = match &facts.collected.single {
        Some(genome) => (
            table(HEADS_OF_GENOME, sorted(&genome.traits), trait_row),
            OF_GENOME,
        ),
        None => (
            table(HEADS_OF_COHORT, &facts.collected.traits, summary_row),
            OF_COHORT,
        ),
    };
    format!(
        "<p class=\"claim\">{}</p>\n<p class=\"note\">{note}</p>\n\
         <div class=\"tools\" id=\"traits-tools\"></div>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"traits\"><table id=\"traits\">{table}</tbody></table></div>\n",
        html(Claims::SIGNATURES)
    )
}

const OF_GENOME: &str = "AUC: how often a gene of the set scores above a gene outside it, by a signature made without it; \
    the dashed line is chance, the bar the 95 % interval. After confounders: the same with expression, GC3 and length \
    regressed out. q: over traits, of the larger p of two tests, rotation of the labels along the genome and permutation \
    within strata of expression, GC3 and length. λ: how much wider than their null the scores of genes outside the set \
    spread. Cluster: traits whose signatures correlate at |r| ≥ .7 share one.";

const OF_COHORT: &str = "The bar counts genomes: with a signature of its own, with one that expression or composition \
    explain, and with none or too few genes. Conserved: mean correlation of the trait’s signature between genomes.";

const HEADS_OF_GENOME: Heads = &[
    ("", "Trait", "name in the panel"),
    ("", "Verdict", ""),
    ("n", "Genes", "found, of those the panel lists"),
    ("", "AUC", "leave-one-out"),
    (
        "",
        "After confounders",
        "AUC after expression, GC3 and length are regressed out",
    ),
    ("n", "q", "Benjamini–Hochberg over traits"),
    ("n", "λ", "overdispersion of the scores of genes outside the set"),
    ("n", "Cluster", "of correlated signatures"),
];

const HEADS_OF_COHORT: Heads = &[
    ("", "Trait", "name in the panel"),
    ("", "Genomes by verdict", ""),
    ("n", "Detectable in", "genomes"),
    (
        "n",
        "Explained in",
        "genomes where expression, composition or length explain it",
    ),
    ("n", "Scored in", "genomes with eight or more of its genes"),
    ("", "Mean AUC", "over the genomes that have one"),
    (
        "n",
        "Conserved",
        "mean correlation of its signature between genomes",
    ),
];

fn table<R>(heads: Heads, rows: impl IntoIterator<Item = R>, row: fn(R) -> String) -> String {
    let cell = |(class, words, about): &(&str, &str, &str)| {
        format!(
            "<th scope=\"col\" class=\"{class}\" title=\"{}\">{words}</th>",
            html(about)
        )
    };
    let heads: String = heads.iter().map(cell).collect();
    let head = format!("<thead><tr>{heads}</tr></thead><tbody>");
    rows.into_iter().fold(head, |table, item| table + &row(item))
}

fn trait_row(row: &TraitRow) -> String {
    let [auc, residual] = pictures::intervals(row);
    let value = |value: Option<f64>| number(value, 6);
    let cluster = row
        .cluster
        .map(|cluster| (cluster + 1).to_string())
        .unwrap_or_default();
    format!(
        "<tr><th scope=\"row\" data-t=\"{}\">{}</th><td class=\"w\">{}<small>{}</small></td><td class=\"n tight\" data-v=\"{}\">{} / {}</td>\
         <td class=\"auc-cell\" data-v=\"{}\">{}{auc}</td><td class=\"auc-cell\" data-v=\"{}\">{}{residual}</td>\
         <td class=\"n\" data-v=\"{}\">{}</td><td class=\"n\" data-v=\"{}\">{}</td><td class=\"n\" data-v=\"{cluster}\">{cluster}</td></tr>",
        html(&row.name),
        breakable(&row.name),
        pictures::chip(&row.verdict),
        html(verdict_in_words(&row.verdict)),
        row.genes_found,
        row.genes_found,
        row.genes_listed,
        value(row.auc),
        number(row.auc, 3),
        value(row.residual_auc),
        number(row.residual_auc, 3),
        value(row.q),
        number(row.q, 3),
        value(row.overdispersion),
        number(row.overdispersion, 2),
    )
}

/// A name that may be broken after an underscore.
fn breakable(name: &str) -> String {
    html(name).replace('_', "_<wbr>")
}

fn summary_row(summary: &TraitSummary) -> String {
    let mut row = String::new();
    let auc = summary.auc();
    let explained = summary.with_verdict("explained_by_expression_or_composition")
        + summary.with_verdict("is_expression");
    let conserved = summary.conservation.mean_correlation();
    let _ = write!(
        row,
        "<tr><th scope=\"row\" data-t=\"{}\">{}</th><td data-v=\"{}\">{}</td><td class=\"n\">{}</td><td class=\"n\">{explained}</td>\
         <td class=\"n\">{}</td><td class=\"auc-cell\" data-v=\"{}\">{}{}</td><td class=\"n\" data-v=\"{}\">{}</td></tr>",
        html(&summary.name),
        breakable(&summary.name),
        summary.with_verdict("detectable"),
        pictures::shares(summary),
        summary.with_verdict("detectable"),
        summary.scored,
        number(auc, 6),
        number(auc, 3),
        pictures::interval(auc, None, None, false),
        number(conserved, 6),
        number(conserved, 3),
    );
    row
}
