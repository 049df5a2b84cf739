//! The trait × trait correlation of scores, pooled over genomes.

use genome_contract::chunk::CorrelationSums;

/// Adds the sums of another genome or chunk.
///
/// ```
/// use genome_contract::chunk::CorrelationSums;
/// use genomic_pleiotropy::cohort::correlation::{add, matrix};
///
/// let mut sums = CorrelationSums::default();
/// add(&mut sums, &CorrelationSums { genes: vec![100, 100, 100], products: vec![100.0, 30.0, 100.0] });
/// add(&mut sums, &CorrelationSums { genes: vec![100, 0, 0], products: vec![100.0, 0.0, 0.0] });
/// assert_eq!(matrix(&sums), [[Some(1.0), Some(0.3)], [Some(0.3), Some(1.0)]]);
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
        .for_each(|(sum, &product)| *sum += product);
}

/// The whole symmetric matrix, a row a trait: mean correlation within genomes, weighted by genes; `None` where no
/// genome has scores for both traits.
pub fn matrix(sums: &CorrelationSums) -> Vec<Vec<Option<f64>>> {
    let traits = (0..sums.genes.len())
        .take_while(|&traits| triangle(traits) < sums.genes.len())
        .count();
    let value = |row: usize, column: usize| {
        let pair = triangle(row.max(column)) + row.min(column);
        let genes = sums.genes.get(pair).copied().filter(|&genes| genes > 0)?;
        Some((sums.products.get(pair)? / genes as f64).clamp(-1.0, 1.0))
    };
    (0..traits)
        .map(|row| (0..traits).map(|column| value(row, column)).collect())
        .collect()
}

/// Pairs in the rows before `row`.
const fn triangle(row: usize) -> usize {
    row * (row + 1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gives_an_empty_matrix() {
        assert!(matrix(&CorrelationSums::default()).is_empty());
    }

    #[test]
    fn the_order_of_the_triangle_is_row_by_row() {
        let products = vec![10.0, 1.0, 10.0, 2.0, 3.0, 10.0];
        let matrix = matrix(&CorrelationSums {
            genes: vec![10; 6],
            products,
        });
        assert_eq!(matrix[2], [Some(0.2), Some(0.3), Some(1.0)]);
        assert_eq!(matrix[0], [Some(1.0), Some(0.1), Some(0.2)]);
    }
}
