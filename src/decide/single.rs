//! Plan and merge: stages of one task. The next attempt follows the same rules as the map's, without gathering.

use genome_contract::{Message, exit::ExitCode};

use super::{
    finish::End,
    memory::{self, Climb},
    phase::Attempted,
    retry::{Rules, is_counted, lost_since, waits_for_nothing},
};
use crate::{
    api::names::reasons,
    results::{Death, Finish, JobState, PodState, counts::shortened},
    validate::ValidAnalysis,
};

/// How a stage of one task stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Single<'a> {
    /// This attempt is to be made.
    Attempt(Attempted),
    /// At work.
    Open(&'a JobState),
    /// Done, with the pod's last word where the pod is still there.
    Done(Option<&'a Message>),
    /// Failed for good.
    Failed(End),
}

/// How the stage of `jobs`, one verb and round in the order of their attempts, stands.
pub fn single<'a>(jobs: &[&'a JobState], valid: &ValidAnalysis, rules: Rules) -> Single<'a> {
    let Some(last) = jobs.last() else {
        return Single::Attempt(Attempted {
            attempt: 0,
            memory_step: 0,
            given_up: Vec::new(),
            reason: None,
        });
    };
    let is_lost = |pod: &PodState| lost_since(pod, rules.lost_node, rules.now).is_some();
    let pods: Vec<&PodState> = last.pods.iter().collect();
    let again = |reason: &str| Single::Attempt(after(last, reason.to_owned()));
    match &last.finish {
        // Its Job would wait for that pod for ever. Any step may run twice.
        None if last.pods.last().is_some_and(is_lost) => again("its node is lost"),
        None if waits_for_nothing(&pods, rules.resumed) => again("what refused it is mended"),
        None => Single::Open(last),
        Some(Finish::Complete) => Single::Done(last_word(last)),
        Some(Finish::Failed { reason, text }) => after_failure(jobs, last, valid, reason, text),
    }
}

/// The attempt after `last`, whose message is lost.
pub fn once_more<'a>(jobs: &[&'a JobState], valid: &ValidAnalysis) -> Single<'a> {
    let attempts = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
    match jobs.last() {
        Some(last) if attempts <= valid.retries.per_task => {
            let reason = "the pod was gone before its message was read";
            Single::Attempt(after(last, reason.to_owned()))
        }
        _ => Single::Failed(End::failed(
            reasons::STAGE_FAILED,
            "no pod's message could be read".to_owned(),
        )),
    }
}

fn last_word(job: &JobState) -> Option<&Message> {
    job.pods
        .iter()
        .rev()
        .filter(|pod| pod.exit_code() == Some(0))
        .find_map(|pod| pod.message.as_ref())
}

fn after_failure<'a>(
    jobs: &[&'a JobState],
    last: &'a JobState,
    valid: &ValidAnalysis,
    reason: &str,
    text: &str,
) -> Single<'a> {
    let dead = last
        .pods
        .iter()
        .rev()
        .find(|pod| pod.death().is_some() && !pod.disrupted);
    let death = dead.and_then(|pod| pod.death());
    let code = death.and_then(|death| death.exit_code);
    if reason == "PodFailurePolicy" || code == Some(ExitCode::BadRequest.as_i32()) {
        return Single::Failed(End::failed("BadRequest", in_words(dead, text)));
    }
    if code == Some(ExitCode::BadInput.as_i32()) {
        return Single::Failed(End::failed(word(dead), in_words(dead, text)));
    }
    let mut next = after(last, in_words(dead, text));
    if let Some(pod) = dead
        && death.is_some_and(|death| death.out_of_memory)
    {
        // A plan that does everything itself says the task it is at.
        let task = pod.message.as_ref().and_then(|message| message.task);
        match memory::climb(valid.resources, last, task.unwrap_or(0), pod) {
            Climb::Up(step) => next.memory_step = step,
            Climb::Without(genome) => next.given_up.push(genome),
            Climb::Unknown => {
                let text = format!(
                    "{} did not fit into {} bytes; hint: raise `resources.maxMemory`",
                    last.verb.as_str(),
                    valid.resources.memory_at(last.memory_step)
                );
                return Single::Failed(End::failed("MemoryLimitReached", text));
            }
        }
        return Single::Attempt(next);
    }
    if spent(jobs) > valid.retries.per_task {
        return Single::Failed(End::failed(reasons::STAGE_FAILED, in_words(dead, text)));
    }
    Single::Attempt(next)
}

/// The attempt after `last`, with what that one had.
fn after(last: &JobState, reason: String) -> Attempted {
    Attempted {
        attempt: last.attempt + 1,
        memory_step: last.memory_step,
        given_up: last.given_up.clone(),
        reason: Some(reason),
    }
}

/// Tries so far: pods that were counted, at least one a Job; those that ran out of memory, or were refused by the output
/// or the inputs, cost none.
fn spent(jobs: &[&JobState]) -> u32 {
    let tries = |job: &&JobState| {
        let counted = job.pods.iter().filter(|pod| !pod.disrupted).filter(|pod| {
            pod.death()
                .is_some_and(|death| !death.out_of_memory && is_counted(death))
        });
        let is_free = |death: &Death| death.out_of_memory || !is_counted(death);
        let for_nothing = job.pods.iter().any(|pod| pod.death().is_some_and(is_free));
        u32::try_from(counted.count())
            .unwrap_or(u32::MAX)
            .max(u32::from(!for_nothing))
    };
    jobs.iter().map(tries).fold(0, u32::saturating_add)
}

fn word(pod: Option<&PodState>) -> &'static str {
    let failure = pod.and_then(|pod| pod.message.as_ref()?.failure.as_ref());
    failure.map_or(reasons::STAGE_FAILED, |failure| failure.reason.as_str())
}

/// The pod's own words, else the kubelet's, else the Job controller's.
pub fn in_words(pod: Option<&PodState>, text: &str) -> String {
    let failure = pod.and_then(|pod| pod.message.as_ref()?.failure.as_ref());
    let death = pod.and_then(PodState::death);
    let words = match (failure, death) {
        (Some(failure), _) => failure.text.clone(),
        (None, Some(death)) if !death.text.is_empty() => death.text.clone(),
        (None, Some(death)) => format!(
            "pod ended with {} (exit code {:?})",
            death.reason, death.exit_code
        ),
        (None, None) => text.to_owned(),
    };
    shortened(&words, 1024)
}
