//! The two tests of a trait: is its set told from others by its own signature better than chance allows?
//!
//! *Rotation* shifts the set's labels along the genome (contigs one after the other), which keeps operons together.
//! *Stratified permutation* moves each label to a gene that is alike in expression, GC3 and length. Each permuted set
//! gets signatures of its own; the statistic is the AUC.

#![expect(
    clippy::inline_always,
    reason = "what is dispatched must be compiled for its vector unit"
)]

use pulp::{Arch, Simd, WithSimd};

use crate::traits::batch::{LANES, Lanes, Matrices};
use crate::traits::random::Random;
use crate::traits::ranking::Ranking;
use crate::traits::sequential::Sequential;

/// What the tests need of the genome.
pub(crate) struct Tests<'a> {
    pub(crate) matrices: &'a Matrices,
    /// Scored genes.
    pub(crate) genes: usize,
    /// Columns of the confounders, gene by gene; 0 columns where they are unknown.
    pub(crate) confounders: (usize, Vec<f32>),
    /// Scored genes that are alike.
    pub(crate) strata: &'a [Vec<u32>],
    /// Shifts, in the order they are tried.
    pub(crate) shifts: Vec<u32>,
    pub(crate) permutations: u32,
    pub(crate) rate: f64,
    pub(crate) seed: u64,
}

/// Shifts of a genome of `genes` scored genes: all different, at most `permutations`.
pub(crate) fn shifts(genes: usize, permutations: u32, seed: u64) -> Vec<u32> {
    let mut shifts: Vec<u32> = (1..u32::try_from(genes).unwrap_or(u32::MAX)).collect();
    Random::new(seed, "rotation").bring_to_front(&mut shifts, permutations as usize);
    shifts.truncate(permutations as usize);
    shifts
}

/// p of the raw scores and of what the confounders leave of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rotation {
    pub(crate) raw: f64,
    pub(crate) residual: Option<f64>,
}

struct Buffers {
    scores: Vec<Lanes>,
    ranking: Ranking,
}

impl Tests<'_> {
    /// The rotation test of a set (places of scored genes). Where `is_open` is false the verdict no longer depends on
    /// the residual scores, and their count stops early.
    pub(crate) fn rotation(&self, set: &[u32], with_residual: bool, is_open: bool) -> Rotation {
        let with_residual = with_residual && self.confounders.0 > 0;
        let mut buffers = self.buffers();
        let (raw_observed, residual_observed) = {
            let (raw, residual) = self.statistics(&[set.to_vec()], with_residual, &mut buffers);
            (raw[0], residual.first().copied().unwrap_or(0))
        };
        let mut raw = self.count(true);
        let mut residual = self.count(is_open);
        for shifts in self.shifts.chunks(LANES) {
            if raw.has_stopped() && (residual.has_stopped() || !with_residual) {
                break;
            }
            let sets: Vec<Vec<u32>> = shifts.iter().map(|&shift| self.rotated(set, shift)).collect();
            let need_residual = with_residual && !residual.has_stopped();
            let (raws, residuals) = self.statistics(&sets, need_residual, &mut buffers);
            for wins in raws {
                raw.draw(wins >= raw_observed);
            }
            for wins in residuals {
                residual.draw(wins >= residual_observed);
            }
        }
        Rotation {
            raw: raw.p(),
            residual: with_residual.then(|| residual.p()),
        }
    }

    /// p of the permutation within strata; `name` seeds it. `is_open` as above.
    pub(crate) fn stratified(&self, set: &[u32], name: &str, is_open: bool) -> f64 {
        let mut buffers = self.buffers();
        let observed = self.statistics(&[set.to_vec()], false, &mut buffers).0[0];
        let mut random = Random::new(self.seed, &format!("stratified/{name}"));
        let mut strata = self.occupied(set);
        let mut count = self.count(is_open);
        for first in (0..self.permutations as usize).step_by(LANES) {
            if count.has_stopped() {
                break;
            }
            let lanes = LANES.min(self.permutations as usize - first);
            let sets: Vec<Vec<u32>> = (0..lanes).map(|_| redrawn(&mut strata, &mut random)).collect();
            let (wins, _) = self.statistics(&sets, false, &mut buffers);
            for wins in wins {
                count.draw(wins >= observed);
            }
        }
        count.p()
    }

    fn count(&self, is_open: bool) -> Sequential {
        if is_open {
            Sequential::new(self.permutations, self.rate)
        } else {
            Sequential::early()
        }
    }

    fn buffers(&self) -> Buffers {
        Buffers {
            scores: vec![[0.0; LANES]; self.genes],
            ranking: Ranking::new(),
        }
    }

    fn statistics(
        &self,
        sets: &[Vec<u32>],
        with_residual: bool,
        buffers: &mut Buffers,
    ) -> (Vec<u64>, Vec<u64>) {
        let Buffers { scores, ranking } = buffers;
        self.matrices.score(sets, scores);
        let raw = ranking.wins(scores, sets);
        if !with_residual {
            return (raw, Vec::new());
        }
        Arch::new().dispatch(Removing {
            scores,
            confounders: &self.confounders,
        });
        (raw, ranking.wins(scores, sets))
    }

    fn rotated(&self, set: &[u32], shift: u32) -> Vec<u32> {
        let genes = self.genes as u64;
        #[expect(clippy::cast_possible_truncation, reason = "below the number of genes, a u32")]
        let shifted = |&place: &u32| ((u64::from(place) + u64::from(shift)) % genes) as u32;
        set.iter().map(shifted).collect()
    }

    /// The strata with members, and how many each has.
    fn occupied(&self, set: &[u32]) -> Vec<(Vec<u32>, usize)> {
        let mut is_member = vec![false; self.genes];
        for &place in set {
            is_member[place as usize] = true;
        }
        let members = |stratum: &Vec<u32>| stratum.iter().filter(|&&place| is_member[place as usize]).count();
        self.strata
            .iter()
            .map(|stratum| (stratum.clone(), members(stratum)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}

fn redrawn(strata: &mut [(Vec<u32>, usize)], random: &mut Random) -> Vec<u32> {
    let mut set = Vec::new();
    for (stratum, members) in strata {
        random.bring_to_front(stratum, *members);
        set.extend_from_slice(&stratum[..*members]);
    }
    set
}

/// What is compiled for each vector unit: not a closure, which would not be inlined into what was dispatched to.
struct Removing<'a> {
    scores: &'a mut [Lanes],
    confounders: &'a (usize, Vec<f32>),
}

impl WithSimd for Removing<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        remove(self.scores, self.confounders);
    }
}

/// Regresses the scores of every lane on the orthonormal columns and leaves the residuals.
#[inline(always)]
fn remove(scores: &mut [Lanes], (columns, rows): &(usize, Vec<f32>)) {
    let mut shares = vec![[0.0_f32; LANES]; *columns];
    for (scores, row) in scores.iter().zip(rows.chunks_exact(*columns)) {
        let scores = *scores;
        for (share, &unit) in shares.iter_mut().zip(row) {
            for lane in 0..LANES {
                share[lane] += unit * scores[lane];
            }
        }
    }
    for (scores, row) in scores.iter_mut().zip(rows.chunks_exact(*columns)) {
        let mut left = *scores;
        for (share, &unit) in shares.iter().zip(row) {
            for lane in 0..LANES {
                left[lane] -= unit * share[lane];
            }
        }
        *scores = left;
    }
}
