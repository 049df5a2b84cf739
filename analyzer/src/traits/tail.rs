//! Upper tail of a gene's score under its exact null, by a saddlepoint.
//!
//! The null's cumulant generating function is known exactly: K(θ) = Σ n_a · ln Σ p_c·e^(θ·w_c). A normal distribution
//! knows its first two cumulants, which is too few where a synonym is rare and its weight large: the sum is skewed. The
//! saddlepoint takes K whole (Lugannani & Rice 1980, in Barndorff-Nielsen's form of 1990): with θ where K′(θ) = s,
//! r = √(2(θs − K)) and u = θ·√K″, P(S ≥ s) ≈ P(Z ≥ r + ln(u/r)/r).

#![expect(
    clippy::inline_always,
    reason = "what is called within a dispatch must be compiled for its vector unit"
)]

use super::normal::upper_tail;
use super::signature::{FAMILIES, Score, Signature, Sizes};
use super::tilts::Tilts;
use crate::products::{dot, numbers};

/// Below it no score is called by any rule, and the normal distribution will do.
const BULK: f64 = 1.25;
/// A score nearer to K′ than this many standard deviations: one more step, K″ taken to stay, changes no digit that matters.
const CONVERGED: f64 = 3e-3;
/// Steps at most; one to three are usual.
const STEPS: usize = 30;
/// When so little of its variance is left to the tilted null, the score is as large as it can be.
const DEGENERATE: f64 = 1e-3;

/// K, K′ and K″.
pub(super) struct Cumulants {
    pub(super) value: f64,
    pub(super) slope: f64,
    pub(super) curvature: f64,
}

impl Signature {
    /// z of a gene, and the probability of its score or a larger one under the null, given the gene's amino acids.
    ///
    /// ```
    /// use genomic_pleiotropy::{codons::Codon, genetic_code::GeneticCode};
    /// use genomic_pleiotropy::{indices::families::Families, traits::signature::Signature};
    ///
    /// let families = Families::of(GeneticCode::by_id(11).unwrap());
    /// let [aaa, aag] = [b"AAA", b"AAG"].map(|&[a, b, c]| Codon::from_bases(a, b, c).unwrap().as_index());
    /// let (mut background, mut members, mut gene) = ([0.0; 64], [0; 64], [0; 64]);
    /// (background[aaa], background[aag], members[aag]) = (0.9, 0.1, 100);
    /// let signature = Signature::fit(&members, &background, &families);
    /// (gene[aaa], gene[aag]) = (48, 12);
    /// let score = signature.score(&gene);
    /// // 12 or more of 60 where one in ten is expected: more than twice as likely as the normal distribution says.
    /// assert!((score.z - 2.58).abs() < 0.01 && (0.009..0.015).contains(&score.p));
    /// ```
    pub fn score(&self, counts: &[u32; 64]) -> Score {
        self.score_by(counts, &self.sizes(counts), None)
    }

    /// The same, by the grid of the signature where there is one: for many genes.
    #[inline(always)]
    pub(super) fn score_by(&self, counts: &[u32; 64], sizes: &Sizes, tilts: Option<&Tilts>) -> Score {
        let (score, variance) = self.moments(counts, sizes);
        if variance <= 0.0 {
            return Score { z: 0.0, p: 0.5 };
        }
        let z = score / variance.sqrt();
        let p = if z > BULK {
            self.tail(&numbers(sizes), score, variance, tilts)
        } else {
            upper_tail(z)
        };
        Score { z, p }
    }

    /// The same as [`Signature::score`], sooner: the grid of a signature much like this one says where to start.
    pub(super) fn score_near(&self, counts: &[u32; 64], sizes: &Sizes, near: &Tilts) -> Score {
        let (score, variance) = self.moments(counts, sizes);
        if variance <= 0.0 {
            return Score { z: 0.0, p: 0.5 };
        }
        let z = score / variance.sqrt();
        let p = if z > BULK {
            let sizes = numbers(sizes);
            let start = near.solve(&sizes, score).map(|(theta, _)| theta);
            self.tail_by_steps(&sizes, score, variance, start)
        } else {
            upper_tail(z)
        };
        Score { z, p }
    }

