//! Contrasts between near relatives: pairs of genomes that are alike in codon usage and differ in the phenotype.
//!
//! Genomes of one clade share history, so a thousand of them may be a handful of observations. A pair of neighbours
//! that differ in the phenotype is one observation of its own (Read & Nee 1995; Maddison 2000, pairwise comparisons).
//! Without a tree, neighbours are told by codon usage, which follows composition and descent: one of two genomes must
//! be among the [`NEAREST`] of the other, whatever their phenotypes. A genome is in one pair at most. So a phenotype that
//! coincides with a clade of more genomes than that has no pairs, and nothing is claimed of it.

use rayon::prelude::*;

/// How many genomes are a genome's neighbours.
pub const NEAREST: usize = 10;
/// Pairs at most: more add hours, not power.
const MOST_PAIRS: usize = 2_000;

/// Two genomes, by their index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Has the phenotype.
    pub with: usize,
    /// Has it not.
    pub without: usize,
    /// In the space of codon usage.
    pub distance: f64,
}

/// Genomes that are neighbours, nearest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbours(Vec<(f64, usize, usize)>);

impl Neighbours {
    /// The neighbours among `places`; an empty place has none.
    ///
    /// ```
    /// use genomic_pleiotropy::cohort::pairs::Neighbours;
    ///
    /// let places: Vec<Vec<f64>> = (0..20).map(|at| vec![f64::from(at / 2) + f64::from(at % 2) / 8.0]).collect();
    /// let labels: Vec<Option<bool>> = (0..20).map(|at| Some(at % 2 == 0)).collect();
    /// let pairs = Neighbours::of(&places).pairs(&labels);
    /// assert_eq!(pairs.len(), 10);
    /// assert!(pairs.iter().all(|pair| pair.without == pair.with + 1));
    /// ```
    pub fn of(places: &[Vec<f64>]) -> Self {
        let mut all: Vec<_> = (0..places.len())
            .into_par_iter()
            .flat_map_iter(|one| nearest(one, places))
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        all.dedup_by_key(|(_, one, other)| (*one, *other));
        Self(all)
    }

    /// Neighbours with different labels, the nearest first, each genome once. One without label is in no pair.
    pub fn pairs(&self, labels: &[Option<bool>]) -> Vec<Pair> {
        let mut is_taken = vec![false; labels.len()];
        let mut pairs = Vec::new();
        for &(distance, one, other) in &self.0 {
            let (with, without) = match (labels[one], labels[other]) {
                (Some(true), Some(false)) => (one, other),
                (Some(false), Some(true)) => (other, one),
                _ => continue,
            };
            if is_taken[one] || is_taken[other] || pairs.len() == MOST_PAIRS {
                continue;
            }
            (is_taken[one], is_taken[other]) = (true, true);
            pairs.push(Pair {
                with,
                without,
                distance,
            });
        }
        pairs
    }
}

/// The nearest others of `one`: distance, and the two indices in ascending order.
fn nearest(one: usize, places: &[Vec<f64>]) -> Vec<(f64, usize, usize)> {
    if places[one].is_empty() {
        return Vec::new();
    }
    let others = (0..places.len()).filter(|&other| other != one && !places[other].is_empty());
    let mut found: Vec<_> = others
        .map(|other| {
            (
                distance(&places[one], &places[other]),
                one.min(other),
                one.max(other),
            )
        })
        .collect();
    if found.len() > NEAREST {
        found.select_nth_unstable_by(NEAREST - 1, |a, b| {
            a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2)))
        });
        found.truncate(NEAREST);
    }
    found
}

/// The same for both directions, to the last bit.
fn distance(one: &[f64], other: &[f64]) -> f64 {
    one.iter()
        .zip(other)
        .map(|(a, b)| (a - b).powi(2))
        .sum::<f64>()
        .sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(places: &[Vec<f64>], labels: &[Option<bool>]) -> Vec<Pair> {
        Neighbours::of(places).pairs(labels)
    }

    #[test]
    fn a_phenotype_that_is_a_clade_has_no_pairs() {
        let places: Vec<Vec<f64>> = (0..40)
            .map(|at| vec![f64::from(at % 2) * 9.0, f64::from(at) / 100.0])
            .collect();
        let by_clade: Vec<_> = (0..40).map(|at| Some(at % 2 == 0)).collect();
        assert_eq!(pairs(&places, &by_clade), []);
        let in_clades: Vec<_> = (0..40).map(|at| Some(at % 4 < 2)).collect();
        assert_eq!(pairs(&places, &in_clades).len(), 20);
    }

    #[test]
    fn no_genome_is_in_two_pairs_and_unknown_ones_are_in_none() {
        let mut places: Vec<Vec<f64>> = (0..50).map(|at| vec![f64::from(at * at % 37)]).collect();
        places[7].clear();
        let labels: Vec<_> = (0..50).map(|at| (at % 5 != 0).then_some(at % 3 == 0)).collect();
        let pairs = pairs(&places, &labels);
        let mut met: Vec<usize> = pairs.iter().flat_map(|pair| [pair.with, pair.without]).collect();
        met.sort_unstable();
        assert!(met.windows(2).all(|two| two[0] < two[1]) && !met.is_empty() && !met.contains(&7));
        for pair in pairs {
            assert_eq!(
                (labels[pair.with], labels[pair.without]),
                (Some(true), Some(false))
            );
        }
    }

    #[test]
    fn one_genome_or_none_has_no_pairs() {
        assert_eq!(pairs(&[], &[]), []);
        assert_eq!(pairs(&[vec![0.0]], &[Some(true)]), []);
    }
}
