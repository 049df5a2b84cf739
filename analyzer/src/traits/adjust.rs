//! Benjamini–Hochberg adjustment (1995, Journal of the Royal Statistical Society B 57:289).

/// q of each p: the smallest false discovery rate at which it is a discovery, min over j ≥ i of p₍ⱼ₎·m/j, at most 1.
///
/// ```
/// use genomic_pleiotropy::traits::adjust::benjamini_hochberg;
///
/// assert_eq!(benjamini_hochberg(&[0.01, 0.04, 0.03, 0.5]), [0.04, 0.04 * 4.0 / 3.0, 0.04 * 4.0 / 3.0, 0.5]);
/// ```
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    // Numbers of one sign are in the order of their bits; sorted beside their places, they are read in sequence.
    let mut order: Vec<(u64, u32)> = p.iter().map(|p| p.abs().to_bits()).zip(0..).collect();
    order.sort_unstable();
    let tests = p.len() as f64;
    let mut q = vec![1.0; p.len()];
    let mut smallest = 1.0_f64;
    for (rank, &(bits, index)) in order.iter().enumerate().rev() {
        smallest = smallest.min(f64::from_bits(bits) * tests / (rank as f64 + 1.0));
        q[index as usize] = smallest;
    }
    q
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
