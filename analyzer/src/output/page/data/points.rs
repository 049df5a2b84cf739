//! Points of the maps: genes of a single genome; genomes and gene families of a cohort.

use std::collections::HashMap;

use serde::Serialize;

use super::super::super::Facts;
use super::{ROWS, rounded};
use crate::cohort::maps::CodonMap;
use crate::output::codon_map::SHOWN;
use crate::rows::GeneRow;

/// What is special about a point, as the script draws it.
const CANDIDATE: u8 = 1;
const REFERENCE: u8 = 2;

/// A map's points: names, coordinates, and what lights up.
#[derive(Serialize)]
pub(super) struct Points<'a> {
    what: &'static str,
    /// Where a click looks a point up.
    table: &'static str,
    ids: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<u8>,
    /// Points of each trait, in the panel's order.
    members: Vec<Vec<usize>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    called: Option<Vec<Vec<usize>>>,
    measures: Vec<Measure>,
}

/// An axis of a map, or a colour.
#[derive(Serialize)]
struct Measure {
    name: String,
    /// Of the inertia or variance.
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
    /// One a point.
    values: Vec<Option<f64>>,
}

pub(super) fn all<'a>(facts: &'a Facts) -> Vec<Points<'a>> {
    match &facts.genes.all {
        Some(all) => vec![genes(facts, all)],
        None => vec![genomes(facts), families(facts)],
    }
}

/// Those that the map holds, in its order.
fn genes<'a>(facts: &Facts, all: &'a [GeneRow]) -> Points<'a> {
    let shown: Vec<(usize, &GeneRow)> = all
        .iter()
        .enumerate()
        .filter(|(_, row)| !row.too_short)
        .take(facts.maps.named.len())
        .collect();
    let mut places = vec![None; all.len()];
    for (point, (gene, _)) in shown.iter().enumerate() {
        places[*gene] = Some(point);
    }
    let lit = |genes: &[Vec<u32>]| -> Vec<Vec<usize>> {
        let point = |gene: &u32| places.get(*gene as usize).copied().flatten();
        genes
            .iter()
            .map(|genes| genes.iter().filter_map(point).collect())
            .collect()
    };
    let mark = |row: &GeneRow| {
        if row.candidate {
            CANDIDATE
        } else {
            u8::from(row.reference) * REFERENCE
        }
    };
    let rows = || shown.iter().map(|&(_, row)| row);
    Points {
        what: "genes",
        table: "genes",
        ids: rows().map(|row| row.gene.as_str()).collect(),
        names: rows()
            .map(|row| row.name.as_deref().unwrap_or_default())
            .collect(),
        marks: rows().map(mark).collect(),
        members: lit(&facts.scores.members),
        called: Some(lit(&facts.scores.called)),
        measures: measures(
            &facts.maps.genes,
            rows().map(|row| row.gc3s),
            rows().map(|row| row.enc),
        ),
    }
}

/// A trait lights up the genomes it is detectable in.
fn genomes<'a>(facts: &'a Facts) -> Points<'a> {
    let table = &facts.collected.table[..facts.collected.table.len().min(ROWS)];
    let mut members = vec![Vec::new(); facts.plan.traits.len()];
    for (point, line) in table.iter().enumerate() {
        line.detectable
            .iter()
            .for_each(|of| members[*of as usize].push(point));
    }
    Points {
        what: "genomes",
        table: "genomes",
        ids: table.iter().map(|line| line.id.as_str()).collect(),
        names: Vec::new(),
        marks: table.iter().map(|line| u8::from(line.candidates > 0)).collect(),
        members,
        called: None,
        measures: measures(
            &facts.maps.genomes,
            table.iter().map(|line| line.gc3s),
            table.iter().map(|line| line.enc),
        ),
    }
}

/// A trait lights up the families that its set names.
fn families<'a>(facts: &'a Facts) -> Points<'a> {
    let named = &facts.maps.named;
    let places: HashMap<&str, usize> = named.iter().map(|family| family.name.as_str()).zip(0..).collect();
    let place = |name: &String| places.get(name.to_lowercase().as_str()).copied();
    let members = facts
        .panel
        .traits()
        .iter()
        .map(|set| set.associated_genes.iter().filter_map(place).collect());
    Points {
        what: "gene families",
        table: "annotated",
        ids: named.iter().map(|family| family.name.as_str()).collect(),
        names: Vec::new(),
        marks: Vec::new(),
        members: members.collect(),
        called: None,
        measures: measures(
            &facts.maps.genes,
            named.iter().map(|family| family.gc3s),
            named.iter().map(|family| family.enc),
        ),
    }
}

/// Coordinates of as many points as have a GC3s, and the two colours.
fn measures(
    map: &CodonMap,
    gc3s: impl ExactSizeIterator<Item = Option<f64>>,
    enc: impl Iterator<Item = Option<f64>>,
) -> Vec<Measure> {
    let places = &map.places[..map.places.len().min(gc3s.len())];
    let axes = (1..).zip(map.inertia.iter().take(SHOWN)).map(|(number, share)| {
        let values = places.iter().map(|place| place.axes.get(number - 1).copied());
        Measure::of(format!("axis {number}"), Some(*share), values, 1e4)
    });
    let components = (1..).zip(map.variance.iter().take(SHOWN)).map(|(number, share)| {
        let values = places
            .iter()
            .map(|place| place.components.get(number - 1).copied());
        Measure::of(format!("component {number}"), Some(*share), values, 1e4)
    });
    axes.chain(components)
        .chain([
            Measure::of("GC3s".to_owned(), None, gc3s, 1e4),
            Measure::of("ENC".to_owned(), None, enc, 1e2),
        ])
        .collect()
}

impl Measure {
    fn of(name: String, share: Option<f64>, values: impl Iterator<Item = Option<f64>>, scale: f64) -> Self {
        Self {
            name,
            share: rounded(share, 1e4),
            values: values.map(|value| rounded(value, scale)).collect(),
        }
    }
}
