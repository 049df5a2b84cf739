//! Two works that take turns, and their medians.

use std::time::Instant;

use anyhow::Result;

use crate::table::{Floor, Row};

/// Medians of ours and a peer's, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turns {
    pub ours: f64,
    pub theirs: f64,
}

/// Runs both so many times, one after the other.
pub(crate) fn take(
    runs: usize,
    mut ours: impl FnMut(usize) -> Result<f64>,
    mut theirs: impl FnMut(usize) -> Result<f64>,
) -> Result<Turns> {
    let (mut own, mut peer) = (Vec::new(), Vec::new());
    for run in 0..runs {
        own.push(ours(run)?);
        peer.push(theirs(run)?);
    }
    Ok(Turns {
        ours: median(own),
        theirs: median(peer),
    })
}

/// Seconds that `work` takes.
pub(crate) fn seconds<T>(work: impl FnOnce() -> Result<T>) -> Result<f64> {
    let begin = Instant::now();
    let done = work()?;
    let seconds = begin.elapsed().as_secs_f64();
    drop(done);
    Ok(seconds)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl Turns {
    /// How many times faster than the peer we are: at least `floor` times.
    pub(crate) fn faster(self, figure: &'static str, peer: &str, floor: f64) -> Row {
        self.row(figure, peer, self.theirs / self.ours, Floor::Above(floor))
    }

    /// How much of the peer's time we take: at most `floor` of it.
    pub(crate) fn share(self, figure: &'static str, peer: &str, floor: f64) -> Row {
        self.row(figure, peer, self.ours / self.theirs, Floor::Below(floor))
    }

    fn row(self, figure: &'static str, peer: &str, measured: f64, floor: Floor) -> Row {
        let Self { ours, theirs } = self;
        Row {
            figure,
            measured: Ok(measured),
            floor,
            unit: "×",
            note: format!("{ours:.4} s, {peer} {theirs:.4} s"),
        }
    }
}

/// The row, or one that says why there is none.
pub(crate) fn or_why(figure: &'static str, floor: Floor, row: Result<Row>) -> Row {
    row.unwrap_or_else(|error| Row {
        figure,
        measured: Err(format!("{error:#}").lines().next().unwrap_or_default().to_owned()),
        floor,
        unit: "×",
        note: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_run_counts_and_a_slow_one_does_not() {
        let times = [1.0, 9.0, 2.0];
        let turns = take(3, |run| Ok(times[run]), |run| Ok(10.0 * times[run])).unwrap();
        assert!((turns.ours - 2.0).abs() < 1e-9 && (turns.theirs - 20.0).abs() < 1e-9);
        assert!(turns.faster("f", "p", 11.0).is_missed() && !turns.share("f", "p", 0.2).is_missed());
    }
}
