//! Pictures inside the page: intervals, shares, the heatmap, codons. Colours come from the style sheet.

use std::fmt::Write as _;

use super::super::Facts;
use super::super::codon_usage::{Usage, usage};
use super::super::text::{html, shortened};
use crate::rows::TraitRow;
use crate::verbs::merge::TraitSummary;

/// An AUC with its interval on an axis from 0 to 1; the dashed line is chance.
pub(super) fn interval(value: Option<f64>, low: Option<f64>, high: Option<f64>, is_own: bool) -> String {
    let Some(value) = value else { return String::new() };
    let x = |value: f64| value.clamp(0.0, 1.0).mul_add(140.0, 4.0);
    let (low, high) = (low.unwrap_or(value), high.unwrap_or(value));
    let class = if is_own { "auc own" } else { "auc" };
    format!(
        "<svg class=\"{class}\" viewBox=\"0 0 148 18\" role=\"img\" aria-label=\"{value:.3}, from {low:.3} to {high:.3}\">\
         <line class=\"axis\" x1=\"4\" x2=\"144\" y1=\"9\" y2=\"9\"/><line class=\"half\" x1=\"74\" x2=\"74\" y1=\"2\" y2=\"16\"/>\
         <line class=\"bar\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"9\" y2=\"9\"/><circle cx=\"{:.1}\" cy=\"9\" r=\"4\"/></svg>",
        x(low),
        x(high),
        x(value)
    )
}

/// Genomes by verdict as a bar.
pub(super) fn shares(summary: &TraitSummary) -> String {
    let total = summary.verdicts.values().sum::<u64>().max(1) as f64;
    let detectable = summary.with_verdict("detectable") as f64 / total * 176.0;
    let explained = (summary.with_verdict("explained_by_expression_or_composition")
        + summary.with_verdict("is_expression")) as f64
        / total
        * 176.0;
    format!(
        "<svg class=\"bars\" viewBox=\"0 0 176 14\" role=\"img\" aria-label=\"genomes by verdict\">\
         <rect class=\"silent\" width=\"176\" height=\"14\" rx=\"3\"/>\
         <rect class=\"explained\" width=\"{:.1}\" height=\"14\" rx=\"3\"/>\
         <rect class=\"detectable\" width=\"{detectable:.1}\" height=\"14\" rx=\"3\"/></svg>",
        detectable + explained
    )
}

/// Traits that an interactive heatmap can carry without getting slow.
pub(super) const LARGEST_MAP: usize = 120;

/// What the colours of the matrix mean.
pub(super) fn scale() -> String {
    let mut scale = "<svg class=\"scale\" viewBox=\"0 0 176 30\" role=\"img\" aria-label=\"blue: minus 1, white: 0, red: 1\">".to_owned();
    for step in 0..11 {
        let r = f64::from(step - 5) / 5.0;
        let class = if r >= 0.0 { "plus" } else { "minus" };
        let _ = write!(
            scale,
            "<rect class=\"{class}\" x=\"{}\" width=\"16\" height=\"12\" fill-opacity=\"{:.2}\"/>",
            step * 16,
            r.abs()
        );
    }
    scale.push_str("<text x=\"0\" y=\"26\">−1</text><text x=\"88\" y=\"26\" text-anchor=\"middle\">r = 0</text><text x=\"176\" y=\"26\" text-anchor=\"end\">1</text></svg>");
    scale
}

/// Letters of a name beside the matrix.
const LONGEST_NAME: usize = 34;

