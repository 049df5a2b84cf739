//! Genes, and genes × traits, each with what is and is not claimed.

use std::fmt::Write as _;

use super::super::super::summary::candidates_in_words;
use super::super::super::text::{html, number, thousands};
use super::super::super::{Claims, Facts};
use super::super::data::ROWS;
use super::long_table;
use crate::verbs::merge::LOOKED_UP;

pub(super) fn genes(facts: &Facts) -> String {
    let mut body = String::new();
    let has_traits = !facts.plan.traits.is_empty();
    if has_traits {
        let _ = writeln!(body, "<p class=\"claim\">{}</p>", html(Claims::GENES));
        let _ = writeln!(
            body,
            "<p class=\"note\">{}</p>",
            html(&candidates_in_words(facts))
        );
    }
    if let Some(all) = &facts.genes.all {
        body.push_str(&cut(all.len() as u64));
        return body + &long_table("genes", "genes.tsv.gz");
    }
    if has_traits {
        body.push_str("<h3>Candidate pleiotropy, by codon signatures</h3>\n");
        body.push_str(&cut(facts.collected.candidates));
        body.push_str(&long_table("genes", "pleiotropic_genes.json"));
        body.push_str("<h3>Annotated pleiotropy, by the panel’s sets</h3>\n");
        body.push_str(&cut(facts.genes.annotated_total));
        body.push_str(&long_table("annotated", "pleiotropic_genes.json"));
    }
    body
}

/// Said where a table is longer than the page shows.
fn cut(total: u64) -> String {
    if total > ROWS as u64 {
        format!(
            "<p class=\"note\">The first {} of {} are listed.</p>\n",
            thousands(ROWS as u64),
            thousands(total)
        )
    } else {
        String::new()
    }
}

/// What the columns mean, in the order of the table.
const COLUMNS: [(&str, &str); 5] = [
    (
        "z",
        "the gene’s score for the trait’s signature, in standard deviations of what its own amino acids would give under \
         the genome’s usual codons. Members of the set are scored by a signature made without them",
    ),
    (
        "multinomial q",
        "departs from background towards the signature. On real genomes scores spread wider than this null by the factor λ, \
         so it is not evidence by itself",
    ),
    (
        "empirical q",
        "the same against a null whose centre and width come from the genes outside the set (median, MAD)",
    ),
    (
        "residual z",
        "what is left of z once expression, GC3 and length are regressed out",
    ),
    (
        "residual q",
        "of the residual z, against its empirical null. Candidates are called on this one, in detectable traits only",
    ),
];

pub(super) fn scores(facts: &Facts) -> String {
    let mut body = format!(
        "<p class=\"claim\">{}</p>\n<dl class=\"facts\">",
        html(Claims::GENES)
    );
    for (name, words) in COLUMNS {
        let _ = write!(body, "<dt>{name}</dt><dd>{words}.</dd>");
    }
    let _ = writeln!(body, "</dl>\n<p class=\"note\">{}</p>", html(&calls(facts)));
    if facts.collected.genomes > LOOKED_UP {
        let _ = writeln!(
            body,
            "<p class=\"note\">With more than {LOOKED_UP} genomes the scores are not listed here: \
             <code>parts/associations-*.parquet</code> has them, and DuckDB, Polars and pandas read that folder as it is.</p>"
        );
        return body;
    }
    if !facts.is_single() {
        body.push_str(
            "<p class=\"note\">Listed are those with residual q below the false discovery rate.</p>\n",
        );
    }
    body.push_str(&cut(facts.scores.total));
    body + &long_table("scores", "parts/associations-*.parquet")
}

/// How far the scores are to be trusted, in figures.
fn calls(facts: &Facts) -> String {
    let collected = facts.collected;
    let rate = facts.method.false_discovery_rate;
    let mut words = String::new();
    if let Some(genome) = &collected.single {
        let _ = write!(
            words,
            "In this genome λ is {}, and its {} traits are worth {} independent ones (Li–Ji). ",
            number(genome.overdispersion, 2),
            facts.plan.traits.len(),
            number(genome.effective_traits, 1)
        );
    }
    let copies = if facts.is_single() {
        "a synonymously shuffled copy"
    } else {
        "synonymously shuffled copies"
    };
    let _ = write!(
        words,
        "The multinomial q is below {rate} for {} scores",
        thousands(collected.calls)
    );
    if let Some(shuffled) = collected.calls_shuffled {
        let _ = write!(words, ", and for {} on {copies}", thousands(shuffled));
    }
    let _ = write!(words, "; candidates: {}", thousands(collected.candidates));
    if let Some(shuffled) = collected.candidates_shuffled {
        let _ = write!(words, ", and {} on {copies}", thousands(shuffled));
    }
    words.push('.');
    words
}
