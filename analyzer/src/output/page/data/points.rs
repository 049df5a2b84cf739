//! Points of the maps: genes of a single genome; genomes and gene families of a cohort.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::super::Facts;
use super::{ROWS, rounded};
use crate::cohort::maps::{CodonMap, Place};
use crate::output::codon_map::SHOWN;
use crate::rows::GeneRow;

/// What is special about a point, as the script draws it.
const CANDIDATE: u8 = 1;
const REFERENCE: u8 = 2;

pub(super) fn all(facts: &Facts) -> Value {
    match &facts.genes.all {
        Some(all) => json!([genes(facts, all)]),
        None => json!([genomes(facts), families(facts)]),
    }
}

/// Those that the map holds, in its order.
fn genes(facts: &Facts, all: &[GeneRow]) -> Value {
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
    let ids = shown.iter().map(|(_, row)| row.gene.as_str());
    let names: Vec<_> = shown
        .iter()
        .map(|(_, row)| row.name.as_deref().unwrap_or_default())
        .collect();
    let marks: Vec<u8> = shown.iter().map(|(_, row)| mark(row)).collect();
    let mut map = map("genes", "genes", ids, &facts.maps.genes);
    map["names"] = json!(names);
    map["marks"] = json!(marks);
    map["members"] = json!(lit(&facts.scores.members));
    map["called"] = json!(lit(&facts.scores.called));
    add(&mut map, "GC3s", shown.iter().map(|(_, row)| row.gc3s), 1e4);
    add(&mut map, "ENC", shown.iter().map(|(_, row)| row.enc), 1e2);
    map
}

/// A trait lights up the genomes it is detectable in.
fn genomes(facts: &Facts) -> Value {
    let table = &facts.collected.table[..facts.collected.table.len().min(ROWS)];
    let mut members = vec![Vec::new(); facts.plan.traits.len()];
    for (point, line) in table.iter().enumerate() {
        line.detectable
            .iter()
            .for_each(|of| members[*of as usize].push(point));
    }
    let marks: Vec<u8> = table.iter().map(|line| u8::from(line.candidates > 0)).collect();
    let mut map = map(
        "genomes",
        "genomes",
        table.iter().map(|line| line.id.as_str()),
        &facts.maps.genomes,
    );
    map["marks"] = json!(marks);
    map["members"] = json!(members);
    add(&mut map, "GC3s", table.iter().map(|line| line.gc3s), 1e4);
    add(&mut map, "ENC", table.iter().map(|line| line.enc), 1e2);
    map
}

/// A trait lights up the families that its set names.
fn families(facts: &Facts) -> Value {
    let named = &facts.maps.named;
    let places: HashMap<&str, usize> = named.iter().map(|family| family.name.as_str()).zip(0..).collect();
    let place = |name: &String| places.get(name.to_lowercase().as_str()).copied();
    let members: Vec<Vec<usize>> = facts
        .panel
        .traits()
        .iter()
        .map(|set| set.associated_genes.iter().filter_map(place).collect())
        .collect();
    let ids = named.iter().map(|family| family.name.as_str());
    let mut map = map("gene families", "annotated", ids, &facts.maps.genes);
    map["members"] = json!(members);
    add(&mut map, "GC3s", named.iter().map(|family| family.gc3s), 1e4);
    add(&mut map, "ENC", named.iter().map(|family| family.enc), 1e2);
    map
}

/// Names and coordinates; `table` is where a click looks the point up.
fn map<'a>(what: &str, table: &str, ids: impl Iterator<Item = &'a str>, map: &CodonMap) -> Value {
    let ids: Vec<&str> = ids.collect();
    let mut measures = Vec::new();
    let axes = |place: &Place, at: usize| place.axes.get(at).copied();
    let components = |place: &Place, at: usize| place.components.get(at).copied();
    for at in 0..SHOWN.min(map.inertia.len()) {
        measures.push(coordinate("axis", at, map.inertia[at], map, ids.len(), axes));
    }
    for at in 0..SHOWN.min(map.variance.len()) {
        measures.push(coordinate(
            "component",
            at,
            map.variance[at],
            map,
            ids.len(),
            components,
        ));
    }
    json!({"what": what, "table": table, "ids": ids, "measures": measures})
}

fn coordinate(
    name: &str,
    at: usize,
    share: f64,
    map: &CodonMap,
    count: usize,
    value: impl Fn(&Place, usize) -> Option<f64>,
) -> Value {
    let values: Vec<_> = map
        .places
        .iter()
        .take(count)
        .map(|place| rounded(value(place, at), 1e4))
        .collect();
    json!({"name": format!("{name} {}", at + 1), "share": rounded(Some(share), 1e4), "values": values})
}

fn add(map: &mut Value, name: &str, values: impl Iterator<Item = Option<f64>>, scale: f64) {
    let values: Vec<_> = values.map(|value| rounded(value, scale)).collect();
    if let Some(measures) = map["measures"].as_array_mut() {
        measures.push(json!({"name": name, "values": values}));
    }
}
