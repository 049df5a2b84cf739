//! How many different signatures a panel really has: clusters of correlated ones, and the effective number of tests.

use crate::indices::correspondence::symmetric;

/// Signatures that correlate at least so much, in either direction, are one.
pub const ONE_CLUSTER: f64 = 0.7;

/// Pearson's correlation; `None` where one side does not vary.
///
/// ```
/// use genomic_pleiotropy::traits::clusters::correlation;
///
/// assert!((correlation(&[1.0, 2.0, 3.0], &[5.0, 3.0, 1.0]).unwrap() + 1.0).abs() < 1e-12);
/// assert_eq!(correlation(&[1.0, 2.0], &[5.0, 5.0]), None);
/// ```
pub fn correlation(left: &[f64], right: &[f64]) -> Option<f64> {
    let count = left.len() as f64;
    let (left_mean, right_mean) = (
        left.iter().sum::<f64>() / count,
        right.iter().sum::<f64>() / count,
    );
    let (mut product, mut left_square, mut right_square) = (0.0, 0.0, 0.0);
    for (left, right) in left.iter().zip(right) {
        let (left, right) = (left - left_mean, right - right_mean);
        product += left * right;
        left_square += left * left;
        right_square += right * right;
    }
    let scale = (left_square * right_square).sqrt();
    (scale > 0.0).then(|| product / scale)
}

/// Cluster of each item: items linked by |r| ≥ [`ONE_CLUSTER`], directly or over others, share one. Numbered from 0 in
/// the items' order.
///
/// ```
/// use genomic_pleiotropy::traits::clusters::clusters;
///
/// let correlations = [vec![1.0, 0.2, -0.8], vec![0.2, 1.0, 0.1], vec![-0.8, 0.1, 1.0]];
/// assert_eq!(clusters(&correlations), [0, 1, 0]);
/// ```
pub fn clusters(correlations: &[Vec<f64>]) -> Vec<u32> {
    let mut cluster: Vec<usize> = (0..correlations.len()).collect();
    for (row, values) in correlations.iter().enumerate() {
        for (column, r) in values.iter().enumerate().take(row) {
            if r.abs() >= ONE_CLUSTER {
                let (keep, drop) = (
                    cluster[row].min(cluster[column]),
                    cluster[row].max(cluster[column]),
                );
                cluster
                    .iter_mut()
                    .filter(|other| **other == drop)
                    .for_each(|other| *other = keep);
            }
        }
    }
    let mut numbers = std::collections::HashMap::new();
    let number = |first| {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        *numbers.entry(first).or_insert(next)
    };
    cluster.into_iter().map(number).collect()
}

/// Effective number of independent tests (Li & Ji 2005, Heredity 95:221): Σ over eigenvalues x of the correlation
/// matrix of [x ≥ 1] + (x − ⌊x⌋).
///
/// ```
/// use genomic_pleiotropy::traits::clusters::effective_number;
///
/// assert!((effective_number(&[vec![1.0, 0.0], vec![0.0, 1.0]]) - 2.0).abs() < 1e-9);
/// assert!((effective_number(&[vec![1.0, 1.0], vec![1.0, 1.0]]) - 1.0).abs() < 1e-9);
/// ```
pub fn effective_number(correlations: &[Vec<f64>]) -> f64 {
    let share = |value: f64| {
        // an eigenvalue of 2 must not become 1.9999… and count as 2 tests
        let value = (value.abs() * 1e9).round() / 1e9;
        f64::from(u8::from(value >= 1.0)) + value.fract()
    };
    symmetric(correlations)
        .into_iter()
        .map(|(value, _)| share(value))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linked_signatures_are_one_cluster() {
        let r = [[1.0, 0.1, -0.8], [0.1, 1.0, 0.2], [-0.8, 0.2, 1.0]].map(Vec::from);
        assert_eq!(clusters(&r), [0, 1, 0]);
    }
}
