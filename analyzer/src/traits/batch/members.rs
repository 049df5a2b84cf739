//! Members of the sets, each scored by the signature of all others: the first member of every set at once, then the
//! second, and so on.
//!
//! Without a member, the weight of a codon changes by ln((n − o + α·p)/(n + α·p)), n its count in the set and o the
//! member's own; what is the same for all synonyms cancels when weights are centred. In a set of some size that is the
//! logarithm of nearly 1, for which a short series will do.

#![expect(
    clippy::inline_always,
    reason = "what is called within a dispatch must be compiled for its vector unit"
)]

use super::arithmetic::{logarithm, logarithm_below_one, quotient};
use super::{Fit, LANES, Lanes, Matrix, SHRINKAGE_SINGLE};

/// Share of a member in a codon's count up to which the series is right to seven digits.
const SMALL: f32 = 0.125;

impl Matrix {
    /// z of the members of `sets` (rows) with the counts `pooled` and the signatures `fit`: `keep(row, set, z)`.
    #[inline(always)]
    pub(super) fn score_members(
        &self,
        sets: &[Vec<u32>],
        pooled: &[Lanes],
        fit: &Fit,
        mut keep: impl FnMut(u32, usize, f32),
    ) {
        let per_count = self.per_count(pooled);
        let mut own = vec![[0.0; LANES]; 2 * self.width()];
        let mut pairs = vec![[[0; 2]; LANES]; self.width()];
        let longest = sets.iter().map(Vec::len).max().unwrap_or(0);
        for nth in 0..longest {
            let row = |lane: usize| sets.get(lane).and_then(|set| set.get(nth)).copied();
            let rows: [Option<u32>; LANES] = std::array::from_fn(row);
            self.gather(&rows, &mut pairs, &mut own);
            let z = self.without(&own, pooled, &per_count, fit);
            for (lane, (row, z)) in rows.into_iter().zip(z).enumerate() {
                if let Some(row) = row {
                    keep(row, lane, z);
                }
            }
        }
    }

    /// 1/(n + α·p) of each column.
    #[inline(always)]
    fn per_count(&self, pooled: &[Lanes]) -> Vec<Lanes> {
        let of_column = |(counts, &p): (&Lanes, &f32)| counts.map(|n| (n + SHRINKAGE_SINGLE * p).recip());
        pooled.iter().zip(&self.background).map(of_column).collect()
    }

    /// Counts of one row a lane, column by column; of nobody where there is none.
    #[inline(always)]
    fn gather(&self, rows: &[Option<u32>; LANES], pairs: &mut [[[u16; 2]; LANES]], own: &mut [Lanes]) {
        for (lane, row) in rows.iter().enumerate() {
            let row = self.row(row.unwrap_or(self.nobody()));
            for (lanes, &pair) in pairs.iter_mut().zip(row) {
                lanes[lane] = pair;
            }
        }
        for (columns, pairs) in own.chunks_exact_mut(2).zip(pairs) {
            for (lane, pair) in pairs.iter().enumerate() {
                columns[0][lane] = f32::from(pair[0]);
                columns[1][lane] = f32::from(pair[1]);
            }
        }
    }

    /// z of genes with the counts `own` under the signatures without them.
    #[inline(always)]
    fn without(&self, own: &[Lanes], pooled: &[Lanes], per_count: &[Lanes], fit: &Fit) -> Lanes {
        let (mut score, mut variance) = ([0.0; LANES], [0.0; LANES]);
        for (bounds, of_all) in self.starts.windows(2).zip(&fit.variance) {
            let (mut size, mut mean, mut spread) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
            for column in bounds[0]..bounds[1] {
                let (own, weights, p) = (&own[column], &fit.centered[column], self.background[column]);
                let change = change(own, &pooled[column], &per_count[column], p);
                for lane in 0..LANES {
                    let (count, weight, change) = (own[lane], weights[lane], change[lane]);
                    let share = p * change;
                    size[lane] += count;
                    mean[lane] += share;
                    spread[lane] += share * (weight + weight + change);
                    score[lane] += count * (weight + change);
                }
            }
            for lane in 0..LANES {
                let left = of_all[lane] + spread[lane] - mean[lane] * mean[lane];
                let left = if left > 0.0 { left } else { 0.0 };
                score[lane] -= size[lane] * mean[lane];
                variance[lane] += size[lane] * left;
            }
        }
        quotient(&score, &variance)
    }
}

/// By how much the weights of a codon change without the genes that have it `own` times.
#[inline(always)]
fn change(own: &Lanes, pooled: &Lanes, per_count: &Lanes, p: f32) -> Lanes {
    let mut parts = [0.0; LANES];
    let mut are_small = true;
    for lane in 0..LANES {
        parts[lane] = own[lane] * per_count[lane];
        are_small &= parts[lane] <= SMALL;
    }
    if are_small {
        return logarithm_below_one(&parts);
    }
    let mut left = [0.0; LANES];
    for lane in 0..LANES {
        left[lane] = (pooled[lane] - own[lane] + SHRINKAGE_SINGLE * p) * per_count[lane];
    }
    logarithm(left)
}
