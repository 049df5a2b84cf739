//! Is a trait's signature the same in every genome? The mean correlation over all pairs of genomes, without keeping any.

/// Running sums of one trait's signatures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conservation {
    genomes: u64,
    /// Sum of the signatures, each centred and of length 1.
    sum: Vec<f64>,
}

impl Conservation {
    /// Takes the signature of another genome into account; one that does not vary says nothing.
    ///
    /// ```
    /// use genomic_pleiotropy::cohort::conservation::Conservation;
    ///
    /// let mut conservation = Conservation::default();
    /// conservation.add(&[0.2, -0.2, 0.0]);
    /// assert_eq!(conservation.mean_correlation(), None);
    /// conservation.add(&[0.4, -0.4, 0.0]);
    /// assert!((conservation.mean_correlation().unwrap() - 1.0).abs() < 1e-12);
    /// ```
    pub fn add(&mut self, signature: &[f64]) {
        let mean = signature.iter().sum::<f64>() / signature.len().max(1) as f64;
        let length = signature
            .iter()
            .map(|weight| (weight - mean).powi(2))
            .sum::<f64>()
            .sqrt();
        if length > 0.0 {
            self.sum.resize(self.sum.len().max(signature.len()), 0.0);
            let sums = self.sum.iter_mut().zip(signature);
            sums.for_each(|(sum, weight)| *sum += (weight - mean) / length);
            self.genomes += 1;
        }
    }

    /// Genomes with a signature.
    pub const fn genomes(&self) -> u64 {
        self.genomes
    }

    /// Mean Pearson correlation over pairs of genomes, `None` for fewer than two: (|Σu|² − n) / (n·(n − 1)) for unit
    /// vectors u.
    pub fn mean_correlation(&self) -> Option<f64> {
        let genomes = self.genomes as f64;
        let square: f64 = self.sum.iter().map(|sum| sum * sum).sum();
        (self.genomes > 1).then(|| (square - genomes) / (genomes * (genomes - 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traits::clusters::correlation;

    #[test]
    fn the_sums_give_the_mean_over_pairs() {
        let signatures = [
            [0.3, -0.1, 0.7, 0.0],
            [0.2, 0.1, 0.5, -0.4],
            [-0.6, 0.3, 0.2, 0.1],
        ];
        let mut conservation = Conservation::default();
        for signature in &signatures {
            conservation.add(signature);
        }
        let pairs = [(0, 1), (0, 2), (1, 2)];
        let mean = pairs
            .iter()
            .map(|&(a, b)| correlation(&signatures[a], &signatures[b]).unwrap())
            .sum::<f64>()
            / 3.0;
        assert!((conservation.mean_correlation().unwrap() - mean).abs() < 1e-12);
    }
}
