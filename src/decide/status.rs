//! The next status: phase, conditions, message, counts; and the events that its changes are worth.

use genome_contract::Verb;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::{
    Decision, EventNote, Observed, orders::Run, phase::Course, progress, retry::Why, scaling::Scale,
};
use crate::{
    api::{
        GenomeAnalysisStatus, Phase,
        names::{conditions, events as event, labels, reasons},
        v1alpha1::status::{Results, Workers},
    },
    results::{JobState, counts::shortened},
    validate::Problems,
};

/// Longest message of a condition, and of the status.
const MAX_TEXT: usize = 2048;

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
        memory_step: Some(course.ledger.memory_step.max(before.memory_step.unwrap_or(0))),
        first_failure: before
            .first_failure
            .clone()
            .or_else(|| run.counts.first_failure.clone()),
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
    let without_effect = run.valid.without_effect.iter().map(|note| format!("; {note}"));
    shortened(
        &std::iter::once(sentence)
            .chain(without_effect)
            .collect::<String>(),
        MAX_TEXT,
    )
}

fn conditions_of(run: &Run<'_>, course: &Course, scale: &Scale) -> Vec<Condition> {
    let before = run
        .observed
        .analysis
        .status
        .as_ref()
        .map_or(&[][..], |status| &status.conditions);
    let mut writer = Conditions::new(run.observed, before);
    writer.set(
        conditions::ACCEPTED,
        true,
        reasons::VALID,
        "the specification is valid",
    );
    planned(run, course, &mut writer);
    progressing(run, course, scale, &mut writer);
    match &scale.limit {
        Some((reason, text)) => writer.set(conditions::SCALING_LIMITED, true, reason, text),
        None => {
            writer.set(
                conditions::SCALING_LIMITED,
                false,
                reasons::AS_DESIRED,
                "as many workers as wanted",
            );
        }
    }
    thresholds(run, course, &mut writer);
    if run.valid.suspend && course.end.is_none() {
        writer.set(
            conditions::SUSPENDED,
            true,
            reasons::SUSPENDED,
            "`spec.suspend` is true",
        );
    } else {
        writer.set(
            conditions::SUSPENDED,
            false,
            reasons::NOT_SUSPENDED,
            "not suspended",
        );
    }
    outcome(course, &mut writer);
    writer.written
}

fn planned(run: &Run<'_>, course: &Course, writer: &mut Conditions<'_>) {
    match run.planned() {
        Some(planned) => {
            let text = format!("{} genomes in {} tasks", planned.genomes, planned.tasks);
            writer.set(conditions::PLANNED, true, reasons::PLAN_WRITTEN, &text);
        }
        None if course.end.is_some() => {
            writer.set(
                conditions::PLANNED,
                false,
                reasons::STAGE_FAILED,
                "no plan was written",
            );
        }
        None => writer.set(
            conditions::PLANNED,
            false,
            reasons::PLANNING,
            "genomes are being listed",
        ),
    }
}

fn progressing(run: &Run<'_>, course: &Course, scale: &Scale, writer: &mut Conditions<'_>) {
    let (holds, reason, text) = match (&course.end, &scale.obstacle) {
        (Some(end), _) => (false, reasons::FINISHED, end.text.as_str()),
        (None, _) if run.valid.suspend => (false, reasons::SUSPENDED, "`spec.suspend` is true"),
        (None, Some(obstacle)) => (false, obstacle.reason, obstacle.text.as_str()),
        (None, None) => match course.verb {
            Some(Verb::Plan) => (true, reasons::PLANNING, "genomes are being listed"),
            Some(Verb::Map) => (true, reasons::ANALYZING, "genomes are being analyzed"),
            Some(Verb::Merge) | None => (true, reasons::MERGING, "reports are being written"),
        },
    };
    writer.set(conditions::PROGRESSING, holds, reason, text);
}

fn thresholds(run: &Run<'_>, course: &Course, writer: &mut Conditions<'_>) {
    let alerts = run.valid.alerts;
    let slow = run.elapsed().is_some_and(|elapsed| elapsed > alerts.duration);
    // Once it has ended, its duration is what it was.
    let before = run.before.and_then(|status| {
        status
            .conditions
            .iter()
            .find(|condition| condition.type_ == conditions::WITHIN_DURATION)
    });
    let slow = slow || before.is_some_and(|condition| course.end.is_some() && condition.status == "False");
    let limit = format!("`alerts.duration` is {} s", alerts.duration.as_secs());
    writer.threshold(conditions::WITHIN_DURATION, slow, &limit);
    let peak = progress::peak_memory(run)
        .and_then(|peak| peak.bytes())
        .unwrap_or(0);
    let limit = format!("`alerts.memory` is {} bytes", alerts.memory);
    writer.threshold(conditions::WITHIN_MEMORY, peak > alerts.memory, &limit);
}

