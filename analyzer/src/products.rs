//! Sums of products in eight sums at a time, which a vector unit adds at once: in the same order, and so to the same last
//! bit, on every machine.

#![expect(
    clippy::inline_always,
    reason = "what is called within a dispatch must be compiled for its vector unit"
)]

use pulp::{Arch, Simd, WithSimd};

/// Sums at a time; the lengths of what is multiplied are multiples of it.
const SUMS: usize = 8;

/// Σ a·b.
#[inline(always)]
pub(crate) fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    const { assert!(N.is_multiple_of(SUMS)) }
    let mut sums = [0.0; SUMS];
    for (a, b) in a.as_chunks::<SUMS>().0.iter().zip(b.as_chunks::<SUMS>().0) {
        for at in 0..SUMS {
            sums[at] += a[at] * b[at];
        }
    }
    total(sums)
}

/// Σ n·b of whole numbers n.
#[inline(always)]
pub(crate) fn dot_of_counts<const N: usize>(counts: &[u32; N], b: &[f64; N]) -> f64 {
    const { assert!(N.is_multiple_of(SUMS)) }
    let mut sums = [0.0; SUMS];
    for (counts, b) in counts.as_chunks::<SUMS>().0.iter().zip(b.as_chunks::<SUMS>().0) {
        for at in 0..SUMS {
            sums[at] += f64::from(counts[at]) * b[at];
        }
    }
    total(sums)
}

/// Adds to `products` those of all pairs of values in `row`, but for pairs well below the diagonal: [`mirror`] at the end.
pub(crate) fn add_pairs(products: &mut [[f64; 64]], row: &[f64; 64]) {
    Arch::new().dispatch(Pairs { products, row });
}

struct Pairs<'a> {
    products: &'a mut [[f64; 64]],
    row: &'a [f64; 64],
}

impl WithSimd for Pairs<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (at, (sums, &left)) in self.products.iter_mut().zip(self.row).enumerate() {
            let from = at / SUMS * SUMS;
            for (sum, &right) in sums[from..].iter_mut().zip(&self.row[from..]) {
                *sum += left * right;
            }
        }
    }
}

/// Copies what is above the diagonal below it.
pub(crate) fn mirror(products: &mut [[f64; 64]]) {
    for row in 1..products.len() {
        let (above, below) = products.split_at_mut(row);
        let pairs = below[0].iter_mut().zip(above);
        pairs.for_each(|(value, above)| *value = above[row]);
    }
}

/// The same numbers.
#[inline(always)]
pub(crate) fn numbers<const N: usize>(counts: &[u32; N]) -> [f64; N] {
    let mut numbers = [0.0; N];
    for at in 0..N {
        numbers[at] = f64::from(counts[at]);
    }
    numbers
}

#[inline(always)]
const fn total(sums: [f64; SUMS]) -> f64 {
    let four = [
        sums[0] + sums[4],
        sums[1] + sums[5],
        sums[2] + sums[6],
        sums[3] + sums[7],
    ];
    (four[0] + four[2]) + (four[1] + four[3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_added_on_both_sides_of_the_diagonal() {
        let row: [f64; 64] = std::array::from_fn(|at| at as f64);
        let mut products = vec![[1.0; 64]; 64];
        add_pairs(&mut products, &row);
        mirror(&mut products);
        for (one, sums) in row.iter().zip(products) {
            assert_eq!(sums, row.map(|other| 1.0 + one * other));
        }
    }

    #[test]
    fn products_are_summed() {
        let counts: [u32; 24] = std::array::from_fn(|at| u32::try_from(at).unwrap());
        let numbers = counts.map(f64::from);
        assert_eq!(dot(&numbers, &numbers), 4324.0);
        assert_eq!(dot_of_counts(&counts, &numbers), 4324.0);
    }
}
