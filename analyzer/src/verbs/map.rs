//! `map`: the genomes of one task, chunk by chunk. Committed chunks are skipped; a genome that fails becomes a row.

pub(crate) mod chunk;
mod genome;

use genome_contract::chunk::ChunkId;
use genome_contract::exit::ExitCode;
use genome_contract::plan::{Plan, PlannedGenome};
use genome_contract::{ChunkFooter, Reason, Verb};

use super::{Ending, Session, Stop, panel, plan};
use crate::output::Chunks;
use crate::traits::Panel;

/// Analyzes the task that index `index` of the Job stands for.
pub async fn run(session: &mut Session, index: u32) -> Result<Ending, Stop> {
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
pub async fn task(session: &mut Session, plan: &Plan, task: u32) -> Result<Ending, Stop> {
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
    let mut work = Work {
        plan,
        panel: &panel,
        outcome: Outcome::default(),
        ahead: None,
    };
    let id = |number: usize| ChunkId {
        task,
        chunk: u32::try_from(number).unwrap_or(u32::MAX),
        round: 0,
    };
    for (number, genomes) in line.chunks.iter().enumerate() {
        session.check_interrupt()?;
        // Of a chunk that nobody has begun, all are missing.
        let is_untouched = || done.rounds(id(number + 1), session.request.round).is_empty();
        let next = line.chunks.get(number + 1).and_then(|next| next.first());
        let after = next.filter(|_| is_untouched());
        work.chunk(session, &done, id(number), genomes, after).await?;
    }
    session.progress.finish();
    Ok(work.outcome.ending())
}

/// A task in progress.
struct Work<'a> {
    plan: &'a Plan,
    panel: &'a Panel,
    outcome: Outcome,
    ahead: chunk::Ahead,
}

impl Work<'_> {
    /// Does what is missing of a chunk: all of it, or what failed in earlier rounds.
    async fn chunk(
        &mut self,
        session: &mut Session,
        done: &Chunks,
        first: ChunkId,
        genomes: &[PlannedGenome],
        after: Option<&PlannedGenome>,
    ) -> Result<(), Stop> {
        let committed = done.rounds(first, session.request.round);
        let rows = chunk::committed(session, &committed, &self.plan.layout_digest).await?;
        let round = session.request.round;
        let is_settled = |genome: &PlannedGenome| match rows.get(&genome.id) {
            None => false,
            Some(Some(_)) => committed.iter().any(|id| id.round == round),
            Some(None) => true,
        };
        let missing: Vec<_> = genomes
            .iter()
            .filter(|genome| !is_settled(genome))
            .cloned()
            .collect();
        for genome in genomes.iter().filter(|genome| is_settled(genome)) {
            self.outcome.count(
                rows.get(&genome.id)
                    .cloned()
                    .flatten()
                    .map(|failure| failure.reason),
            );
            chunk::count(session, genome, rows.get(&genome.id).cloned().flatten(), false);
        }
        session.progress.advance((genomes.len() - missing.len()) as u64);
        if missing.is_empty() {
            session.messenger.update(|message| message.chunks.found += 1);
            return Ok(());
        }
        let written = chunk::write(
            session,
            self.plan,
            self.panel,
            ChunkId { round, ..first },
            &missing,
            after,
            &mut self.ahead,
        )
        .await?;
        written.into_iter().for_each(|reason| self.outcome.count(reason));
        session.messenger.update(|message| message.chunks.written += 1);
        Ok(())
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
