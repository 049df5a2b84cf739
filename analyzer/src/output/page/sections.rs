//! The sections of the page, in the order a reader asks: how much, which traits, how they relate, which genes, how.

use std::fmt::Write as _;

use super::super::summary::{candidates_in_words, sorted};
use super::super::text::{html, number, thousands};
use super::super::{Claims, Facts, verdict_in_words};
use super::data::ROWS;
use super::pictures;
use crate::rows::TraitRow;

pub(super) fn all(facts: &Facts) -> String {
    let mut page = "<a class=\"skip\" href=\"#main\">To the results</a>\n".to_owned();
    page.push_str(&head(facts));
    page.push_str("<main id=\"main\">\n");
    page.push_str(&failures(facts));
    if !facts.plan.traits.is_empty() {
        page.push_str(&traits(facts));
        page.push_str(&correlation(facts));
    }
    page.push_str(&map(facts));
    if !facts.is_single() {
        page.push_str(&genomes());
    }
    page.push_str(&genes(facts));
    page.push_str(&codons(facts));
    page.push_str(&about(facts));
    page.push_str(
        "</main>\n<footer>Made by genomic_pleiotropy. This page loads nothing and sends nothing.</footer>\n",
    );
    page
}

fn head(facts: &Facts) -> String {
    let collected = facts.collected;
    let mut tiles = String::new();
    let mut tile = |figure: String, words: &str| {
        let _ = write!(
            tiles,
            "<div class=\"tile\"><b>{figure}</b><span>{}</span></div>",
            html(words)
        );
    };
    if !facts.is_single() {
        let words = if collected.failed == 0 {
            "genomes analyzed".to_owned()
        } else {
            format!("genomes analyzed, {} not", collected.failed)
        };
        tile(thousands(collected.succeeded), &words);
    }
    tile(thousands(collected.genes), "genes counted");
    tile(thousands(collected.bases), "bases");
    if !facts.plan.traits.is_empty() {
        let total = facts.plan.traits.len();
        tile(
            collected.detectable_traits().to_string(),
            &format!("of {total} traits with a signature of their own"),
        );
        let shuffled = collected
            .candidates_shuffled
            .map(|count| format!(" ({count} in shuffled copies)"))
            .unwrap_or_default();
        tile(
            thousands(collected.candidates),
            &format!("candidate pleiotropic genes{shuffled}"),
        );
    }
    let subtitle = match &collected.single {
        Some(genome) => {
            let contigs = if genome.contigs == 1 {
                "1 contig".to_owned()
            } else {
                format!("{} contigs", thousands(genome.contigs))
            };
            format!(
                "{} · {contigs} · translation table {}",
                genome.format, genome.genetic_code
            )
        }
        None => format!(
            "{} of {} genomes analyzed",
            collected.succeeded, collected.genomes
        ),
    };
    let mut links = vec![
        ("genes", "Genes"),
        ("codons", "Codons"),
        ("about", "About this run"),
    ];
    if !facts.is_single() {
        links.insert(0, ("genomes", "Genomes"));
    }
    links.insert(0, ("map", "Map"));
    if !facts.plan.traits.is_empty() {
        links.splice(0..0, [("traits", "Traits"), ("correlation", "Correlation")]);
    }
    let links: String = links
        .iter()
        .map(|(id, name)| format!("<li><a href=\"#s-{id}\">{name}</a></li>"))
        .collect();
    format!(
        "<header><h1>{}</h1><p>{}</p><div class=\"tiles\">{tiles}</div></header>\n<nav aria-label=\"Sections\"><ul>{links}</ul></nav>\n",
        html(&facts.title()),
        html(&subtitle)
    )
}

fn failures(facts: &Facts) -> String {
    if facts.collected.failed == 0 {
        return String::new();
    }
    let mut list = String::new();
    for failure in facts.collected.failures_by_reason() {
        let _ = write!(
            list,
            "<li><span class=\"chip failed\">{}</span> {}</li>",
            failure.reason,
            thousands(failure.count)
        );
    }
    let named = facts
        .collected
        .first_failure
        .as_ref()
        .map_or_else(String::new, |first| {
            let genome = html(first.genome.as_deref().unwrap_or_default());
            format!(
                "<p class=\"note\">First: <b>{genome}</b>: {}</p>",
                html(&first.text)
            )
        });
    format!(
        "<section aria-labelledby=\"h-failed\"><h2 id=\"h-failed\">Not analyzed</h2><ul>{list}</ul>{named}</section>\n"
    )
}

