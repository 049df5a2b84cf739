//! Correspondence analysis of codon usage (Benzécri 1973; for codons: Grantham and others 1981, Nucleic Acids Research
//! 9:r43): the axes along which genes, or genomes, differ most.
//!
//! Needs two passes over the rows and memory for codons × codons only, whatever the number of genes.

mod eigen;

pub(crate) use eigen::symmetric;

use crate::products::{add_pairs, dot, mirror};

/// What the first pass gathers: total, and sums by column.
#[derive(Clone, Debug, PartialEq)]
pub struct Margins {
    total: f64,
    /// √c_j.
    roots: [f64; 64],
    /// 1/√c_j, 0 where a column is 0 in every row.
    inverse_roots: [f64; 64],
}

impl Margins {
    /// Sums over `rows`, such as RSCU values with 0 where undefined. Columns that are 0 in every row are left out.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a [f64; 64]>) -> Self {
        let mut columns = [0.0; 64];
        for row in rows {
            columns.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        let total: f64 = columns.iter().sum();
        let roots = columns.map(|sum| (sum / total).sqrt());
        Self {
            total,
            roots: roots.map(|root| if root > 0.0 { root } else { 0.0 }),
            inverse_roots: roots.map(|root| if root > 0.0 { 1.0 / root } else { 0.0 }),
        }
    }

    /// The row as departures from independence, (p_ij − r_i·c_j) / √(r_i·c_j), and its mass r_i; `None` for an empty row.
    fn departures(&self, row: &[f64; 64]) -> Option<([f64; 64], f64)> {
        let mass = row.iter().sum::<f64>() / self.total;
        if mass <= 0.0 {
            return None;
        }
        let (root, scale) = (mass.sqrt(), 1.0 / (self.total * mass.sqrt()));
        let departures = std::array::from_fn(|column| {
            row[column] * scale * self.inverse_roots[column] - root * self.roots[column]
        });
        Some((departures, mass))
    }
}

/// The axes, the most telling first.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    margins: Margins,
    /// Inertia of each axis.
    pub inertia: Vec<f64>,
    /// Inertia of all axes together.
    pub total_inertia: f64,
    vectors: Vec<[f64; 64]>,
}

impl Axes {
    /// The first `count` axes of `rows`. The sign of an axis is free: its largest codon coordinate is made positive.
    ///
    /// ```
    /// use genomic_pleiotropy::indices::correspondence::{Axes, Margins};
    ///
    /// let row = |t: f64, c: f64| { let mut row = [0.0; 64]; (row[0], row[1]) = (t, c); row };
    /// let rows = [row(2.0, 0.0), row(1.0, 1.0), row(0.0, 2.0)];
    /// let axes = Axes::of(Margins::of(&rows), &rows, 1);
    /// let [first, middle, last] = rows.map(|row| axes.coordinates(&row)[0]);
    /// assert!((first + last).abs() < 1e-9 && middle.abs() < 1e-9);
    /// assert!((first.abs() - 1.0).abs() < 1e-9);
    /// ```
    pub fn of<'a>(margins: Margins, rows: impl IntoIterator<Item = &'a [f64; 64]>, count: usize) -> Self {
        let mut products = vec![[0.0; 64]; 64];
        for (departures, _) in rows.into_iter().filter_map(|row| margins.departures(row)) {
            add_pairs(&mut products, &departures);
        }
        mirror(&mut products);
        let pairs = symmetric(&products);
        let total_inertia = pairs.iter().map(|(value, _)| value.max(0.0)).sum();
        let telling = pairs.into_iter().filter(|(value, _)| *value > 1e-12).take(count);
        let (inertia, vectors) = telling.map(|(value, vector)| (value, oriented(&vector))).unzip();
        Self {
            margins,
            inertia,
            total_inertia,
            vectors,
        }
    }

    /// Principal coordinates of a row on each axis; 0 for an empty row.
    pub fn coordinates(&self, row: &[f64; 64]) -> Vec<f64> {
        let departures = self.margins.departures(row);
        let coordinate = |vector: &[f64; 64]| match &departures {
            Some((values, mass)) => dot(values, vector) / mass.sqrt(),
            None => 0.0,
        };
        self.vectors.iter().map(coordinate).collect()
    }
}

/// Makes the largest coordinate positive, so that an axis points the same way each time.
pub(crate) fn oriented(vector: &[f64]) -> [f64; 64] {
    let largest = vector
        .iter()
        .copied()
        .max_by(|a, b| a.abs().total_cmp(&b.abs()))
        .unwrap_or(1.0);
    std::array::from_fn(|place| vector[place] * largest.signum())
}
