//! `summary_report.md`, and the few lines that a terminal gets.

use std::fmt::Write as _;

use genome_contract::names;

use super::text::{markdown, number, terminal as plain, thousands};
use super::{Claims, Facts, verdict_in_words};
use crate::rows::TraitRow;

/// Failed genomes and genes that the summary names.
const SHOWN: usize = 20;

/// The page in a few lines.
pub(crate) fn markdown_report(facts: &Facts) -> String {
    let collected = facts.collected;
    let mut text = format!("# {}\n\n", markdown(&facts.title()));
    let _ = writeln!(
        text,
        "{} of {} genomes analyzed, {} genes, {} bases.\n",
        collected.succeeded,
        collected.genomes,
        thousands(collected.genes),
        thousands(collected.bases)
    );
    failures(&mut text, facts);
    traits(&mut text, facts);
    genes(&mut text, facts);
    text
}

fn failures(text: &mut String, facts: &Facts) {
    if facts.collected.failed == 0 {
        return;
    }
    text.push_str("## Not analyzed\n\n");
    let failed = facts
        .collected
        .table
        .iter()
        .filter_map(|line| Some((&line.id, line.failure.as_ref()?)));
    for (id, failure) in failed.take(SHOWN) {
        let _ = writeln!(
            text,
            "- {}: {}: {}",
            markdown(id),
            failure.reason,
            markdown(&failure.message)
        );
    }
    let more = facts.collected.failed.saturating_sub(SHOWN as u64);
    if more > 0 {
        let _ = writeln!(text, "- and {more} more, in `{}`", names::RESULTS);
    }
    text.push('\n');
}

fn traits(text: &mut String, facts: &Facts) {
    if facts.collected.traits.is_empty() {
        return;
    }
    text.push_str("## Traits\n\n");
    if let Some(genome) = &facts.collected.single {
        text.push_str("| trait | genes | AUC | after confounders | verdict |\n|---|--:|--:|--:|---|\n");
        for row in sorted(&genome.traits) {
            let (auc, residual) = (number(row.auc, 3), number(row.residual_auc, 3));
            let verdict = verdict_in_words(&row.verdict);
            let _ = writeln!(
                text,
                "| {} | {} | {auc} | {residual} | {verdict} |",
                markdown(&row.name),
                row.genes_found
            );
        }
    } else {
        text.push_str(
            "| trait | detectable in | explained in | scored in | mean AUC |\n|---|--:|--:|--:|--:|\n",
        );
        for summary in &facts.collected.traits {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                markdown(&summary.name),
                summary.with_verdict("detectable"),
                summary.with_verdict("explained_by_expression_or_composition"),
                summary.scored,
                number(summary.auc(), 3)
            );
        }
    }
    let _ = writeln!(text, "\n{}\n", Claims::SIGNATURES);
}

/// The strongest first: by residual AUC, then by AUC, then by name.
pub(super) fn sorted(rows: &[TraitRow]) -> Vec<&TraitRow> {
    let key = |row: &TraitRow| (row.residual_auc.unwrap_or(-1.0), row.auc.unwrap_or(-1.0));
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by(|a, b| {
        let ((a_residual, a_auc), (b_residual, b_auc)) = (key(a), key(b));
        b_residual
            .total_cmp(&a_residual)
            .then(b_auc.total_cmp(&a_auc))
            .then(a.name.cmp(&b.name))
    });
    rows
}

fn genes(text: &mut String, facts: &Facts) {
    if facts.collected.traits.is_empty() {
        return;
    }
    let _ = writeln!(text, "## Genes\n\n{}\n", Claims::GENES);
    let _ = writeln!(text, "{}\n", candidates_in_words(facts));
    for entry in facts.genes.candidates.iter().take(SHOWN) {
        let name = entry.row.name.as_deref().unwrap_or(&entry.row.gene);
        let clusters = entry.row.signature_clusters.unwrap_or(0);
        let traits = entry
            .traits
            .iter()
            .map(|name| markdown(name))
            .collect::<Vec<_>>()
            .join(", ");
        let _ = writeln!(
            text,
            "- {} ({}): {clusters} signature clusters. {traits}",
            markdown(name),
            markdown(&entry.genome)
        );
    }
}

/// The number of candidates, with what chance alone gives.
pub(super) fn candidates_in_words(facts: &Facts) -> String {
    let count = facts.collected.candidates;
    let candidates = if count == 1 {
        "1 candidate".to_owned()
    } else {
        format!("{} candidates", thousands(count))
    };
    let shuffled = match facts.collected.candidates_shuffled {
        Some(shuffled) => format!("the same procedure finds {shuffled} in synonymously shuffled copies"),
        None => "shuffled copies were not tested".to_owned(),
    };
    format!(
        "{candidates} at a false discovery rate of {} in at least {} signature clusters; {shuffled}. \
         By annotation, {} gene families belong to at least {} of the panel's sets.",
        facts.method.false_discovery_rate,
        facts.method.min_traits,
        thousands(facts.genes.annotated_total),
        facts.method.min_traits
    )
}

/// What a terminal gets: traits, genes, where the report is.
pub(crate) fn terminal(facts: &Facts, output: &str) -> String {
    let collected = facts.collected;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: {} of {} genomes, {} genes",
        plain(&facts.title()),
        collected.succeeded,
        collected.genomes,
        thousands(collected.genes)
    );
    if let Some(genome) = &collected.single {
        terminal_traits(&mut text, &genome.traits);
    } else {
        for summary in &collected.traits {
            let (name, auc) = (plain(&summary.name), number(summary.auc(), 3));
            let detectable = summary.with_verdict("detectable");
            let _ = writeln!(
                text,
                "  {name:<44.44} {auc:>6}  detectable in {detectable} of {}",
                collected.succeeded
            );
        }
    }
    if !collected.traits.is_empty() {
        let _ = writeln!(text, "{}", candidates_in_words(facts));
        for entry in facts.genes.candidates.iter().take(10) {
            let name = entry.row.name.as_deref().unwrap_or(&entry.row.gene);
            let product = entry.row.product.as_deref().unwrap_or_default();
            let _ = writeln!(
                text,
                "  {:<12} {} clusters  {}",
                plain(name),
                entry.row.signature_clusters.unwrap_or(0),
                plain(product)
            );
        }
    }
    let report = format!("{output}/{}", names::REPORT);
    let _ = writeln!(
        text,
        "report: {}",
        plain(report.strip_prefix("file://").unwrap_or(&report))
    );
    text
}

fn terminal_traits(text: &mut String, rows: &[TraitRow]) {
    if !rows.is_empty() {
        let _ = writeln!(
            text,
            "  {:<44} {:>5} {:>6} {:>8}  verdict",
            "trait", "genes", "AUC", "residual"
        );
    }
    for row in sorted(rows) {
        let (name, found) = (plain(&row.name), row.genes_found);
        let (auc, residual) = (number(row.auc, 3), number(row.residual_auc, 3));
        let _ = writeln!(
            text,
            "  {name:<44.44} {found:>5} {auc:>6} {residual:>8}  {}",
            verdict_in_words(&row.verdict)
        );
    }
}
