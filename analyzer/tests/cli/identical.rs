//! Small cohorts of any shape: whatever the threads, the bundling, the order of sources and of tasks, the same bytes.

use genome_contract::ExitCode;
use proptest::prelude::*;
use serde_json::json;

use super::support::{Place, assert_identical, ended, genome};

/// One way to compute a cohort.
#[derive(Clone, Debug)]
struct Way {
    threads: usize,
    /// Bytes of a task.
    target: u64,
    /// Where in the list each source goes.
    order: Vec<u32>,
}

fn way(genomes: usize) -> impl Strategy<Value = Way> {
    let order = proptest::collection::vec(any::<u32>(), genomes);
    (1..4_usize, 1..60_000_u64, order).prop_map(|(threads, target, order)| Way {
        threads,
        target,
        order,
    })
}

/// Genes a genome, and two ways to compute them.
fn cohort() -> impl Strategy<Value = (Vec<usize>, Way, Way)> {
    proptest::collection::vec(2..40_usize, 1..6).prop_flat_map(|genes| {
        let count = genes.len();
        (Just(genes), way(count), way(count))
    })
}

fn analyze(place: &Place, output: &str, genomes: usize, way: &Way) {
    let mut sources: Vec<usize> = (0..genomes).collect();
    sources.sort_by_key(|&at| way.order[at]);
    let uris: Vec<_> = sources
        .iter()
        .map(|at| json!({"uri": format!("file:///data/genomes/g{at}.fna")}))
        .collect();
    place.request(output, 1, |request| {
        request["genomes"] = json!(uris);
        request["tasks"] = json!({"targetSize": way.target, "maxWorkers": 2});
    });
    let threads = ["--threads".to_owned(), way.threads.to_string()];
    let run = |verb, index| {
        ended(
            place.command(verb, index).args(&threads).output().unwrap(),
            ExitCode::Success,
        )
    };
    run("plan", 0);
    let tasks = place.message().plan.unwrap().tasks;
    // one task is done by the plan itself
    if tasks > 1 {
        for task in (0..tasks).rev() {
            run("map", task);
        }
        run("merge", 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_way_to_compute_a_cohort_gives_the_same_bytes((genes, one, other) in cohort()) {
        let place = Place::empty();
        for (at, &genes) in genes.iter().enumerate() {
            place.write(&format!("genomes/g{at}.fna"), genome(at as u64 + 1, genes).as_bytes());
        }
        analyze(&place, "one", genes.len(), &one);
        // the same bundles: every file, the chunks included
        let same_bundles = Way { target: one.target, ..other.clone() };
        analyze(&place, "same", genes.len(), &same_bundles);
        assert_identical(&place.path("one"), &place.path("same"));
        // other bundles: the reports
        analyze(&place, "other", genes.len(), &other);
        prop_assert_eq!(place.manifest("one").results.files, place.manifest("other").results.files);
    }
}
