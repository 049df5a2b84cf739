//! The trait × trait correlation of scores, pooled over genomes.

use genome_contract::chunk::CorrelationSums;

/// Adds the sums of another genome or chunk, on a grid: the same sums come out however genomes were bundled.
///
/// ```
/// use genome_contract::chunk::CorrelationSums;
/// use genomic_pleiotropy::cohort::correlation::{add, between};
///
/// let mut sums = CorrelationSums::default();
/// add(&mut sums, &CorrelationSums { genes: vec![100, 100, 100], products: vec![100.0, 30.0, 100.0] });
/// add(&mut sums, &CorrelationSums { genes: vec![100, 0, 0], products: vec![100.0, 0.0, 0.0] });
/// assert_eq!((between(&sums, 0, 1), between(&sums, 1, 1)), (Some(0.3), Some(1.0)));
/// assert_eq!(between(&sums, 0, 2), None);
/// ```
pub fn add(sums: &mut CorrelationSums, more: &CorrelationSums) {
    let pairs = sums.genes.len().max(more.genes.len());
    sums.genes.resize(pairs, 0);
    sums.products.resize(pairs, 0.0);
    sums.genes
        .iter_mut()
        .zip(&more.genes)
        .for_each(|(sum, &genes)| *sum += genes);
    sums.products
        .iter_mut()
        .zip(&more.products)
        .for_each(|(sum, &product)| *sum += on_grid(product));
}

/// Mean correlation of two traits' scores within genomes, weighted by genes; `None` where no gene was scored for both.
pub fn between(sums: &CorrelationSums, one: usize, other: usize) -> Option<f64> {
    let (low, high) = (one.min(other), one.max(other));
    let pair = high * (high + 1) / 2 + low;
    let genes = sums.genes.get(pair).copied().filter(|&genes| genes > 0)?;
    Some((sums.products.get(pair)? / genes as f64).clamp(-1.0, 1.0))
}

/// The nearest multiple of 2⁻²⁰. Sums of such numbers are exact up to 2³², so they do not depend on how genomes were
/// bundled into chunks; half a millionth is far below what a report shows.
pub(crate) fn on_grid(value: f64) -> f64 {
    const STEPS: f64 = 1_048_576.0;
    (value * STEPS).round() / STEPS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_correlates_with_nothing() {
        assert_eq!(between(&CorrelationSums::default(), 0, 0), None);
    }

    #[test]
    fn the_order_of_the_triangle_is_row_by_row() {
        let sums = CorrelationSums {
            genes: vec![10; 6],
            products: vec![10.0, 1.0, 10.0, 2.0, 3.0, 10.0],
        };
        let row = |row| [0, 1, 2].map(|column| between(&sums, row, column));
        assert_eq!(row(2), [Some(0.2), Some(0.3), Some(1.0)]);
        assert_eq!(row(0), [Some(1.0), Some(0.1), Some(0.2)]);
    }

    #[test]
    fn the_order_of_genomes_changes_no_bit() {
        let of = |product| CorrelationSums {
            genes: vec![1],
            products: vec![product],
        };
        let added = |products: [f64; 3]| {
            let mut sums = CorrelationSums::default();
            products
                .into_iter()
                .for_each(|product| add(&mut sums, &of(product)));
            sums
        };
        assert_eq!(added([0.1, 0.2, 0.3]), added([0.3, 0.2, 0.1]));
    }
}
