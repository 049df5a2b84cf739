//! Is a gene family better adapted in genomes that show a phenotype? After Krisko, Copic, Gabaldón, Lehner & Supek 2014
//! (Genome Biology 15:R44), who found so which genes tolerate heat, oxygen and salt, and confirmed it by experiment.
//!
//! For each family and phenotype, over the pairs of neighbours (see [`super::pairs`]) that both have the family:
//!
//! 1. d, the difference of its scores within a pair, is regressed on what makes whole genomes alike: the differences in
//!    GC3s, in its square, and in the strength of translational selection. The contrast is the intercept.
//! 2. The shift that most families share, the median of their contrasts, is taken off.
//! 3. p is the larger of two: of Student's t of the intercept, which counts what the regression used up, and of
//!    Wilcoxon's signed ranks, which no outlier moves, over the terms whose sum the intercept is (Freedman & Lane 1983).
//! 4. q is Benjamini and Hochberg's over the families of a phenotype.
//!
//! A family in fewer than [`FEWEST_PAIRS`] pairs is not tested.

use rayon::prelude::*;

use super::pairs::Pair;
use super::{signed_rank, student};
use crate::traits::adjust::benjamini_hochberg;
use crate::traits::robust::median;

/// With fewer pairs, p can't be small, and nothing is claimed.
pub const FEWEST_PAIRS: usize = 10;
/// Fewer families than this share no shift that could be told from an association.
const FEWEST_FAMILIES: usize = 10;

/// What is known of a genome as a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Whole {
    /// GC3s of its pooled codons.
    pub gc3s: f64,
    /// [`super::adaptation::Adaptation::strength`].
    pub strength: f64,
}

/// A family's contrasts over the pairs of a phenotype.
#[derive(Clone, Debug, PartialEq)]
pub struct Contrast {
    /// Pairs in which both genomes have the family.
    pub pairs: u32,
    /// Of these, where the genome with the phenotype is the better adapted one.
    pub higher: u32,
    /// Mean difference of ln MELP, corrected.
    pub mean: f64,
    /// p of both sides.
    pub p: f64,
    /// q over the families of the phenotype.
    pub q: f64,
}

/// Scores of families, one row each, in a fixed set of genomes; NaN where a genome has no such gene.
#[derive(Clone, Debug)]
pub struct Scores {
    genomes: usize,
    values: Vec<f32>,
}

impl Scores {
    /// No scores yet, of `families` in `genomes`.
    pub fn new(families: usize, genomes: usize) -> Self {
        Self {
            genomes,
            values: vec![f32::NAN; families * genomes],
        }
    }

    /// Sets the score of a family in a genome.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "seven digits are plenty for a score"
    )]
    pub fn set(&mut self, family: usize, genome: usize, score: f64) {
        self.values[family * self.genomes + genome] = score as f32;
    }

    fn families(&self) -> rayon::slice::ChunksExact<'_, f32> {
        self.values.par_chunks_exact(self.genomes.max(1))
    }
}

/// What a family shows in the pairs, before the shift is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Differences {
    /// Differences of scores, without what composition and selection explain.
    rest: Vec<f64>,
    /// What these leave of a column of ones: the intercept's share of each difference.
    weights: Vec<f64>,
    /// Columns of the regression, the intercept with them.
    columns: usize,
    higher: u32,
}

/// The differences within `pairs`, family by family.
pub fn differences(scores: &Scores, wholes: &[Option<Whole>], pairs: &[Pair]) -> Vec<Differences> {
    let of_family = |scores: &[f32]| {
        let score = |genome: usize| Some(f64::from(scores[genome])).filter(|score| !score.is_nan());
        let both = pairs.iter().filter_map(|pair| {
            let difference = score(pair.with)? - score(pair.without)?;
            Some((difference, wholes[pair.with]?, wholes[pair.without]?))
        });
        Differences::of(&both.collect::<Vec<_>>())
    };
    scores.families().map(of_family).collect()
}

