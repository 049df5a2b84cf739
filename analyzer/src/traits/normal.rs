//! Upper tail of the standard normal distribution.

/// P(Z > z) = erfc(z/√2)/2, with a relative error below 1e-12 down to the smallest numbers a double holds.
///
/// ```
/// use genomic_pleiotropy::traits::normal::upper_tail;
///
/// assert_eq!(upper_tail(0.0), 0.5);
/// assert!((upper_tail(1.959_963_984_540_054) - 0.025).abs() < 1e-14);
/// assert!((upper_tail(10.0) / 7.619_853_024_160_527e-24 - 1.0).abs() < 1e-12);
/// ```
pub fn upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}
