//! Scores of many gene sets at once: sixteen permutations of a trait's labels are one matrix product over the
//! informative codons, with every signature refitted and every member scored without itself.
//!
//! Single precision in a fixed order of operations: the same bits on every machine and for any number of threads. The
//! widest vector unit there is does them, lane by lane and without fused ones, so that its width changes no bit.

#![expect(
    clippy::inline_always,
    reason = "what is called within a dispatch must be compiled for its vector unit"
)]

use pulp::Arch;

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
    /// Rows × columns: how often each codon occurs.
    counts: Vec<f32>,
    /// The same for `BLOCK` rows at a time, column by column, and behind them how often each amino acid occurs; the
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
            counts: Vec::new(),
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
            matrix.push(
                place,
                codons.iter().map(|&codon| f64::from(counts[codon])).map(single),
            );
        }
        matrix.blocks = matrix.in_blocks();
        matrix
    }

    fn push(&mut self, place: usize, counts: impl Iterator<Item = f32>) {
        self.row_of[place] = index(self.places.len());
        self.places.push(index(place));
        self.counts.extend(counts);
    }

    fn in_blocks(&self) -> Vec<[f32; BLOCK]> {
        let columns = self.columns();
        let height = columns + self.starts.len() - 1;
        let mut blocks = vec![[0.0; BLOCK]; height * self.places.len().div_ceil(BLOCK)];
        for (row, counts) in self.counts.chunks_exact(columns.max(1)).enumerate() {
            let block = &mut blocks[row / BLOCK * height..][..height];
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

    fn row(&self, row: u32) -> &[f32] {
        let start = row as usize * self.columns();
        &self.counts[start..start + self.columns()]
    }

    fn rows_of<'a>(&'a self, set: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
        set.iter()
            .map(|&place| self.row_of[place as usize])
            .filter(|&row| row != u32::MAX)
    }

    fn score(&self, sets: &[Vec<u32>], z: &mut [Lanes]) {
        Arch::new().dispatch(|| self.score_here(sets, z));
    }

    #[inline(always)]
    fn score_here(&self, sets: &[Vec<u32>], z: &mut [Lanes]) {
        let pooled: Vec<Vec<f32>> = sets.iter().map(|set| self.pooled(set)).collect();
        let mut lanes = vec![[0.0; LANES]; self.columns()];
        for (lane, pooled) in pooled.iter().enumerate() {
            lanes
                .iter_mut()
                .zip(pooled)
                .for_each(|(sums, &sum)| sums[lane] = sum);
        }
        let mut fit = Fit::default();
        self.fit(&lanes, &mut fit);
        self.score_all(&fit, z);
        for (lane, (set, pooled)) in sets.iter().zip(&pooled).enumerate() {
            self.score_members(set, pooled, &mut fit, |place, score| {
                z[place as usize][lane] = score;
            });
        }
    }

    #[inline(always)]
    fn pooled(&self, set: &[u32]) -> Vec<f32> {
        let mut sums = vec![0.0; self.columns()];
        for row in self.rows_of(set) {
            sums.iter_mut()
                .zip(self.row(row))
                .for_each(|(sum, count)| *sum += count);
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

    /// Members sixteen at a time, each with the signature of all others.
    #[inline(always)]
    fn score_members(&self, set: &[u32], pooled: &[f32], fit: &mut Fit, mut keep: impl FnMut(u32, f32)) {
        let rows: Vec<u32> = self.rows_of(set).collect();
        let mut own = vec![[0.0; LANES]; self.columns()];
        let mut others = own.clone();
        for rows in rows.chunks(LANES) {
            for (lane, &row) in rows.iter().enumerate() {
                own.iter_mut()
                    .zip(self.row(row))
                    .for_each(|(counts, &count)| counts[lane] = count);
            }
            for ((others, own), &sum) in others.iter_mut().zip(&own).zip(pooled) {
                *others = own.map(|count| sum - count);
            }
            self.fit(&others, fit);
            let score = sum_of_products(&own, &fit.centered);
            let mut variance = [0.0; LANES];
            for (bounds, spread) in self.starts.windows(2).zip(&fit.variance) {
                for counts in &own[bounds[0]..bounds[1]] {
                    add_product(&mut variance, counts, spread);
                }
            }
            let z = quotient(&score, &variance);
            rows.iter()
                .zip(z)
                .for_each(|(&row, score)| keep(self.places[row as usize], score));
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

#[inline(always)]
fn products(rows: &[[f32; BLOCK]], columns: &[Lanes]) -> [Lanes; BLOCK] {
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

#[inline(always)]
fn sum_of_products(left: &[Lanes], right: &[Lanes]) -> Lanes {
    let mut sums = [0.0; LANES];
    left.iter()
        .zip(right)
        .for_each(|(left, right)| add_product(&mut sums, left, right));
    sums
}

#[inline(always)]
fn add_product(sums: &mut Lanes, left: &Lanes, right: &Lanes) {
    for lane in 0..LANES {
        sums[lane] += left[lane] * right[lane];
    }
}

/// Score over standard deviation; 0 where the null has no spread.
#[inline(always)]
fn quotient(score: &Lanes, variance: &Lanes) -> Lanes {
    let mut z = [0.0; LANES];
    for lane in 0..LANES {
        z[lane] = score[lane] / (variance[lane] + f32::MIN_POSITIVE).sqrt();
    }
    z
}

/// ln of positive numbers to about 1e-7, by operations a vector unit has: x = m·2ᵉ with m in [√½, √2), and
/// ln m = 2·artanh((m − 1)/(m + 1)).
#[inline(always)]
fn logarithm(values: Lanes) -> Lanes {
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
}
