//! Upper tail of the standard normal distribution.

/// P(Z > z), with a relative error below 1e-12 down to the smallest numbers a double holds.
///
/// Series of Φ for |z| < 3, continued fraction of Mills' ratio beyond (Abramowitz & Stegun 26.2.11, 26.2.14).
///
/// ```
/// use genomic_pleiotropy::traits::normal::upper_tail;
///
/// assert_eq!(upper_tail(0.0), 0.5);
/// assert!((upper_tail(1.959_963_984_540_054) - 0.025).abs() < 1e-14);
/// assert!((upper_tail(10.0) / 7.619_853_024_160_527e-24 - 1.0).abs() < 1e-12);
/// ```
pub fn upper_tail(z: f64) -> f64 {
    if z < 0.0 {
        1.0 - upper_tail(-z)
    } else if z < 3.0 {
        0.5 - density(z) * series(z)
    } else {
        density(z) / mills_denominator(z)
    }
}

fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// z + z³/3 + z⁵/(3·5) + …
fn series(z: f64) -> f64 {
    let (mut term, mut sum, mut odd) = (z, z, 3.0);
    while term > sum * 1e-17 {
        term *= z * z / odd;
        sum += term;
        odd += 2.0;
    }
    sum
}

/// z + 1/(z + 2/(z + 3/(z + …)))
fn mills_denominator(z: f64) -> f64 {
    // 60 levels reach 1e-13 at z = 3 and more beyond
    (1..=60).rev().fold(z, |tail, level| z + f64::from(level) / tail)
}
