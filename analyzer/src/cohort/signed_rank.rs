//! Wilcoxon's signed-rank test (1945): are differences within pairs as often and as far above zero as below?

use crate::traits::normal::upper_tail;

/// Up to so many differences every assignment of signs is counted; beyond, the normal distribution is as good.
const EXACT: usize = 40;

/// p of both sides; 1 where no difference is left. Zeros are left out, ties share the mean of their ranks.
///
/// The null distribution is that of independent signs: over all 2ⁿ of them up to 40 differences (by the recursion over
/// ranks), normal with the variance Σ ranks²/4 and a correction for continuity beyond, which errs on the careful side (.0133 for .0126
/// with 65 differences).
pub(super) fn p(differences: &[f64]) -> f64 {
    let mut differences: Vec<f64> = differences
        .iter()
        .copied()
        .filter(|value| *value != 0.0)
        .collect();
    differences.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let ranks = doubled_ranks(&differences);
    let total: usize = ranks.iter().sum();
    let above: usize = ranks
        .iter()
        .zip(&differences)
        .filter(|(_, value)| **value > 0.0)
        .map(|(rank, _)| rank)
        .sum();
    let extreme = above.max(total - above);
    let one_side = if ranks.len() <= EXACT {
        exact(&ranks, extreme)
    } else {
        let deviation = ranks.iter().map(|&rank| (rank * rank) as f64).sum::<f64>().sqrt() / 2.0;
        // Sums of doubled ranks lie two apart.
        upper_tail((extreme as f64 - total as f64 / 2.0 - 1.0) / deviation)
    };
    (2.0 * one_side).min(1.0)
}

/// Twice the rank of each absolute value, so that shared ranks are whole numbers.
fn doubled_ranks(sorted: &[f64]) -> Vec<usize> {
    let mut ranks = Vec::with_capacity(sorted.len());
    while ranks.len() < sorted.len() {
        let start = ranks.len();
        let ties = sorted[start..]
            .iter()
            .take_while(|value| value.abs().total_cmp(&sorted[start].abs()).is_eq())
            .count();
        // Ranks start + 1 to start + ties, whose mean is start + (ties + 1) / 2.
        ranks.extend(std::iter::repeat_n(2 * start + ties + 1, ties));
    }
    ranks
}

/// Share of the assignments of signs whose positive ranks sum up to `least` or more.
fn exact(ranks: &[usize], least: usize) -> f64 {
    let total: usize = ranks.iter().sum();
    let mut shares = vec![0.0; total + 1];
    shares[0] = 1.0;
    let mut reached = 0;
    for &rank in ranks {
        reached += rank;
        for sum in (0..=reached).rev() {
            let before = if sum >= rank { shares[sum - rank] } else { 0.0 };
            shares[sum] = 0.5 * (shares[sum] + before);
        }
    }
    shares[least..].iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_samples_agree_with_counting_by_hand() {
        // All eight above: 2 of 256 assignments are as extreme.
        let all: Vec<f64> = (1..=8).map(f64::from).collect();
        assert!((p(&all) - 2.0 / 256.0).abs() < 1e-15);
        // Ranks 1 and 2 below: W = 33; sums of 3 or less by {}, {1}, {2}, {3}, {1,2}: 5 of 256 on each side.
        let some = [-1.0, -2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        assert!((p(&some) - 10.0 / 256.0).abs() < 1e-15);
        assert_eq!(p(&[0.0, 0.0]), 1.0);
        assert_eq!(p(&[]), 1.0);
        assert_eq!(p(&[1.0, -1.0]), 1.0);
    }

    #[test]
    fn the_normal_distribution_takes_over_without_a_step() {
        let sample = |count: u32| -> Vec<f64> {
            (1..=count)
                .map(|rank| {
                    if rank % 3 == 0 {
                        -f64::from(rank)
                    } else {
                        f64::from(rank)
                    }
                })
                .collect()
        };
        let ranks: Vec<usize> = (1..=65).map(|rank| 2 * rank).collect();
        let above: usize = (1..=65).filter(|rank| rank % 3 != 0).map(|rank| 2 * rank).sum();
        let counted = 2.0 * exact(&ranks, above);
        let approximated = p(&sample(65));
        assert!(
            (approximated / counted - 1.0).abs() < 0.1,
            "{approximated} {counted}"
        );
    }

    #[test]
    fn ties_share_their_ranks() {
        assert_eq!(
            doubled_ranks(&[1.0, -1.0, 2.0, 3.0, 3.0, -3.0]),
            [3, 3, 6, 10, 10, 10]
        );
    }
}
