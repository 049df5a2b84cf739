//! Workers that this process has granted to each analysis, so that two which are looked at side by side do not take the
//! same place of the operator's total: pods appear in the caches only later.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

use crate::{
    decide::{Decision, Observed, OperatorSettings, decide},
    results::JobState,
};

/// Workers by the uid of their analysis.
#[derive(Debug, Default)]
pub struct Grants(Mutex<HashMap<String, u32>>);

impl Grants {
    /// Decides for the analysis `uid` with what all others have, in pods (`live`) or in grants, whichever is more; one
    /// at a time where there is a total.
    pub fn decide(
        &self,
        uid: &str,
        live: impl FnOnce() -> HashMap<String, u32>,
        observed: &mut Observed,
        settings: &OperatorSettings,
    ) -> Decision {
        if settings.max_workers.is_none() {
            return decide(observed, settings);
        }
        let mut grants = self.lock();
        let mut taken = live();
        for (analysis, granted) in grants.iter() {
            let pods = taken.entry(analysis.clone()).or_default();
            *pods = (*pods).max(*granted);
        }
        taken.remove(uid);
        observed.elsewhere = taken.values().fold(0, |sum: u32, pods| sum.saturating_add(*pods));
        let decision = decide(observed, settings);
        match granted(&observed.jobs, &decision) {
            0 => grants.remove(uid),
            workers => grants.insert(uid.to_owned(), workers),
        };
        decision
    }

    /// The analysis is gone.
    pub fn forget(&self, uid: &str) {
        self.lock().remove(uid);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.0.lock().expect("no thread panics with this lock")
    }
}

/// Pods that the Jobs may have once `decision` is carried out.
fn granted(jobs: &[JobState], decision: &Decision) -> u32 {
    let live = jobs.iter().filter(|job| job.is_live() && !job.suspended);
    let kept = live.map(|job| {
        let patch = decision.patch.iter().find(|patch| patch.job == job.name);
        patch
            .map_or(job.parallelism, |patch| patch.to)
            .min(job.open_indexes())
    });
    let made = decision.create.iter().map(|(_, job)| {
        let parallelism = job.spec.as_ref().and_then(|spec| spec.parallelism);
        u32::try_from(parallelism.unwrap_or(1)).unwrap_or_default()
    });
    kept.chain(made).fold(0, u32::saturating_add)
}
