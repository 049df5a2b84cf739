//! A fair share of the operator's total: max-min over namespaces, then equal inside each.
//!
//! Max-min: whoever asks for less than an equal part gets all of it, and the rest is divided among the others in the
//! same way. What does not divide goes to the first in the order of names, so that all analyses compute one answer.

use std::collections::BTreeMap;

use kube::ResourceExt;

use crate::api::{GenomeAnalysis, Phase};

/// What one analysis asks for.
#[derive(Clone, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub struct Demand {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Workers it could use.
    pub wanted: u32,
}

/// What all of `analyses` ask for, without those that ask for nothing: of many, nearly all have ended.
pub fn demands<'a>(analyses: impl IntoIterator<Item = &'a GenomeAnalysis>) -> Vec<Demand> {
    let asking = analyses.into_iter().filter(|analysis| wanted(analysis) > 0);
    asking.map(demand_of).collect()
}

/// What `analysis` asks for.
pub fn demand_of(analysis: &GenomeAnalysis) -> Demand {
    Demand {
        namespace: analysis.namespace().unwrap_or_default(),
        name: analysis.name_any(),
        wanted: wanted(analysis),
    }
}

/// What `analysis` could use, going by its specification and its last status: as many workers as tasks are left.
fn wanted(analysis: &GenomeAnalysis) -> u32 {
    let status = analysis.status.as_ref();
    let phase = status.and_then(|status| status.phase).unwrap_or(Phase::Pending);
    let scaling = &analysis.spec.scaling;
    let most = scaling
        .workers
        .unwrap_or(scaling.max_workers)
        .min(scaling.max_workers);
    match phase {
        _ if analysis.spec.suspend
            || analysis.spec.cancel
            || analysis.metadata.deletion_timestamp.is_some() =>
        {
            0
        }
        Phase::Pending | Phase::Planning | Phase::Merging => 1,
        Phase::Running => {
            let tasks = status.and_then(|status| status.tasks).unwrap_or_default();
            let left = tasks.total.saturating_sub(tasks.succeeded + tasks.failed);
            let workers = status.and_then(|status| status.workers.as_ref());
            // What the cluster does not take from it is of use to others.
            let taken = workers
                .filter(|workers| workers.probe.is_some())
                .map_or(u32::MAX, |workers| workers.desired);
            most.min(u32::try_from(left).unwrap_or(u32::MAX))
                .min(taken)
                .max(1)
        }
        Phase::Suspended
        | Phase::Succeeded
        | Phase::PartiallySucceeded
        | Phase::Failed
        | Phase::Cancelled => 0,
    }
}

/// The part of `total` that the analysis `name` in `namespace` gets, when all of `demands` ask.
pub fn share_of(demands: &[Demand], total: u32, namespace: &str, name: &str) -> u32 {
    let mut namespaces = BTreeMap::<&str, u32>::new();
    let mut own = BTreeMap::<&str, u32>::new();
    for demand in demands {
        let sum = namespaces.entry(&demand.namespace).or_default();
        *sum = sum.saturating_add(demand.wanted);
        if demand.namespace == namespace {
            own.insert(&demand.name, demand.wanted);
        }
    }
    let part = max_min(&namespaces, total).get(namespace).copied().unwrap_or(0);
    max_min(&own, part).get(name).copied().unwrap_or(0)
}

/// Whether more than one analysis asks for workers.
pub fn is_contended(demands: &[Demand]) -> bool {
    demands.iter().filter(|demand| demand.wanted > 0).count() > 1
}

/// Divides `total` among `wanted`.
fn max_min<'a>(wanted: &BTreeMap<&'a str, u32>, total: u32) -> BTreeMap<&'a str, u32> {
    let mut hungry: Vec<(&str, u32)> = wanted.iter().map(|(name, wanted)| (*name, *wanted)).collect();
    hungry.sort_by_key(|(name, wanted)| (*wanted, *name));
    let mut left = total;
    let mut parts = BTreeMap::new();
    for (place, (name, wanted)) in hungry.iter().enumerate() {
        let others = u32::try_from(hungry.len() - place).unwrap_or(u32::MAX);
        let part = (*wanted).min(left.div_ceil(others));
        parts.insert(*name, part);
        left -= part;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn demand(namespace: &str, name: &str, wanted: u32) -> Demand {
        Demand {
            namespace: namespace.into(),
            name: name.into(),
            wanted,
        }
    }

    #[test]
    fn a_small_one_gets_all_it_asks_and_the_rest_is_equal() {
        let demands = [
            demand("a", "big", 100),
            demand("b", "big", 100),
            demand("c", "small", 2),
        ];
        let share = |namespace, name| share_of(&demands, 20, namespace, name);
        assert_eq!(
            (share("a", "big"), share("b", "big"), share("c", "small")),
            (9, 9, 2)
        );
    }

    #[test]
    fn a_namespace_gains_nothing_by_more_analyses() {
        let demands = [
            demand("a", "one", 100),
            demand("a", "two", 100),
            demand("b", "one", 100),
        ];
        assert_eq!(share_of(&demands, 20, "a", "one"), 5);
        assert_eq!(share_of(&demands, 20, "b", "one"), 10);
    }

    proptest! {
        #[test]
        fn shares_never_exceed_the_total_or_the_wish_and_leave_nothing_idle(
            wishes in prop::collection::vec((0_u8..4, 0_u32..50), 1..20),
            total in 0_u32..200,
        ) {
            let demands: Vec<Demand> = wishes
                .iter()
                .enumerate()
                .map(|(number, (namespace, wanted))| demand(&namespace.to_string(), &number.to_string(), *wanted))
                .collect();
            let shares: Vec<u32> =
                demands.iter().map(|one| share_of(&demands, total, &one.namespace, &one.name)).collect();
            let wanted: u32 = demands.iter().map(|one| one.wanted).sum();
            prop_assert_eq!(shares.iter().sum::<u32>(), total.min(wanted));
            let asking: Vec<Demand> = demands.iter().filter(|one| one.wanted > 0).cloned().collect();
            for (share, one) in shares.iter().zip(&demands) {
                prop_assert!(*share <= one.wanted);
                prop_assert_eq!(*share, share_of(&asking, total, &one.namespace, &one.name), "those without a wish do not count");
            }
        }
    }
}
