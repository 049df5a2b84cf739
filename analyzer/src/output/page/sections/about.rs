//! Codon usage, what is claimed, and how it was computed.

use super::super::super::text::{html, number, thousands};
use super::super::super::{Claims, Facts};
use super::super::pictures;

pub(super) fn codons(facts: &Facts) -> String {
    format!(
        "<p class=\"note\">All in-frame codons of all genes, starts and stops included. Figure and bar: RSCU, 1 where all codons of \
         an amino acid are used alike; stops per thousand.</p>\n{}\n",
        pictures::codons(facts)
    )
}

pub(super) fn claims() -> String {
    let list = |items: &[&str]| {
        items
            .iter()
            .map(|item| format!("<li>{}</li>", html(item)))
            .collect::<String>()
    };
    format!(
        "<div class=\"claims\"><div><h3>Claimed</h3><ul>{}</ul></div><div><h3>Not claimed</h3><ul>{}</ul></div></div>\n",
        list(&Claims::CLAIMED),
        list(&Claims::NOT_CLAIMED)
    )
}

pub(super) fn run(facts: &Facts) -> String {
    let method = facts.method;
    let panel = (facts.plan.traits.len(), &facts.plan.traits_digest);
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
        ("trait panel", format!("{} traits, BLAKE3 {}", panel.0, panel.1)),
        ("method", format!("BLAKE3 {}", facts.plan.method_hash)),
        (
            "genomes",
            format!(
                "{} analyzed, {} not",
                facts.collected.succeeded, facts.collected.failed
            ),
        ),
    ];
    if let Some(genome) = &facts.collected.single {
        let aside = format!(
            "{} pseudogenes, {} other features",
            genome.pseudogenes, genome.set_aside
        );
        list.extend([
            ("content", format!("BLAKE3 {}", genome.content_hash)),
            (
                "genes of the expression reference",
                genome.reference_genes.to_string(),
            ),
            ("genes too short to score", genome.genes_too_short.to_string()),
            ("set aside", aside),
            ("codons left out", thousands(genome.codons_left_out)),
            ("overdispersion λ", number(genome.overdispersion, 2)),
            ("independent traits (Li–Ji)", number(genome.effective_traits, 1)),
        ]);
    }
    let list: String = list
        .iter()
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>", html(value)))
        .collect();
    format!(
        "<dl class=\"facts\">{list}</dl>\n<p class=\"note\">Times, attempts and places of this run are in <code>manifest.json</code>.</p>\n"
    )
}
