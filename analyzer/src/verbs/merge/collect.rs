//! Walks the plan's chunks in order and folds their genomes and footers. Sums are added in the plan's order, so they are
//! the same to the last bit whoever wrote the chunks.

use std::collections::BTreeMap;

use genome_contract::chunk::{ChunkId, CorrelationSums};
use genome_contract::manifest::ChunkEntry;
use genome_contract::message::{Failure, ReasonCount};
use genome_contract::names::ChunkFile;
use genome_contract::plan::{Plan, PlannedGenome};
use genome_contract::{ChunkFooter, Reason};

use crate::codons::CodonCounts;
use crate::cohort::conservation::Conservation;
use crate::cohort::correlation;
use crate::output::chunk::{NamedGenome, footer, genomes};
use crate::output::{Chunks, entry};
use crate::rows::{FailureRow, GenomeRow};
use crate::verbs::map::chunk::foreign;
use crate::verbs::{Session, Stop, plan};

/// What the chunks hold, all genomes together.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    /// Genomes of the plan.
    pub genomes: u64,
    /// With results.
    pub succeeded: u64,
    /// Without.
    pub failed: u64,
    failures: BTreeMap<&'static str, (Reason, u64)>,
    /// The first failed genome, by id.
    pub first_failure: Option<Failure>,
    /// Genes of all genomes.
    pub genes: u64,
    /// Bases of all genomes.
    pub bases: u64,
    /// Candidate pleiotropic genes of all genomes.
    pub candidates: u64,
    /// Candidates on shuffled copies, where they were counted.
    pub candidates_shuffled: Option<u64>,
    /// Gene × trait scores of all genomes with multinomial q below the false discovery rate.
    pub calls: u64,
    /// The same on shuffled copies, where they were counted.
    pub calls_shuffled: Option<u64>,
    /// Committed chunks.
    pub chunks: Vec<ChunkEntry>,
    /// Pooled codon counts.
    pub codons: Vec<u64>,
    /// Sums for the trait × trait correlation.
    pub correlation: CorrelationSums,
    /// One a trait, in the panel's order.
    pub traits: Vec<TraitSummary>,
    /// One a genome, in order of id.
    pub table: Vec<GenomeLine>,
    /// Pooled codons of each genome, in the order of the table; none for a failed one.
    pub usage: Vec<CodonCounts>,
    /// The whole row where there is one genome only.
    pub single: Option<GenomeRow>,
}

/// What the reports say of a genome.
#[derive(Clone, Debug)]
pub(crate) struct GenomeLine {
    /// Id.
    pub id: String,
    /// First 12 letters of its content's hash.
    pub hash: String,
    /// Why it failed.
    pub failure: Option<FailureRow>,
    /// Bases.
    pub length: u64,
    /// G and C.
    pub gc: Option<f64>,
    /// Genes.
    pub genes: u64,
    /// ENC of the pooled counts.
    pub enc: Option<f64>,
    /// GC3s of the pooled counts.
    pub gc3s: Option<f64>,
    /// Traits with verdict `detectable`, by their place in the panel.
    pub detectable: Vec<u32>,
    /// Candidate pleiotropic genes.
    pub candidates: u64,
    /// Overdispersion λ.
    pub overdispersion: Option<f64>,
    /// Effective number of independent traits.
    pub effective_traits: Option<f64>,
}

/// What the reports say of a trait.
#[derive(Clone, Debug, Default)]
pub(crate) struct TraitSummary {
    /// Name in the panel.
    pub name: String,
    /// Genomes by verdict.
    pub verdicts: BTreeMap<String, u64>,
    /// Genes found, over all genomes.
    pub genes_found: u64,
    /// Genomes with an AUC.
    pub scored: u64,
    /// Sum of AUCs.
    pub auc_sum: f64,
    /// Sum of squared AUCs.
    pub auc_squares: f64,
    /// Whether its signature is the same in all genomes.
    pub conservation: Conservation,
}

impl TraitSummary {
    /// Mean AUC over the genomes that have one.
    pub(crate) fn auc(&self) -> Option<f64> {
        (self.scored > 0).then(|| self.auc_sum / self.scored as f64)
    }

    /// Genomes with this verdict.
    pub(crate) fn with_verdict(&self, verdict: &str) -> u64 {
        self.verdicts.get(verdict).copied().unwrap_or(0)
    }
}

impl Collected {
    /// Traits that are detectable in at least one genome.
    pub(crate) fn detectable_traits(&self) -> u64 {
        self.traits
            .iter()
            .filter(|summary| summary.with_verdict("detectable") > 0)
            .count() as u64
    }

    /// In the order of the reasons' names.
    pub(crate) fn failures_by_reason(&self) -> Vec<ReasonCount> {
        self.failures
            .values()
            .map(|&(reason, count)| ReasonCount { reason, count })
            .collect()
    }

    /// Mean correlation of two traits' scores within genomes, `None` where no gene was scored for both.
    pub(crate) fn correlation(&self, one: usize, other: usize) -> Option<f64> {
        correlation::between(&self.correlation, one, other)
    }

    fn fail(&mut self, id: &str, failure: &FailureRow) {
        self.failed += 1;
        self.failures
            .entry(failure.reason.as_str())
            .or_insert((failure.reason, 0))
            .1 += 1;
        self.first_failure.get_or_insert_with(|| Failure {
            reason: failure.reason,
            genome: Some(id.to_owned()),
            text: failure.message.clone(),
        });
    }

