//! Maps of codon usage: where genomes, gene families or genes lie among each other, by correspondence analysis and by
//! principal components of RSCU. Met, Trp and stops are left out, as in codonW.

use crate::codons::CodonCounts;
use crate::indices::correspondence::{Axes, Margins};
use crate::indices::families::Families;
use crate::indices::principal::Components;
use crate::indices::rscu::rscu;

/// Axes and components that are computed.
pub const DIMENSIONS: usize = 8;

/// Places on a map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodonMap {
    /// One a row, in their order.
    pub places: Vec<Place>,
    /// Share of the inertia on each axis of the correspondence analysis.
    pub inertia: Vec<f64>,
    /// Share of the variance along each principal component.
    pub variance: Vec<f64>,
}

/// Where one row lies; empty for a row without codons.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// Principal coordinates of the correspondence analysis.
    pub axes: Vec<f64>,
    /// Coordinates on the principal components.
    pub components: Vec<f64>,
}

impl CodonMap {
    /// The map of rows with these codon counts.
    ///
    /// ```
    /// use genomic_pleiotropy::{codons::CodonCounts, cohort::maps::CodonMap, indices::families::Families};
    ///
    /// let row = |t: u32| { let mut row = [0; 64]; (row[0], row[1]) = (t, 10 - t); CodonCounts::from(row) };
    /// let map = CodonMap::of([&row(9), &row(5), &row(1), &CodonCounts::default()], &Families::by_id(11));
    /// assert!(map.places[0].axes[0] * map.places[2].axes[0] < 0.0);
    /// assert!((map.inertia[0] - 1.0).abs() < 1e-9 && (map.variance[0] - 1.0).abs() < 1e-9);
    /// assert!(map.places[3].axes.is_empty());
    /// ```
    pub fn of<'a>(counts: impl IntoIterator<Item = &'a CodonCounts>, families: &Families) -> Self {
        let rows: Vec<Option<[f64; 64]>> = counts.into_iter().map(|counts| usage(counts, families)).collect();
        let known: Vec<[f64; 64]> = rows.iter().flatten().copied().collect();
        let zeroed: Vec<[f64; 64]> = known.iter().map(without_gaps).collect();
        let axes = Axes::of(Margins::of(&zeroed), &zeroed, DIMENSIONS);
        let components = Components::of(&known, DIMENSIONS);
        let place = |row: &Option<[f64; 64]>| {
            row.map_or_else(Place::default, |row| Place {
                axes: axes.coordinates(&without_gaps(&row)),
                components: components.coordinates(&row),
            })
        };
        let shares = |values: &[f64], total: f64| values.iter().map(|value| value / total).collect();
        Self {
            places: rows.iter().map(place).collect(),
            inertia: shares(&axes.inertia, axes.total_inertia),
            variance: shares(&components.variance, components.total_variance),
        }
    }
}

/// Dimensions in which distances between genomes are measured.
const NEIGHBOURHOOD: usize = 20;

/// Places of rows in the space of RSCU, in which nothing moves when some genes become better adapted: the direction from
/// the pooled codons of `all` genes to those of the `reference` (ribosomal proteins) is taken out. Otherwise a phenotype
/// with many adapted genes would push apart the very neighbours it is to be compared in.
pub fn neighbourhood<'a>(
    counts: impl IntoIterator<Item = &'a CodonCounts>,
    all: &CodonCounts,
    reference: &CodonCounts,
    families: &Families,
) -> Vec<Vec<f64>> {
    let direction = direction(all, reference, families);
    let rows: Vec<Option<[f64; 64]>> = counts
        .into_iter()
        .map(|counts| usage(counts, families).map(|row| across(&row, &direction)))
        .collect();
    let known: Vec<[f64; 64]> = rows.iter().flatten().copied().collect();
    let components = Components::of(&known, NEIGHBOURHOOD);
    let place = |row: &Option<[f64; 64]>| row.map_or_else(Vec::new, |row| components.coordinates(&row));
    rows.iter().map(place).collect()
}

/// Of length 1; zero where there is no reference.
fn direction(all: &CodonCounts, reference: &CodonCounts, families: &Families) -> [f64; 64] {
    let (Some(all), Some(reference)) = (usage(all, families), usage(reference, families)) else {
        return [0.0; 64];
    };
    let (all, reference) = (without_gaps(&all), without_gaps(&reference));
    let difference: [f64; 64] = std::array::from_fn(|codon| reference[codon] - all[codon]);
    let length = difference.iter().map(|value| value * value).sum::<f64>().sqrt();
    difference.map(|value| if length > 0.0 { value / length } else { 0.0 })
}

/// What is left of a row across the direction.
fn across(row: &[f64; 64], direction: &[f64; 64]) -> [f64; 64] {
    let known = row.iter().zip(direction).filter(|(value, _)| !value.is_nan());
    let along: f64 = known.map(|(value, unit)| value * unit).sum();
    std::array::from_fn(|codon| row[codon] - along * direction[codon])
}

/// RSCU of the codons with synonyms, NaN where undefined; `None` where nothing is defined.
fn usage(counts: &CodonCounts, families: &Families) -> Option<[f64; 64]> {
    let values = rscu(counts, families);
    let mut row = [0.0; 64];
    for codon in families.informative_codons() {
        row[codon.as_index()] = values[codon.as_index()].unwrap_or(f64::NAN);
    }
    row.iter().any(|value| *value > 0.0).then_some(row)
}

/// In a correspondence analysis an amino acid that does not occur has no weight.
fn without_gaps(row: &[f64; 64]) -> [f64; 64] {
    row.map(|value| if value.is_nan() { 0.0 } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traits::random::Random;

    #[test]
    fn two_kinds_of_usage_lie_on_two_sides_whatever_the_order() {
        let mut random = Random::new(5, "map");
        let mut row = |kind: usize| {
            let counts: [u32; 64] = std::array::from_fn(|codon| {
                let favoured = codon % 2 == kind;
                u32::try_from(random.below(20) + if favoured { 30 } else { 10 }).unwrap()
            });
            CodonCounts::from(counts)
        };
        let rows: Vec<CodonCounts> = (0..60).map(|at| row(at % 2)).collect();
        let families = Families::by_id(11);
        let map = CodonMap::of(&rows, &families);
        let side = |at: usize| (map.places[at].axes[0] > 0.0, map.places[at].components[0] > 0.0);
        assert_ne!(side(0), side(1));
        assert!((0..60).all(|at| side(at) == side(at % 2)));
        let backward = CodonMap::of(rows.iter().rev(), &families);
        for (one, other) in map.places.iter().zip(backward.places.iter().rev()) {
            assert!((one.axes[0] - other.axes[0]).abs() < 1e-9);
            assert!((one.components[0] - other.components[0]).abs() < 1e-9);
        }
    }

    #[test]
    fn no_rows_and_equal_rows_have_no_axes() {
        let families = Families::by_id(11);
        assert_eq!(CodonMap::of([], &families), CodonMap::default());
        let row = CodonCounts::from([3; 64]);
        let map = CodonMap::of([&row, &row], &families);
        assert!(map.inertia.is_empty() && map.variance.is_empty());
    }
}
