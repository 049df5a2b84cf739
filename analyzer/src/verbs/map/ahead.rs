//! The genomes of a task, several at once, in their order. One genome has stretches that a single thread does, such as
//! reading; another one's work fills them.
//!
//! The genome in hand is the one whose turn it is: what goes wrong is put down to it. Those behind it may have begun, with
//! so little memory that they are not why there is none left, and what they came to is kept for their turn.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt as _, Stream, StreamExt as _, stream};
use genome_contract::Reason;
use genome_contract::plan::PlannedGenome;
use tokio::sync::watch;

use super::genome::{self, Done, Reading};
use crate::analyze::memory_needed;
use crate::memory::{self, Guard};
use crate::read::ReadOptions;
use crate::rows::GenomeRows;
use crate::traits::Panel;
use crate::verbs::plan::STDIN;
use crate::verbs::{Session, Stop};

/// Genomes in work at most: more would each have too little memory.
const AT_ONCE: usize = 8;
/// Of the memory there is, what all that have begun early may be expected to take.
const SHARE: u64 = 16;
/// None begins early unless so much of the memory is free.
const FREE: u64 = 2;
/// The memory there is taken to be where nothing limits it.
const UNLIMITED: u64 = 4 << 30;
/// What a base takes while genes are predicted on it, and then some.
const PREDICTION: u64 = 40;

/// What genomes may take that begin before their turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Of one of them, in bytes.
    each: u64,
    /// Of this process, in bytes.
    resident: u64,
}

impl Room {
    /// For `others` beside the genome in hand.
    const fn of(limit: u64, others: u64) -> Self {
        Self {
            each: limit / SHARE / others,
            resident: limit / FREE,
        }
    }

    fn has(self, needed: u64) -> bool {
        needed <= self.each && memory::resident().saturating_add(needed) <= self.resident
    }
}

/// Whose turn it is.
pub(super) struct Turn(watch::Sender<usize>);

impl Turn {
    /// That of the first.
    pub(super) fn first() -> Self {
        Self(watch::Sender::new(0))
    }

    /// That of the next one.
    pub(super) fn pass(&self) {
        self.0.send_modify(|place| *place += 1);
    }
}

/// What is the same for all genomes of a task.
#[derive(Clone, Copy)]
pub(super) struct Common<'a> {
    pub(super) session: &'a Session,
    pub(super) panel: &'a Arc<Panel>,
    pub(super) task: u32,
    pub(super) method_hash: &'a str,
}

/// What `genomes` come to, in their order.
pub(super) fn in_order<'a>(
    common: Common<'a>,
    genomes: Vec<PlannedGenome>,
    turn: &Turn,
) -> impl Stream<Item = Result<Done, Stop>> + use<'a> {
    let (at_once, room) = at_once(common.session);
    let turn = turn.0.subscribe();
    let begin = move |(place, planned)| common.in_turn(planned, place, turn.clone(), room);
    stream::iter(genomes.into_iter().enumerate())
        .map(begin)
        .buffered(at_once)
}

/// How many are in work, and what those may take whose turn it is not. One after the other on one thread, where they are
/// refused by the memory that this process takes, and up the ladder of memory, where the right one must be named.
pub(super) fn at_once(session: &Session) -> (usize, Option<Room>) {
    let is_watched = session.memory.is_some_and(|limit| limit.guard().is_some());
    let attempt = session.request.attempt.as_ref();
    let is_victim = attempt.is_some_and(|attempt| attempt.memory_step > 0);
    let at_once = rayon::current_num_threads().min(AT_ONCE);
    if at_once < 2 || is_watched || is_victim {
        return (1, None);
    }
    let limit = session.memory.map_or(UNLIMITED, |limit| limit.bytes);
    (at_once, Some(Room::of(limit, at_once as u64 - 1)))
}

/// How far a genome came before its turn.
enum Begun {
    Not,
    Read(Reading),
    Done(Box<Done>),
}

impl Common<'_> {
    async fn in_turn(
        self,
        planned: PlannedGenome,
        place: usize,
        mut turn: watch::Receiver<usize>,
        room: Option<Room>,
    ) -> Result<Done, Stop> {
        if let Some(rows) = self.given_up(&planned) {
            return Ok(rows);
        }
        let is_early = *turn.borrow() < place;
        let begun = match room.filter(|_| is_early) {
            // What panics does so again when it is in hand.
            Some(room) => {
                let before = AssertUnwindSafe(self.before_turn(&planned, room)).catch_unwind();
                before.await.unwrap_or(Ok(Begun::Not))?
            }
            None => Begun::Not,
        };
        let reading = match begun {
            Begun::Done(done) => return Ok(*done),
            Begun::Read(reading) => Some(reading),
            Begun::Not => None,
        };
        // Fails only where nobody waits for the outcome any longer.
        _ = turn.wait_for(|turn| *turn >= place).await;
        let reading = match reading {
            Some(reading) => reading,
            None => genome::read(self.session, self.panel, &planned, self.method_hash).await?,
        };
        genome::rows(self.session, self.panel, &planned, self.method_hash, reading).await
    }

    /// As far as there is room. A genome that fails for want of room or time is as good as not begun.
    async fn before_turn(self, planned: &PlannedGenome, room: Room) -> Result<Begun, Stop> {
        if planned.uri == STDIN || !room.has(planned.size) {
            return Ok(Begun::Not);
        }
        let options = ReadOptions {
            byte_limit: room.each,
            prediction_limit: usize::try_from(room.each / PREDICTION).unwrap_or(usize::MAX),
            guard: Some(Guard::of_windows(room.each)),
            ..genome::options(self.session, self.panel)
        };
        let reading = genome::read_with(self.session, planned, self.method_hash, options).await?;
        let needed = match &reading {
            Reading::Settled { rows, .. } if wants_more(rows) => return Ok(Begun::Not),
            Reading::Settled { .. } => 0,
            Reading::Read { genome, .. } => {
                memory_needed(genome, self.panel, self.session.request.output.associations)
            }
        };
        if needed > 0 && !room.has(needed) {
            return Ok(Begun::Read(reading));
        }
        let done = genome::rows(self.session, self.panel, planned, self.method_hash, reading).await?;
        Ok(if wants_more(&done.rows) {
            Begun::Not
        } else {
            Begun::Done(Box::new(done))
        })
    }

    /// The row of a genome that did not fit into the largest memory allowed.
    fn given_up(self, planned: &PlannedGenome) -> Option<Done> {
        let attempt = self.session.request.attempt.iter();
        let found = attempt
            .flat_map(|attempt| &attempt.given_up)
            .find(|given_up| given_up.task == self.task && given_up.genome == planned.id)?;
        let text = format!(
            "does not fit into {}; hint: raise `resources.maxMemory`",
            memory::quantity(found.limit_bytes)
        );
        Some(Done {
            rows: genome::failed(Reason::MemoryLimitReached, text),
            is_cached: false,
            took: Duration::ZERO,
        })
    }
}

/// Failed for want of room or time.
fn wants_more(rows: &GenomeRows) -> bool {
    let reason = rows.genome.failure.as_ref().map(|failure| failure.reason);
    matches!(
        reason,
        Some(Reason::LimitExceeded | Reason::MemoryLimitReached | Reason::GenomeTimeout)
    )
}

#[cfg(test)]
mod tests;
