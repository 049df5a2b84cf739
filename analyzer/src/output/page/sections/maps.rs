//! The two pictures that answer: traits against each other, and the map of codon usage.

use super::super::super::Facts;
use super::super::pictures;

pub(super) fn correlation(facts: &Facts) -> String {
    if facts.plan.traits.len() > pictures::LARGEST_MAP {
        return "<p class=\"note\">The panel is too large to draw here: see <code>trait_correlation.tsv</code> and \
                <code>heatmap.svg</code>.</p>\n"
            .to_owned();
    }
    format!(
        "<p class=\"note\">How the scores of two traits go together over genes: red together, blue against each other. \
         Traits that correlate count as fewer independent ones (M<sub>eff</sub>, below).</p>\n\
         <div class=\"tools\" id=\"heatmap-tools\"></div>\n\
         <div class=\"figure\"><div class=\"scroll bare\" tabindex=\"-1\">{}</div><aside>{}\
         <div aria-live=\"polite\" id=\"pair\">Point at a square, or choose one with the arrow keys.</div></aside></div>\n",
        pictures::heatmap(facts),
        pictures::scale()
    )
}

pub(super) fn map(facts: &Facts) -> String {
    let (what, lit) = if facts.is_single() {
        (
            "Each dot is a gene.",
            "its genes light up, and others that bear its signature get a ring",
        )
    } else {
        (
            "Each dot is a genome, or a gene family by the codons of all its genes.",
            "the genomes it is detectable in light up, or the families its set names",
        )
    };
    let pick = if facts.plan.traits.is_empty() {
        String::new()
    } else {
        format!(" Pick a trait and {lit}.")
    };
    format!(
        "<p class=\"note\">{what} Dots lie close where synonymous codons are used alike (correspondence analysis of RSCU; the \
         share of inertia stands at the axis). The view ENC against GC3s has Wright’s curve: on it, composition alone explains \
         the choice of codons; below it, something else has a part.{pick}</p>\n\
         <div class=\"tools\" id=\"map-tools\"></div>\n\
         <div class=\"figure\"><div><canvas id=\"map\" class=\"plot\" tabindex=\"0\" role=\"application\" \
         aria-label=\"map of codon usage; arrow keys go from dot to dot, plus and minus zoom, 0 shows all, enter finds the dot in its table\"></canvas></div>\
         <aside><ul class=\"legend\" id=\"legend\"></ul><div aria-live=\"polite\" id=\"point\">The map needs JavaScript; <code>codon_map.tsv</code> \
         holds the same.</div></aside></div>\n"
    )
}
