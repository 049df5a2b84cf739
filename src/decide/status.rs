//! The next status: phase, message, counts.

use genome_contract::{Verb, message::Failure};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::{
    Decision, EventNote, Observed,
    conditions::{Conditions, MAX_TEXT, conditions_of},
    orders::Run,
    phase::Course,
    progress,
    scaling::Scale,
};
use crate::{
    api::{
        GenomeAnalysisStatus, Phase,
        names::{conditions, events as event, labels, reasons},
        v1alpha1::status::{FirstFailure, Results, Workers},
    },
    results::{
        JobState,
        counts::{OOM_KILLED, shortened},
    },
    validate::Problems,
};

/// The status of an analysis whose specification is wrong.
pub fn refused(observed: &Observed, problems: &Problems) -> Decision {
    let before = observed.analysis.status.clone().unwrap_or_default();
    let text = shortened(&problems.to_string(), MAX_TEXT);
    let not_allowed = problems.iter().all(|problem| {
        problem.path.ends_with("priorityClassName") || problem.path.ends_with("serviceAccountName")
    });
    let reason = if not_allowed {
        reasons::NOT_ALLOWED
    } else {
        reasons::INVALID_SPEC
    };
    let mut writer = Conditions::new(observed, &before.conditions);
    writer.set(conditions::ACCEPTED, false, reason, &text);
    writer.set(
        conditions::PROGRESSING,
        false,
        reason,
        "the specification was refused",
    );
    writer.set(
        conditions::COMPLETE,
        false,
        reason,
        "the specification was refused",
    );
    writer.set(conditions::FAILED, true, reason, &text);
    let status = GenomeAnalysisStatus {
        observed_generation: observed.analysis.metadata.generation,
        phase: Some(Phase::Failed),
        message: Some(text.clone()),
        conditions: writer.written,
        round: Some(observed.analysis.spec.retries.round),
        completion_time: before.completion_time.clone().or(Some(Time(observed.now))),
        ..before
    };
    let changed = observed.analysis.status.as_ref() != Some(&status);
    let events = vec![EventNote {
        warning: true,
        reason: event::REFUSED,
        note: text,
    }];
    Decision {
        status: changed.then_some(status),
        events,
        ..Decision::default()
    }
}

/// The next status of a run.
pub fn next(run: &Run<'_>, course: &Course, scale: &Scale) -> GenomeAnalysisStatus {
    let observed = run.observed;
    let before = run.before.cloned().unwrap_or_default();
    let genomes = progress::genomes(run, course);
    let ended = course.end.is_some();
    let forecast = genomes
        .filter(|_| !ended)
        .and_then(|genomes| progress::forecast(run, genomes));
    let rate = forecast.as_ref().map(|(rate, _)| *rate);
    let phase = phase(run, course);
    let start_time = before.start_time.clone().or(Some(Time(observed.now)));
    GenomeAnalysisStatus {
        observed_generation: observed.analysis.metadata.generation,
        round: Some(run.valid.retries.round),
        phase: Some(phase),
        message: Some(message(run, course, scale, phase)),
        conditions: conditions_of(run, course, scale),
        genomes,
        done: genomes.map(|genomes| format!("{}/{}", genomes.analyzed + genomes.cached, genomes.total)),
        tasks: progress::tasks(run, course),
        percent: genomes.and_then(progress::percent),
        genomes_per_hour: rate.or(before.genomes_per_hour),
        estimated_completion_time: forecast.map(|(_, eta)| eta),
        workers: Some(workers(run, scale)),
        selector: Some(selector(run)),
        peak_memory: progress::peak_memory(run),
        memory_step: run
            .jobs
            .iter()
            .map(|job| job.memory_step)
            .chain(before.memory_step)
            .max()
            .or(Some(0)),
        first_failure: first_failure(
            before
                .first_failure
                .clone()
                .or_else(|| run.counts.first_failure.clone()),
            run.counts.failed_genome.as_ref(),
        ),
        failures_by_reason: progress::failures_by_reason(run, run.before),
        results: results(run, course).or(before.results),
        start_time,
        completion_time: ended.then(|| before.completion_time.unwrap_or(Time(observed.now))),
    }
}

fn phase(run: &Run<'_>, course: &Course) -> Phase {
    if let Some(end) = &course.end {
        return end.phase;
    }
    match course.verb {
        _ if run.valid.suspend => Phase::Suspended,
        Some(Verb::Plan) if run.jobs.is_empty() && run.observed.refusal.is_some() => Phase::Pending,
        Some(Verb::Plan) => Phase::Planning,
        Some(Verb::Map) => Phase::Running,
        Some(Verb::Merge) | None => Phase::Merging,
    }
}

