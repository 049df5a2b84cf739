//! ln of counts, which are small and few.

use std::sync::LazyLock;

/// ln of a count. Nearly all counts are small, and taken from a table.
#[inline]
pub(super) fn logarithm(count: u32) -> f64 {
    static SMALL: LazyLock<[f64; 1024]> = LazyLock::new(|| std::array::from_fn(|count| (count as f64).ln()));
    SMALL
        .get(count as usize)
        .copied()
        .unwrap_or_else(|| f64::from(count).ln())
}
