//! Arithmetic on sixteen values at a time, in a fixed order of operations.

#![expect(
    clippy::inline_always,
    reason = "what is called within a dispatch must be compiled for its vector unit"
)]

use super::{BLOCK, LANES, Lanes};

#[inline(always)]
pub(super) fn products(rows: &[[f32; BLOCK]], columns: &[Lanes]) -> [Lanes; BLOCK] {
    let mut sums = [[0.0; LANES]; BLOCK];
    for (counts, column) in rows.iter().zip(columns) {
        for (sums, count) in sums.iter_mut().zip(counts) {
            for lane in 0..LANES {
                sums[lane] += count * column[lane];
            }
        }
    }
    sums
}

/// A variance of a gene's score that is nothing but rounding: no signature at all.
const NO_SPREAD: f32 = 1e-7;

/// Score over standard deviation; 0 where the null has no spread.
#[inline(always)]
pub(super) fn quotient(score: &Lanes, variance: &Lanes) -> Lanes {
    let mut z = [0.0; LANES];
    for lane in 0..LANES {
        let quotient = score[lane] / (variance[lane] + f32::MIN_POSITIVE).sqrt();
        z[lane] = if variance[lane] > NO_SPREAD { quotient } else { 0.0 };
    }
    z
}

/// ln of positive numbers to about 1e-7, by operations a vector unit has: x = m·2ᵉ with m in [√½, √2), and
/// ln m = 2·artanh((m − 1)/(m + 1)).
#[inline(always)]
pub(super) fn logarithm(values: Lanes) -> Lanes {
    const ROOT_HALF: i32 = 0x3f35_04f3;
    let mut logarithms = [0.0; LANES];
    for lane in 0..LANES {
        let shifted = values[lane].to_bits().cast_signed().wrapping_sub(ROOT_HALF);
        let exponent = shifted >> 23;
        let mantissa = f32::from_bits(((shifted & 0x007f_ffff).wrapping_add(ROOT_HALF)).cast_unsigned());
        let ratio = (mantissa - 1.0) / (mantissa + 1.0);
        let square = ratio * ratio;
        let series =
            2.0 + square * (2.0 / 3.0 + square * (2.0 / 5.0 + square * (2.0 / 7.0 + square * (2.0 / 9.0))));
        logarithms[lane] = ratio * series + exponent as f32 * std::f32::consts::LN_2;
    }
    logarithms
}

/// ln(1 − t) of t from 0 to ⅛ to seven digits: a series, without a division.
#[inline(always)]
pub(super) fn logarithm_below_one(parts: &Lanes) -> Lanes {
    let mut logarithms = [0.0; LANES];
    for lane in 0..LANES {
        let t = parts[lane];
        let series = 1.0 / 2.0
            + t * (1.0 / 3.0 + t * (1.0 / 4.0 + t * (1.0 / 5.0 + t * (1.0 / 6.0 + t * (1.0 / 7.0)))));
        logarithms[lane] = -(t + t * t * series);
    }
    logarithms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_right_to_seven_digits() {
        for exponent in -60..60 {
            let value = 1.37_f32.powi(exponent);
            let [logarithm, ..] = logarithm([value; LANES]);
            assert!(
                (f64::from(logarithm) - f64::from(value).ln()).abs() < 2e-6,
                "{value}: {logarithm}"
            );
        }
    }

    #[test]
    fn the_series_is_right_to_seven_digits() {
        for step in 0..=1000 {
            let part = 0.125 * step as f32 / 1000.0;
            let [logarithm, ..] = logarithm_below_one(&[part; LANES]);
            let exact = (-f64::from(part)).ln_1p();
            assert!(
                (f64::from(logarithm) - exact).abs() <= 3e-7 * exact.abs(),
                "{part}: {logarithm}"
            );
        }
    }
}
