//! How an analysis ends, and that it stays ended.

use genome_contract::{Message, message::GenomeCounts};

use super::orders::Run;
use crate::{
    api::{GenomeAnalysis, Phase, names::reasons},
    validate::ValidAnalysis,
};

/// The end of an analysis.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// Succeeded, PartiallySucceeded, Failed or Cancelled.
    pub phase: Phase,
    /// Reason of the condition.
    pub reason: &'static str,
    /// In a sentence.
    pub text: String,
    /// Exact counts and findings, from the last word of the merge.
    pub last_word: Option<Box<Message>>,
}

impl End {
    /// A failure.
    pub fn failed(reason: &'static str, text: String) -> Self {
        Self {
            phase: Phase::Failed,
            reason,
            text,
            last_word: None,
        }
    }
}

/// Whether `analysis` has ended, and no later round or correction asks for more. What was wrong with a specification
/// may be mended; what was cancelled is not begun again.
pub fn is_finished(analysis: &GenomeAnalysis) -> bool {
    let Some(status) = &analysis.status else {
        return false;
    };
    let Some(phase) = status.phase.filter(|phase| phase.is_finished()) else {
        return false;
    };
    let accepted = |condition: &k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition| {
        condition.type_ == crate::api::names::conditions::ACCEPTED && condition.status == "True"
    };
    if !status.conditions.iter().any(accepted) {
        return status.observed_generation == analysis.metadata.generation;
    }
    phase == Phase::Cancelled || status.round.unwrap_or(0) >= analysis.spec.retries.round
}

/// Ends that need no look at Jobs: cancelled, or too late.
pub fn early(run: &Run<'_>) -> Option<End> {
    if run.valid.cancel {
        return Some(End {
            phase: Phase::Cancelled,
            reason: reasons::CANCELLED,
            text: "cancelled; what is done stays in the output".to_owned(),
            last_word: None,
        });
    }
    let total = run.valid.timeouts.total?;
    (run.elapsed()? >= total).then(|| {
        let text = format!(
            "not done within `timeouts.total` of {} s; what is done stays in the output",
            total.as_secs()
        );
        End::failed(reasons::TIMED_OUT, text)
    })
}

/// The end that the last word of a merge, or of a plan that did everything, makes.
pub fn from_last_word(message: Option<&Message>, genomes: GenomeCounts, valid: &ValidAnalysis) -> End {
    let GenomeCounts {
        total,
        analyzed,
        cached,
        failed: _,
    } = message.map_or(genomes, |message| message.genomes);
    let done = (analyzed + cached).min(total);
    let failed = total - done;
    let last_word = message.cloned().map(Box::new);
    if done == 0 {
        let text = format!("none of {total} genomes could be analyzed");
        return End {
            last_word,
            ..End::failed(reasons::NOTHING_ANALYZED, text)
        };
    }
    let allowed = valid.retries.max_failed_genomes.of(total);
    if failed > allowed {
        let text =
            format!("{failed} of {total} genomes failed, and `retries.maxFailedGenomes` allows {allowed}");
        return End {
            last_word,
            ..End::failed(reasons::TOO_MANY_FAILED, text)
        };
    }
    if failed > 0 {
        let text = format!(
            "{done} of {total} genomes have results, {failed} failed; see the report and `firstFailure`"
        );
        return End {
            phase: Phase::PartiallySucceeded,
            reason: reasons::SOME_FAILED,
            text,
            last_word,
        };
    }
    let text = format!("all {total} genomes have results");
    End {
        phase: Phase::Succeeded,
        reason: reasons::ALL_ANALYZED,
        text,
        last_word,
    }
}

/// The end of a map stage in which too much failed already, or a request was refused.
pub fn of_map(run: &Run<'_>) -> Option<End> {
    for job in run.map_jobs() {
        let Some(crate::results::Finish::Failed { reason, text }) = &job.finish else {
            continue;
        };
        if reason == "PodFailurePolicy" {
            let pod = job
                .pods
                .iter()
                .rev()
                .find(|pod| pod.exit_code() == Some(genome_contract::ExitCode::BadRequest.as_i32()));
            return Some(End::failed("BadRequest", super::single::in_words(pod, text)));
        }
    }
    let counts = run.counts.genomes;
    let total = run.planned()?.genomes;
    let allowed = run.valid.retries.max_failed_genomes.of(total);
    (counts.failed > allowed).then(|| {
        let text = format!(
            "{} of {total} genomes failed already, and `retries.maxFailedGenomes` allows {allowed}",
            counts.failed
        );
        End::failed(reasons::TOO_MANY_FAILED, text)
    })
}