    #[inline(always)]
    fn tail(&self, sizes: &[f64; FAMILIES], score: f64, variance: f64, tilts: Option<&Tilts>) -> f64 {
        let by_grid = match tilts {
            Some(tilts) => tilts.solve(sizes, score),
            None => None,
        };
        match by_grid.filter(|(_, at)| at.curvature >= DEGENERATE * variance) {
            Some((theta, at)) => beyond(theta, &at, score),
            None => self.tail_by_steps(sizes, score, variance, None),
        }
    }

    /// By Newton's steps from `start`, or from where K were a normal distribution's.
    fn tail_by_steps(&self, sizes: &[f64; FAMILIES], score: f64, variance: f64, start: Option<f64>) -> f64 {
        let (mut low, mut high) = (0.0, f64::INFINITY);
        let mut theta = start.filter(|theta| *theta > 0.0).unwrap_or(score / variance);
        let mut at = self.cumulants(sizes, theta);
        for _ in 0..STEPS {
            let missing = score - at.slope;
            if missing >= 0.0 && at.curvature < DEGENERATE * variance {
                // the probability of the one outcome that is left
                return (at.value - theta * score).exp().min(1.0);
            }
            if missing.abs() < CONVERGED * at.curvature.sqrt() {
                let step = missing / at.curvature;
                at.value += step * (at.slope + missing / 2.0);
                theta += step;
                break;
            }
            if missing > 0.0 {
                low = theta;
            } else {
                high = theta;
            }
            let newton = (theta + missing / at.curvature).min(2.0 * theta);
            theta = if newton > low && newton < high {
                newton
            } else {
                f64::midpoint(low, high)
            };
            at = self.cumulants(sizes, theta);
        }
        beyond(theta, &at, score)
    }

    fn cumulants(&self, sizes: &[f64; FAMILIES], theta: f64) -> Cumulants {
        let [value, slope, curvature] = self
            .cumulants_by_family(theta)
            .map(|of_each| dot(&of_each, sizes));
        Cumulants {
            value,
            slope,
            curvature,
        }
    }

    /// K, K′ and K″ of one codon of each amino acid; 0 where there is no choice.
    pub(super) fn cumulants_by_family(&self, theta: f64) -> [[f64; FAMILIES]; 3] {
        let mut sums = [[0.0; 3]; FAMILIES];
        for codon in 0..64 {
            let (weight, sum) = (self.centered[codon], &mut sums[usize::from(self.family[codon])]);
            let tilted = self.background[codon] * (theta * weight).exp();
            sum[0] += tilted;
            sum[1] += tilted * weight;
            sum[2] += tilted * weight * weight;
        }
        let mut cumulants = [[0.0; FAMILIES]; 3];
        let families = sums.into_iter().enumerate().skip(1);
        for (family, [whole, first, second]) in families.filter(|(_, [whole, ..])| *whole > 0.0) {
            let mean = first / whole;
            cumulants[0][family] = whole.ln();
            cumulants[1][family] = mean;
            cumulants[2][family] = second / whole - mean * mean;
        }
        cumulants
    }
}

