//! Properties of any course: whatever pods do and wherever the operator dies, it converges to the same end, and what
//! must never happen never does.

use genome_contract::Verb;
use genome_operator::api::{GenomeAnalysisStatus, Phase};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Cluster, End, cluster::Worker, make::analysis};

/// What the pods of each task do, one after the other; then they end well.
type Fates = Vec<Vec<u8>>;

fn end_for(fate: u8) -> End {
    match fate {
        0 => End::out_of_memory("genome"),
        1 => End::with(75),
        2 => End::evicted(),
        3 => End::with(65),
        4 => End::with(73),
        5 => End::with(137),
        6 => End::with(70),
        _ => End::well(),
    }
}

fn cluster(fates: &Fates, max_workers: u32) -> Cluster {
    let tasks = u32::try_from(fates.len()).unwrap();
    let fates = fates.clone();
    let script = move |worker: &Worker| {
        if worker.verb != Verb::Map {
            return End::well();
        }
        let fate = fates[worker.task as usize].get(worker.earlier as usize).copied();
        fate.map_or_else(End::well, end_for)
    };
    let spec = json!({ "scaling": { "maxWorkers": max_workers } });
    Cluster::new(analysis(&spec), u64::from(tasks) * 3, tasks, script)
}

fn fates() -> impl Strategy<Value = Fates> {
    prop::collection::vec(prop::collection::vec(0_u8..9, 0..6), 1..9)
}

fn adds_up(status: &GenomeAnalysisStatus) -> bool {
    status
        .genomes
        .is_none_or(|one| one.analyzed + one.cached + one.failed + one.remaining == one.total)
}

/// The stages follow each other; nobody suspends here.
fn order(phase: Phase) -> u8 {
    match phase {
        Phase::Pending => 0,
        Phase::Planning => 1,
        Phase::Running => 2,
        Phase::Merging => 3,
        _ => 4,
    }
}

fn check_history(cluster: &Cluster, max_workers: u32) -> Result<(), TestCaseError> {
    let mut names = cluster.made.clone();
    names.sort();
    names.dedup();
    prop_assert_eq!(names.len(), cluster.made.len(), "a Job was made twice");
    prop_assert!(cluster.most_pods <= max_workers, "{} pods", cluster.most_pods);
    for status in &cluster.history {
        prop_assert!(adds_up(status), "{:?}", status.genomes);
        prop_assert!(serde_json::to_string(status).unwrap().len() < 16 * 1024);
    }
    for pair in cluster.history.windows(2) {
        let done = |status: &GenomeAnalysisStatus| status.genomes.map_or(0, |one| one.analyzed + one.cached);
        prop_assert!(done(&pair[1]) >= done(&pair[0]), "genomes went back");
        let retried = |status: &GenomeAnalysisStatus| status.tasks.map_or(0, |one| one.retried);
        prop_assert!(retried(&pair[1]) >= retried(&pair[0]), "retries went back");
        let found = |status: &GenomeAnalysisStatus| status.tasks.map_or(0, |one| one.chunks_found);
        prop_assert!(found(&pair[1]) >= found(&pair[0]), "chunks found went back");
        let [from, to] = [&pair[0], &pair[1]].map(|status| status.phase.map_or(0, order));
        prop_assert!(from <= to, "{:?} after {:?}", pair[1].phase, pair[0].phase);
        prop_assert!(
            !pair[0].phase.is_some_and(Phase::is_finished),
            "something was written after the end"
        );
    }
    Ok(())
}

/// What two courses to the same end have in common.
fn outcome(cluster: &Cluster) -> (Option<Phase>, Option<String>, Vec<String>) {
    let status = cluster.status();
    (status.phase, status.done, cluster.made.clone())
}

proptest! {
    // A failure prints its smallest input; no file is left behind.
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_course_ends_within_its_limits(fates in fates(), max_workers in 1_u32..6) {
        let mut cluster = cluster(&fates, max_workers);
        cluster.run_to_end();
        check_history(&cluster, max_workers)?;
    }

    #[test]
    fn deciding_again_on_the_outcome_asks_for_nothing(fates in fates(), steps in 0_usize..30) {
        let mut cluster = cluster(&fates, 4);
        for _ in 0..steps {
            for round in 0.. {
                prop_assert!(round < 5, "still writing: {:#?}", cluster.decide());
                if cluster.reconcile(usize::MAX) == 0 {
                    break;
                }
            }
            cluster.pass(10);
        }
    }

    #[test]
    fn a_crash_after_any_write_comes_to_the_same_end(fates in fates(), crash in 0_usize..25) {
        let mut undisturbed = cluster(&fates, 4);
        undisturbed.run_to_end();
        let mut crashed = cluster(&fates, 4);
        let mut left = crash;
        while left > 0 && !crashed.status().phase.is_some_and(Phase::is_finished) {
            let written = crashed.reconcile(left.min(1));
            left -= written;
            if written == 0 {
                crashed.pass(10);
            }
        }
        // The operator dies here; the next one knows nothing but what is stored.
        crashed.run_to_end();
        check_history(&crashed, 4)?;
        prop_assert_eq!(outcome(&crashed), outcome(&undisturbed));
    }
}
