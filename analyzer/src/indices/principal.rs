//! Principal components (Pearson 1901) of values a codon, such as RSCU: the directions of the largest variance. All
//! columns are on one scale, so they are centred and not divided by their spread.

use super::correspondence::{oriented, symmetric};
use crate::products::{add_pairs, dot, mirror};

/// The components, the largest variance first.
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    means: [f64; 64],
    /// Variance along each of them.
    pub variance: Vec<f64>,
    /// Variance along all of them together.
    pub total_variance: f64,
    vectors: Vec<[f64; 64]>,
}

impl Components {
    /// The first `count` components of `rows`, in which NaN is undefined and taken as the column's mean. The sign of a
    /// component is free: its largest codon coordinate is made positive.
    ///
    /// ```
    /// use genomic_pleiotropy::indices::principal::Components;
    ///
    /// let row = |t: f64, c: f64| { let mut row = [0.0; 64]; (row[0], row[1]) = (t, c); row };
    /// let rows = [row(3.0, 0.0), row(2.0, 0.5), row(1.0, 1.0)];
    /// let components = Components::of(&rows, 2);
    /// assert!((components.variance[0] / components.total_variance - 1.0).abs() < 1e-12);
    /// let [first, middle, last] = rows.map(|row| components.coordinates(&row)[0]);
    /// assert!((first + last).abs() < 1e-12 && middle.abs() < 1e-12 && first > 1.1);
    /// ```
    pub fn of(rows: &[[f64; 64]], count: usize) -> Self {
        let means = means(rows);
        let mut products = vec![[0.0; 64]; 64];
        for row in rows {
            add_pairs(&mut products, &departures(row, &means));
        }
        mirror(&mut products);
        let freedom = rows.len().saturating_sub(1).max(1) as f64;
        products.iter_mut().flatten().for_each(|sum| *sum /= freedom);
        let pairs = symmetric(&products);
        let total_variance = pairs.iter().map(|(value, _)| value.max(0.0)).sum();
        let telling = pairs.into_iter().filter(|(value, _)| *value > 1e-12).take(count);
        let (variance, vectors) = telling.map(|(value, vector)| (value, oriented(&vector))).unzip();
        Self {
            means,
            variance,
            total_variance,
            vectors,
        }
    }

    /// Coordinates of a row on each component.
    pub fn coordinates(&self, row: &[f64; 64]) -> Vec<f64> {
        let departures = departures(row, &self.means);
        let along = |vector: &[f64; 64]| dot(vector, &departures);
        self.vectors.iter().map(along).collect()
    }
}

fn means(rows: &[[f64; 64]]) -> [f64; 64] {
    let (mut sums, mut counts) = ([0.0; 64], [0.0; 64]);
    for row in rows {
        for ((sum, count), &value) in sums.iter_mut().zip(&mut counts).zip(row) {
            let (value, one) = if value.is_nan() { (0.0, 0.0) } else { (value, 1.0) };
            *sum += value;
            *count += one;
        }
    }
    std::array::from_fn(|column| sums[column] / f64::max(counts[column], 1.0))
}

fn departures(row: &[f64; 64], means: &[f64; 64]) -> [f64; 64] {
    std::array::from_fn(|column| {
        if row[column].is_nan() {
            0.0
        } else {
            row[column] - means[column]
        }
    })
}
