//! The trait × trait correlation of z-scores over genes: `trait_correlation.tsv` and its picture.

use std::fmt::Write as _;

use super::Facts;
use super::text::{cell, html, number};

/// The matrix with the traits' names as header and first column; empty where a trait was not scored.
pub(crate) fn table(facts: &Facts) -> String {
    let names = &facts.plan.traits;
    let mut text = "trait".to_owned();
    names.iter().for_each(|name| text.extend(["\t", &cell(name)]));
    text.push('\n');
    for (row, name) in names.iter().enumerate() {
        text.push_str(&cell(name));
        for column in 0..names.len() {
            text.push('\t');
            text.push_str(&number(facts.collected.correlation(row, column), 6));
        }
        text.push('\n');
    }
    text
}

const CELL: usize = 18;
const FONT: usize = 11;

/// The matrix as a picture by itself: red for r > 0, blue for r < 0, grey where undefined.
pub(crate) fn heatmap(facts: &Facts) -> String {
    let names = &facts.plan.traits;
    let longest = names
        .iter()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0)
        .min(40);
    let margin = 12 + longest * 6;
    let side = names.len() * CELL;
    let (width, height) = (margin + side + 12, margin + side + 40);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"{FONT}\" role=\"img\"><title>Correlation of trait scores over genes</title>\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>"
    );
    for (row, name) in names.iter().enumerate() {
        let shown = html(&shortened(name));
        let middle = margin + row * CELL + CELL / 2 + 4;
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{middle}\" text-anchor=\"end\">{shown}</text>",
            margin - 6
        );
        let x = margin + row * CELL + CELL / 2 + 4;
        let _ = write!(
            svg,
            "<text transform=\"translate({x} {}) rotate(-90)\">{shown}</text>",
            margin - 6
        );
        for (column, other) in names.iter().enumerate() {
            let r = facts.collected.correlation(row, column);
            let (x, y) = (margin + column * CELL, margin + row * CELL);
            let said = r.map_or_else(|| "undefined".to_owned(), |r| format!("{r:.2}"));
            let _ = write!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{CELL}\" height=\"{CELL}\" fill=\"{}\"><title>{} × {}: {said}</title></rect>",
                colour(r),
                html(name),
                html(other)
            );
        }
    }
    legend(&mut svg, margin, margin + side + 14);
    svg.push_str("</svg>\n");
    svg
}

fn legend(svg: &mut String, x: usize, y: usize) {
    for step in 0..=10_i32 {
        let r = f64::from(step - 5) / 5.0;
        let left = x + usize::try_from(step).unwrap_or(0) * 12;
        let _ = write!(
            svg,
            "<rect x=\"{left}\" y=\"{y}\" width=\"12\" height=\"10\" fill=\"{}\"/>",
            colour(Some(r))
        );
    }
    let _ = write!(svg, "<text x=\"{x}\" y=\"{}\">r from −1 to 1</text>", y + 23);
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= 40 {
        name.to_owned()
    } else {
        name.chars().take(39).chain(['…']).collect()
    }
}

/// A diverging scale whose two ends are told apart by readers who see no red or no green.
fn colour(r: Option<f64>) -> String {
    const POSITIVE: [f64; 3] = [178.0, 24.0, 43.0];
    const NEGATIVE: [f64; 3] = [33.0, 102.0, 172.0];
    let Some(r) = r else { return "#ddd".to_owned() };
    let end = if r >= 0.0 { POSITIVE } else { NEGATIVE };
    let mix = end.map(|end| (248.0 + (end - 248.0) * r.abs()).round());
    format!("#{:02x}{:02x}{:02x}", byte(mix[0]), byte(mix[1]), byte(mix[2]))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0 to 255"
)]
fn byte(value: f64) -> u8 {
    value.clamp(0.0, 255.0) as u8
}