impl Differences {
    fn of(pairs: &[(f64, Whole, Whole)]) -> Self {
        let column = |of: fn(&Whole) -> f64| {
            pairs
                .iter()
                .map(|(_, with, without)| of(with) - of(without))
                .collect()
        };
        let mut columns: [Vec<f64>; 3] = [
            column(|whole| whole.gc3s),
            column(|whole| whole.strength),
            column(|whole| whole.gc3s.powi(2)),
        ];
        let mut rest: Vec<f64> = pairs.iter().map(|(difference, ..)| *difference).collect();
        let higher = rest.iter().filter(|difference| **difference > 0.0).count();
        let mut weights = vec![1.0; pairs.len()];
        let mut used = 1;
        for index in 0..columns.len() {
            let (before, after) = columns.split_at_mut(index);
            if make_unit(&mut after[0], before) {
                remove(&mut rest, &after[0]);
                remove(&mut weights, &after[0]);
                used += 1;
            }
        }
        Self {
            rest,
            weights,
            columns: used,
            higher: u32::try_from(higher).unwrap_or(u32::MAX),
        }
    }

    /// The intercept; `None` with too few pairs, or where composition explains the phenotype altogether.
    pub fn intercept(&self) -> Option<f64> {
        let weight: f64 = squares(&self.weights);
        let is_told_apart = weight > 0.05 * self.weights.len() as f64;
        let product: f64 = self
            .rest
            .iter()
            .zip(&self.weights)
            .map(|(rest, weight)| rest * weight)
            .sum();
        (self.rest.len() >= FEWEST_PAIRS && is_told_apart).then(|| product / weight)
    }

    /// The test, once the `shift` that families share is known; q is still 1.
    pub fn contrast(&self, shift: f64) -> Option<Contrast> {
        let mean = self.intercept()? - shift;
        let rest: Vec<f64> = self
            .rest
            .iter()
            .zip(&self.weights)
            .map(|(rest, weight)| rest - shift * weight)
            .collect();
        let terms: Vec<f64> = rest
            .iter()
            .zip(&self.weights)
            .map(|(rest, weight)| rest * weight)
            .collect();
        let weight = squares(&self.weights);
        let freedom = rest.len() - self.columns;
        let variance = (squares(&rest) - mean * mean * weight).max(0.0) / freedom as f64;
        let t = mean / (variance / weight).sqrt();
        Some(Contrast {
            pairs: u32::try_from(rest.len()).unwrap_or(u32::MAX),
            higher: self.higher,
            mean,
            p: signed_rank::p(&terms).max(student::p(t, freedom)),
            q: 1.0,
        })
    }
}

/// The shift that most families share, of their [`Differences::intercept`]s.
pub fn shift(intercepts: impl IntoIterator<Item = f64>) -> f64 {
    let contrasts: Vec<f64> = intercepts.into_iter().collect();
    if contrasts.len() < FEWEST_FAMILIES {
        return 0.0;
    }
    median(&contrasts).unwrap_or_default()
}

/// Fills in q over all `contrasts` of a phenotype.
pub fn adjust<'a>(contrasts: impl IntoIterator<Item = &'a mut Contrast>) {
    let mut contrasts: Vec<&mut Contrast> = contrasts.into_iter().collect();
    let p: Vec<f64> = contrasts.iter().map(|contrast| contrast.p).collect();
    for (contrast, q) in contrasts.iter_mut().zip(benjamini_hochberg(&p)) {
        contrast.q = q;
    }
}

/// Makes `column` orthogonal to the unit columns `before`, and of length 1; false where those explain it.
fn make_unit(column: &mut [f64], before: &[Vec<f64>]) -> bool {
    let length = squares(column).sqrt();
    // Twice: once leaves rounding errors of the first projections behind.
    for earlier in before.iter().chain(before) {
        remove(column, earlier);
    }
    let left = squares(column).sqrt();
    let is_new = left > 1e-7 * length;
    let scale = if is_new { 1.0 / left } else { 0.0 };
    column.iter_mut().for_each(|value| *value *= scale);
    is_new
}

fn squares(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}

