//! Scores of many gene sets at once: sixteen permutations of a trait's labels are one matrix product over the
//! informative codons, with every signature refitted and every member scored without itself.
//!
//! Single precision in a fixed order of operations: the same bits on every machine and for any number of threads. The
//! widest vector unit there is does them, lane by lane and without fused ones, so that its width changes no bit.

#![expect(
    clippy::inline_always,
    reason = "what is called within a dispatch must be compiled for its vector unit"
)]

mod arithmetic;
mod members;

use pulp::{Arch, Simd, WithSimd};

use arithmetic::{logarithm, products, quotient};

use crate::record::Genome;
use crate::traits::score::{Scored, Table};
use crate::traits::signature::SHRINKAGE;

#[expect(clippy::cast_possible_truncation, reason = "20 is exact")]
const SHRINKAGE_SINGLE: f32 = SHRINKAGE as f32;

/// Gene sets scored at once.
pub(crate) const LANES: usize = 16;

/// Genes scored at once: so many sums are on their way together, and a column is loaded once for all of them.
const BLOCK: usize = 4;

/// One value a gene set.
pub(crate) type Lanes = [f32; LANES];

/// The scored genes as matrices, one a translation table.
pub(crate) struct Matrices(Vec<Matrix>);

struct Matrix {
    /// Place among the scored genes of each row.
    places: Vec<u32>,
    /// Row of each scored gene, `u32::MAX` for one of another table.
    row_of: Vec<u32>,
    /// Rows × pairs of columns: how often each of two codons occurs; one more row, of zeros, at the end.
    pairs: Vec<[u16; 2]>,
    /// The same, of single columns, for `BLOCK` rows at a time, column by column, and behind them how often each amino acid occurs; the
    /// last block is filled up with 0.
    blocks: Vec<[f32; BLOCK]>,
    /// Background frequency of each column.
    background: Vec<f32>,
    /// Columns of each family begin here; one more for the end.
    starts: Vec<usize>,
}

impl Matrices {
    /// Of the genes in `scored`.
    pub(crate) fn of(genome: &Genome, scored: &Scored<'_>) -> Self {
        let matrix = |(index, table)| Matrix::of(genome, scored, index, table);
        Self(scored.tables().iter().enumerate().map(matrix).collect())
    }

    /// z of every scored gene for each of the sets (places of scored genes): `z[gene][set]`.
    pub(crate) fn score(&self, sets: &[Vec<u32>], z: &mut [Lanes]) {
        for matrix in &self.0 {
            matrix.score(sets, z);
        }
    }
}

/// What is compiled for each vector unit: not a closure, which would not be inlined into what was dispatched to.
struct Scoring<'a> {
    matrix: &'a Matrix,
    sets: &'a [Vec<u32>],
    z: &'a mut [Lanes],
}

impl WithSimd for Scoring<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.matrix.score_here(self.sets, self.z);
    }
}

/// A signature for each lane.
#[derive(Default)]
struct Fit {
    /// Weight of each column, less the mean of its family.
    centered: Vec<Lanes>,
    /// Variance of each family.
    variance: Vec<Lanes>,
}

impl Matrix {
    fn of(genome: &Genome, scored: &Scored<'_>, index: usize, table: &Table) -> Self {
        let families: Vec<Vec<usize>> = table
            .families
            .informative()
            .map(|family| family.codons.iter().map(|codon| codon.as_index()))
            .map(|codons| {
                codons
                    .filter(|&codon| table.background[codon] > 0.0)
                    .collect::<Vec<_>>()
            })
            .filter(|codons| codons.len() > 1)
            .collect();
        let mut starts = vec![0];
        for family in &families {
            starts.push(starts[starts.len() - 1] + family.len());
        }
        let codons: Vec<usize> = families.concat();
        let mut matrix = Self {
            places: Vec::new(),
            row_of: vec![u32::MAX; scored.genes.len()],
            pairs: Vec::new(),
            blocks: Vec::new(),
            background: codons
                .iter()
                .map(|&codon| single(table.background[codon]))
                .collect(),
            starts,
        };
        for (place, &gene) in scored
            .genes
            .iter()
            .enumerate()
            .filter(|(_, gene)| scored.table_of[**gene] == index)
        {
            let counts = genome.genes[gene].codons.as_array();
            matrix.push(place, codons.iter().map(|&codon| counts[codon]));
        }
        matrix.pairs.extend(std::iter::repeat_n([0, 0], matrix.width()));
        matrix.blocks = matrix.in_blocks();
        matrix
    }

