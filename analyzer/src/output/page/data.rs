//! What the page's script reads: columns and rows of the long tables, points of the maps.

mod points;
mod tables;

use serde::Serialize;

use super::super::Facts;
use super::super::text::JsonInHtml;

/// Rows that a page carries of a table; the files hold all.
pub(super) const ROWS: usize = 10_000;

#[derive(Serialize)]
struct Data<'a> {
    traits: &'a [String],
    tables: tables::Tables<'a>,
    maps: Vec<points::Points<'a>>,
}

/// Appends it to a `script` element.
pub(super) fn write(facts: &Facts, page: &mut Vec<u8>) {
    let data = Data {
        traits: &facts.plan.traits,
        tables: tables::all(facts),
        maps: points::all(facts),
    };
    let mut serializer = serde_json::Serializer::with_formatter(page, JsonInHtml);
    // Memory takes every byte, and every key is a string.
    _ = data.serialize(&mut serializer);
}

/// Fewer digits, a smaller page.
fn rounded(value: Option<f64>, scale: f64) -> Option<f64> {
    value
        .filter(|value| value.is_finite())
        .map(|value| (value * scale).round() / scale)
}

/// Four digits that count, however small the value is.
fn significant(value: f64) -> Option<f64> {
    /// A power of ten that a double holds: dividing by it gives the nearest double to the decimal.
    const LARGEST_POWER: i32 = 22;
    #[expect(clippy::cast_possible_truncation, reason = "between -300 and 300")]
    let power = 3 - value.abs().log10().floor().clamp(-300.0, 300.0) as i32;
    let rounded = if (0..=LARGEST_POWER).contains(&power) {
        let scale = 10_f64.powi(power);
        (value * scale).round() / scale
    } else {
        format!("{value:.3e}").parse().ok()?
    };
    rounded.is_finite().then_some(rounded)
}

#[cfg(test)]
mod tests {
    use super::significant;

    #[test]
    fn four_digits_are_kept() {
        for (value, shown) in [
            (0.012_345_6, "0.01235"),
            (1.0, "1.0"),
            (0.0, "0.0"),
            (0.999_96, "1.0"),
            (1.234_56e-12, "1.235e-12"),
            (9.876_54e-200, "9.877e-200"),
            (-0.5, "-0.5"),
            (123_456.0, "123500.0"),
        ] {
            assert_eq!(format!("{:?}", significant(value).unwrap()), shown);
        }
        assert_eq!(significant(f64::NAN), None);
        assert_eq!(significant(f64::INFINITY), None);
    }
}
