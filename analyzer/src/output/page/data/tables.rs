//! Columns and rows of the long tables.

use std::collections::HashMap;

use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::super::super::Facts;
use super::{ROWS, rounded, significant};
use crate::output::chunk::NamedAssociation;
use crate::rows::GeneRow;
use crate::verbs::merge::{Associations, FamilyEntry, GeneEntry, GenomeLine};

/// By the id of the element each is drawn in.
#[derive(Serialize)]
pub(super) struct Tables<'a> {
    genes: Option<Table<'a>>,
    annotated: Option<Table<'a>>,
    genomes: Option<Table<'a>>,
    scores: Option<Table<'a>>,
    families: Option<Table<'a>>,
}

#[derive(Serialize)]
struct Table<'a> {
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<Value>,
    columns: Value,
    rows: Rows<'a>,
}

/// What the rows are made from while they are written, one after the other: there may be ten thousand.
enum Rows<'a> {
    Genes(&'a [GeneRow]),
    Candidates(&'a [GeneEntry]),
    Annotated(&'a [FamilyEntry]),
    Genomes(&'a [GenomeLine]),
    Scores(Scores<'a>),
    Families(&'a Associations),
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Genes(all) => serializer.collect_seq(all.iter().take(ROWS).map(gene)),
            Self::Candidates(all) => serializer.collect_seq(all.iter().take(ROWS).map(candidate)),
            Self::Annotated(all) => serializer.collect_seq(all.iter().take(ROWS).map(family)),
            Self::Genomes(all) => serializer.collect_seq(all.iter().take(ROWS).map(genome)),
            Self::Scores(scores) => serializer.collect_seq(scores.rows()),
            Self::Families(associations) => serializer.collect_seq(compared(associations)),
        }
    }
}

pub(super) fn all<'a>(facts: &'a Facts<'a>) -> Tables<'a> {
    let is_single = facts.is_single();
    let has_traits = !facts.plan.traits.is_empty();
    Tables {
        genes: match &facts.genes.all {
            Some(all) => Some(genes(facts, all)),
            None => has_traits.then(|| candidates(facts)),
        },
        annotated: (!is_single && has_traits).then(|| annotated(facts)),
        genomes: (!is_single).then(|| genomes(facts)),
        scores: has_traits.then(|| scores(facts)),
        families: facts.associations.map(families),
    }
}

fn genes<'a>(facts: &Facts, all: &'a [GeneRow]) -> Table<'a> {
    // Candidates first; others stay in genome order.
    let start = (!facts.plan.traits.is_empty()).then(|| json!({"column": 4, "down": true}));
    Table {
        what: "genes",
        start,
        columns: json!([
            {"name": "gene", "about": "id in the genome", "id": true}, {"name": "name"}, {"name": "product", "wide": true},
            {"name": "candidate", "flag": "detectable", "about": "candidate pleiotropic gene"},
            {"name": "clusters", "digits": 0, "about": "candidate pleiotropy: independent signatures it bears after expression, composition and length are taken out"},
            {"name": "annotated", "digits": 0, "about": "annotated pleiotropy: trait sets of the panel that contain it"},
            {"name": "codons", "digits": 0}, {"name": "GC3s", "digits": 3}, {"name": "ENC", "digits": 1},
            {"name": "CAI", "digits": 3}, {"name": "MELP", "digits": 2, "about": "predicted expression, against ribosomal proteins"},
        ]),
        rows: Rows::Genes(all),
    }
}

fn gene(row: &GeneRow) -> impl Serialize {
    (
        &row.gene,
        &row.name,
        &row.product,
        row.candidate.then_some("candidate"),
        row.signature_clusters,
        row.annotated_traits,
        row.length,
        rounded(row.gc3s, 1e4),
        rounded(row.enc, 1e2),
        rounded(row.cai, 1e4),
        rounded(row.melp, 1e3),
    )
}

fn candidates<'a>(facts: &'a Facts) -> Table<'a> {
    Table {
        what: "candidates",
        start: None,
        columns: json!([
            {"name": "genome", "id": true}, {"name": "gene"}, {"name": "name"}, {"name": "product", "wide": true},
            {"name": "clusters", "digits": 0, "about": "candidate pleiotropy: independent signatures it bears"},
            {"name": "annotated", "digits": 0, "about": "annotated pleiotropy: trait sets of the panel that contain it"},
            {"name": "signatures of", "wide": true},
        ]),
        rows: Rows::Candidates(&facts.genes.candidates),
    }
}

fn candidate(GeneEntry { genome, row, traits }: &GeneEntry) -> impl Serialize {
    (
        genome,
        &row.gene,
        &row.name,
        &row.product,
        row.signature_clusters,
        row.annotated_traits,
        traits.join(", "),
    )
}

fn annotated<'a>(facts: &'a Facts) -> Table<'a> {
    Table {
        what: "families",
        start: None,
        columns: json!([
            {"name": "family", "id": true, "about": "lower-case gene name"}, {"name": "product", "wide": true},
            {"name": "annotated", "digits": 0, "about": "annotated pleiotropy: most trait sets of the panel that contain a gene of it"},
            {"name": "genomes", "digits": 0, "about": "genomes with such a gene"},
        ]),
        rows: Rows::Annotated(&facts.genes.annotated),
    }
}

