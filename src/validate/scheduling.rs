//! Where pods run: only what the operator's configuration allows a tenant to name.

use super::{Problems, Scheduling, Settings, Toleration, naming};
use crate::api::v1alpha1;

pub(super) fn scheduling(
    scheduling: &v1alpha1::Scheduling,
    settings: &Settings,
    problems: &mut Problems,
) -> Scheduling {
    let v1alpha1::Scheduling {
        queue_name,
        priority_class_name,
        node_selector,
        tolerations,
        spot,
        service_account_name,
    } = scheduling.clone();
    if let Some(name) = &queue_name {
        naming::subdomain("spec.scheduling.queueName", name, problems);
    }
    let path = "spec.scheduling.priorityClassName";
    allowed(
        path,
        priority_class_name.as_deref(),
        &settings.priority_classes,
        settings,
        problems,
    );
    let path = "spec.scheduling.serviceAccountName";
    allowed(
        path,
        service_account_name.as_deref(),
        &settings.service_accounts,
        settings,
        problems,
    );
    for (key, value) in &node_selector {
        let path = format!("spec.scheduling.nodeSelector[{key}]");
        naming::label_key(&path, key, problems);
        naming::label_value(&path, value, problems);
    }
    for (index, toleration) in tolerations.iter().enumerate() {
        check_toleration(
            &format!("spec.scheduling.tolerations[{index}]"),
            toleration,
            problems,
        );
    }
    Scheduling {
        queue_name,
        priority_class_name,
        node_selector,
        tolerations,
        spot,
        service_account_name,
    }
}

fn allowed(path: &str, name: Option<&str>, list: &[String], settings: &Settings, problems: &mut Problems) {
    let Some(name) = name else { return };
    naming::subdomain(path, name, problems);
    if settings.is_local() || list.iter().any(|allowed| allowed == name) {
        return;
    }
    let allowed = if list.is_empty() {
        "none is".to_owned()
    } else {
        format!("these are: {}", list.join(", "))
    };
    problems.add(
        path,
        format!("`{name}` is not allowed by the operator's configuration ({allowed})"),
    );
}

/// The rules of a pod's specification, so that no Job is refused for them later.
fn check_toleration(path: &str, toleration: &Toleration, problems: &mut Problems) {
    let Toleration {
        key,
        operator,
        value,
        effect,
        toleration_seconds,
    } = toleration;
    let key = key.as_deref().unwrap_or_default();
    let operator = operator.as_deref().unwrap_or("Equal");
    if !key.is_empty() {
        naming::label_key(&format!("{path}.key"), key, problems);
    }
    problems.require(
        matches!(operator, "Equal" | "Exists"),
        &format!("{path}.operator"),
        || format!("`{operator}` is neither `Equal` nor `Exists`"),
    );
    problems.require(
        !key.is_empty() || operator == "Exists",
        &format!("{path}.operator"),
        || "must be `Exists` where `key` is empty".to_owned(),
    );
    let value = value.as_deref().unwrap_or_default();
    problems.require(
        value.is_empty() || operator == "Equal",
        &format!("{path}.value"),
        || "has no place beside `operator: Exists`".to_owned(),
    );
    naming::label_value(&format!("{path}.value"), value, problems);
    let effect = effect.as_deref().unwrap_or_default();
    let known = matches!(effect, "" | "NoSchedule" | "PreferNoSchedule" | "NoExecute");
    problems.require(known, &format!("{path}.effect"), || {
        format!("`{effect}` is none of `NoSchedule`, `PreferNoSchedule`, `NoExecute`")
    });
    problems.require(
        toleration_seconds.is_none() || effect == "NoExecute",
        &format!("{path}.tolerationSeconds"),
        || "needs `effect: NoExecute`".to_owned(),
    );
}
