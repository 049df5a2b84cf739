//! `map`: the genomes of one task, chunk by chunk. Committed chunks are skipped; a genome that fails becomes a row.

mod ahead;
pub(crate) mod chunk;
mod genome;

use std::pin::pin;
use std::sync::Arc;

use genome_contract::chunk::ChunkId;
use genome_contract::exit::ExitCode;
use genome_contract::plan::{Plan, PlannedGenome};
use genome_contract::{ChunkFooter, Reason, Verb};

use self::ahead::{Common, Turn};
use super::{Ending, Session, Stop, panel, plan};
use crate::output::Chunks;
use crate::rows::FailureRow;

/// Analyzes the task that index `index` of the Job stands for.
pub async fn run(session: &Session, index: u32) -> Result<Ending, Stop> {
    let task = session.request.task_at(index).ok_or_else(|| {
        Stop::new(
            Reason::BadRequest,
            format!("index {index} is past the end of the request's attempt"),
        )
    })?;
    session.messenger.begin(Verb::Map, Some(task));
    let plan = session.plan().await?;
    self::task(session, &plan, task).await
}

/// Analyzes one task.
pub async fn task(session: &Session, plan: &Plan, task: u32) -> Result<Ending, Stop> {
    session.messenger.begin(Verb::Map, Some(task));
    let line = plan::task_line(session, plan, task).await?;
    let panel = panel::copied(session).await?;
    let done = Chunks::list(&session.output).await?;
    let total: usize = line.chunks.iter().map(Vec::len).sum();
    session.messenger.update(|message| {
        message.genomes.total = total as u64;
        message.chunks.total += u32::try_from(line.chunks.len()).unwrap_or(u32::MAX);
    });
    session.progress.expect(total as u64);
    let id = |number: usize| ChunkId {
        task,
        chunk: u32::try_from(number).unwrap_or(u32::MAX),
        round: 0,
    };
    let mut chunks = Vec::with_capacity(line.chunks.len());
    for (number, genomes) in line.chunks.iter().enumerate() {
        session.check_interrupt()?;
        chunks.push(Work::of(session, plan, &done, id(number), genomes).await?);
    }
    let common = Common {
        session,
        panel: &Arc::new(panel),
        task,
        method_hash: &plan.method_hash,
    };
    let turn = Turn::first();
    let missing = chunks.iter().flat_map(|work| &work.missing).cloned().collect();
    let mut results = pin!(ahead::in_order(common, missing, &turn));
    let mut outcome = Outcome::default();
    for work in chunks {
        session.check_interrupt()?;
        let Work { id, settled, missing } = work;
        session.progress.advance(settled.len() as u64);
        for (genome, failure) in settled {
            outcome.count(failure.as_ref().map(|failure| failure.reason));
            chunk::count(session, genome, failure, false);
        }
        if missing.is_empty() {
            session.messenger.update(|message| message.chunks.found += 1);
            continue;
        }
        let written = chunk::write(session, plan, id, &missing, &mut results, &turn).await?;
        written.into_iter().for_each(|reason| outcome.count(reason));
        session.messenger.update(|message| message.chunks.written += 1);
    }
    session.progress.finish();
    Ok(outcome.ending())
}

/// What there is to do of a chunk: all of it, or what failed in earlier rounds.
struct Work<'a> {
    id: ChunkId,
    /// With why they failed.
    settled: Vec<(&'a PlannedGenome, Option<FailureRow>)>,
    missing: Vec<PlannedGenome>,
}

impl<'a> Work<'a> {
    async fn of(
        session: &Session,
        plan: &Plan,
        done: &Chunks,
        first: ChunkId,
        genomes: &'a [PlannedGenome],
    ) -> Result<Self, Stop> {
        let round = session.request.round;
        let committed = done.rounds(first, round);
        let mut rows = chunk::committed(session, &committed, &plan.layout_digest).await?;
        let mut work = Self {
            id: ChunkId { round, ..first },
            settled: Vec::new(),
            missing: Vec::new(),
        };
        for genome in genomes {
            match rows.remove(&genome.id) {
                Some(failure) if failure.is_none() || committed.iter().any(|id| id.round == round) => {
                    work.settled.push((genome, failure));
                }
                Some(_) | None => work.missing.push(genome.clone()),
            }
        }
        Ok(work)
    }
}

/// What became of a task's genomes.
#[derive(Default)]
struct Outcome {
    succeeded: u64,
    failures: Vec<Reason>,
}

impl Outcome {
    fn count(&mut self, failure: Option<Reason>) {
        match failure {
            None => self.succeeded += 1,
            Some(reason) => self.failures.push(reason),
        }
    }

    /// 77 if every input was denied, 65 if every input failed in any way, else success.
    fn ending(&self) -> Ending {
        if self.succeeded > 0 || self.failures.is_empty() {
            return Ending::Done;
        }
        let denied = |reason: &Reason| reason.exit_code() == ExitCode::AccessDenied;
        let code = if self.failures.iter().all(denied) {
            ExitCode::AccessDenied
        } else {
            ExitCode::BadInput
        };
        Ending::AllFailed(code)
    }
}

/// A footer of no genomes.
fn empty_footer(id: ChunkId, plan: &Plan) -> ChunkFooter {
    ChunkFooter {
        schema_version: genome_contract::SCHEMA_VERSION,
        id,
        layout_digest: plan.layout_digest.clone(),
        succeeded: 0,
        failed: 0,
        genes: 0,
        files: Vec::new(),
        codons: vec![0; 64],
        correlation: genome_contract::chunk::CorrelationSums::default(),
        traits: std::collections::BTreeMap::new(),
    }
}