/// The correlation matrix; the script names the pair under the pointer.
pub(super) fn heatmap(facts: &Facts) -> String {
    const CELL: usize = 20;
    let names = &facts.plan.traits;
    let longest = names
        .iter()
        .map(|name| name.chars().count().min(LONGEST_NAME))
        .max()
        .unwrap_or(0);
    let margin = 12 + longest * 13 / 2;
    let (width, height) = (margin + names.len() * CELL + 4, names.len() * CELL + 4);
    let mut svg = format!(
        "<svg id=\"heatmap\" class=\"plot\" viewBox=\"0 0 {width} {height}\" width=\"{}\" tabindex=\"0\" role=\"application\" \
         aria-label=\"correlation of trait scores over genes; arrow keys choose a pair\">",
        width * 3 / 2
    );
    for (row, name) in names.iter().enumerate() {
        let shown = shortened(name, LONGEST_NAME, "…");
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            margin - 6,
            row * CELL + 15,
            html(&shown)
        );
    }
    let _ = write!(svg, "<g transform=\"translate({margin} 2)\">");
    for row in 0..names.len() {
        for column in 0..names.len() {
            cell(
                &mut svg,
                facts.collected.correlation(row, column),
                row * CELL,
                column * CELL,
                CELL - 1,
            );
        }
    }
    svg.push_str("</g></svg>");
    svg
}

fn cell(svg: &mut String, r: Option<f64>, y: usize, x: usize, side: usize) {
    let (class, opacity, text) = match r {
        None => ("undefined", 1.0, String::new()),
        Some(r) => (
            if r >= 0.0 { "plus" } else { "minus" },
            r.abs().mul_add(0.97, 0.03),
            format!("{r:.3}"),
        ),
    };
    let _ = write!(
        svg,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\" fill-opacity=\"{opacity:.2}\" data-r=\"{text}\"/>"
    );
}

/// The genetic code as 16 boxes of four codons, bars as long as their RSCU.
pub(super) fn codons(facts: &Facts) -> String {
    let usage = usage(facts);
    let mut grid = "<div class=\"codons\">".to_owned();
    // Boxes of one first base stand in a column, as in every textbook.
    for second in 0..4 {
        for first in 0..4 {
            let start = first * 16 + second * 4;
            grid.push_str("<div>");
            usage[start..start + 4]
                .iter()
                .for_each(|usage| codon(&mut grid, usage));
            grid.push_str("</div>");
        }
    }
    grid.push_str("</div>");
    grid
}

fn codon(
    grid: &mut String,
    Usage {
        codon,
        amino_acid,
        count,
        per_thousand,
        rscu,
    }: &Usage,
) {
    let bar = rscu.unwrap_or(0.0).min(6.0) / 6.0 * 200.0;
    let said = rscu.map_or_else(|| per_thousand_only(*per_thousand), |rscu| format!("{rscu:.2}"));
    let _ = write!(
        grid,
        "<svg viewBox=\"0 0 200 22\" preserveAspectRatio=\"xMinYMid meet\"><title>{codon} ({amino_acid}): {count}, {per_thousand:.1} of a thousand</title>\
         <rect width=\"{bar:.1}\" height=\"20\" y=\"1\" rx=\"3\"/><text x=\"4\" y=\"16\">{codon} {amino_acid}</text>\
         <text class=\"r\" x=\"196\" y=\"16\">{said}</text></svg>"
    );
}

fn per_thousand_only(per_thousand: f64) -> String {
    format!("{per_thousand:.1} ‰")
}

/// Chip and class of a verdict.
pub(super) fn chip(verdict: &str) -> String {
    let (class, word) = match verdict {
        "detectable" => ("detectable", "detectable"),
        "explained_by_expression_or_composition" => ("explained", "explained"),
        "is_expression" => ("explained", "is expression"),
        "not_detectable" => ("silent", "not detectable"),
        "insufficient_genes" => ("silent", "too few genes"),
        _ => ("silent", "untested"),
    };
    format!("<span class=\"chip {class}\">{word}</span>")
}

/// The two intervals of a trait.
pub(super) fn intervals(row: &TraitRow) -> [String; 2] {
    [
        interval(row.auc, row.auc_low, row.auc_high, false),
        interval(
            row.residual_auc,
            row.residual_auc_low,
            row.residual_auc_high,
            true,
        ),
    ]
}