fn section(id: &str, title: &str, body: &str) -> String {
    format!(
        "<section id=\"s-{id}\" aria-labelledby=\"h-{id}\"><h2 id=\"h-{id}\">{title}</h2>\n{body}</section>\n"
    )
}

fn traits(facts: &Facts) -> String {
    let table = match &facts.collected.single {
        Some(genome) => sorted(&genome.traits).into_iter().fold(
            "<thead><tr><th scope=\"col\">Trait</th><th scope=\"col\">Verdict</th><th scope=\"col\" class=\"n\">Genes</th>\
             <th scope=\"col\">AUC</th><th scope=\"col\">After confounders</th><th scope=\"col\" class=\"n\">q</th></tr></thead><tbody>"
                .to_owned(),
            |table, row| table + &trait_row(row),
        ),
        None => trait_summaries(facts),
    };
    let body = format!(
        "<p class=\"claim\">{}</p>\n<p class=\"note\">AUC: how often a gene of the set scores above a gene outside it, by a \
         signature made without it; the dashed line is chance, the bar the 95 % interval. After confounders: the same with \
         expression, GC3 and length regressed out.</p>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"traits\"><table class=\"sortable\">{table}</tbody></table></div>\n",
        html(Claims::SIGNATURES)
    );
    section("traits", "Traits", &body)
}

fn trait_row(row: &TraitRow) -> String {
    let [auc, residual] = pictures::intervals(row);
    let value = |value: Option<f64>| number(value, 6);
    format!(
        "<tr><th scope=\"row\">{}</th><td class=\"w\">{}<small>{}</small></td><td class=\"n tight\" data-v=\"{}\">{} / {}</td>\
         <td class=\"auc-cell\" data-v=\"{}\">{}{auc}</td><td class=\"auc-cell\" data-v=\"{}\">{}{residual}</td><td class=\"n\" data-v=\"{}\">{}</td></tr>",
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
    )
}

/// A name that may be broken after an underscore.
fn breakable(name: &str) -> String {
    html(name).replace('_', "_<wbr>")
}

fn trait_summaries(facts: &Facts) -> String {
    let mut table = "<thead><tr><th scope=\"col\">Trait</th><th scope=\"col\">Genomes by verdict</th><th scope=\"col\" class=\"n\">Detectable in</th>\
        <th scope=\"col\" class=\"n\">Explained in</th><th scope=\"col\" class=\"n\">Scored in</th><th scope=\"col\">Mean AUC</th></tr></thead><tbody>"
        .to_owned();
    for summary in &facts.collected.traits {
        let auc = summary.auc();
        let explained = summary.with_verdict("explained_by_expression_or_composition")
            + summary.with_verdict("is_expression");
        let _ = write!(
            table,
            "<tr><th scope=\"row\">{}</th><td data-v=\"{}\">{}</td><td class=\"n\">{}</td><td class=\"n\">{explained}</td>\
             <td class=\"n\">{}</td><td class=\"auc-cell\" data-v=\"{}\">{}{}</td></tr>",
            breakable(&summary.name),
            summary.with_verdict("detectable"),
            pictures::shares(summary),
            summary.with_verdict("detectable"),
            summary.scored,
            number(auc, 6),
            number(auc, 3),
            pictures::interval(auc, None, None, false),
        );
    }
    table
}

fn correlation(facts: &Facts) -> String {
    let body = if facts.plan.traits.len() > pictures::LARGEST_MAP {
        "<p class=\"note\">The panel is too large to draw here: see <code>trait_correlation.tsv</code> and <code>heatmap.svg</code>.</p>".to_owned()
    } else {
        format!(
            "<p class=\"note\">How the scores of two traits go together over genes: red together, blue against each other. \
             Traits that correlate at |r| ≥ .7 count as one.</p>\n<div class=\"figure\"><div>{}</div>\
             <aside aria-live=\"polite\" id=\"pair\">Point at a square, or choose one with the arrow keys.</aside></div>\n",
            pictures::heatmap(facts)
        )
    };
    section("correlation", "Traits together", &body)
}

