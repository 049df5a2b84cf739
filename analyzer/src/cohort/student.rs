//! Student's t distribution (1908) for whole degrees of freedom.

/// P(|T| > |t|) with `freedom` degrees of freedom, by the finite sums of Abramowitz & Stegun 26.7.3 and 26.7.4; right to
/// 1e-13 absolutely. 1 where t is undefined.
pub(super) fn p(t: f64, freedom: usize) -> f64 {
    if t.is_nan() || freedom == 0 {
        return 1.0;
    }
    let degrees = freedom as f64;
    let angle = (t.abs() / degrees.sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    let square = cosine * cosine;
    let is_odd = freedom % 2 == 1;
    // Odd: cos + 2/3 cos³ + 2·4/(3·5) cos⁵ + …; even: 1 + 1/2 cos² + 1·3/(2·4) cos⁴ + …
    let (mut term, first) = if is_odd { (cosine, 3) } else { (1.0, 2) };
    let mut sum = if freedom > 1 { term } else { 0.0 };
    for next in (first..freedom).step_by(2) {
        term *= square * (next - 1) as f64 / next as f64;
        sum += term;
    }
    let inside = if is_odd {
        std::f64::consts::FRAC_2_PI * (angle + sine * sum)
    } else {
        sine * sum
    };
    (1.0 - inside).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_values_come_out() {
        for (t, freedom, expected) in [
            (12.706_204_736, 1, 0.05),
            (4.302_652_730, 2, 0.05),
            (3.182_446_305, 3, 0.05),
            (5.840_909_310, 3, 0.01),
            (2.228_138_852, 10, 0.05),
            (2.063_898_562, 24, 0.05),
            (3.290_526_731, 1_000_000, 0.001),
        ] {
            let found = p(t, freedom);
            assert!(
                (found / expected - 1.0).abs() < 1e-4,
                "t = {t}, {freedom}: {found}"
            );
            assert_eq!(p(-t, freedom), found);
        }
        assert_eq!((p(0.0, 7), p(f64::NAN, 7), p(f64::INFINITY, 7)), (1.0, 1.0, 0.0));
    }
}