/// P(S ≥ s) by θ with K′(θ) = s.
fn beyond(theta: f64, at: &Cumulants, score: f64) -> f64 {
    let root = (2.0 * (theta * score - at.value)).max(0.0).sqrt();
    upper_tail(root + (theta * at.curvature.sqrt() / root).ln() / root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codons::Codon;
    use crate::genetic_code::GeneticCode;
    use crate::indices::families::Families;

    /// Lysine, asparagine and glutamate: the rare codon, the other one, and the rare one's share.
    const PAIRS: [(&[u8; 3], &[u8; 3], f64); 3] = [
        (b"AAG", b"AAA", 0.10),
        (b"AAC", b"AAT", 0.12),
        (b"GAG", b"GAA", 0.07),
    ];
    /// Codons of each amino acid in the gene.
    const EACH: u32 = 40;

    fn index(bases: &[u8; 3]) -> usize {
        Codon::from_bases(bases[0], bases[1], bases[2])
            .unwrap()
            .as_index()
    }

    /// Of a set with so many rare codons among a hundred of each amino acid.
    fn signature(rare: [u64; 3]) -> Signature {
        let (mut background, mut members) = ([0.0; 64], [0; 64]);
        for ((of_rare, other, share), rare) in PAIRS.into_iter().zip(rare) {
            (background[index(of_rare)], background[index(other)]) = (share, 1.0 - share);
            (members[index(of_rare)], members[index(other)]) = (rare, 100 - rare);
        }
        Signature::fit(
            &members,
            &background,
            &Families::of(GeneticCode::by_id(11).unwrap()),
        )
    }

    /// Every outcome: its counts and its probability.
    fn outcomes() -> Vec<([u32; 64], f64)> {
        let chance = |share: f64, taken: u32| {
            let ways: f64 = (0..taken)
                .map(|at| f64::from(EACH - at) / f64::from(at + 1))
                .product();
            ways * share.powf(taken.into()) * (1.0 - share).powf((EACH - taken).into())
        };
        let mut all = vec![([0; 64], 1.0)];
        for (rare, other, share) in PAIRS {
            let with = |&(mut counts, before): &([u32; 64], f64), taken| {
                (counts[index(rare)], counts[index(other)]) = (taken, EACH - taken);
                (counts, before * chance(share, taken))
            };
            all = all
                .iter()
                .flat_map(|outcome| (0..=EACH).map(move |taken| with(outcome, taken)))
                .collect();
        }
        all
    }

    /// The exact tail (an outcome counted by half, as the continuous approximation has it), ours and the normal one,
    /// where the exact one first exceeds `rate`.
    fn tails(signature: &Signature, outcomes: &[([u32; 64], f64)], rate: f64) -> [f64; 3] {
        let mut scored: Vec<(f64, usize)> = outcomes
            .iter()
            .enumerate()
            .map(|(at, (counts, _))| (signature.moments(counts, &signature.sizes(counts)).0, at))
            .collect();
        scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut sum = 0.0;
        for (_, at) in scored {
            let (counts, chance) = &outcomes[at];
            sum += chance;
            if sum >= rate {
                let score = signature.score(counts);
                return [sum - chance / 2.0, score.p, upper_tail(score.z)];
            }
        }
        unreachable!("all outcomes have probability 1")
    }

    #[test]
    fn tails_are_exact_within_a_tenth_where_the_normal_ones_are_off_by_factors() {
        let outcomes = outcomes();
        for rare in [[40, 30, 31], [5, 30, 1]] {
            let signature = signature(rare);
            for rate in [0.05, 0.01, 1e-3, 1e-4, 1e-6, 1e-8] {
                let [exact, ours, _] = tails(&signature, &outcomes, rate);
                assert!(
                    (ours / exact - 1.0).abs() < 0.1,
                    "{rare:?} at {rate}: {ours}, exactly {exact}"
                );
            }
        }
        let [exact, _, normal] = tails(&signature([40, 30, 31]), &outcomes, 1e-4);
        assert!(exact / normal > 5.0, "{exact}, {normal}");
    }

    #[test]
    fn the_grid_gives_what_the_steps_give() {
        let outcomes = outcomes();
        for rare in [[40, 30, 31], [5, 30, 1], [12, 10, 8]] {
            let signature = signature(rare);
            let tilts = Tilts::of(&signature);
            for (counts, _) in outcomes.iter().step_by(17) {
                let (steps, grid) = (
                    signature.score(counts),
                    signature.score_by(counts, &signature.sizes(counts), Some(&tilts)),
                );
                assert!(
                    (grid.p / steps.p - 1.0).abs() < 2e-3,
                    "{rare:?}: {steps:?}, {grid:?}"
                );
            }
        }
    }

    #[test]
    fn the_largest_possible_score_has_the_probability_of_its_one_outcome() {
        let (mut counts, mut exactly) = ([0; 64], 1.0);
        for (_, other, share) in PAIRS {
            counts[index(other)] = EACH;
            exactly *= (1.0 - share).powf(EACH.into());
        }
        let p = signature([1, 1, 0]).score(&counts).p;
        assert!((p / exactly - 1.0).abs() < 0.02, "{p}, exactly {exactly}");
    }
}