    fn add_genome(&mut self, NamedGenome { id, row }: NamedGenome, is_alone: bool) {
        match &row.failure {
            Some(failure) => self.fail(&id, failure),
            None => self.succeeded += 1,
        }
        self.bases += row.length;
        self.candidates += row.candidates;
        if let Some(shuffled) = row.candidates_shuffled {
            *self.candidates_shuffled.get_or_insert(0) += shuffled;
        }
        self.calls += row.calls;
        if let Some(shuffled) = row.calls_shuffled {
            *self.calls_shuffled.get_or_insert(0) += shuffled;
        }
        for (summary, of_trait) in self.traits.iter_mut().zip(&row.traits) {
            summary.conservation.add(&of_trait.signature);
        }
        self.usage.push(counts(&row.codons));
        self.table.push(GenomeLine {
            hash: row.content_hash.chars().take(12).collect(),
            failure: row.failure.clone(),
            length: row.length,
            gc: row.gc,
            genes: row.genes,
            enc: row.enc,
            gc3s: row.gc3s,
            detectable: (0..)
                .zip(&row.traits)
                .filter_map(|(place, row)| (row.verdict == "detectable").then_some(place))
                .collect(),
            candidates: row.candidates,
            overdispersion: row.overdispersion,
            effective_traits: row.effective_traits,
            id,
        });
        self.single = is_alone.then_some(row);
    }

    fn add_footer(&mut self, footer: &ChunkFooter) {
        self.genes += footer.genes;
        self.codons
            .iter_mut()
            .zip(&footer.codons)
            .for_each(|(sum, count)| *sum += count);
        correlation::add(&mut self.correlation, &footer.correlation);
        for summary in &mut self.traits {
            let Some(sums) = footer.traits.get(&summary.name) else {
                continue;
            };
            for (verdict, count) in &sums.verdicts {
                *summary.verdicts.entry(verdict.clone()).or_default() += count;
            }
            summary.genes_found += sums.genes_found;
            summary.scored += sums.scored;
            summary.auc_sum += sums.auc_sum;
            summary.auc_squares += sums.auc_squares;
        }
    }
}

/// Everything that is committed. A genome without a row becomes `TaskFailed`.
pub(super) async fn all(session: &Session, plan: &Plan) -> Result<Collected, Stop> {
    let committed = Chunks::list(&session.output).await?;
    let named = |name: &String| TraitSummary {
        name: name.clone(),
        ..TraitSummary::default()
    };
    let mut collected = Collected {
        genomes: plan.genomes,
        codons: vec![0; 64],
        traits: plan.traits.iter().map(named).collect(),
        ..Collected::default()
    };
    for task in 0..plan.tasks {
        let line = plan::task_line(session, plan, task).await?;
        for (number, genomes) in line.chunks.iter().enumerate() {
            let id = ChunkId {
                task,
                chunk: u32::try_from(number).unwrap_or(u32::MAX),
                round: 0,
            };
            let rounds = committed.rounds(id, session.request.round);
            chunk(session, plan, &mut collected, &rounds, genomes).await?;
        }
    }
    Ok(collected)
}

/// Adds a chunk: of each genome its success, else the latest failure.
async fn chunk(
    session: &Session,
    plan: &Plan,
    collected: &mut Collected,
    rounds: &[ChunkId],
    planned: &[PlannedGenome],
) -> Result<(), Stop> {
    let mut rows: BTreeMap<String, GenomeRow> = BTreeMap::new();
    for &id in rounds {
        let path = ChunkFile::Genomes.path(id);
        let Some((bytes, _)) = session.output.get(&path).await? else {
            continue;
        };
        let footer = footer(&bytes)?.filter(|footer| footer.layout_digest == plan.layout_digest);
        let footer = footer.ok_or_else(|| foreign(session, &path))?;
        let found = genomes(&bytes)?;
        collected.add_footer(&footer);
        let files = footer.files.into_iter().chain([entry(&path, &bytes)]).collect();
        collected.chunks.push(ChunkEntry {
            id,
            genomes: u32::try_from(found.len()).unwrap_or(u32::MAX),
            files,
        });
        for genome in found {
            let is_settled = rows.get(&genome.id).is_some_and(|row| row.failure.is_none());
            if !is_settled {
                rows.insert(genome.id, genome.row);
            }
        }
    }
    for genome in planned {
        let row = rows.remove(&genome.id).unwrap_or_else(without_row);
        collected.add_genome(
            NamedGenome {
                id: genome.id.clone(),
                row,
            },
            plan.genomes == 1,
        );
    }
    Ok(())
}

/// Counts as they were before they were stored.
pub(super) fn counts(stored: &[u64]) -> CodonCounts {
    let mut counts = [0; 64];
    for (count, &stored) in counts.iter_mut().zip(stored) {
        *count = u32::try_from(stored).unwrap_or(u32::MAX);
    }
    counts.into()
}

fn without_row() -> GenomeRow {
    let message = "its task failed at every attempt".to_owned();
    GenomeRow {
        failure: Some(FailureRow {
            reason: Reason::TaskFailed,
            message,
        }),
        ..GenomeRow::default()
    }
}
