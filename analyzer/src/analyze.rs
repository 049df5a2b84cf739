//! One genome, from its counted genes to its rows: indices, signatures, tests.
//!
//! The same rows come out for any number of threads: genes and traits are computed alone, sums run over integers or in
//! a fixed order, and random choices are seeded by what they are for.

use genome_contract::chunk::CorrelationSums;
use genome_contract::request::{Associations, Method};

use crate::record::Genome;
use crate::rows::{GeneRow, GenomeRow, GenomeRows};
use crate::traits::Panel;

mod chance;
mod genes;
mod genome;
mod pleiotropy;
mod scores;
mod tests_of_traits;

use scores::Scores;

/// Permutations of each test.
pub const PERMUTATIONS: u32 = 999;

/// What is computed beside the indices and scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Permutations of each of the two tests; 0 leaves every verdict `untested`.
    pub permutations: u32,
    /// Whether the procedure is repeated on a synonymously shuffled copy, to see what it finds by chance.
    pub shuffled_copy: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            permutations: PERMUTATIONS,
            shuffled_copy: true,
        }
    }
}

/// Bytes that analyzing `genome` takes beside the genome itself, at least: the rows and scores of its genes, and of the
/// shuffled copy where there are traits. It lets a genome that will not fit be refused before the work is done.
pub fn memory_needed(genome: &Genome, panel: &Panel, associations: Associations) -> u64 {
    /// A row a gene: 64 counts of eight bytes, indices and names.
    const ROW: u64 = 1_000;
    /// Score, residual and three q of a gene × trait.
    const SCORES: u64 = 5 * 8;
    let (genes, traits) = (genome.genes.len() as u64, panel.traits().len() as u64);
    let kept = match associations {
        Associations::Top => 0,
        Associations::All => size_of::<crate::rows::AssociationRow>() as u64,
    };
    let copies = if traits > 0 { 2 } else { 1 };
    genes * (copies * (ROW + SCORES * traits) + kept * traits)
}

/// Everything the analyzer says about one genome.
///
/// ```
/// use genome_contract::request::{Associations, Method};
/// use genomic_pleiotropy::{analyze::analyze, record::Genome, traits::Panel};
///
/// let panel = Panel::builtin("bacteria").unwrap();
/// let rows = analyze(&Genome::default(), &panel, &Method::default(), Associations::Top);
/// assert!(rows.genome.traits.iter().all(|row| row.verdict == "insufficient_genes"));
/// ```
pub fn analyze(genome: &Genome, panel: &Panel, method: &Method, associations: Associations) -> GenomeRows {
    analyze_with(genome, panel, method, associations, Settings::default())
}

/// The same with fewer or no permutations.
///
/// ```
/// use genome_contract::request::{Associations, Method};
/// use genomic_pleiotropy::analyze::{Settings, analyze_with};
/// use genomic_pleiotropy::{record::Genome, traits::Panel};
///
/// let settings = Settings { permutations: 0, shuffled_copy: false };
/// let panel = Panel::builtin("bacteria").unwrap();
/// let rows = analyze_with(&Genome::default(), &panel, &Method::default(), Associations::All, settings);
/// assert!(rows.associations.is_empty() && rows.genome.calls_shuffled.is_none());
/// ```
pub fn analyze_with(
    genome: &Genome,
    panel: &Panel,
    method: &Method,
    associations: Associations,
    settings: Settings,
) -> GenomeRows {
    let mut genes = genes::rows(genome);
    let mut row = genome::row(genome, &genes);
    if panel.traits().is_empty() {
        return GenomeRows {
            genome: row,
            genes,
            associations: Vec::new(),
            correlation: CorrelationSums::default(),
        };
    }
    let members = scores::members(genome, panel);
    let permutations = settings.permutations;
    // Side by side they leave no thread idle; on one thread the copy is gone before the scores are there.
    let (by_chance, scores) = rayon::join(
        || {
            let found = || chance::found(genome, &genes, &members, panel, method, permutations);
            settings.shuffled_copy.then(found).flatten()
        },
        || scores::compute(genome, &genes, members.clone(), panel, method, permutations),
    );
    if let Some(found) = by_chance {
        row.calls_shuffled = Some(found.calls);
        row.candidates_shuffled = Some(found.candidates);
    }
    let (kept, correlation) = (scores.associations(method, associations), scores.correlation());
    fill(&mut row, &mut genes, &scores, method);
    row.effective_traits = scores.effective_traits(&correlation);
    row.traits = scores.trait_rows(panel);
    GenomeRows {
        genome: row,
        genes,
        associations: kept,
        correlation,
    }
}

fn fill(row: &mut GenomeRow, genes: &mut [GeneRow], scores: &Scores<'_>, method: &Method) {
    for (gene, row) in genes.iter_mut().enumerate() {
        row.annotated_traits = scores.annotated_traits(gene);
    }
    for (gene, clusters) in scores.clusters_of_genes(method) {
        genes[gene].signature_clusters = Some(clusters);
    }
    for gene in scores.candidates(method) {
        genes[gene].candidate = true;
    }
    let is_annotated = |row: &&GeneRow| row.annotated_traits >= u64::from(method.min_traits);
    row.annotated_pleiotropic = genes.iter().filter(is_annotated).count() as u64;
    row.candidates = genes.iter().filter(|row| row.candidate).count() as u64;
    row.calls = scores.calls(method.false_discovery_rate);
    row.overdispersion = scores.overdispersion();
}
