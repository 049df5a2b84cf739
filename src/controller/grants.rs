//! Workers that this process has granted to each analysis, so that two which are looked at side by side do not take the
//! same place of the operator's total: pods appear in the caches only later.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard},
};

use futures::{
    Stream, StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
};
use kube::runtime::reflector::ObjectRef;

use crate::{
    api::GenomeAnalysis,
    decide::{Decision, Observed, OperatorSettings, decide, share},
    results::JobState,
};

/// Who has workers, and who waits for some.
pub struct Grants {
    ledger: Mutex<Ledger>,
    wake: UnboundedSender<ObjectRef<GenomeAnalysis>>,
    woken: Mutex<Option<UnboundedReceiver<ObjectRef<GenomeAnalysis>>>>,
}

#[derive(Default)]
struct Ledger {
    /// Workers by the uid of their analysis.
    granted: HashMap<String, u32>,
    /// Granted workers or pods, whichever were more when it was last looked at.
    held: HashMap<String, u32>,
    /// Those who have less than their share since others still hold it, in the order of their coming.
    waiting: VecDeque<ObjectRef<GenomeAnalysis>>,
}

impl Default for Grants {
    fn default() -> Self {
        let (wake, woken) = unbounded();
        Self {
            ledger: Mutex::default(),
            wake,
            woken: Mutex::new(Some(woken)),
        }
    }
}

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
        let Some(total) = settings.max_workers else {
            return decide(observed, settings);
        };
        let mut ledger = self.ledger();
        let live = live();
        let own = live.get(uid).copied().unwrap_or(0);
        observed.elsewhere = ledger.elsewhere(uid, live);
        let decision = decide(observed, settings);
        let workers = granted(&observed.jobs, &decision);
        match workers {
            0 => ledger.granted.remove(uid),
            workers => ledger.granted.insert(uid.to_owned(), workers),
        };
        let freed = ledger.hold(uid, workers.max(own));
        ledger.wait(observed, total, workers);
        let analysis = ObjectRef::from_obj(&*observed.analysis);
        self.wake(&mut ledger, freed, Some(&analysis));
        decision
    }

    /// The analysis is gone.
    pub fn forget(&self, uid: &str) {
        let mut ledger = self.ledger();
        ledger.granted.remove(uid);
        let freed = ledger.hold(uid, 0);
        self.wake(&mut ledger, freed, None);
    }

    /// Analyses for which others have made room: nothing of their own tells them. To be asked for once.
    pub fn woken(&self) -> impl Stream<Item = ObjectRef<GenomeAnalysis>> + Send + use<> {
        let woken = self.woken.lock().ok().and_then(|mut woken| woken.take());
        futures::stream::iter(woken).flatten()
    }

    /// As many of those that wait as there is room for now, whoever has waited longest first.
    fn wake(&self, ledger: &mut Ledger, freed: u32, beside: Option<&ObjectRef<GenomeAnalysis>>) {
        for _ in 0..freed {
            let first = ledger.waiting.iter().position(|one| Some(one) != beside);
            let Some(next) = first.and_then(|first| ledger.waiting.remove(first)) else {
                return;
            };
            // Nobody listens any more where the process is ending.
            drop(self.wake.unbounded_send(next));
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().expect("no thread panics with this lock")
    }
}

impl Ledger {
    /// What all but `uid` have.
    fn elsewhere(&self, uid: &str, live: HashMap<String, u32>) -> u32 {
        let mut taken = live;
        for (analysis, granted) in &self.granted {
            let pods = taken.entry(analysis.clone()).or_default();
            *pods = (*pods).max(*granted);
        }
        taken.remove(uid);
        taken.values().fold(0, |sum: u32, pods| sum.saturating_add(*pods))
    }

    /// Remembers that `uid` holds so many `workers`; returns how many fewer these are than before.
    fn hold(&mut self, uid: &str, workers: u32) -> u32 {
        let before = match workers {
            0 => self.held.remove(uid),
            workers => self.held.insert(uid.to_owned(), workers),
        };
        before.unwrap_or(0).saturating_sub(workers)
    }

