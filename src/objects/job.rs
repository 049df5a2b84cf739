//! The Job of a stage: always Indexed, also with one index, so that one failure policy serves all three verbs.

use std::collections::BTreeMap;

use genome_contract::{ExitCode, exit::KILLED, request::GivenUp};
use k8s_openapi::api::batch::v1::{
    Job, JobSpec, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement,
    PodFailurePolicyOnPodConditionsPattern, PodFailurePolicyRule,
};

use super::{
    Owner, PodTerms, Stage,
    config_map::SealedRequest,
    pod::{CONTAINER, pod_template},
};
use crate::{
    api::names::{annotations, labels},
    results::Indexes,
};

/// A Job to be made.
#[derive(Clone, Debug)]
pub struct JobOrder<'a> {
    /// Whose it is.
    pub owner: &'a Owner,
    /// What its pods are made of.
    pub terms: &'a PodTerms,
    /// Which stage and attempt.
    pub stage: Stage,
    /// Task of each index.
    pub tasks: Vec<u32>,
    /// Genomes given up in it.
    pub given_up: &'a [GivenUp],
    /// Steps up the memory ladder.
    pub memory_step: u32,
    /// Memory of a pod at that step.
    pub memory_bytes: u64,
    /// Pods at once, to begin with.
    pub parallelism: u32,
    /// Whether the Job controller may try an index a second time.
    pub second_try: bool,
    /// What the pods are asked to do.
    pub request: &'a SealedRequest,
}

/// The Job that `order` asks for.
pub fn job_for(order: &JobOrder<'_>) -> Job {
    let JobOrder {
        owner,
        terms,
        stage,
        tasks,
        given_up,
        memory_step,
        memory_bytes,
        parallelism,
        second_try,
        request,
    } = order;
    let own_labels: BTreeMap<String, String> = [
        (labels::STAGE, stage.verb().as_str().to_owned()),
        (labels::ATTEMPT, stage.attempt.to_string()),
        (labels::MEMORY_STEP, memory_step.to_string()),
        (labels::ROUND, stage.round.to_string()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    let mut pod_labels = owner.labels();
    pod_labels.extend(own_labels.clone());
    let mut metadata = owner.child_metadata(owner.job_name(*stage), own_labels);
    if let (Some(queue), Some(all)) = (&terms.scheduling.queue_name, &mut metadata.labels) {
        all.insert(labels::KUEUE_QUEUE.to_owned(), queue.clone());
    }
    metadata.annotations = Some(job_annotations(tasks, given_up, request));
    let completions = signed(u32::try_from(tasks.len()).unwrap_or(u32::MAX));
    let config_map = request.config_map_name(owner);
    Job {
        metadata,
        spec: Some(JobSpec {
            backoff_limit_per_index: Some(i32::from(*second_try)),
            completion_mode: Some("Indexed".to_owned()),
            completions: Some(completions),
            max_failed_indexes: Some(completions),
            parallelism: Some(signed(*parallelism)),
            pod_failure_policy: Some(failure_policy()),
            pod_replacement_policy: Some("Failed".to_owned()),
            template: pod_template(terms, stage.verb(), *memory_bytes, &config_map, pod_labels),
            ..JobSpec::default()
        }),
        status: None,
    }
}

fn job_annotations(tasks: &[u32], given_up: &[GivenUp], request: &SealedRequest) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> =
        [(annotations::REQUEST_DIGEST.to_owned(), request.digest.clone())].into();
    let in_order = tasks.iter().zip(0..).all(|(task, index)| *task == index);
    if !in_order {
        all.insert(
            annotations::TASKS.to_owned(),
            tasks.iter().copied().collect::<Indexes>().to_text(),
        );
    }
    if !given_up.is_empty()
        && let Ok(text) = serde_json::to_string(given_up)
    {
        all.insert(annotations::GIVEN_UP.to_owned(), text);
    }
    all
}

fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// What an exit code costs, in the order the rules are tried. Disruptions come first: an evicted pod may also have
/// exited with 137.
fn failure_policy() -> PodFailurePolicy {
    let disrupted = PodFailurePolicyOnPodConditionsPattern {
        status: Some("True".to_owned()),
        type_: "DisruptionTarget".to_owned(),
    };
    PodFailurePolicy {
        rules: vec![
            PodFailurePolicyRule {
                action: "Ignore".to_owned(),
                on_exit_codes: None,
                on_pod_conditions: Some(vec![disrupted]),
            },
            on_codes("FailJob", &[ExitCode::BadRequest.as_i32()]),
            on_codes(
                "Ignore",
                &[
                    ExitCode::OutputNotWritable.as_i32(),
                    ExitCode::AccessDenied.as_i32(),
                ],
            ),
            on_codes("FailIndex", &[ExitCode::BadInput.as_i32(), KILLED]),
        ],
    }
}

fn on_codes(action: &str, codes: &[i32]) -> PodFailurePolicyRule {
    PodFailurePolicyRule {
        action: action.to_owned(),
        on_exit_codes: Some(PodFailurePolicyOnExitCodesRequirement {
            container_name: Some(CONTAINER.to_owned()),
            operator: "In".to_owned(),
            values: codes.to_vec(),
        }),
        on_pod_conditions: None,
    }
}