fn map(facts: &Facts) -> String {
    let (what, marked) = if facts.is_single() {
        (
            "genes",
            "Green: candidates. Amber: ribosomal proteins, the expression reference.",
        )
    } else {
        ("genomes", "Green: genomes with a detectable trait.")
    };
    let body = format!(
        "<p class=\"note\">The effective number of codons against G and C at silent third positions, for {what}. On the dashed \
         curve, composition alone explains the choice of codons (Wright 1990); below it, something else has a part. {marked}</p>\n\
         <div class=\"figure\"><div><canvas id=\"map\" class=\"plot\" tabindex=\"0\" role=\"img\" aria-label=\"ENC against GC3s; arrow keys \
         go from point to point\"></canvas></div><aside aria-live=\"polite\" id=\"point\">Point at a dot; a click finds it in the table.</aside></div>\n"
    );
    section("map", "Map of codon usage", &body)
}

fn genomes() -> String {
    section(
        "genomes",
        "Genomes",
        &long_table("genomes-table", "analysis_results.json"),
    )
}

fn long_table(id: &str, file: &str) -> String {
    format!(
        "<div id=\"{id}\"><p class=\"note\">This table needs JavaScript; <code>{file}</code> holds the same.</p></div>\n"
    )
}

fn genes(facts: &Facts) -> String {
    let mut body = String::new();
    if !facts.plan.traits.is_empty() {
        let _ = writeln!(body, "<p class=\"claim\">{}</p>", html(Claims::GENES));
        let _ = writeln!(body, "<p>{}</p>", html(&candidates_in_words(facts)));
    }
    let listed = facts
        .genes
        .all
        .as_ref()
        .map_or(facts.genes.candidates.len(), Vec::len);
    if listed > ROWS {
        let _ = writeln!(
            body,
            "<p class=\"note\">The first {ROWS} of {listed} are listed.</p>"
        );
    }
    let file = if facts.is_single() {
        "genes.tsv.gz"
    } else {
        "pleiotropic_genes.json"
    };
    body.push_str(&long_table("genes-table", file));
    section("genes", "Genes", &body)
}

fn codons(facts: &Facts) -> String {
    let body = format!(
        "<p class=\"note\">All in-frame codons of all genes, starts and stops included. Figure and bar: RSCU, 1 where all codons of \
         an amino acid are used alike; stops per thousand.</p>\n{}\n",
        pictures::codons(facts)
    );
    section("codons", "Codon usage", &body)
}

fn about(facts: &Facts) -> String {
    let method = facts.method;
    let mut list = vec![
        ("analyzer", env!("CARGO_PKG_VERSION").to_owned()),
        (
            "translation table",
            format!("{} where a gene names none", method.genetic_code),
        ),
        ("genes from", format!("{:?}", method.gene_calling)),
        ("false discovery rate", method.false_discovery_rate.to_string()),
        (
            "signature clusters a candidate needs",
            method.min_traits.to_string(),
        ),
        ("seed", method.seed.to_string()),
        (
            "trait panel",
            format!(
                "{} traits, BLAKE3 {}",
                facts.plan.traits.len(),
                facts.plan.traits_digest
            ),
        ),
        ("method", format!("BLAKE3 {}", facts.plan.method_hash)),
    ];
    if let Some(genome) = &facts.collected.single {
        list.extend([
            ("content", format!("BLAKE3 {}", genome.content_hash)),
            ("genes too short to score", genome.genes_too_short.to_string()),
            (
                "set aside",
                format!(
                    "{} pseudogenes, {} other features",
                    genome.pseudogenes, genome.set_aside
                ),
            ),
            ("codons left out", genome.codons_left_out.to_string()),
            ("overdispersion λ", number(genome.overdispersion, 2)),
            ("independent traits (Li–Ji)", number(genome.effective_traits, 1)),
        ]);
    }
    let list: String = list
        .iter()
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>", html(value)))
        .collect();
    section(
        "about",
        "About this run",
        &format!("<dl class=\"facts\">{list}</dl>\n"),
    )
}
