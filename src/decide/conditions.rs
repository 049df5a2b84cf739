//! The conditions of a run: what holds, why, and since when.

use genome_contract::Verb;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::{Observed, orders::Run, phase::Course, progress, scaling::Scale};
use crate::{
    api::{
        Phase,
        names::{conditions, reasons},
    },
    results::counts::shortened,
};

/// Longest message of a condition, and of the status: with all of them at their longest, the status stays under 16 KiB.
pub(super) const MAX_TEXT: usize = 1024;

/// All conditions of a run, in the order of [`conditions::ALL`].
pub(super) fn conditions_of(run: &Run<'_>, course: &Course, scale: &Scale) -> Vec<Condition> {
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
pub(super) struct Conditions<'a> {
    observed: &'a Observed,
    before: &'a [Condition],
    pub(super) written: Vec<Condition>,
}

impl<'a> Conditions<'a> {
    pub(super) fn new(observed: &'a Observed, before: &'a [Condition]) -> Self {
        Self {
            observed,
            before,
            written: Vec::new(),
        }
    }

    pub(super) fn set(&mut self, kind: &str, holds: bool, reason: &str, text: &str) {
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
