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
