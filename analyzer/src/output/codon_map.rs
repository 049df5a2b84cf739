//! `codon_map.tsv`: where genomes, and gene families (or the genes of a single genome) lie among each other.

use std::fmt::Write as _;

use super::Facts;
use super::text::{cell, number};
use crate::cohort::maps::{CodonMap, Place};

/// Axes and components that are written of those computed.
pub(crate) const SHOWN: usize = 4;

/// The table; empty cells where a row has no codons, or the map fewer axes.
pub(crate) fn table(facts: &Facts) -> String {
    let mut text = "kind\tname\tgc3s".to_owned();
    for prefix in ["axis", "component"] {
        (1..=SHOWN).for_each(|number| {
            let _ = write!(text, "\t{prefix}_{number}");
        });
    }
    text.push('\n');
    if !facts.is_single() {
        let lines = facts
            .collected
            .table
            .iter()
            .map(|line| (line.id.as_str(), line.gc3s));
        add(&mut text, "genome", lines, &facts.maps.genomes);
    }
    let kind = if facts.is_single() { "gene" } else { "family" };
    let named = facts
        .maps
        .named
        .iter()
        .map(|named| (named.name.as_str(), named.gc3s));
    add(&mut text, kind, named, &facts.maps.genes);
    text
}

fn add<'a>(
    text: &mut String,
    kind: &str,
    rows: impl Iterator<Item = (&'a str, Option<f64>)>,
    map: &CodonMap,
) {
    for ((name, gc3s), Place { axes, components }) in rows.zip(&map.places) {
        let _ = write!(text, "{kind}\t{}\t{}", cell(name), number(gc3s, 4));
        for values in [axes, components] {
            (0..SHOWN).for_each(|at| {
                let _ = write!(text, "\t{}", number(values.get(at).copied(), 5));
            });
        }
        text.push('\n');
    }
}
