//! What status, Jobs and pods say of a genome. A running pod says nothing: its message is published when it ends.

use genome_contract::{ExitCode, Reason, Verb};

use super::finding::{Finding, State};
use crate::plugin::format;
use crate::plugin::picture::Picture;
use crate::results::pod_state::Life;
use crate::results::{JobState, PodState};

/// Adds what there is.
pub(super) fn read(picture: &Picture, finding: &mut Finding) {
    first_failure(picture, finding);
    for (job, pod) in picture.pods().filter(|(job, _)| job.verb == Verb::Map) {
        last_words(job, pod, finding);
    }
    given_up(picture, finding);
    attempts(picture, finding);
    if let Some(unseen) = &picture.unseen {
        finding.unknown(format!("what its pods say: {unseen}"));
    }
}

/// Whether a genome with this reason has failed for good; a death of its pod (`OOMKilled`) costs it an attempt.
fn is_final(reason: &str) -> bool {
    let known = Reason::ALL.into_iter().find(|known| known.as_str() == reason);
    known.is_some_and(|known| matches!(known.exit_code(), ExitCode::BadInput | ExitCode::AccessDenied))
}

fn first_failure(picture: &Picture, finding: &mut Finding) {
    let first = picture.status().first_failure;
    let Some(first) = first.filter(|first| first.genome.as_ref() == Some(&finding.genome)) else {
        return;
    };
    finding.task = finding.task.or(first.task);
    match finding.state {
        // The reports speak of the last round, the status of the first failure.
        State::Analyzed => {}
        _ if is_final(&first.reason) => {
            finding.failed(
                &first.reason,
                first.message.as_deref().unwrap_or_default(),
                first.pod.as_deref(),
            );
        }
        State::Unknown | State::Waiting => {
            finding.state = State::InHand;
            finding.pod = first.pod;
        }
        _ => {}
    }
}

fn last_words(job: &JobState, pod: &PodState, finding: &mut Finding) {
    let Some(message) = &pod.message else { return };
    let failure = message.failure.as_ref();
    let is_about = |genome: &Option<String>| genome.as_ref() == Some(&finding.genome);
    let failed = failure.filter(|failure| is_about(&failure.genome));
    if failed.is_none() && (message.finished || !is_about(&message.genome)) {
        return;
    }
    let task = usize::try_from(pod.index)
        .ok()
        .and_then(|index| job.tasks.get(index).copied());
    finding.task = finding.task.or(message.task).or(task);
    match failed {
        Some(failure) if finding.state != State::Analyzed => {
            finding.failed(failure.reason.as_str(), &failure.text, Some(&pod.name));
        }
        None if matches!(finding.state, State::Unknown | State::Waiting) => {
            finding.state = State::InHand;
            finding.pod = Some(pod.name.clone());
        }
        _ => {}
    }
}

/// Did not fit into the largest memory: its next attempt writes the failed row without reading it.
fn given_up(picture: &Picture, finding: &mut Finding) {
    let mut all = picture.jobs.iter().flat_map(|job| &job.given_up);
    if let Some(given_up) = all.find(|given_up| given_up.genome == finding.genome) {
        finding.task = finding.task.or(Some(given_up.task));
        let limit = format!("it did not fit into {}", format::bytes(given_up.limit_bytes));
        finding.failed(Reason::MemoryLimitReached.as_str(), &limit, None);
    }
}

/// A sentence for each pod of the genome's task, oldest Job first; the last one that ended well says what became of it.
fn attempts(picture: &Picture, finding: &mut Finding) {
    let Some(task) = finding.task else { return };
    let mut done = None;
    for job in picture
        .of_this_round()
        .into_iter()
        .filter(|job| job.verb == Verb::Map)
    {
        let Some(index) = job.tasks.iter().position(|one| *one == task) else {
            continue;
        };
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        for pod in job.pods_of(index) {
            let text = format!(
                "{}, memory step {}: pod {}",
                job.attempt,
                job.memory_step,
                ended(pod)
            );
            finding.attempts.push(text);
            done = pod
                .message
                .as_ref()
                .filter(|_| pod.life == Life::Succeeded)
                .or(done);
        }
    }
    let Some(counts) = done.map(|message| message.genomes) else {
        return;
    };
    if matches!(
        finding.state,
        State::Unknown | State::Waiting | State::InHand | State::Settled
    ) {
        let are_all_analyzed = counts.failed == 0 && counts.total == counts.analyzed + counts.cached;
        finding.state = if are_all_analyzed {
            State::Analyzed
        } else {
            State::Settled
        };
    }
}

fn ended(pod: &PodState) -> String {
    let how = match &pod.life {
        Life::Pending => "waits for a node".to_owned(),
        Life::Running => "runs".to_owned(),
        Life::Succeeded => "ended well".to_owned(),
        Life::Failed(_) if pod.disrupted => "was taken away (evicted, preempted or lost)".to_owned(),
        Life::Failed(death) if death.out_of_memory => "ran out of memory".to_owned(),
        Life::Failed(death) => match death.exit_code {
            Some(code) => format!("ended with exit code {code}"),
            None => format!("failed: {}", death.reason),
        },
    };
    format!("{} {how}", pod.name)
}
