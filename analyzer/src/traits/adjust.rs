//! Benjamini–Hochberg adjustment (1995, Journal of the Royal Statistical Society B 57:289).

/// q of each p: the smallest false discovery rate at which it is a discovery, min over j ≥ i of p₍ⱼ₎·m/j, at most 1.
///
/// ```
/// use genomic_pleiotropy::traits::adjust::benjamini_hochberg;
///
/// assert_eq!(benjamini_hochberg(&[0.01, 0.04, 0.03, 0.5]), [0.04, 0.04 * 4.0 / 3.0, 0.04 * 4.0 / 3.0, 0.5]);
/// ```
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let tests = p.len() as f64;
    let mut q = vec![1.0; p.len()];
    let mut smallest = 1.0_f64;
    for (rank, &(bits, index)) in order.iter().enumerate().rev() {
        smallest = smallest.min(f64::from_bits(bits) * tests / (rank as f64 + 1.0));
        q[index as usize] = smallest;
    }
    q
}

/// Bits and place of each p, ascending: numbers of one sign are in the order of their bits.
///
/// Most p are spread over all values, so that a place near the right one is known before any comparison.
fn ascending(p: &[f64]) -> Vec<(u64, u32)> {
    const IN_A_BUCKET: usize = 8;
    let last = p.len() / IN_A_BUCKET;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is no bucket is the last one"
    )]
    let bucket = |p: f64| ((p.abs() * last as f64) as usize).min(last);
    let mut starts = vec![0; last + 2];
    for &p in p {
        starts[bucket(p) + 1] += 1;
    }
    for bucket in 1..starts.len() {
        starts[bucket] += starts[bucket - 1];
    }
    let (mut order, mut next) = (vec![(0, 0); p.len()], starts.clone());
    for (place, &p) in (0..).zip(p) {
        let at = &mut next[bucket(p)];
        order[*at] = (p.abs().to_bits(), place);
        *at += 1;
    }
    for ends in starts.windows(2) {
        order[ends[0]..ends[1]].sort_unstable();
    }
    order
}

/// The largest p with q below `rate`: discoveries are those up to it. `None` where there is none.
///
/// ```
/// use genomic_pleiotropy::traits::adjust::{benjamini_hochberg, largest_discovery};
///
/// let p = [0.01, 0.2, 0.04, 0.03];
/// assert_eq!(largest_discovery(&p, 0.06), Some(0.04));
/// assert!(benjamini_hochberg(&p).iter().zip(p).all(|(&q, p)| (q < 0.06) == (p <= 0.04)));
/// assert_eq!(largest_discovery(&p, 0.01), None);
/// ```
pub fn largest_discovery(p: &[f64], rate: f64) -> Option<f64> {
    // q is never below p
    let mut small: Vec<f64> = p.iter().copied().filter(|&p| p < rate).collect();
    small.sort_unstable_by(f64::total_cmp);
    let tests = p.len() as f64;
    let is_discovery = |&(rank, p): &(usize, &f64)| p * tests / (rank as f64 + 1.0) < rate;
    let largest = small.iter().enumerate().rev().find(is_discovery);
    largest.map(|(_, &p)| p)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn places_are_in_the_order_of_their_p(
            spread in prop::collection::vec(0.0..=1.0_f64, 0..200),
            small in prop::collection::vec(0.0..1e-3_f64, 0..50),
            ones in 0_usize..20,
        ) {
            let p: Vec<f64> = spread.into_iter().chain(small).chain(vec![1.0; ones]).collect();
            let mut sorted: Vec<(u64, u32)> = p.iter().map(|p| p.to_bits()).zip(0..).collect();
            sorted.sort_unstable();
            prop_assert_eq!(ascending(&p), sorted);
        }
    }
}
