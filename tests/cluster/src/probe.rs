//! Jobs of the probe image, whose program (`kubernetes/probe.rs`) ends in a known way.

use k8s_openapi::api::batch::v1::Job;
use serde_json::{Value, json};

/// The image that the node level brings along.
pub const PROBE_IMAGE: &str = "cluster-probe:dev";

/// An Indexed Job of `completions` pods of the probe, as hardened as Pod Security `restricted` asks.
///
/// # Panics
/// Never: the manifest is a constant but for its arguments.
pub fn probe_job(name: &str, completions: u32, arguments: &[&str]) -> Job {
    serde_json::from_value(json!({
        "metadata": {"name": name},
        "spec": {
            "completionMode": "Indexed",
            "completions": completions,
            "parallelism": completions,
            "backoffLimitPerIndex": 0,
            "maxFailedIndexes": completions,
            "podReplacementPolicy": "Failed",
            "podFailurePolicy": {"rules": [
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]},
                {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [73, 77]}},
                {"action": "FailIndex", "onExitCodes": {"operator": "In", "values": [65, 137]}},
            ]},
            "template": {"metadata": {"labels": {"probe": name}}, "spec": probe_pod_spec(arguments)},
        },
    }))
    .expect("a Job of the API")
}

/// The pod of such a Job.
pub fn probe_pod_spec(arguments: &[&str]) -> Value {
    json!({
        "restartPolicy": "Never",
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "terminationGracePeriodSeconds": 1,
        "securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{
            "name": "probe",
            "image": PROBE_IMAGE,
            "imagePullPolicy": "IfNotPresent",
            "args": arguments,
            "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"cpu": "1", "memory": "32Mi"}},
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            },
        }],
    })
}