fn family(entry: &FamilyEntry) -> impl Serialize {
    (&entry.family, &entry.product, entry.sets, entry.genomes)
}

fn genomes<'a>(facts: &'a Facts) -> Table<'a> {
    Table {
        what: "genomes",
        start: None,
        columns: json!([
            {"name": "genome", "wide": true, "id": true}, {"name": "not analyzed", "flag": "failed"}, {"name": "bases", "digits": 0},
            {"name": "GC", "digits": 3}, {"name": "genes", "digits": 0}, {"name": "ENC", "digits": 1},
            {"name": "GC3s", "digits": 3}, {"name": "detectable", "digits": 0, "about": "traits with a signature of their own"},
            {"name": "candidates", "digits": 0},
            {"name": "λ", "digits": 2, "about": "overdispersion of the gene × trait scores"},
            {"name": "M eff", "digits": 1, "about": "effective number of independent traits"},
            {"name": "content", "about": "first letters of the BLAKE3 of its bytes"}, {"name": "why not", "wide": true},
        ]),
        rows: Rows::Genomes(&facts.collected.table),
    }
}

fn genome(line: &GenomeLine) -> impl Serialize {
    let failure = line.failure.as_ref();
    let known = failure.is_none();
    (
        &line.id,
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
        &line.hash,
        failure.map(|failure| failure.message.as_str()),
    )
}

fn scores<'a>(facts: &'a Facts) -> Table<'a> {
    let is_single = facts.is_single();
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
    Table {
        what: "scores",
        start: None,
        columns: columns.into(),
        rows: Rows::Scores(Scores {
            strongest: &facts.scores.strongest,
            places: facts.plan.traits.iter().map(String::as_str).zip(0..).collect(),
            names_genome: !is_single,
        }),
    }
}

struct Scores<'a> {
    strongest: &'a [NamedAssociation],
    /// Of the traits in the panel.
    places: HashMap<&'a str, usize>,
    names_genome: bool,
}

impl Scores<'_> {
    fn rows(&self) -> impl Iterator<Item = ScoreRow<'_>> {
        self.strongest.iter().map(|found| ScoreRow {
            found,
            place: self.places.get(found.trait_name.as_str()).copied(),
            names_genome: self.names_genome,
        })
    }
}

struct ScoreRow<'a> {
    found: &'a NamedAssociation,
    /// Of the trait in the panel.
    place: Option<usize>,
    names_genome: bool,
}

impl Serialize for ScoreRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let NamedAssociation {
            genome,
            gene,
            name,
            row,
            ..
        } = self.found;
        let mut cells = serializer.serialize_seq(None)?;
        if self.names_genome {
            cells.serialize_element(genome)?;
        }
        cells.serialize_element(gene)?;
        cells.serialize_element(name)?;
        cells.serialize_element(&self.place)?;
        cells.serialize_element(&row.member.then_some("member"))?;
        cells.serialize_element(&rounded(Some(row.z), 1e2))?;
        cells.serialize_element(&significant(row.q_multinomial))?;
        cells.serialize_element(&row.q_empirical.and_then(significant))?;
        cells.serialize_element(&rounded(row.residual_z, 1e2))?;
        cells.serialize_element(&row.q_residual.and_then(significant))?;
        cells.end()
    }
}

fn families(associations: &Associations) -> Table<'_> {
    Table {
        what: "families",
        start: Some(json!({"column": 11, "down": false})),
        columns: json!([
            {"name": "family", "id": true}, {"name": "product", "wide": true}, {"name": "phenotype"},
            {"name": "with", "digits": 0, "about": "genomes with the phenotype that have a score"},
            {"name": "without", "digits": 0}, {"name": "MELP with", "digits": 2, "about": "geometric mean, uncorrected"},
            {"name": "MELP without", "digits": 2}, {"name": "pairs", "digits": 0, "about": "neighbours with different phenotypes"},
            {"name": "higher", "digits": 0, "about": "pairs where the genome with the phenotype is higher"},
            {"name": "contrast", "digits": 3, "about": "mean difference of ln MELP within pairs, corrected"},
            {"name": "p", "small": true}, {"name": "q", "small": true, "about": "Benjamini–Hochberg over the families of the phenotype"},
        ]),
        rows: Rows::Families(associations),
    }
}

/// Family × phenotype, the smallest q of each phenotype first; a share of the rows each where there are many.
fn compared(associations: &Associations) -> impl Iterator<Item = impl Serialize> {
    let share = ROWS / associations.phenotypes.len().max(1);
    associations.phenotypes.iter().flat_map(move |tested| {
        tested.families.iter().take(share).map(move |row| {
            let [(with, mean_with), (without, mean_without)] = row.means;
            (
                &row.family,
                &row.product,
                &tested.name,
                with,
                without,
                rounded(Some(mean_with.exp()), 1e3),
                rounded(Some(mean_without.exp()), 1e3),
                row.contrast.pairs,
                row.contrast.higher,
                rounded(Some(row.contrast.mean), 1e4),
                significant(row.contrast.p),
                significant(row.contrast.q),
            )
        })
    })
}
