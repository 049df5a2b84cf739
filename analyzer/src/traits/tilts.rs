//! The cumulants of a signature's null on a grid of θ, which all genes share that are scored by the same signature.
//!
//! Between two points K′ is taken for the cubic that has its values and slopes at both ends, so that θ, K and K″ of a
//! gene are sums over its amino acids and cost no exponential.

#![expect(
    clippy::inline_always,
    reason = "what is called within a dispatch must be compiled for its vector unit"
)]

use super::signature::{FAMILIES, Signature};
use super::tail::Cumulants;
use crate::products::dot;

/// From one point to the next where the largest weight is 1 or more; the cubic is right to seven digits. θ and weights
/// occur as products only, so that smaller weights allow larger steps.
const STEP: f64 = 1.0 / 16.0;
/// Up to 64 steps, beyond which few genes lie.
const POINTS: usize = 65;

/// K, K′ and K″ of each amino acid.
type Point = [[f64; FAMILIES]; 3];

/// The grid of a signature.
pub(super) struct Tilts {
    step: f64,
    points: Vec<Point>,
}

impl Tilts {
    pub(super) fn of(signature: &Signature) -> Self {
        let weights = signature.centered.iter();
        let largest = weights.fold(0.0, |largest: f64, weight| largest.max(weight.abs()));
        let step = if largest > 0.0 {
            STEP * f64::max(1.0, 1.0 / largest)
        } else {
            STEP
        };
        let point = |at: usize| signature.cumulants_by_family(at as f64 * step);
        Self {
            step,
            points: (0..POINTS).map(point).collect(),
        }
    }

    /// θ at which K′ of a gene with these amino acids is `score`, and its cumulants there; `None` beyond the grid.
    #[inline(always)]
    pub(super) fn solve(&self, sizes: &[f64; FAMILIES], score: f64) -> Option<(f64, Cumulants)> {
        // not `partition_point`, whose closure would not be compiled for the vector unit
        let Self { step, points } = self;
        let (mut first, mut last) = (0, points.len());
        while first < last {
            let middle = usize::midpoint(first, last);
            if dot(sizes, &points[middle][1]) < score {
                first = middle + 1;
            } else {
                last = middle;
            }
        }
        let after = first;
        let (before, after) = (points.get(after.checked_sub(1)?)?, (after, points.get(after)?));
        let (start, after) = ((after.0 - 1) as f64 * step, after.1);
        let (value, low, from) = (
            dot(sizes, &before[0]),
            dot(sizes, &before[1]),
            dot(sizes, &before[2]),
        );
        let (high, to) = (dot(sizes, &after[1]), dot(sizes, &after[2]));
        let (rise, from, to) = (high - low, from * step, to * step);
        let (square, cube) = (3.0 * rise - 2.0 * from - to, from + to - 2.0 * rise);
        let slope = |x: f64| low + x * (from + x * (square + x * cube));
        let steepness = |x: f64| from + x * (2.0 * square + x * 3.0 * cube);
        let mut x = (score - low) / rise;
        for _ in 0..3 {
            x = (x + (score - slope(x)) / steepness(x)).clamp(0.0, 1.0);
        }
        let area = x * (low + x * (from / 2.0 + x * (square / 3.0 + x * cube / 4.0)));
        let cumulants = Cumulants {
            value: value + step * area,
            slope: slope(x),
            curvature: steepness(x) / step,
        };
        Some((start + step * x, cumulants))
    }
}
