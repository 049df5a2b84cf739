//! One chunk: its genomes' rows collected, then three files written, the last of which commits it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use genome_contract::chunk::{ChunkId, TraitSums};
use genome_contract::message::Failure;
use genome_contract::names::ChunkFile;
use genome_contract::plan::{Plan, PlannedGenome};
use genome_contract::{ChunkFooter, Reason};

use super::genome::Reading;
use super::{empty_footer, genome};
use crate::cohort::correlation::{self, on_grid};
use crate::metrics::{METRICS, Outcome};
use crate::output::chunk::{ChunkWriter, footer, genomes, genomes_file};
use crate::output::entry;
use crate::rows::{FailureRow, GenomeRow, GenomeRows};
use crate::traits::Panel;
use crate::traits::verdict::Verdict;
use crate::verbs::{Session, Stop};

/// Failure (or none) of each genome in the committed files `ids`; a success stays one.
pub(crate) async fn committed(
    session: &Session,
    ids: &[ChunkId],
    layout: &str,
) -> Result<HashMap<String, Option<FailureRow>>, Stop> {
    let mut rows = HashMap::new();
    for id in ids {
        let path = ChunkFile::Genomes.path(*id);
        let Some((bytes, _)) = session.output.get(&path).await? else {
            continue;
        };
        let found = footer(&bytes)?;
        if found.is_none_or(|footer| footer.layout_digest != layout) {
            return Err(foreign(session, &path));
        }
        for genome in genomes(&bytes)? {
            let failure: &mut Option<FailureRow> = rows
                .entry(genome.id)
                .or_insert_with(|| genome.row.failure.clone());
            if genome.row.failure.is_none() || failure.is_some() {
                *failure = genome.row.failure;
            }
        }
    }
    Ok(rows)
}

/// A chunk that is not of this plan.
pub(crate) fn foreign(session: &Session, path: &str) -> Stop {
    let text = format!(
        "`{}/{path}` belongs to another plan; hint: choose another output, or set `overwrite`",
        session.output.uri()
    );
    Stop::new(Reason::OutputConflict, text)
}

/// Counts a genome in the message.
pub(super) fn count(
    session: &mut Session,
    genome: &PlannedGenome,
    failure: Option<FailureRow>,
    is_cached: bool,
) {
    match failure {
        Some(FailureRow { reason, message }) => {
            let failure = Failure {
                reason,
                genome: Some(genome.id.clone()),
                text: message,
            };
            session.messenger.count_failure(failure);
        }
        None => session.messenger.update(|message| {
            let counts = &mut message.genomes;
            if is_cached {
                counts.cached += 1;
            } else {
                counts.analyzed += 1;
            }
        }),
    }
}

/// A genome that was read before its turn, and its id.
pub(super) type Ahead = Option<(String, Result<Reading, Stop>)>;

/// Analyzes `missing` and commits their rows as chunk `id`; returns each one's failure. `ahead` may have the first of them,
/// and has `after`, the first of the next chunk, in the end.
pub(super) async fn write(
    session: &mut Session,
    plan: &Plan,
    panel: &Panel,
    id: ChunkId,
    missing: &[PlannedGenome],
    after: Option<&PlannedGenome>,
    ahead: &mut Ahead,
) -> Result<Vec<Option<Reason>>, Stop> {
    let panel = Arc::new(panel.clone());
    let mut open = Open::new(plan, id)?;
    let mut outcomes = Vec::with_capacity(missing.len());
    for (place, planned) in missing.iter().enumerate() {
        session.check_interrupt()?;
        session
            .messenger
            .update(|message| message.genome = Some(planned.id.clone()));
        session.progress.begin(&planned.id);
        let begin = Instant::now();
        let hash = &plan.method_hash;
        let read = ahead.take().filter(|(id, _)| *id == planned.id);
        let reading = match (given_up(session, id.task, planned), read) {
            (Some(rows), _) => Reading::Settled(Box::new(rows), false),
            (None, Some((_, reading))) => reading?,
            (None, None) => genome::read(session, &panel, planned, hash).await?,
        };
        let next = async {
            let next = missing.get(place + 1).or(after)?;
            let reading = genome::read_ahead(session, &panel, next, hash).await?;
            Some((next.id.clone(), reading))
        };
        let rows = genome::rows(session, &panel, planned, hash, reading);
        let (rows, is_cached) = {
            let (rows, next) = tokio::join!(rows, next);
            *ahead = next;
            rows?
        };
        outcomes.push((rows.genome.failure.clone(), is_cached));
        open.push(planned, rows, begin, is_cached)?;
        session.progress.advance(1);
    }
    open.commit(session).await?;
    session.messenger.update(|message| message.genome = None);
    let mut failures = Vec::with_capacity(missing.len());
    for (planned, (failure, is_cached)) in missing.iter().zip(outcomes) {
        failures.push(failure.as_ref().map(|failure| failure.reason));
        count(session, planned, failure, is_cached);
    }
    Ok(failures)
}