fn remove(values: &mut [f64], unit: &[f64]) {
    let share: f64 = values.iter().zip(unit).map(|(value, unit)| value * unit).sum();
    values
        .iter_mut()
        .zip(unit)
        .for_each(|(value, unit)| *value -= share * unit);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traits::random::Random;

    const GENOMES: usize = 60;

    /// Scores that composition and selection explain but for noise, and an `effect` in genomes of odd number.
    fn family(random: &mut Random, wholes: &[Option<Whole>], effect: f64) -> Vec<f64> {
        let noise =
            |random: &mut Random| (0..12).map(|_| random.below(1000) as f64 / 1000.0).sum::<f64>() - 6.0;
        let score = |(at, whole): (usize, &Option<Whole>)| {
            let Whole { gc3s, strength } = whole.unwrap();
            3.0 * gc3s + 0.5 * strength + 0.1 * noise(random) + if at % 2 == 1 { effect } else { 0.0 }
        };
        wholes.iter().enumerate().map(score).collect()
    }

    /// Genomes with the phenotype are richer in G and C, in each pair.
    fn wholes(random: &mut Random) -> Vec<Option<Whole>> {
        (0..GENOMES)
            .map(|at| {
                Some(Whole {
                    gc3s: 0.4 + 0.1 * (at % 2) as f64 + random.below(100) as f64 / 500.0,
                    strength: random.below(100) as f64 / 100.0,
                })
            })
            .collect()
    }

    fn tested(seed: u64, effects: &[f64]) -> Vec<Contrast> {
        let mut random = Random::new(seed, "associations");
        let wholes = wholes(&mut random);
        let mut scores = Scores::new(effects.len(), GENOMES);
        for (index, &effect) in effects.iter().enumerate() {
            for (genome, score) in family(&mut random, &wholes, effect).into_iter().enumerate() {
                scores.set(index, genome, score);
            }
        }
        let pairs: Vec<Pair> = (0..GENOMES / 2)
            .map(|pair| Pair {
                with: 2 * pair + 1,
                without: 2 * pair,
                distance: 0.0,
            })
            .collect();
        let differences = differences(&scores, &wholes, &pairs);
        let shift = shift(differences.iter().filter_map(Differences::intercept));
        let mut contrasts: Vec<Contrast> = differences
            .iter()
            .map(|family| family.contrast(shift).unwrap())
            .collect();
        adjust(&mut contrasts);
        contrasts
    }

    #[test]
    fn planted_families_are_found_and_composition_is_not_taken_for_them() {
        let mut effects = vec![0.0; 100];
        effects[..10].fill(0.4);
        let contrasts = tested(1, &effects);
        assert!(
            contrasts[..10]
                .iter()
                .all(|found| found.q < 0.05 && found.mean > 0.05)
        );
        let wrong = contrasts[10..].iter().filter(|found| found.q < 0.05).count();
        assert!(wrong <= 2, "{wrong} families without effect were called");
    }

    #[test]
    fn a_shift_of_all_families_is_no_association() {
        let contrasts = tested(2, &[0.4; 100]);
        assert!(contrasts.iter().all(|found| found.q > 0.05));
    }

    #[test]
    fn without_effect_p_is_uniform() {
        let mut small = 0;
        for seed in 0..20 {
            let contrasts = tested(100 + seed, &[0.0; 100]);
            small += contrasts.iter().filter(|found| found.p < 0.05).count();
        }
        // 2,000 tests: 100 expected, standard error 10.
        assert!((70..=130).contains(&small), "{small} of 2,000 below .05");
    }

    #[test]
    fn few_pairs_are_not_tested_and_neither_is_what_composition_explains() {
        let same = Whole {
            gc3s: 0.5,
            strength: 1.0,
        };
        let richer = Whole { gc3s: 0.6, ..same };
        let of = |count: usize, with: Whole| Differences::of(&vec![(1.0, with, same); count]).contrast(0.0);
        assert_eq!(of(FEWEST_PAIRS - 1, same), None);
        let found = of(FEWEST_PAIRS, same).unwrap();
        assert_eq!((found.pairs, found.higher, found.mean), (10, 10, 1.0));
        assert_eq!(of(FEWEST_PAIRS, richer), None);
    }
}
