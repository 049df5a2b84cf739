//! What need not be computed: genomes that the cache knows by address, size and version, and tasks made of such.
//!
//! All of it may be left out, and then pods do the work: looking up ends where it takes longer than it saves.

use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};
use genome_contract::chunk::ChunkId;
use genome_contract::message::GenomeCounts;
use genome_contract::plan::{Plan, PlannedGenome, TaskLine};

use crate::output::Chunks;
use crate::verbs::map::chunk;
use crate::verbs::{Session, Stop};

/// Time for looking up, and again for writing what was found.
const PATIENCE: Duration = Duration::from_secs(30);
/// Requests under way.
const AT_ONCE: usize = 32;
/// Where so many in a row are unknown, all are.
const COLD_AFTER: usize = 512;

/// Notes the content of each genome that the cache knows; returns how many those are.
pub(super) async fn contents(session: &Session, genomes: &mut [PlannedGenome]) -> u64 {
    let (begin, mut known) = (Instant::now(), 0);
    for genomes in genomes.chunks_mut(COLD_AFTER) {
        if session.cache.is_off() || begin.elapsed() > PATIENCE {
            break;
        }
        let hashes: Vec<Option<String>> = stream::iter(genomes.iter())
            .map(|genome| session.cache.content(genome))
            .buffered(AT_ONCE)
            .collect()
            .await;
        let before = known;
        for (genome, hash) in genomes.iter_mut().zip(hashes) {
            known += u64::from(hash.is_some());
            genome.content_hash = hash;
        }
        if known == before {
            break;
        }
    }
    known
}

/// The tasks that are done without a pod.
#[derive(Debug, Default)]
pub struct Settled {
    /// Their numbers, ascending.
    pub(super) tasks: Vec<u32>,
    /// Their genomes: found in committed chunks (analyzed), or taken from the cache.
    pub(super) genomes: GenomeCounts,
}

impl Settled {
    pub(super) fn contains(&self, task: u32) -> bool {
        self.tasks.binary_search(&task).is_ok()
    }

    /// The numbers as Kubernetes writes indexes (`0-3,7`), as many as fit into `limit` bytes.
    pub(super) fn to_text(&self, limit: usize) -> String {
        let mut text = String::new();
        for run in self.tasks.chunk_by(|one, next| one + 1 == *next) {
            let part = match run {
                [one] => one.to_string(),
                _ => format!("{}-{}", run[0], run[run.len() - 1]),
            };
            if text.len() + part.len() + 1 > limit {
                break;
            }
            if !text.is_empty() {
                text.push(',');
            }
            text.push_str(&part);
        }
        text
    }
}

/// Writes the chunks whose genomes are all in the cache, and tells which tasks are then complete.
pub(super) async fn tasks(session: &Session, plan: &Plan, lines: &[TaskLine]) -> Result<Settled, Stop> {
    let (begin, mut settled) = (Instant::now(), Settled::default());
    let done = Chunks::list(&session.output).await?;
    for line in lines {
        if begin.elapsed() > PATIENCE {
            break;
        }
        if let Some(counts) = task(session, plan, &done, line).await? {
            settled.tasks.push(line.task);
            settled.genomes.analyzed += counts.analyzed;
            settled.genomes.cached += counts.cached;
        }
    }
    Ok(settled)
}

/// The genomes of a task without a failure and without anything left to do.
async fn task(
    session: &Session,
    plan: &Plan,
    done: &Chunks,
    line: &TaskLine,
) -> Result<Option<GenomeCounts>, Stop> {
    let mut counts = GenomeCounts::default();
    for (number, genomes) in line.chunks.iter().enumerate() {
        session.check_interrupt()?;
        let id = ChunkId {
            task: line.task,
            chunk: u32::try_from(number).unwrap_or(u32::MAX),
            round: 0,
        };
        let committed = done.rounds(id, session.request.round);
        let size = genomes.len() as u64;
        if !committed.is_empty() {
            let rows = chunk::committed(session, &committed, &plan.layout_digest).await?;
            let is_whole = genomes.iter().all(|genome| rows.get(&genome.id) == Some(&None));
            if !is_whole {
                return Ok(None);
            }
            counts.analyzed += size;
        } else if chunk::from_cache(session, plan, id, genomes).await? {
            counts.cached += size;
        } else {
            return Ok(None);
        }
    }
    Ok(Some(counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_named_as_kubernetes_names_indexes_and_only_as_far_as_they_fit() {
        let settled = Settled {
            tasks: vec![0, 1, 2, 7, 9, 10],
            genomes: GenomeCounts::default(),
        };
        assert_eq!(settled.to_text(100), "0-2,7,9-10");
        assert_eq!(settled.to_text(6), "0-2,7");
        assert!(settled.contains(7) && !settled.contains(8));
    }
}
