//! The rank statistic of a permutation test: how often a member's score is above another gene's, by classes of scores.

#![expect(
    clippy::inline_always,
    reason = "what is called within a dispatch must be compiled for its vector unit"
)]

use pulp::{Arch, Simd, WithSimd};

use crate::traits::batch::{LANES, Lanes};

/// Classes of scores; those of one class are ties.
const CLASSES: usize = 1024;
/// Scores beyond ±16 share the outermost class.
const LIMIT: f32 = 16.0;
const PER_UNIT: f32 = 32.0;
const TOP_CLASS: f32 = 1023.0;

/// For each class and set, twice the members above it and once those in it: what a gene of the class loses to members.
pub(crate) struct Ranking(Vec<[u32; LANES]>);

impl Ranking {
    pub(crate) fn new() -> Self {
        Self(vec![[0; LANES]; CLASSES])
    }

    /// For each set, twice the number of pairs (member, other) that the member wins, a tie counting once.
    pub(crate) fn wins(&mut self, scores: &[Lanes], sets: &[Vec<u32>]) -> Vec<u64> {
        self.0.fill([0; LANES]);
        for (lane, set) in sets.iter().enumerate() {
            for &place in set {
                self.0[class(scores[place as usize][lane]) as usize][lane] += 1;
            }
        }
        let wins = Arch::new().dispatch(Losing {
            members: &mut self.0,
            scores,
        });
        let mut wins = wins[..sets.len()].to_vec();
        // Members have lost to members, which is no pair of member and other.
        for (lane, (wins, set)) in wins.iter_mut().zip(sets).enumerate() {
            for &place in set {
                let class = class(scores[place as usize][lane]);
                *wins -= u64::from(self.0[class as usize][lane]);
            }
        }
        wins
    }
}

/// What is compiled for each vector unit: not a closure, which would not be inlined into what was dispatched to.
struct Losing<'a> {
    members: &'a mut [[u32; LANES]],
    scores: &'a [Lanes],
}

impl WithSimd for Losing<'_> {
    type Output = [u64; LANES];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [u64; LANES] {
        accumulate(self.members);
        lose(self.members, self.scores)
    }
}

/// Members in each class → twice those above it, and those in it. Sums of this module cannot overflow, and are not checked
/// for it: a check would keep loops from becoming vector code.
#[inline(always)]
fn accumulate(members: &mut [[u32; LANES]]) {
    let mut above = [0_u32; LANES];
    for counts in members.iter_mut().rev() {
        for lane in 0..LANES {
            let own = counts[lane];
            counts[lane] = own.wrapping_add(above[lane]).wrapping_add(above[lane]);
            above[lane] = own.wrapping_add(above[lane]);
        }
    }
}

#[inline(always)]
fn lose(losses: &[[u32; LANES]], scores: &[Lanes]) -> [u64; LANES] {
    let mut sums = [0_u64; LANES];
    let Ok(losses) = <&[[u32; LANES]; CLASSES]>::try_from(losses) else {
        return sums;
    };
    for scores in scores {
        let classes = classes(scores);
        for lane in 0..LANES {
            let loss = losses[classes[lane] as usize % CLASSES][lane];
            sums[lane] = u64::wrapping_add(sums[lane], loss.into());
        }
    }
    sums
}

/// Class of each score.
#[inline(always)]
fn classes(scores: &Lanes) -> [u32; LANES] {
    let mut classes = [0; LANES];
    for lane in 0..LANES {
        classes[lane] = class(scores[lane]);
    }
    classes
}

/// Adding 1.5·2²³ leaves the nearest whole number in the low bits: a vector unit does it, where a saturating conversion
/// goes number by number.
#[inline(always)]
fn class(score: f32) -> u32 {
    const SHIFT: f32 = 12_582_912.0;
    let scaled = (score + LIMIT) * PER_UNIT;
    // not `clamp`, whose check of the bounds keeps this loop from becoming vector code
    let scaled = if scaled > 0.0 { scaled } else { 0.0 };
    let scaled = if scaled < TOP_CLASS { scaled } else { TOP_CLASS };
    (scaled + SHIFT).to_bits() & 0x003f_ffff
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
