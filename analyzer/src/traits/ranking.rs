//! The rank statistic of a permutation test: how often a member's score is above another gene's, by histogram.

#![expect(
    clippy::inline_always,
    reason = "what is called within a dispatch must be compiled for its vector unit"
)]

use pulp::Arch;

use crate::traits::batch::{LANES, Lanes};

/// Classes of the histogram; scores of one class are ties.
const CLASSES: usize = 1024;
/// Scores beyond ±16 share the outermost class.
const LIMIT: f32 = 16.0;
const PER_UNIT: f32 = 32.0;
const TOP_CLASS: f32 = 1023.0;

/// Histograms of sixteen sets of scores.
pub(crate) struct Ranking(Vec<u32>);

impl Ranking {
    pub(crate) fn new() -> Self {
        Self(vec![0; LANES * CLASSES])
    }

    /// For each set, twice the number of pairs (member, other) that the member wins, a tie counting once.
    pub(crate) fn wins(&mut self, scores: &[Lanes], sets: &[Vec<u32>]) -> Vec<u64> {
        self.0.fill(0);
        Arch::new().dispatch(|| count(&mut self.0, scores));
        let histograms = self.0.chunks_exact_mut(CLASSES);
        histograms
            .zip(sets)
            .enumerate()
            .map(|(lane, (others, set))| wins(others, scores, set, lane))
            .collect()
    }
}

#[inline(always)]
fn count(histograms: &mut [u32], scores: &[Lanes]) {
    for scores in scores {
        for (lane, class) in classes(scores).into_iter().enumerate() {
            histograms[lane * CLASSES + class as usize] += 1;
        }
    }
}

fn wins(others: &mut [u32], scores: &[Lanes], set: &[u32], lane: usize) -> u64 {
    let class = |&place: &u32| classes(&scores[place as usize])[lane] as usize;
    let members: Vec<usize> = set.iter().map(class).collect();
    for &class in &members {
        others[class] -= 1;
    }
    // twice the others below the middle of each class
    let mut below = 0;
    for count in others.iter_mut() {
        let own = *count;
        *count = 2 * below + own;
        below += own;
    }
    members.iter().map(|&class| u64::from(others[class])).sum()
}

/// Class of each score. Adding 1.5·2²³ leaves the nearest whole number in the low bits: a vector unit does it, where a
/// saturating conversion goes number by number.
#[inline(always)]
fn classes(scores: &Lanes) -> [u32; LANES] {
    const SHIFT: f32 = 12_582_912.0;
    let mut classes = [0; LANES];
    for (class, score) in classes.iter_mut().zip(scores) {
        let scaled = (score + LIMIT) * PER_UNIT;
        // not `clamp`, whose check of the bounds keeps this loop from becoming vector code
        let scaled = if scaled > 0.0 { scaled } else { 0.0 };
        let scaled = if scaled < TOP_CLASS { scaled } else { TOP_CLASS };
        *class = (scaled + SHIFT).to_bits() & 0x003f_ffff;
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wins_are_pairs_won_and_half_the_ties() {
        let scores = [-20.0, -1.0, 0.0, 0.5, 0.5, 3.0, 40.0].map(|score| [score; LANES]);
        // 0.5 beats three and ties one, 40 beats five
        let wins = Ranking::new().wins(&scores, &[vec![3, 6]]);
        assert_eq!(wins, [2 * 3 + 1 + 2 * 5]);
    }
}
