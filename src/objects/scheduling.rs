//! Where pods may run: tolerations, spot nodes, and the one node that a read-write-once claim allows.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{
        NodeAffinity, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm,
        PreferredSchedulingTerm, Toleration,
    },
    apimachinery::pkg::apis::meta::v1::LabelSelector,
};

use crate::{api::names::labels, validate::Scheduling};

/// Labels of nodes that the clouds can take away: GKE, AKS, EKS, Karpenter.
const SPOT_LABELS: [(&str, &str); 4] = [
    ("cloud.google.com/gke-spot", "true"),
    ("kubernetes.azure.com/scalesetpriority", "spot"),
    ("eks.amazonaws.com/capacityType", "SPOT"),
    ("karpenter.sh/capacity-type", "spot"),
];

/// The taints some of them put on such nodes.
const SPOT_TAINTS: [(&str, &str); 2] = [
    ("cloud.google.com/gke-spot", "true"),
    ("kubernetes.azure.com/scalesetpriority", "spot"),
];

/// The user's tolerations, and those of spot nodes where they are wanted.
pub(super) fn tolerations(wishes: &Scheduling) -> Vec<Toleration> {
    let own = wishes.tolerations.iter().map(|toleration| Toleration {
        key: toleration.key.clone(),
        operator: toleration.operator.clone(),
        value: toleration.value.clone(),
        effect: toleration.effect.clone(),
        toleration_seconds: toleration.toleration_seconds,
    });
    let spot = SPOT_TAINTS
        .iter()
        .filter(|_| wishes.spot)
        .map(|(key, value)| Toleration {
            key: Some((*key).to_owned()),
            operator: Some("Equal".to_owned()),
            value: Some((*value).to_owned()),
            effect: Some("NoSchedule".to_owned()),
            toleration_seconds: None,
        });
    own.chain(spot).collect()
}

/// Prefers spot nodes where they are wanted.
pub(super) fn spot_affinity(wishes: &Scheduling) -> Option<NodeAffinity> {
    let preferred = SPOT_LABELS.map(|(key, value)| PreferredSchedulingTerm {
        weight: 50,
        preference: NodeSelectorTerm {
            match_expressions: Some(vec![NodeSelectorRequirement {
                key: key.to_owned(),
                operator: "In".to_owned(),
                values: Some(vec![value.to_owned()]),
            }]),
            match_fields: None,
        },
    });
    wishes.spot.then(|| NodeAffinity {
        preferred_during_scheduling_ignored_during_execution: Some(preferred.to_vec()),
        required_during_scheduling_ignored_during_execution: None,
    })
}

/// Keeps the pods with the analysis's labels on one node; the scheduler lets the first of them choose it.
pub(super) fn same_node(pod_labels: &BTreeMap<String, String>) -> PodAffinity {
    let uid = pod_labels.get(labels::ANALYSIS_UID).cloned().unwrap_or_default();
    PodAffinity {
        required_during_scheduling_ignored_during_execution: Some(vec![PodAffinityTerm {
            label_selector: Some(LabelSelector {
                match_labels: Some([(labels::ANALYSIS_UID.to_owned(), uid)].into()),
                match_expressions: None,
            }),
            topology_key: "kubernetes.io/hostname".to_owned(),
            ..PodAffinityTerm::default()
        }]),
        preferred_during_scheduling_ignored_during_execution: None,
    }
}