    fn push(&mut self, place: usize, counts: impl Iterator<Item = u32>) {
        self.row_of[place] = index(self.places.len());
        self.places.push(index(place));
        // No gene has a codon 65,535 times.
        let counts: Vec<u16> = counts
            .map(|count| u16::try_from(count).unwrap_or(u16::MAX))
            .collect();
        let pairs = counts
            .chunks(2)
            .map(|pair| [pair[0], pair.get(1).copied().unwrap_or(0)]);
        self.pairs.extend(pairs);
    }

    fn in_blocks(&self) -> Vec<[f32; BLOCK]> {
        let height = self.columns() + self.starts.len() - 1;
        let mut blocks = vec![[0.0; BLOCK]; height * self.places.len().div_ceil(BLOCK)];
        for row in 0..self.places.len() {
            let block = &mut blocks[row / BLOCK * height..][..height];
            let counts: Vec<f32> = self.counts(index(row)).map(f32::from).collect();
            let sizes = self
                .starts
                .windows(2)
                .map(|bounds| counts[bounds[0]..bounds[1]].iter().sum::<f32>());
            for (values, value) in block.iter_mut().zip(counts.iter().copied().chain(sizes)) {
                values[row % BLOCK] = value;
            }
        }
        blocks
    }

    fn columns(&self) -> usize {
        self.background.len()
    }

    /// Pairs of columns.
    fn width(&self) -> usize {
        self.columns().div_ceil(2)
    }

    /// The row of zeros.
    fn nobody(&self) -> u32 {
        index(self.places.len())
    }

    fn row(&self, row: u32) -> &[[u16; 2]] {
        let start = row as usize * self.width();
        &self.pairs[start..start + self.width()]
    }

    fn counts(&self, row: u32) -> impl Iterator<Item = u16> {
        self.row(row).iter().flatten().copied().take(self.columns())
    }

    fn rows_of<'a>(&'a self, set: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
        set.iter()
            .map(|&place| self.row_of[place as usize])
            .filter(|&row| row != u32::MAX)
    }

    fn score(&self, sets: &[Vec<u32>], z: &mut [Lanes]) {
        Arch::new().dispatch(Scoring {
            matrix: self,
            sets,
            z,
        });
    }

    #[inline(always)]
    fn score_here(&self, sets: &[Vec<u32>], z: &mut [Lanes]) {
        let sets: Vec<Vec<u32>> = sets.iter().map(|set| self.rows_of(set).collect()).collect();
        let mut pooled = vec![[0.0; LANES]; self.columns()];
        for (lane, set) in sets.iter().enumerate() {
            let sums = self.pooled(set);
            for (lanes, &sum) in pooled.iter_mut().zip(&sums) {
                lanes[lane] = sum as f32;
            }
        }
        let mut fit = Fit::default();
        self.fit(&pooled, &mut fit);
        self.score_all(&fit, z);
        self.score_members(&sets, &pooled, &fit, |row, lane, score| {
            z[self.places[row as usize] as usize][lane] = score;
        });
    }

    /// Sums that cannot overflow and are not checked for it: a check would keep the loop from becoming vector code.
    #[inline(always)]
    fn pooled(&self, rows: &[u32]) -> Vec<u32> {
        let mut sums = vec![0_u32; 2 * self.width()];
        for &row in rows {
            for (sum, &count) in sums.iter_mut().zip(self.row(row).as_flattened()) {
                *sum = sum.wrapping_add(u32::from(count));
            }
        }
        sums
    }

    /// The signatures of the pooled counts, a lane each.
    #[inline(always)]
    fn fit(&self, pooled: &[Lanes], fit: &mut Fit) {
        fit.centered.resize(self.columns(), [0.0; LANES]);
        fit.variance.resize(self.starts.len() - 1, [0.0; LANES]);
        for (family, bounds) in self.starts.windows(2).enumerate() {
            let (columns, background) = (bounds[0]..bounds[1], &self.background[bounds[0]..bounds[1]]);
            fit_family(
                &pooled[columns.clone()],
                background,
                &mut fit.centered[columns],
                &mut fit.variance[family],
            );
        }
    }

    #[inline(always)]
    fn score_all(&self, fit: &Fit, z: &mut [Lanes]) {
        let height = self.columns() + fit.variance.len();
        let blocks = self.blocks.chunks_exact(height.max(1));
        for (block, places) in blocks.zip(self.places.chunks(BLOCK)) {
            let (counts, sizes) = block.split_at(self.columns());
            let scores = products(counts, &fit.centered);
            let variances = products(sizes, &fit.variance);
            for ((score, variance), &place) in scores.iter().zip(&variances).zip(places) {
                z[place as usize] = quotient(score, variance);
            }
        }
    }
}

