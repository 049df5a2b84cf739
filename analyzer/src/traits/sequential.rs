//! A permutation p-value that stops drawing when it can no longer matter (Besag & Clifford 1991, Biometrika 78:301).

/// Exceedances that give a p of some precision.
const EARLIEST: u32 = 10;

/// Counts permutations at least as extreme as what was observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sequential {
    stop_at: u32,
    drawn: u32,
    exceeded: u32,
}

impl Sequential {
    /// Stops when so many permutations were as extreme that with all `permutations` drawn p would exceed `rate`: no
    /// adjustment over traits lowers a p, so that the verdict is settled. Never before 10, for p to say something.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate below 1 of a u32"
    )]
    pub(crate) fn new(permutations: u32, rate: f64) -> Self {
        let stop_at = (rate * (f64::from(permutations) + 1.0)).ceil() as u32;
        Self {
            stop_at: stop_at.max(EARLIEST),
            ..Self::early()
        }
    }

    /// Stops as soon as p says something: for a verdict that is settled otherwise.
    pub(crate) const fn early() -> Self {
        Self {
            stop_at: EARLIEST,
            drawn: 0,
            exceeded: 0,
        }
    }

    /// Takes the next permutation into account, unless it has stopped.
    pub(crate) fn draw(&mut self, is_as_extreme: bool) {
        if !self.has_stopped() {
            self.drawn += 1;
            self.exceeded += u32::from(is_as_extreme);
        }
    }

    pub(crate) fn has_stopped(self) -> bool {
        self.exceeded >= self.stop_at
    }

    /// Share of permutations as extreme; the observation counts as one unless the count stopped on an extreme one.
    pub(crate) fn p(self) -> f64 {
        if self.has_stopped() {
            f64::from(self.exceeded) / f64::from(self.drawn)
        } else {
            (f64::from(self.exceeded) + 1.0) / (f64::from(self.drawn) + 1.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_only_when_p_is_above_the_rate() {
        let mut count = Sequential::new(999, 0.05);
        (0..50).for_each(|_| count.draw(true));
        assert!(count.has_stopped() && count.p() >= 0.05);
        let mut count = Sequential::new(999, 0.05);
        (0..999).for_each(|draw| count.draw(draw < 49));
        assert!(!count.has_stopped());
        assert!((count.p() - 0.05).abs() < 1e-12);
    }
}
