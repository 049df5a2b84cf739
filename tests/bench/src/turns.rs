//! Two works that take turns, and their medians.

use std::time::Instant;

use anyhow::Result;

use crate::table::{Floor, Row};

/// Medians of ours and a peer's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turns {
    /// Seconds.
    pub ours: f64,
    /// Seconds.
    pub theirs: f64,
    /// Ours by theirs, of runs one after the other: what slows the machine for minutes slows both.
    share: f64,
}

/// Runs both so many times, one after the other, and each of them first every other time.
pub(crate) fn take(
    runs: usize,
    mut ours: impl FnMut(usize) -> Result<f64>,
    mut theirs: impl FnMut(usize) -> Result<f64>,
) -> Result<Turns> {
    let (mut own, mut peer) = (Vec::new(), Vec::new());
    for run in 0..runs {
        if run % 2 == 0 {
            own.push(ours(run)?);
            peer.push(theirs(run)?);
        } else {
            peer.push(theirs(run)?);
            own.push(ours(run)?);
        }
    }
    let shares = own.iter().zip(&peer).map(|(own, peer)| own / peer);
    Ok(Turns {
        share: median(shares.collect()),
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

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl Turns {
    /// How many times faster than the peer we are: at least `floor` times.
    pub(crate) fn faster(self, figure: &'static str, peer: &str, floor: f64) -> Row {
        self.row(figure, peer, 1.0 / self.share, Floor::Above(floor))
    }

    /// How much of the peer's time we take: at most `floor` of it.
    pub(crate) fn share(self, figure: &'static str, peer: &str, floor: f64) -> Row {
        self.row(figure, peer, self.share, Floor::Below(floor))
    }

    fn row(self, figure: &'static str, peer: &str, measured: f64, floor: Floor) -> Row {
        let Self { ours, theirs, .. } = self;
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

    #[test]
    fn a_machine_that_slows_down_slows_both() {
        // The third turn on it is three times as slow: medians of either alone would come from different turns.
        let pace = [1.0, 1.0, 3.0, 3.0, 3.0];
        let mut order = Vec::new();
        let orders = std::cell::RefCell::new(&mut order);
        let run = |name, seconds: f64| {
            orders.borrow_mut().push(name);
            Ok(seconds)
        };
        let turns = take(5, |turn| run('o', pace[turn]), |turn| run('p', 2.0 * pace[turn])).unwrap();
        assert!((turns.share - 0.5).abs() < 1e-9);
        assert_eq!(order.iter().collect::<String>(), "oppooppoop");
    }
}