#[inline(always)]
fn fit_family(pooled: &[Lanes], background: &[f32], centered: &mut [Lanes], variance: &mut Lanes) {
    let mut total = [SHRINKAGE_SINGLE; LANES];
    for counts in pooled {
        total
            .iter_mut()
            .zip(counts)
            .for_each(|(sum, count)| *sum += count);
    }
    let per_codon = total.map(f32::recip);
    let mut mean = [0.0; LANES];
    for ((weights, counts), &p) in centered.iter_mut().zip(pooled).zip(background) {
        let per_p = p.recip();
        for lane in 0..LANES {
            weights[lane] = (counts[lane] + SHRINKAGE_SINGLE * p) * per_p * per_codon[lane];
        }
        *weights = logarithm(*weights);
        for lane in 0..LANES {
            mean[lane] += p * weights[lane];
        }
    }
    *variance = [0.0; LANES];
    for (weights, &p) in centered.iter_mut().zip(background) {
        for lane in 0..LANES {
            weights[lane] -= mean[lane];
            variance[lane] += p * weights[lane] * weights[lane];
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "counts and frequencies of one gene in single precision"
)]
fn single(value: f64) -> f32 {
    value as f32
}

fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codons::CodonCounts;
    use crate::record::Gene;
    use crate::traits::random::Random;

    /// Genes of two translation tables, some of which have most of a codon of their set.
    fn genome() -> Genome {
        let mut random = Random::new(1, "genes");
        let gene = |index: usize| {
            let length = if index.is_multiple_of(7) { 60 } else { 6 };
            let counts: [u32; 64] = std::array::from_fn(|_| u32::try_from(random.below(length)).unwrap());
            Gene {
                genetic_code: if index % 10 == 3 { 4 } else { 11 },
                codons: CodonCounts::from(counts),
                ..Gene::default()
            }
        };
        Genome {
            genes: (0..203).map(gene).collect(),
            ..Genome::default()
        }
    }

    #[test]
    fn many_sets_at_once_have_the_scores_of_each_alone() {
        let genome = genome();
        let scored = Scored::of(&genome);
        let sets: Vec<Vec<u32>> = [(0, 9), (7, 31), (100, 8), (1, 200)]
            .map(|(first, count)| (first..first + count).collect())
            .into();
        let mut z = vec![[0.0; LANES]; scored.genes.len()];
        Matrices::of(&genome, &scored).score(&sets, &mut z);
        for (lane, set) in sets.iter().enumerate() {
            let members: Vec<usize> = set.iter().map(|&place| scored.genes[place as usize]).collect();
            let exact = scored.scores(&members).into_iter().map(|score| score.z);
            for (place, (z, exact)) in z.iter().zip(exact).enumerate() {
                let difference = (f64::from(z[lane]) - exact).abs();
                assert!(
                    difference < 2e-3 * exact.abs().max(1.0),
                    "set {lane}, gene {place}: {exact}, {}",
                    z[lane]
                );
            }
        }
    }
}
