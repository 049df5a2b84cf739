//! The page of states lists the transitions between phases: exactly those that courses on the fake cluster show.

use std::collections::BTreeSet;
use std::fs;

use genome_contract::Verb;
use genome_operator::api::Phase;
use serde_json::{Value, json};

use crate::support::cluster::Worker;
use crate::support::make::analysis;
use crate::support::programs::repository;
use crate::support::{Cluster, End};

type Transitions = BTreeSet<(String, String)>;

/// What the page says.
fn listed() -> Transitions {
    let page = fs::read_to_string(repository().join("docs/concepts/states.md")).unwrap();
    let lines = page
        .lines()
        .filter_map(|line| line.strip_prefix("- ")?.split_once(':'));
    lines
        .flat_map(|(from, to)| {
            let to = to.split(',').map(str::trim).filter(|to| !to.is_empty());
            to.map(|to| (from.to_owned(), to.to_owned())).collect::<Vec<_>>()
        })
        .collect()
}

/// What a course has shown, an analysis that nobody has seen yet being Pending.
fn seen(cluster: &Cluster, transitions: &mut Transitions) {
    let phases: Vec<Phase> = cluster.history.iter().filter_map(|status| status.phase).collect();
    let first = phases.first().map(|first| (Phase::Pending, *first));
    let pairs = phases.windows(2).map(|pair| (pair[0], pair[1])).chain(first);
    transitions.extend(
        pairs
            .filter(|(from, to)| from != to)
            .map(|(from, to)| (from.to_string(), to.to_string())),
    );
}

fn settle(cluster: &mut Cluster) {
    while cluster.reconcile(usize::MAX) > 0 {}
}

/// Until `phase`, or the end.
fn until(cluster: &mut Cluster, phase: Phase) {
    for _ in 0..200 {
        settle(cluster);
        if cluster.status().phase == Some(phase) {
            return;
        }
        cluster.pass(10);
    }
    panic!("never {phase}: {:#?}", cluster.status());
}

fn course(spec: &Value, script: impl Fn(&Worker) -> End + 'static) -> Cluster {
    Cluster::new(analysis(spec), 40, 10, script)
}

fn failing(verb: Verb, code: i32) -> impl Fn(&Worker) -> End {
    move |worker| {
        if worker.verb == verb {
            End::with(code)
        } else {
            End::well()
        }
    }
}

/// A plan that did everything is beyond the fake cluster; the scenario of that name has it.
fn one_pod() -> Option<(String, String)> {
    let decision = fs::read_to_string(repository().join("tests/scenarios/one-pod/decision.yaml")).unwrap();
    let phase = decision
        .lines()
        .find_map(|line| line.trim().strip_prefix("phase: "))?;
    Some((Phase::Planning.to_string(), phase.to_owned()))
}

#[test]
fn the_page_of_states_lists_exactly_the_transitions_that_courses_show() {
    let mut transitions = Transitions::new();
    let mut done = course(&json!({}), |_| End::well());
    done.run_to_end();
    seen(&done, &mut transitions);

    // Bad inputs, mended for a later round.
    let mut partly = course(&json!({}), |worker| {
        match (worker.verb, worker.task, worker.earlier) {
            (Verb::Map, 1, 0) => End::with(65),
            _ => End::well(),
        }
    });
    partly.run_to_end();
    partly.edit(|spec| spec.retries.round = 1);
    settle(&mut partly);
    partly.run_to_end();
    seen(&partly, &mut transitions);

    // Suspended and resumed, or cancelled, in each phase that can be.
    for phase in [Phase::Planning, Phase::Running, Phase::Merging] {
        for cancels in [false, true] {
            let mut moody = course(&json!({}), |_| End::well());
            until(&mut moody, phase);
            moody.edit(|spec| spec.suspend = true);
            until(&mut moody, Phase::Suspended);
            moody.edit(|spec| {
                if cancels {
                    spec.cancel = true
                } else {
                    spec.suspend = false
                }
            });
            settle(&mut moody);
            moody.run_to_end();
            seen(&moody, &mut transitions);
            let mut cancelled = course(&json!({}), |_| End::well());
            until(&mut cancelled, phase);
            cancelled.edit(|spec| spec.cancel = true);
            settle(&mut cancelled);
            seen(&cancelled, &mut transitions);
        }
    }
    for verb in [Verb::Plan, Verb::Map, Verb::Merge] {
        for code in [64, 65, 70] {
            let mut broken = course(&json!({}), failing(verb, code));
            broken.run_to_end();
            seen(&broken, &mut transitions);
        }
    }
    let mut again = course(&json!({}), failing(Verb::Map, 65));
    again.run_to_end();
    again.edit(|spec| spec.retries.round = 1);
    settle(&mut again);
    seen(&again, &mut transitions);
    let mut refused = course(&json!({ "resources": { "memory": "lots" } }), |_| End::well());
    settle(&mut refused);
    seen(&refused, &mut transitions);

    transitions.extend(one_pod());

    let listed = listed();
    let shown = |pairs: BTreeSet<&(String, String)>| {
        pairs
            .iter()
            .map(|(from, to)| format!("{from} -> {to}\n"))
            .collect::<String>()
    };
    let missing = shown(transitions.difference(&listed).collect());
    let never = shown(listed.difference(&transitions).collect());
    assert!(
        missing.is_empty() && never.is_empty(),
        "not on the page:\n{missing}on the page, and never seen:\n{never}"
    );
}
