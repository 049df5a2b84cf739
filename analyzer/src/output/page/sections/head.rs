//! Title, the figures that matter most, and what failed.

use std::fmt::Write as _;

use super::super::super::Facts;
use super::super::super::text::{html, thousands};

pub(super) fn head(facts: &Facts) -> String {
    format!(
        "<header><h1>{}</h1><p>{}</p><div class=\"tiles\">{}</div></header>\n",
        html(&facts.title()),
        html(&subtitle(facts)),
        tiles(facts)
    )
}

fn tiles(facts: &Facts) -> String {
    let collected = facts.collected;
    let mut tiles = String::new();
    let mut tile = |figure: String, words: &str| {
        let words = html(words);
        let _ = write!(
            tiles,
            "<div class=\"tile\"><b>{figure}</b><span>{words}</span></div>"
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
        let places = if facts.is_single() { "" } else { " somewhere" };
        tile(
            collected.detectable_traits().to_string(),
            &format!("of {total} traits with a signature of their own{places}"),
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
    tiles
}

fn subtitle(facts: &Facts) -> String {
    let collected = facts.collected;
    let Some(genome) = &collected.single else {
        return format!(
            "{} of {} genomes analyzed",
            collected.succeeded, collected.genomes
        );
    };
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

pub(super) fn failures(facts: &Facts) -> String {
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
        "<section aria-labelledby=\"h-failed\"><h2 id=\"h-failed\">Not analyzed</h2><ul class=\"plain\">{list}</ul>{named}</section>\n"
    )
}
