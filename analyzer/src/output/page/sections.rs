//! The sections of the page, in the order a reader asks: how much, which traits, how they relate, where, which genes, how.

mod about;
mod cohort;
mod genes;
mod head;
mod maps;
mod traits;

use std::fmt::Write as _;

use super::super::Facts;

pub(super) fn all(facts: &Facts) -> String {
    let sections = sections(facts);
    let mut page = "<a class=\"skip\" href=\"#main\">Skip to the results</a>\n".to_owned();
    page.push_str(&head::head(facts));
    page.push_str("<nav aria-label=\"Sections\"><ul>");
    for Section { id, link, .. } in &sections {
        let _ = write!(page, "<li><a href=\"#s-{id}\">{link}</a></li>");
    }
    page.push_str("</ul></nav>\n<main id=\"main\" tabindex=\"-1\">\n");
    page.push_str(&head::failures(facts));
    for Section { id, title, body, .. } in &sections {
        let _ = write!(
            page,
            "<section id=\"s-{id}\" aria-labelledby=\"h-{id}\"><h2 id=\"h-{id}\">{title}</h2>\n{body}</section>\n"
        );
    }
    page.push_str(
        "</main>\n<footer>Made by genomic_pleiotropy. This page loads nothing and sends nothing.</footer>\n",
    );
    page
}

/// A heading, the link to it, and what is below it.
struct Section {
    id: &'static str,
    link: &'static str,
    title: &'static str,
    body: String,
}

fn sections(facts: &Facts) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut add = |id, link, title, body| {
        sections.push(Section {
            id,
            link,
            title,
            body,
        });
    };
    let has_traits = !facts.plan.traits.is_empty();
    if has_traits {
        add("traits", "Traits", "Traits", traits::traits(facts));
        add(
            "correlation",
            "Correlation",
            "Traits together",
            maps::correlation(facts),
        );
    }
    add("map", "Map", "Map of codon usage", maps::map(facts));
    if !facts.is_single() {
        add("genomes", "Genomes", "Genomes", cohort::genomes());
    }
    if has_traits || facts.is_single() {
        add("genes", "Genes", "Genes", genes::genes(facts));
    }
    if has_traits {
        add("scores", "Associations", "Genes and traits", genes::scores(facts));
    }
    if let Some(associations) = facts.associations {
        add(
            "phenotypes",
            "Phenotypes",
            "Gene families and phenotypes",
            cohort::phenotypes(facts, associations),
        );
    }
    add("codons", "Codons", "Codon usage", about::codons(facts));
    add(
        "claims",
        "Claims",
        "What is claimed, and what is not",
        about::claims(),
    );
    add("about", "This run", "About this run", about::run(facts));
    sections
}

/// Where the script draws a long table.
fn long_table(id: &str, file: &str) -> String {
    format!(
        "<div id=\"table-{id}\"><p class=\"note\">This table needs JavaScript; <code>{file}</code> holds the same.</p></div>\n"
    )
}
