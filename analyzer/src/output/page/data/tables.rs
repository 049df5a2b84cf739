//! Columns and rows of the long tables.

use serde_json::{Value, json};

use super::super::super::Facts;
use super::{ROWS, rounded, significant};
use crate::output::chunk::NamedAssociation;
use crate::rows::GeneRow;
use crate::verbs::merge::{Associations, FamilyEntry, GeneEntry, GenomeLine};

/// By the id of the element each is drawn in.
pub(super) fn all(facts: &Facts) -> Value {
    let is_single = facts.is_single();
    let has_traits = !facts.plan.traits.is_empty();
    json!({
        "genes": match &facts.genes.all {
            Some(all) => Some(genes(facts, all)),
            None => has_traits.then(|| candidates(facts)),
        },
        "annotated": (!is_single && has_traits).then(|| annotated(facts)),
        "genomes": (!is_single).then(|| genomes(facts)),
        "scores": has_traits.then(|| scores(facts)),
        "families": facts.associations.map(families),
    })
}

fn genes(facts: &Facts, all: &[GeneRow]) -> Value {
    let start = if facts.plan.traits.is_empty() {
        Value::Null
    } else {
        // Candidates first; others stay in genome order.
        json!({"column": 4, "down": true})
    };
    json!({
        "what": "genes",
        "start": start,
        "columns": [
            {"name": "gene", "about": "id in the genome", "id": true}, {"name": "name"}, {"name": "product", "wide": true},
            {"name": "candidate", "flag": "detectable", "about": "candidate pleiotropic gene"},
            {"name": "clusters", "digits": 0, "about": "candidate pleiotropy: independent signatures it bears after expression, composition and length are taken out"},
            {"name": "annotated", "digits": 0, "about": "annotated pleiotropy: trait sets of the panel that contain it"},
            {"name": "codons", "digits": 0}, {"name": "GC3s", "digits": 3}, {"name": "ENC", "digits": 1},
            {"name": "CAI", "digits": 3}, {"name": "MELP", "digits": 2, "about": "predicted expression, against ribosomal proteins"},
        ],
        "rows": all.iter().take(ROWS).map(gene).collect::<Vec<_>>(),
    })
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

fn candidates(facts: &Facts) -> Value {
    let row = |GeneEntry { genome, row, traits }: &GeneEntry| {
        json!([
            genome,
            row.gene,
            row.name,
            row.product,
            row.signature_clusters,
            row.annotated_traits,
            traits.join(", ")
        ])
    };
    json!({
        "what": "candidates",
        "columns": [
            {"name": "genome", "id": true}, {"name": "gene"}, {"name": "name"}, {"name": "product", "wide": true},
            {"name": "clusters", "digits": 0, "about": "candidate pleiotropy: independent signatures it bears"},
            {"name": "annotated", "digits": 0, "about": "annotated pleiotropy: trait sets of the panel that contain it"},
            {"name": "signatures of", "wide": true},
        ],
        "rows": facts.genes.candidates.iter().take(ROWS).map(row).collect::<Vec<_>>(),
    })
}

fn annotated(facts: &Facts) -> Value {
    let row = |entry: &FamilyEntry| json!([entry.family, entry.product, entry.sets, entry.genomes]);
    json!({
        "what": "families",
        "columns": [
            {"name": "family", "id": true, "about": "lower-case gene name"}, {"name": "product", "wide": true},
            {"name": "annotated", "digits": 0, "about": "annotated pleiotropy: most trait sets of the panel that contain a gene of it"},
            {"name": "genomes", "digits": 0, "about": "genomes with such a gene"},
        ],
        "rows": facts.genes.annotated.iter().take(ROWS).map(row).collect::<Vec<_>>(),
    })
}

fn genomes(facts: &Facts) -> Value {
    json!({
        "what": "genomes",
        "columns": [
            {"name": "genome", "wide": true, "id": true}, {"name": "not analyzed", "flag": "failed"}, {"name": "bases", "digits": 0},
            {"name": "GC", "digits": 3}, {"name": "genes", "digits": 0}, {"name": "ENC", "digits": 1},
            {"name": "GC3s", "digits": 3}, {"name": "detectable", "digits": 0, "about": "traits with a signature of their own"},
            {"name": "candidates", "digits": 0},
            {"name": "λ", "digits": 2, "about": "overdispersion of the gene × trait scores"},
            {"name": "M eff", "digits": 1, "about": "effective number of independent traits"},
            {"name": "content", "about": "first letters of the BLAKE3 of its bytes"}, {"name": "why not", "wide": true},
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
        known.then_some(line.detectable.len()),
        known.then_some(line.candidates),
        rounded(line.overdispersion, 1e3),
        rounded(line.effective_traits, 1e2),
        line.hash,
        failure.map(|failure| failure.message.as_str()),
    ])
}

fn scores(facts: &Facts) -> Value {
    let is_single = facts.is_single();
    let place = |name: &str| facts.plan.traits.iter().position(|known| known == name);
    let row = |found: &NamedAssociation| {
        let NamedAssociation {
            genome,
            gene,
            name,
            trait_name,
            row,
        } = found;
        let mut cells = vec![
            json!(gene),
            json!(name),
            json!(place(trait_name)),
            json!(row.member.then_some("member")),
        ];
        if !is_single {
            cells.insert(0, json!(genome));
        }
        cells.push(json!(rounded(Some(row.z), 1e2)));
        cells.push(json!(significant(row.q_multinomial)));
        cells.push(json!(row.q_empirical.and_then(significant)));
        cells.push(json!(rounded(row.residual_z, 1e2)));
        cells.push(json!(row.q_residual.and_then(significant)));
        cells
    };
    let mut columns = vec![
        json!({"name": "gene", "id": true}),
        json!({"name": "name"}),
        json!({"name": "trait", "trait": true, "wide": true}),
        json!({"name": "in the set", "flag": "silent", "about": "member of the trait's set: scored by a signature refitted without it"}),
        json!({"name": "z", "digits": 2}),
        json!({"name": "multinomial q", "small": true}),
        json!({"name": "empirical q", "small": true}),
        json!({"name": "residual z", "digits": 2}),
        json!({"name": "residual q", "small": true}),
    ];
    if !is_single {
        columns.insert(0, json!({"name": "genome"}));
    }
    json!({
        "what": "scores",
        "columns": columns,
        "rows": facts.scores.strongest.iter().map(row).collect::<Vec<_>>(),
    })
}

/// Family × phenotype, the smallest q of each phenotype first; a share of the rows each where there are many.
fn families(associations: &Associations) -> Value {
    let share = ROWS / associations.phenotypes.len().max(1);
    let rows = associations.phenotypes.iter().flat_map(|tested| {
        tested.families.iter().take(share).map(|row| {
            let [(with, mean_with), (without, mean_without)] = row.means;
            json!([
                row.family,
                row.product,
                tested.name,
                with,
                without,
                rounded(Some(mean_with.exp()), 1e3),
                rounded(Some(mean_without.exp()), 1e3),
                row.contrast.pairs,
                row.contrast.higher,
                rounded(Some(row.contrast.mean), 1e4),
                significant(row.contrast.p),
                significant(row.contrast.q),
            ])
        })
    });
    json!({
        "what": "families",
        "start": {"column": 11, "down": false},
        "columns": [
            {"name": "family", "id": true}, {"name": "product", "wide": true}, {"name": "phenotype"},
            {"name": "with", "digits": 0, "about": "genomes with the phenotype that have a score"},
            {"name": "without", "digits": 0}, {"name": "MELP with", "digits": 2, "about": "geometric mean, uncorrected"},
            {"name": "MELP without", "digits": 2}, {"name": "pairs", "digits": 0, "about": "neighbours with different phenotypes"},
            {"name": "higher", "digits": 0, "about": "pairs where the genome with the phenotype is higher"},
            {"name": "contrast", "digits": 3, "about": "mean difference of ln MELP within pairs, corrected"},
            {"name": "p", "small": true}, {"name": "q", "small": true, "about": "Benjamini–Hochberg over the families of the phenotype"},
        ],
        "rows": rows.collect::<Vec<_>>(),
    })
}
