//! The table: a row a figure.

/// Which side of its floor a figure has to be on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Floor {
    /// The less the better: at most this.
    Below(f64),
    /// The more the better: at least this.
    Above(f64),
}

/// One figure.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was measured.
    pub figure: &'static str,
    /// Its value, or why there is none.
    pub measured: Result<f64, String>,
    /// What it has to reach.
    pub floor: Floor,
    /// Of value and floor.
    pub unit: &'static str,
    /// What the value is made of.
    pub note: String,
}

impl Row {
    /// How many times better than the floor; below 1 it was missed.
    fn ratio(&self) -> Option<f64> {
        let measured = *self.measured.as_ref().ok()?;
        Some(match self.floor {
            Floor::Below(floor) => floor / measured,
            Floor::Above(floor) => measured / floor,
        })
    }

    /// Whether the floor was missed. A row without a value has missed nothing and shows why.
    pub(crate) fn is_missed(&self) -> bool {
        self.ratio().is_some_and(|ratio| ratio < 1.0)
    }
}

fn number(value: f64, unit: &str) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 1.0 => 2,
        _ => 4,
    };
    format!("{value:.digits$} {unit}")
}

/// Prints the rows under their heads.
pub(crate) fn print(rows: &[Row]) {
    println!(
        "{:<72} {:>12} {:>14} {:>9}",
        "figure", "measured", "floor", "ratio"
    );
    for row in rows {
        let measured = match &row.measured {
            Ok(value) => number(*value, row.unit),
            Err(why) => format!("SKIPPED: {why}"),
        };
        let floor = match row.floor {
            Floor::Below(floor) => format!("< {}", number(floor, row.unit)),
            Floor::Above(floor) => format!("> {}", number(floor, row.unit)),
        };
        let ratio = row
            .ratio()
            .map(|ratio| format!("{ratio:.1} ×"))
            .unwrap_or_default();
        let missed = if row.is_missed() { "  MISSED" } else { "" };
        println!(
            "{:<72} {measured:>12} {floor:>14} {ratio:>9}{missed}  {}",
            row.figure, row.note
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_on_the_wrong_side_of_its_floor_is_missed() {
        let row = |measured, floor| Row {
            figure: "f",
            measured: Ok(measured),
            floor,
            unit: "s",
            note: String::new(),
        };
        assert!(row(11.0, Floor::Below(10.0)).is_missed() && !row(9.0, Floor::Below(10.0)).is_missed());
        assert!(row(9.0, Floor::Above(10.0)).is_missed() && !row(11.0, Floor::Above(10.0)).is_missed());
        let skipped = Row {
            measured: Err("no file".to_owned()),
            ..row(9.0, Floor::Above(10.0))
        };
        assert!(!skipped.is_missed());
    }
}