/// The failure that came first. Where a kill for memory was not the end of its genome, what has failed in the end takes its
/// place.
fn first_failure(first: Option<FirstFailure>, failed_genome: Option<&Failure>) -> Option<FirstFailure> {
    let is_final = first.as_ref().is_some_and(|first| first.reason != OOM_KILLED);
    let Some(failure) = failed_genome.filter(|_| !is_final) else {
        return first;
    };
    let place = first.filter(|first| first.genome == failure.genome);
    Some(FirstFailure {
        genome: failure.genome.clone(),
        reason: failure.reason.as_str().to_owned(),
        message: Some(shortened(&failure.text, 1024)),
        ..place.unwrap_or_default()
    })
}

fn workers(run: &Run<'_>, scale: &Scale) -> Workers {
    let running = run
        .observed
        .jobs
        .iter()
        .filter(|job| job.is_live())
        .map(JobState::running_pods)
        .sum();
    Workers {
        desired: scale.desired,
        running,
        probe: scale.probe,
        fewer_since: scale.fewer_since.map(Time),
        reason: scale.limit.as_ref().map(|(_, text)| shortened(text, 1024)),
    }
}

fn selector(run: &Run<'_>) -> String {
    format!(
        "{}={},{}={}",
        labels::ANALYSIS_UID,
        run.valid.identity.uid,
        labels::STAGE,
        Verb::Map.as_str()
    )
}

fn results(run: &Run<'_>, course: &Course) -> Option<Results> {
    let end = course.end.as_ref()?;
    let found = end
        .last_word
        .as_ref()
        .and_then(|message| message.results.as_ref());
    if found.is_none() && !matches!(end.phase, Phase::Succeeded | Phase::PartiallySucceeded) {
        return None;
    }
    Some(Results {
        uri: run.valid.output.uri.clone(),
        report: found.map(|found| found.report.clone()),
        pleiotropic_genes: found.map(|found| found.pleiotropic_genes),
        detectable_traits: found.map(|found| found.detectable_traits),
    })
}

fn message(run: &Run<'_>, course: &Course, scale: &Scale, phase: Phase) -> String {
    let counted = || {
        let genomes = progress::genomes(run, course).unwrap_or_default();
        format!(
            "{} of {} genomes are settled",
            genomes.total - genomes.remaining,
            genomes.total
        )
    };
    let sentence = match (&course.end, &scale.obstacle) {
        (Some(end), _) => end.text.clone(),
        (None, _) if phase == Phase::Suspended => {
            "suspended; set `spec.suspend` to false to go on".to_owned()
        }
        (None, Some(obstacle)) => format!("waiting: {}", obstacle.text),
        (None, None) => match phase {
            Phase::Planning | Phase::Pending => "listing genomes".to_owned(),
            Phase::Merging => "writing reports".to_owned(),
            _ => counted(),
        },
    };
    shortened(&sentence, MAX_TEXT)
}

#[cfg(test)]
mod tests {
    use genome_contract::Reason;

    use super::*;

    #[test]
    fn a_genome_that_never_fitted_takes_the_place_of_the_kill_that_was_retried() {
        let killed = FirstFailure {
            genome: Some("huge".to_owned()),
            pod: Some("worker".to_owned()),
            reason: OOM_KILLED.to_owned(),
            ..FirstFailure::default()
        };
        let failure = Failure {
            reason: Reason::MemoryLimitReached,
            genome: Some("huge".to_owned()),
            text: "does not fit into 128Mi".to_owned(),
        };
        assert_eq!(first_failure(Some(killed.clone()), None), Some(killed.clone()));
        let told = first_failure(Some(killed.clone()), Some(&failure)).unwrap();
        assert_eq!(
            (told.reason.as_str(), told.pod.as_deref()),
            ("MemoryLimitReached", Some("worker"))
        );
        assert_eq!(told.message.as_deref(), Some("does not fit into 128Mi"));

        let other = Failure {
            genome: Some("cut".to_owned()),
            reason: Reason::TruncatedInput,
            ..failure.clone()
        };
        let told = first_failure(Some(killed), Some(&other)).unwrap();
        assert_eq!((told.genome.as_deref(), told.pod.as_deref()), (Some("cut"), None));
        let kept = first_failure(Some(told.clone()), Some(&failure));
        assert_eq!(kept, Some(told));
    }
}
