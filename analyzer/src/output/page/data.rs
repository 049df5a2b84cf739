//! What the page's script reads: columns and rows of the long tables, points of the map.

use serde_json::{Value, json};

use super::super::Facts;
use crate::rows::GeneRow;
use crate::verbs::merge::{GeneEntry, GenomeLine};

/// Rows that a page carries of a table; the files hold all.
pub(super) const ROWS: usize = 12_000;

pub(super) fn json(facts: &Facts) -> Value {
    json!({
        "traits": facts.plan.traits,
        "genes": genes(facts),
        "genomes": (!facts.is_single()).then(|| genomes(facts)),
        "points": points(facts),
    })
}

fn genes(facts: &Facts) -> Value {
    match &facts.genes.all {
        Some(all) => json!({
            "what": "genes",
            // Candidates first; others stay in genome order.
            "start": if facts.plan.traits.is_empty() { Value::Null } else { json!({"column": 4, "down": true}) },
            "columns": [
                {"name": "gene", "about": "id in the genome"}, {"name": "name"}, {"name": "product", "wide": true},
                {"name": "candidate", "flag": "detectable", "about": "candidate pleiotropic gene"},
                {"name": "clusters", "digits": 0, "about": "independent signatures it bears after expression, composition and length are taken out"},
                {"name": "sets", "digits": 0, "about": "trait sets of the panel that contain it: annotated pleiotropy"},
                {"name": "codons", "digits": 0}, {"name": "GC3s", "digits": 3}, {"name": "ENC", "digits": 1},
                {"name": "CAI", "digits": 3}, {"name": "MELP", "digits": 2, "about": "predicted expression, against ribosomal proteins"},
            ],
            "rows": all.iter().take(ROWS).map(gene).collect::<Vec<_>>(),
        }),
        None => json!({
            "what": "candidates",
            "columns": [
                {"name": "genome"}, {"name": "gene"}, {"name": "name"}, {"name": "product", "wide": true},
                {"name": "clusters", "digits": 0}, {"name": "sets", "digits": 0}, {"name": "signatures of", "wide": true},
            ],
            "rows": facts.genes.candidates.iter().take(ROWS).map(candidate).collect::<Vec<_>>(),
        }),
    }
}

fn gene(row: &GeneRow) -> Value {
    json!([
        row.gene,
        row.name,
        row.product,
        row.candidate.then_some("candidate"),
        row.signature_clusters,
        row.annotated_traits,
        row.length,
        rounded(row.gc3s, 1e4),
        rounded(row.enc, 1e2),
        rounded(row.cai, 1e4),
        rounded(row.melp, 1e3),
    ])
}

fn candidate(entry: &GeneEntry) -> Value {
    let GeneEntry { genome, row, traits } = entry;
    json!([
        genome,
        row.gene,
        row.name,
        row.product,
        row.signature_clusters,
        row.annotated_traits,
        traits.join(", ")
    ])
}

fn genomes(facts: &Facts) -> Value {
    json!({
        "what": "genomes",
        "columns": [
            {"name": "genome", "wide": true}, {"name": "not analyzed", "flag": "failed"}, {"name": "bases", "digits": 0},
            {"name": "GC", "digits": 3}, {"name": "genes", "digits": 0}, {"name": "ENC", "digits": 1},
            {"name": "GC3s", "digits": 3}, {"name": "detectable", "digits": 0, "about": "traits with a signature of their own"},
            {"name": "candidates", "digits": 0}, {"name": "content", "about": "first letters of the BLAKE3 of its bytes"},
            {"name": "why not", "wide": true},
        ],
        "rows": facts.collected.table.iter().take(ROWS).map(genome).collect::<Vec<_>>(),
    })
}

fn genome(line: &GenomeLine) -> Value {
    let failure = line.failure.as_ref();
    let known = failure.is_none();
    json!([
        line.id,
        failure.map(|failure| failure.reason),
        known.then_some(line.length),
        rounded(line.gc, 1e4),
        known.then_some(line.genes),
        rounded(line.enc, 1e2),
        rounded(line.gc3s, 1e4),
        known.then_some(line.detectable),
        known.then_some(line.candidates),
        line.hash,
        failure.map(|failure| failure.message.as_str()),
    ])
}

/// Genes of a single genome, genomes otherwise: GC3s, ENC, name, and what is special (1 candidate, 2 reference).
fn points(facts: &Facts) -> Value {
    let mut points = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut add = |gc3s: Option<f64>, enc: Option<f64>, name: String, mark: u8| {
        if let (Some(gc3s), Some(enc)) = (rounded(gc3s, 1e4), rounded(enc, 1e2)) {
            points.0.push(gc3s);
            points.1.push(enc);
            points.2.push(name);
            points.3.push(mark);
        }
    };
    match &facts.genes.all {
        Some(all) => all
            .iter()
            .filter(|row| !row.too_short)
            .take(ROWS)
            .for_each(|row| {
                let name = row
                    .name
                    .as_ref()
                    .map_or_else(|| row.gene.clone(), |name| format!("{} {name}", row.gene));
                let mark = if row.candidate {
                    1
                } else {
                    u8::from(row.reference) * 2
                };
                add(row.gc3s, row.enc, name, mark);
            }),
        None => facts.collected.table.iter().take(ROWS).for_each(|line| {
            add(
                line.gc3s,
                line.enc,
                line.id.clone(),
                u8::from(line.detectable > 0),
            );
        }),
    }
    let (x, y, names, marks) = points;
    json!({"x": x, "y": y, "names": names, "marks": marks})
}

/// Fewer digits, a smaller page.
fn rounded(value: Option<f64>, scale: f64) -> Option<f64> {
    value
        .filter(|value| value.is_finite())
        .map(|value| (value * scale).round() / scale)
}