/// Commits chunk `id` with the rows that the cache has; `false`, and nothing written, where it lacks a genome.
pub(crate) async fn from_cache(
    session: &Session,
    plan: &Plan,
    id: ChunkId,
    genomes: &[PlannedGenome],
) -> Result<bool, Stop> {
    if genomes.iter().any(|genome| genome.content_hash.is_none()) {
        return Ok(false);
    }
    let mut open = Open::new(plan, id)?;
    for planned in genomes {
        session.check_interrupt()?;
        let begin = Instant::now();
        let Some(rows) = session.cache.of_object(planned, &plan.method_hash).await else {
            return Ok(false);
        };
        open.push(planned, rows, begin, true)?;
    }
    open.commit(session).await?;
    Ok(true)
}

/// A chunk that is being written.
struct Open<'a> {
    plan: &'a Plan,
    writer: ChunkWriter,
    footer: ChunkFooter,
}

impl<'a> Open<'a> {
    fn new(plan: &'a Plan, id: ChunkId) -> Result<Self, Stop> {
        Ok(Self {
            plan,
            writer: ChunkWriter::new(plan.traits.clone())?,
            footer: empty_footer(id, plan),
        })
    }

    fn push(
        &mut self,
        planned: &PlannedGenome,
        rows: GenomeRows,
        begin: Instant,
        is_cached: bool,
    ) -> Result<(), Stop> {
        measure(begin, &rows.genome, is_cached);
        log(planned, &rows.genome, is_cached);
        add(&mut self.footer, &rows, &self.plan.traits);
        self.writer.push(&planned.id, rows)
    }

    async fn commit(self, session: &Session) -> Result<(), Stop> {
        commit(session, self.writer, self.footer).await
    }
}

fn measure(begin: Instant, row: &GenomeRow, is_cached: bool) {
    let outcome = match &row.failure {
        Some(_) => "failed",
        None if is_cached => "cached",
        None => "analyzed",
    };
    METRICS
        .genome_seconds
        .get_or_create(&Outcome { outcome })
        .observe(begin.elapsed().as_secs_f64());
    for verdict in row.traits.iter().filter_map(|row| Verdict::named(&row.verdict)) {
        let outcome = Outcome {
            outcome: verdict.as_str(),
        };
        METRICS.traits_analyzed.get_or_create(&outcome).inc();
    }
}

fn log(planned: &PlannedGenome, row: &GenomeRow, is_cached: bool) {
    match &row.failure {
        None => tracing::info!(genome = %planned.id, genes = row.genes, is_cached, "analyzed"),
        Some(failure) => {
            tracing::warn!(genome = %planned.id, reason = %failure.reason, "{}", failure.message);
        }
    }
}

/// The row of a genome that did not fit into the largest memory allowed.
fn given_up(session: &Session, task: u32, planned: &PlannedGenome) -> Option<GenomeRows> {
    let given_up = session
        .request
        .attempt
        .iter()
        .flat_map(|attempt| &attempt.given_up);
    let found = given_up
        .into_iter()
        .find(|given_up| given_up.task == task && given_up.genome == planned.id)?;
    let text = format!(
        "does not fit into {}; hint: raise `resources.maxMemory`",
        crate::memory::quantity(found.limit_bytes)
    );
    Some(genome::failed(Reason::MemoryLimitReached, text))
}

/// Writes the three files; "already exists" means another pod wrote the same bytes.
async fn commit(session: &Session, writer: ChunkWriter, mut footer: ChunkFooter) -> Result<(), Stop> {
    let (associations, genes, rows) = writer.finish()?;
    for (kind, bytes) in [(ChunkFile::Associations, associations), (ChunkFile::Genes, genes)] {
        let path = kind.path(footer.id);
        footer.files.push(entry(&path, &bytes));
        session.output.create(&path, bytes).await?;
    }
    let path = ChunkFile::Genomes.path(footer.id);
    let bytes = genomes_file(rows, &footer)?;
    session.output.create(&path, bytes).await?;
    tracing::info!(path, "committed");
    Ok(())
}

/// Adds a genome's rows to the chunk's statistics.
fn add(footer: &mut ChunkFooter, rows: &GenomeRows, traits: &[String]) {
    if rows.genome.failure.is_some() {
        footer.failed += 1;
        return;
    }
    footer.succeeded += 1;
    footer.genes += rows.genes.len() as u64;
    footer
        .codons
        .iter_mut()
        .zip(&rows.genome.codons)
        .for_each(|(sum, count)| *sum += count);
    correlation::add(&mut footer.correlation, &rows.correlation);
    for (row, name) in rows.genome.traits.iter().zip(traits) {
        let sums = footer.traits.entry(name.clone()).or_default();
        add_trait(sums, row);
    }
}

fn add_trait(sums: &mut TraitSums, row: &crate::rows::TraitRow) {
    *sums.verdicts.entry(row.verdict.clone()).or_default() += 1;
    sums.genes_found += row.genes_found;
    if let Some(auc) = row.auc {
        sums.scored += 1;
        sums.auc_sum += on_grid(auc);
        sums.auc_squares += on_grid(auc * auc);
    }
}
