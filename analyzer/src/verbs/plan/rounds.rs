//! A later round: what failed is tried again where it was, with the files as they are now.
//!
//! Files are mended between rounds, so their sizes and versions differ, and with them the plan's digest. The layout stays:
//! chunks that are done are known by it.

use std::collections::HashMap;

use genome_contract::names;
use genome_contract::plan::{Plan, PlannedGenome, TaskLine};

use super::Session;
use crate::verbs::Stop;

/// The plan of an earlier round.
pub(super) struct Earlier {
    /// Its digest.
    pub(super) digest: String,
    /// What its tasks aimed at.
    pub(super) target_size: u64,
    /// Its tasks.
    pub(super) tasks: Vec<TaskLine>,
}

impl Earlier {
    /// What an earlier round left in the output, where this is a later one and the method is still the same.
    pub(super) async fn read(session: &Session, method_hash: &str) -> Result<Option<Self>, Stop> {
        if session.request.round == 0 {
            return Ok(None);
        }
        let (Some((plan, _)), Some((lines, _))) = (
            session.output.get(names::PLAN).await?,
            session.output.get(names::TASKS).await?,
        ) else {
            return Ok(None);
        };
        // What can't be read is no plan of ours: it is made anew, and the claim says whether it may be.
        let Ok(plan) = serde_json::from_slice::<Plan>(&plan) else {
            return Ok(None);
        };
        let lines = lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        let Ok(tasks) = lines
            .map(serde_json::from_slice)
            .collect::<Result<Vec<TaskLine>, _>>()
        else {
            return Ok(None);
        };
        let is_whole = u32::try_from(tasks.len()) == Ok(plan.tasks);
        Ok((is_whole && plan.method_hash == method_hash).then_some(Self {
            digest: plan.digest,
            target_size: plan.target_size,
            tasks,
        }))
    }

    /// The same tasks, with each genome as `listed` now. One that is no longer listed stays as it was; one that is new has
    /// no place in them.
    pub(super) fn with(self, listed: Vec<PlannedGenome>) -> Vec<TaskLine> {
        let mut listed: HashMap<String, PlannedGenome> = listed
            .into_iter()
            .map(|genome| (genome.id.clone(), genome))
            .collect();
        let mut tasks = self.tasks;
        for genome in tasks.iter_mut().flat_map(|task| task.chunks.iter_mut().flatten()) {
            if let Some(now) = listed.remove(&genome.id) {
                *genome = now;
            }
        }
        for id in listed.keys() {
            tracing::warn!(genome = %id, "not part of the earlier rounds, and left out of this one");
        }
        tasks
    }
}