fn outcome(course: &Course, writer: &mut Conditions<'_>) {
    let Some(end) = &course.end else {
        writer.set(conditions::COMPLETE, false, reasons::IN_PROGRESS, "not yet");
        writer.set(conditions::FAILED, false, reasons::IN_PROGRESS, "not failed");
        return;
    };
    let success = matches!(end.phase, Phase::Succeeded | Phase::PartiallySucceeded);
    writer.set(conditions::COMPLETE, success, end.reason, &end.text);
    writer.set(conditions::FAILED, !success, end.reason, &end.text);
}

/// Writes conditions, keeping the time of those whose status stays.
struct Conditions<'a> {
    observed: &'a Observed,
    before: &'a [Condition],
    written: Vec<Condition>,
}

impl<'a> Conditions<'a> {
    fn new(observed: &'a Observed, before: &'a [Condition]) -> Self {
        Self {
            observed,
            before,
            written: Vec::new(),
        }
    }

    fn set(&mut self, kind: &str, holds: bool, reason: &str, text: &str) {
        let status = if holds { "True" } else { "False" };
        let same = self
            .before
            .iter()
            .find(|before| before.type_ == kind && before.status == status);
        self.written.push(Condition {
            type_: kind.to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            message: shortened(text, MAX_TEXT),
            observed_generation: self.observed.analysis.metadata.generation,
            last_transition_time: same.map_or(Time(self.observed.now), |before| {
                before.last_transition_time.clone()
            }),
        });
    }

    fn threshold(&mut self, kind: &str, above: bool, limit: &str) {
        let reason = if above {
            reasons::ABOVE_THRESHOLD
        } else {
            reasons::BELOW_THRESHOLD
        };
        self.set(kind, !above, reason, limit);
    }
}

/// What the change from the last status to `next` is worth telling.
pub fn events(run: &Run<'_>, course: &Course, next: &GenomeAnalysisStatus) -> Vec<EventNote> {
    let mut notes = Vec::new();
    let mut tell = |warning, reason, note: String| {
        notes.push(EventNote {
            warning,
            reason,
            note,
        });
    };
    let became = |kind: &str, status: &str| {
        let find = |conditions: &[Condition]| {
            conditions
                .iter()
                .find(|one| one.type_ == kind && one.status == status)
                .cloned()
        };
        let was = run.before.and_then(|before| find(&before.conditions));
        find(&next.conditions).filter(|_| was.is_none())
    };
    if became(conditions::ACCEPTED, "True").is_some() {
        tell(false, event::ACCEPTED, "the specification is valid".to_owned());
    }
    if let Some(planned) = became(conditions::PLANNED, "True") {
        tell(false, event::PLANNED, planned.message);
    }
    if became(conditions::SUSPENDED, "True").is_some() {
        tell(
            false,
            event::SUSPENDED,
            "no worker is started until `spec.suspend` is false".to_owned(),
        );
    } else if run.before.is_some() && became(conditions::SUSPENDED, "False").is_some() {
        tell(false, event::RESUMED, "it goes on".to_owned());
    }
    if course.end.is_none() && !run.valid.suspend {
        if let Some(blocked) = became(conditions::PROGRESSING, "False") {
            tell(
                true,
                event::BLOCKED,
                format!("{}: {}", blocked.reason, blocked.message),
            );
        } else if run.before.is_some() && became(conditions::PROGRESSING, "True").is_some() {
            tell(
                false,
                event::UNBLOCKED,
                "nothing stands in the way any more".to_owned(),
            );
        }
    }
    if became(conditions::WITHIN_DURATION, "False").is_some() {
        tell(
            true,
            event::SLOW,
            format!("takes longer than {} s", run.valid.alerts.duration.as_secs()),
        );
    }
    for attempt in &course.attempts {
        for (why, count) in &attempt.reasons {
            let text = format!("{count} tasks go into attempt {}", attempt.attempt);
            match why {
                Why::OutOfMemory => {
                    let bytes = run.valid.resources.memory_at(attempt.memory_step);
                    tell(
                        false,
                        event::MEMORY_RAISED,
                        format!("{text} with {bytes} bytes of memory"),
                    );
                }
                Why::Failed => tell(true, event::RETRYING, text),
                Why::NodeLost => tell(
                    false,
                    event::PODS_DISRUPTED,
                    format!("{text}, their node is lost"),
                ),
            }
        }
    }
    let disrupted = |status: &GenomeAnalysisStatus| status.tasks.map_or(0, |tasks| tasks.disrupted);
    let newly = disrupted(next).saturating_sub(run.before.map_or(0, disrupted));
    if newly > 0 {
        tell(
            false,
            event::PODS_DISRUPTED,
            format!("{newly} pods were evicted, preempted or lost; no retry is spent"),
        );
    }
    if let Some(end) = &course.end {
        let (warning, reason) = match end.phase {
            Phase::Succeeded => (false, event::COMPLETED),
            Phase::PartiallySucceeded => (true, event::COMPLETED),
            Phase::Cancelled => (false, event::CANCELLED),
            _ => (true, event::FAILED),
        };
        tell(warning, reason, end.text.clone());
    }
    notes
}
