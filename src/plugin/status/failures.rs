//! What failed and why, with one pod for each reason to look at.

use super::Screen;
use crate::api::GenomeAnalysisStatus;
use crate::api::v1alpha1::status::FirstFailure;
use crate::plugin::picture::Picture;
use crate::results::{JobState, PodState};

/// Reasons shown; the status has ten.
const MOST: usize = 5;

pub(super) fn add(screen: &mut Screen, picture: &Picture, status: &GenomeAnalysisStatus) {
    for failure in status.failures_by_reason.iter().take(MOST) {
        let example = picture.pods().find_map(|(_, pod)| example(pod, &failure.reason));
        let example = example.map(|text| format!(", {text}")).unwrap_or_default();
        screen.line(
            "failures",
            &format!("{} × {}{example}", failure.count, failure.reason),
        );
    }
    if let Some(first) = &status.first_failure {
        screen.line("first", &in_words(first));
    }
    for (job, pod) in picture.pods().filter(|(_, pod)| pod.held_up.is_some()).take(1) {
        screen.line("waiting", &held_up(job, pod));
    }
}

/// `such as genome … (pod …)`, where the pod's words are about this reason.
fn example(pod: &PodState, reason: &str) -> Option<String> {
    let failure = pod.message.as_ref()?.failure.as_ref()?;
    if failure.reason.as_str() != reason {
        return None;
    }
    let genome = failure
        .genome
        .as_ref()
        .map(|genome| format!("`{genome}` in "))
        .unwrap_or_default();
    Some(format!("such as {genome}pod {}", pod.name))
}

fn in_words(first: &FirstFailure) -> String {
    let FirstFailure {
        genome,
        task,
        pod,
        node,
        reason,
        exit_code,
        message,
    } = first;
    let mut place = Vec::new();
    place.extend(genome.as_ref().map(|genome| format!("genome `{genome}`")));
    place.extend(task.map(|task| format!("task {task}")));
    place.extend(pod.as_ref().map(|pod| format!("pod {pod}")));
    place.extend(node.as_ref().map(|node| format!("node {node}")));
    place.extend(exit_code.map(|code| format!("exit code {code}")));
    let message = message
        .as_ref()
        .map(|message| format!(": {message}"))
        .unwrap_or_default();
    format!("{reason}{message} ({})", place.join(", "))
}

fn held_up(job: &JobState, pod: &PodState) -> String {
    let (reason, text) = pod
        .held_up
        .as_ref()
        .map_or(("", ""), |held| (&held.reason, &held.text));
    format!("{} pod {}: {reason}: {text}", job.verb.as_str(), pod.name)
}
