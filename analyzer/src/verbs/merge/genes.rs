//! Genes for the reports: all of a single genome, else candidates and, by family, annotated pleiotropy.

use std::collections::BTreeMap;

use bytes::Bytes;
use genome_contract::names::{self, ChunkFile};
use genome_contract::plan::Plan;

use super::collect::Collected;
use super::families::Families;
use crate::output::chunk::genes;
use crate::output::genes_table::{GenesTable, MOST_ROWS};
use crate::rows::GeneRow;
use crate::verbs::{Session, Stop};

/// Entries a list has at most; how many there are in all is said beside it.
pub(crate) const LONGEST_LIST: usize = 10_000;

const LIST_COLUMNS: [&str; 11] = [
    "gene",
    "name",
    "product",
    "family",
    "annotated_traits",
    "signature_clusters",
    "candidate",
    "melp",
    "gc3s",
    "codons",
    "reference",
];

/// The genes that reports name.
#[derive(Debug, Default)]
pub(crate) struct GeneLists {
    /// Every gene, where there is one genome only.
    pub all: Option<Vec<GeneRow>>,
    /// `genes.tsv.gz`, where it is to be written.
    pub table: Option<Bytes>,
    /// Candidate pleiotropic genes: most clusters first, then by genome and gene.
    pub candidates: Vec<GeneEntry>,
    /// Families whose genes belong to at least `minTraits` sets, most sets first.
    pub annotated: Vec<FamilyEntry>,
    /// How many such families there are.
    pub annotated_total: u64,
}

/// A candidate.
#[derive(Clone, Debug)]
pub(crate) struct GeneEntry {
    /// Id of the genome.
    pub genome: String,
    /// The gene.
    pub row: GeneRow,
    /// Traits with residual q below the false discovery rate, where they were looked up.
    pub traits: Vec<String>,
}

/// Annotated pleiotropy of a gene family.
#[derive(Clone, Debug, Default)]
pub(crate) struct FamilyEntry {
    /// Lower-case gene name, or the gene's id where it has none.
    pub family: String,
    /// Most sets that a gene of it belongs to.
    pub sets: u64,
    /// Genomes with such a gene.
    pub genomes: u64,
    /// Product of the first one met.
    pub product: Option<String>,
}

/// Reads the genes of all chunks, a file at a time.
pub(super) async fn collect(
    session: &Session,
    plan: &Plan,
    collected: &Collected,
) -> Result<(GeneLists, Families), Stop> {
    let is_alone = plan.genomes == 1;
    let min_traits = u64::from(session.request.method.min_traits.max(1));
    let mut lists = GeneLists {
        all: is_alone.then(Vec::new),
        ..GeneLists::default()
    };
    let mut annotated: BTreeMap<String, FamilyEntry> = BTreeMap::new();
    let mut families = Families::default();
    let mut table = (is_alone || session.genes_table).then(|| GenesTable::new(!is_alone));
    for chunk in &collected.chunks {
        let path = ChunkFile::Genes.path(chunk.id);
        let Some((bytes, _)) = session.output.get(&path).await? else {
            continue;
        };
        let columns = table.is_none().then_some(&LIST_COLUMNS);
        genes(&bytes, columns.map(|columns| &columns[..]), |genome, row| {
            if let Some(table) = &mut table {
                table.add(genome, &row);
            }
            families.add(genome, &row);
            if row.annotated_traits >= min_traits {
                add_family(&mut annotated, &row);
            }
            if row.candidate {
                lists.candidates.push(GeneEntry {
                    genome: genome.to_owned(),
                    row: row.clone(),
                    traits: Vec::new(),
                });
            }
            if let Some(all) = &mut lists.all {
                all.push(row);
            }
        })?;
        shorten(&mut lists.candidates);
        if let Some(table) = &mut table {
            table.compress()?;
        }
        if table
            .as_ref()
            .is_some_and(|table| !is_alone && table.rows > MOST_ROWS)
        {
            tracing::warn!(
                "`{}` is left out: there are more than {MOST_ROWS} genes; hint: `parts/genes-*.parquet` has them",
                names::GENES
            );
            table = None;
        }
    }
    lists.table = table.map(GenesTable::finish).transpose()?.map(Bytes::from);
    lists.annotated_total = annotated.len() as u64;
    lists.annotated = annotated.into_values().collect();
    lists
        .annotated
        .sort_by(|a, b| (b.sets, b.genomes, &a.family).cmp(&(a.sets, a.genomes, &b.family)));
    lists.annotated.truncate(LONGEST_LIST);
    Ok((lists, families))
}

fn add_family(families: &mut BTreeMap<String, FamilyEntry>, row: &GeneRow) {
    let key = row.family.clone().unwrap_or_else(|| row.gene.clone());
    let entry = families.entry(key.clone()).or_default();
    entry.family = key;
    entry.genomes += 1;
    entry.sets = entry.sets.max(row.annotated_traits);
    if entry.product.is_none() {
        entry.product.clone_from(&row.product);
    }
}

fn shorten(candidates: &mut Vec<GeneEntry>) {
    let clusters = |entry: &GeneEntry| entry.row.signature_clusters.unwrap_or(0);
    candidates
        .sort_by(|a, b| (clusters(b), &a.genome, &a.row.gene).cmp(&(clusters(a), &b.genome, &b.row.gene)));
    candidates.truncate(LONGEST_LIST);
}
