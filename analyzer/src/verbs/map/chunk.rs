//! One chunk: its genomes' rows collected, then three files written, the last of which commits it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures::future::{self, BoxFuture};
use futures::{FutureExt as _, Stream, StreamExt as _};
use genome_contract::chunk::{ChunkId, TraitSums};
use genome_contract::message::Failure;
use genome_contract::names::ChunkFile;
use genome_contract::plan::{Plan, PlannedGenome};
use genome_contract::{ChunkFooter, Reason};

use super::ahead::Turn;
use super::genome::Done;
use super::{ahead, empty_footer, genome};
use crate::cohort::correlation::{self, on_grid};
use crate::metrics::{METRICS, Outcome};
use crate::output::chunk::{ChunkWriter, footer, genomes, genomes_file};
use crate::output::entry;
use crate::rows::{FailureRow, GenomeRow, GenomeRows};
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
pub(super) fn count(session: &Session, genome: &PlannedGenome, failure: Option<FailureRow>, is_cached: bool) {
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

/// Commits the rows of `missing`, which come from `done` in their order, as chunk `id`; returns each one's failure.
pub(super) async fn write(
    session: &Session,
    plan: &Plan,
    id: ChunkId,
    missing: &[PlannedGenome],
    done: &mut (impl Stream<Item = Result<Done, Stop>> + Unpin),
    turn: &Turn,
) -> Result<Vec<Option<Reason>>, Stop> {
    let mut open = Open::new(plan, id, ahead::at_once(session).0 > 1)?;
    let mut outcomes = Vec::with_capacity(missing.len());
    for planned in missing {
        session.check_interrupt()?;
        session
            .messenger
            .update(|message| message.genome = Some(planned.id.clone()));
        session.progress.begin(&planned.id);
        let done = done.next().await.expect("every genome comes to something")?;
        turn.pass();
        outcomes.push((done.rows.genome.failure.clone(), done.is_cached));
        open.push(planned, done).await?;
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
    let mut open = Open::new(plan, id, false)?;
    for planned in genomes {
        session.check_interrupt()?;
        let begin = Instant::now();
        let Some(rows) = session.cache.of_object(planned, &plan.method_hash).await else {
            return Ok(false);
        };
        let done = Done {
            rows,
            is_cached: true,
            took: begin.elapsed(),
        };
        open.push(planned, done).await?;
    }
    open.commit(session).await?;
    Ok(true)
}

/// A chunk that is being written.
struct Open<'a> {
    plan: &'a Plan,
    /// Once the genomes that it was given are written.
    writer: BoxFuture<'static, Result<ChunkWriter, Stop>>,
    /// Whether one genome is written while the next one is waited for: it takes a thread, and memory for both.
    is_beside: bool,
    footer: ChunkFooter,
}

impl<'a> Open<'a> {
    fn new(plan: &'a Plan, id: ChunkId, is_beside: bool) -> Result<Self, Stop> {
        let writer = ChunkWriter::new(plan.traits.clone())?;
        Ok(Self {
            plan,
            writer: future::ready(Ok(writer)).boxed(),
            is_beside,
            footer: empty_footer(id, plan),
        })
    }

    async fn push(&mut self, planned: &PlannedGenome, done: Done) -> Result<(), Stop> {
        let Done {
            rows,
            is_cached,
            took,
        } = done;
        measure(took, &rows.genome, is_cached);
        log(planned, &rows.genome, is_cached);
        add(&mut self.footer, &rows, &self.plan.traits);
        let (mut writer, id) = (self.writer().await?, planned.id.clone());
        let written = genome::outside(move || writer.push(&id, rows).map(|()| writer));
        self.writer = async { written.await? }.boxed();
        if !self.is_beside {
            let writer = self.writer().await?;
            self.writer = future::ready(Ok(writer)).boxed();
        }
        Ok(())
    }

    async fn writer(&mut self) -> Result<ChunkWriter, Stop> {
        std::mem::replace(&mut self.writer, future::pending().boxed()).await
    }

    async fn commit(mut self, session: &Session) -> Result<(), Stop> {
        let writer = self.writer().await?;
        commit(session, writer, self.footer).await
    }
}

fn measure(took: Duration, row: &GenomeRow, is_cached: bool) {
    let outcome = match &row.failure {
        Some(_) => "failed",
        None if is_cached => "cached",
        None => "analyzed",
    };
    METRICS
        .genome_seconds
        .get_or_create(&Outcome { outcome })
        .observe(took.as_secs_f64());
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
