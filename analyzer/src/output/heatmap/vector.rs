//! `heatmap.svg`.

use std::fmt::Write as _;

use super::super::text::{html, shortened};
use super::{Heatmap, LONGEST_NAME, colour, shade};

const CELL: usize = 18;
const FONT: usize = 11;

/// The picture.
pub(crate) fn svg(heatmap: &Heatmap) -> String {
    let names = &heatmap.names;
    let margin = 12 + heatmap.longest_name() * 6;
    let side = names.len() * CELL;
    let (width, height) = (margin + side.max(140) + 12, margin + side + 40);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"{FONT}\" role=\"img\"><title>Correlation of trait scores over genes</title>\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>"
    );
    for (row, name) in names.iter().enumerate() {
        label(&mut svg, name, margin, margin + row * CELL + CELL / 2 + 4);
        for (column, other) in names.iter().enumerate() {
            let r = heatmap.value(row, column);
            let (x, y) = (margin + column * CELL, margin + row * CELL);
            let said = r.map_or_else(|| "undefined".to_owned(), |r| format!("{r:.2}"));
            let _ = write!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{CELL}\" height=\"{CELL}\" fill=\"{}\"><title>{} × {}: {said}</title></rect>",
                hexadecimal(r),
                html(name),
                html(other)
            );
        }
    }
    legend(&mut svg, margin, margin + side + 14);
    svg.push_str("</svg>\n");
    svg
}

/// The name of the row whose text stands at `middle`, and of the column of the same trait.
fn label(svg: &mut String, name: &str, margin: usize, middle: usize) {
    let shown = html(&shortened(name, LONGEST_NAME, "…"));
    let end = margin - 6;
    let _ = write!(
        svg,
        "<text x=\"{end}\" y=\"{middle}\" text-anchor=\"end\">{shown}</text>\
         <text transform=\"translate({middle} {end}) rotate(-90)\">{shown}</text>"
    );
}

fn legend(svg: &mut String, x: usize, y: usize) {
    for step in 0..=10_i32 {
        let r = f64::from(step - 5) / 5.0;
        let left = x + usize::try_from(step).unwrap_or(0) * 12;
        let fill = hexadecimal(Some(r));
        let _ = write!(
            svg,
            "<rect x=\"{left}\" y=\"{y}\" width=\"12\" height=\"10\" fill=\"{fill}\"/>"
        );
    }
    let _ = write!(svg, "<text x=\"{x}\" y=\"{}\">r from −1 to 1</text>", y + 23);
}

fn hexadecimal(r: Option<f64>) -> String {
    let [red, green, blue] = colour(shade(r));
    format!("#{red:02x}{green:02x}{blue:02x}")
}
