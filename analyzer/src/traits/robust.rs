//! The empirical null: centre and spread of scores that no outlier moves.

/// Makes the median absolute deviation of a normal distribution its standard deviation: 1/Φ⁻¹(3/4).
const TO_DEVIATION: f64 = 1.482_602_218_505_602;
/// Median of the square of a standard normal: Φ⁻¹(3/4)².
const MEDIAN_SQUARE: f64 = 0.454_936_423_119_572_8;

/// A normal distribution fitted by median and median absolute deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Null {
    /// Median.
    pub center: f64,
    /// 1.4826 · median absolute deviation.
    pub spread: f64,
}

impl Null {
    /// Fitted to `scores`; `None` without spread.
    ///
    /// ```
    /// use genomic_pleiotropy::traits::robust::Null;
    ///
    /// let null = Null::of(&[-1.0, 0.0, 1.0, 2.0, 900.0]).unwrap();
    /// assert_eq!(null.center, 1.0);
    /// assert!((null.standardized(1.0)).abs() < 1e-12);
    /// ```
    pub fn of(scores: &[f64]) -> Option<Self> {
        let center = median(scores)?;
        let distances: Vec<f64> = scores.iter().map(|score| (score - center).abs()).collect();
        let spread = TO_DEVIATION * median(&distances)?;
        (spread > 0.0).then_some(Self { center, spread })
    }

    /// `score` in deviations from the centre.
    pub fn standardized(self, score: f64) -> f64 {
        (score - self.center) / self.spread
    }
}

/// Overdispersion λ = median z² / median of a standard normal's square: 1 where scores follow their null.
///
/// ```
/// use genomic_pleiotropy::traits::robust::overdispersion;
///
/// let null = [-1.1503, -0.6745, -0.3186, 0.3186, 0.6745, 1.1503];
/// let twice_as_wide = null.map(|z: f64| 2.0 * z);
/// assert!((overdispersion(twice_as_wide.into_iter()).unwrap() - 4.0).abs() < 0.01);
/// ```
pub fn overdispersion(scores: impl Iterator<Item = f64>) -> Option<f64> {
    let squares: Vec<f64> = scores.map(|score| score * score).collect();
    Some(median(&squares)? / MEDIAN_SQUARE)
}

/// The middle value, of an even number the mean of the two middle ones.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let is_odd = values.len() % 2 == 1;
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if is_odd {
        return Some(upper);
    }
    let lower = below.iter().copied().max_by(f64::total_cmp)?;
    Some(f64::midpoint(lower, upper))
}