    /// Whether it waits, now that it has so many `workers`.
    fn wait(&mut self, observed: &Observed, total: u32, workers: u32) {
        let demand = share::demand_of(&observed.analysis);
        let share = share::share_of(&observed.demands, total, &demand.namespace, &demand.name);
        let lacks = workers < share || workers == 0 && demand.wanted > 0;
        let analysis = ObjectRef::from_obj(&*observed.analysis);
        match (lacks, self.waiting.contains(&analysis)) {
            (true, false) => self.waiting.push_back(analysis),
            (false, true) => self.waiting.retain(|one| *one != analysis),
            (true, true) | (false, false) => {}
        }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::FutureExt;
    use k8s_openapi::{api::batch::v1::Job, jiff::Timestamp};
    use serde_json::json;

    use super::*;
    use crate::decide::share::demand_of;

    fn analysis(name: &str) -> Arc<GenomeAnalysis> {
        let analysis = json!({
            "apiVersion": "genomics.pleiotropy.io/v1alpha1", "kind": "GenomeAnalysis",
            "metadata": {"name": name, "namespace": "lab", "uid": name, "generation": 1, "resourceVersion": "1"},
            "spec": {"genomes": [{"uri": "s3://genomes/all/"}], "output": {"uri": format!("s3://results/{name}/")}},
        });
        Arc::new(serde_json::from_value(analysis).unwrap())
    }

    /// Jobs made for one that has just been applied, and whose fair share is the whole `total`.
    fn decided(grants: &Grants, name: &str, live: &[(&str, u32)], total: u32) -> usize {
        let mut observed = Observed {
            analysis: analysis(name),
            jobs: Vec::new(),
            troubles: Vec::new(),
            refusal: None,
            demands: vec![demand_of(&analysis(name))],
            elsewhere: 0,
            one_node: false,
            now: Timestamp::UNIX_EPOCH,
        };
        let settings = OperatorSettings {
            max_workers: Some(total),
            ..OperatorSettings::default()
        };
        let live = || {
            live.iter()
                .map(|(name, pods)| ((*name).to_owned(), *pods))
                .collect()
        };
        grants.decide(name, live, &mut observed, &settings).create.len()
    }

    #[test]
    fn a_place_that_was_granted_is_taken_before_its_pod_is_seen() {
        let grants = Grants::default();
        assert_eq!(decided(&grants, "one", &[], 2), 1);
        assert_eq!(decided(&grants, "two", &[], 2), 1);
        assert_eq!(decided(&grants, "three", &[], 2), 0, "two of two are granted");
        assert_eq!(
            decided(&grants, "three", &[("one", 1), ("two", 1)], 2),
            0,
            "and counted once"
        );
        grants.forget("one");
        assert_eq!(decided(&grants, "three", &[("two", 1)], 2), 1, "one is gone");
    }

    #[test]
    fn who_waits_is_woken_when_there_is_room_in_the_order_of_their_coming() {
        let grants = Grants::default();
        let mut woken = grants.woken();
        let mut next = || {
            let next = woken.next().now_or_never().flatten();
            next.map(|analysis| analysis.name)
        };
        assert_eq!(decided(&grants, "one", &[], 1), 1);
        assert_eq!(decided(&grants, "two", &[("one", 1)], 1), 0);
        assert_eq!(decided(&grants, "three", &[("one", 1)], 1), 0);
        assert_eq!(next(), None, "there is no room yet");
        grants.forget("one");
        assert_eq!(next(), Some("two".to_owned()));
        assert_eq!(next(), None, "one place, one woken");
        assert_eq!(decided(&grants, "two", &[], 1), 1);
        grants.forget("two");
        assert_eq!(next(), Some("three".to_owned()));
    }

    #[test]
    fn pods_count_though_nobody_granted_them() {
        let grants = Grants::default();
        assert_eq!(
            decided(&grants, "one", &[("two", 2)], 2),
            0,
            "an operator before this one made them"
        );
        assert_eq!(
            decided(&grants, "one", &[("one", 2)], 2),
            1,
            "its own are no obstacle to it"
        );
    }

    #[test]
    fn what_a_decision_leaves_to_its_jobs_is_what_they_may_have_and_not_more_than_they_need() {
        let job: Job = serde_json::from_value(json!({
            "metadata": {
                "name": "job", "uid": "job", "resourceVersion": "1",
                "labels": {"genomics.pleiotropy.io/stage": "map"},
            },
            "spec": {"completions": 10, "parallelism": 6, "template": {}},
            "status": {"completedIndexes": "0-6"},
        }))
        .unwrap();
        let job = JobState::read(&job, []).unwrap();
        assert_eq!(
            granted(std::slice::from_ref(&job), &Decision::default()),
            3,
            "three indexes are open"
        );
        let patch = crate::decide::ParallelismPatch {
            job: "job".to_owned(),
            uid: "job".to_owned(),
            resource_version: "1".to_owned(),
            from: 6,
            to: 2,
        };
        let decision = Decision {
            patch: vec![patch],
            ..Decision::default()
        };
        assert_eq!(granted(&[job], &decision), 2);
    }
}
