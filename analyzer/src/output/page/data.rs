//! What the page's script reads: columns and rows of the long tables, points of the maps.

mod points;
mod tables;

use serde_json::{Value, json};

use super::super::Facts;

/// Rows that a page carries of a table; the files hold all.
pub(super) const ROWS: usize = 10_000;

pub(super) fn json(facts: &Facts) -> Value {
    json!({
        "traits": facts.plan.traits,
        "tables": tables::all(facts),
        "maps": points::all(facts),
    })
}

/// Fewer digits, a smaller page.
fn rounded(value: Option<f64>, scale: f64) -> Option<f64> {
    value
        .filter(|value| value.is_finite())
        .map(|value| (value * scale).round() / scale)
}

/// Four digits that count, however small the value is.
fn significant(value: f64) -> Option<f64> {
    format!("{value:.3e}")
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
}
