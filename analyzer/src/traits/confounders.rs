//! Expression, composition and length: what makes genes alike in codons without sharing a trait.
//!
//! They are taken out in two ways: regressed out of z by natural cubic splines, and held still by permuting labels only
//! within strata of genes that are alike in all three.

use crate::rows::GeneRow;

/// Quantiles of the spline's knots (Harrell, Regression Modeling Strategies, for five knots).
const KNOTS: [f64; 5] = [0.05, 0.275, 0.5, 0.725, 0.95];
/// Strata by expression, in each by GC3, in each by length.
const LEVELS: [usize; 3] = [5, 4, 3];
/// A stratum holds about so many genes at least; small genomes have fewer levels.
const SMALLEST_STRATUM: usize = 20;
/// A column that others explain to this share of its length adds nothing.
const NEGLIGIBLE: f64 = 1e-8;

/// The confounders of the scored genes.
pub struct Confounders {
    /// Orthonormal columns that span the splines and a constant.
    columns: Vec<Vec<f64>>,
    /// Scored genes that are alike, each in one stratum.
    pub strata: Vec<Vec<u32>>,
}

impl Confounders {
    /// Those of the genes at `scored` of `rows`; `None` where expression is unknown (no reference genes).
    pub fn of(rows: &[GeneRow], scored: &[usize]) -> Option<Self> {
        let rows = || scored.iter().map(|&gene| &rows[gene]);
        let known: Vec<f64> = rows().filter_map(|row| row.melp).collect();
        let typical = crate::traits::robust::median(&known)?;
        let expression: Vec<f64> = rows().map(|row| row.melp.unwrap_or(typical)).collect();
        let gc3: Vec<f64> = rows().map(|row| row.gc3.unwrap_or(0.5)).collect();
        let length: Vec<f64> = rows().map(|row| (row.length as f64).ln()).collect();
        let variables = [expression, gc3, length];
        Some(Self {
            columns: orthonormal(&variables),
            strata: strata(&variables),
        })
    }

    /// What the splines leave of `scores`.
    pub fn residual(&self, scores: &[f64]) -> Vec<f64> {
        let mut rest = scores.to_vec();
        for column in &self.columns {
            remove(&mut rest, column);
        }
        rest
    }

    /// The columns, gene by gene, in single precision.
    pub fn rows(&self) -> (usize, Vec<f32>) {
        let genes = self.columns.first().map_or(0, Vec::len);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the permutation kernel works in single precision"
        )]
        let rows = (0..genes).flat_map(|gene| self.columns.iter().map(move |column| column[gene] as f32));
        (self.columns.len(), rows.collect())
    }
}

fn orthonormal(variables: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let genes = variables[0].len();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let raw = std::iter::once(vec![1.0; genes]).chain(variables.iter().flat_map(|values| spline(values)));
    for mut column in raw {
        let before = norm(&column);
        // twice: once leaves rounding errors of the first projections behind
        for _ in 0..2 {
            for earlier in &columns {
                remove(&mut column, earlier);
            }
        }
        let length = norm(&column);
        if length > NEGLIGIBLE * before {
            for value in &mut column {
                *value /= length;
            }
            columns.push(column);
        }
    }
    columns
}

fn remove(values: &mut [f64], column: &[f64]) {
    let share: f64 = values.iter().zip(column).map(|(value, unit)| value * unit).sum();
    values
        .iter_mut()
        .zip(column)
        .for_each(|(value, unit)| *value -= share * unit);
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// Columns of a natural cubic spline: the variable, and a cubic piece for each inner knot that is linear beyond the
/// outer ones.
fn spline(values: &[f64]) -> Vec<Vec<f64>> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank below the length"
    )]
    let knots = KNOTS.map(|quantile| {
        sorted
            .get((quantile * last).round() as usize)
            .copied()
            .unwrap_or(0.0)
    });
    let (start, width) = (knots[0], knots[4] - knots[0]);
    if width <= 0.0 {
        return Vec::new();
    }
    let scaled: Vec<f64> = values.iter().map(|value| (value - start) / width).collect();
    let knots = knots.map(|knot| (knot - start) / width);
    let piece = |knot: f64| {
        scaled
            .iter()
            .map(|&value| natural(value, knot, knots[3]))
            .collect()
    };
    std::iter::once(scaled.clone())
        .chain(knots[..3].iter().map(|&knot| piece(knot)))
        .collect()
}

/// A cubic from `knot` on, linear above 1, the last knot; `before` is the knot before the last.
fn natural(value: f64, knot: f64, before: f64) -> f64 {
    let cube = |distance: f64| distance.max(0.0).powi(3);
    if before >= 1.0 {
        return cube(value - knot);
    }
    cube(value - knot) - cube(value - before) * (1.0 - knot) / (1.0 - before)
        + cube(value - 1.0) * (before - knot) / (1.0 - before)
}

fn strata(variables: &[Vec<f64>]) -> Vec<Vec<u32>> {
    let genes = u32::try_from(variables[0].len()).unwrap_or(u32::MAX);
    let mut strata = vec![(0..genes).collect::<Vec<u32>>()];
    for (values, levels) in variables.iter().zip(LEVELS) {
        strata = strata
            .into_iter()
            .flat_map(|stratum| split(stratum, values, levels))
            .collect();
    }
    strata
}

fn split(mut stratum: Vec<u32>, values: &[f64], levels: usize) -> Vec<Vec<u32>> {
    let levels = levels.min(stratum.len() / SMALLEST_STRATUM).max(1);
    stratum.sort_unstable_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]).then(a.cmp(&b)));
    let bounds = |level: usize| level * stratum.len() / levels;
    (0..levels)
        .map(|level| {
            let mut part = stratum[bounds(level)..bounds(level + 1)].to_vec();
            part.sort_unstable();
            part
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<GeneRow> {
        let row = |index: u32| GeneRow {
            melp: Some(0.5 + f64::from(index * 7919 % 1000) / 1000.0),
            gc3: Some(f64::from(index * 104_729 % 997) / 997.0),
            length: 100 + u64::from(index * 31 % 401),
            ..GeneRow::default()
        };
        (0..1000).map(row).collect()
    }

    #[test]
    fn what_the_confounders_explain_leaves_nothing() {
        let rows = rows();
        let scored: Vec<usize> = (0..rows.len()).collect();
        let confounders = Confounders::of(&rows, &scored).unwrap();
        let linear: Vec<f64> = rows
            .iter()
            .map(|row| 3.0 + 2.0 * row.melp.unwrap() - row.gc3.unwrap())
            .collect();
        assert!(norm(&confounders.residual(&linear)) < 1e-9 * norm(&linear));
        let curved: Vec<f64> = rows.iter().map(|row| row.melp.unwrap().sin()).collect();
        assert!(norm(&confounders.residual(&curved)) < 0.01 * norm(&curved));
    }

    #[test]
    fn every_gene_is_in_one_stratum_of_twenty_or_more() {
        let rows = rows();
        let scored: Vec<usize> = (0..rows.len()).collect();
        let strata = Confounders::of(&rows, &scored).unwrap().strata;
        let mut all: Vec<u32> = strata.iter().flatten().copied().collect();
        all.sort_unstable();
        assert!(all.iter().copied().eq(0..1000));
        assert!(
            strata.iter().all(|stratum| stratum.len() >= SMALLEST_STRATUM / 2),
            "{}",
            strata.len()
        );
    }

    #[test]
    fn without_expression_there_are_no_confounders() {
        assert!(Confounders::of(&[GeneRow::default()], &[0]).is_none());
    }
}
