//! The events that a change of the status is worth.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::{EventNote, orders::Run, phase::Course, retry::Why};
use crate::api::{
    GenomeAnalysisStatus, Phase,
    names::{conditions, events as event},
};

/// What the change from the last status to `next` is worth telling; `is_new` where Jobs are made.
pub fn events(run: &Run<'_>, course: &Course, next: &GenomeAnalysisStatus, is_new: bool) -> Vec<EventNote> {
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
    if is_new {
        once_more(run, course, &mut tell);
        attempts(run, course, &mut tell);
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

/// Why plan or merge goes into another attempt.
fn once_more(run: &Run<'_>, course: &Course, tell: &mut impl FnMut(bool, &'static str, String)) {
    let (Some(next), Some(verb)) = (&course.single, course.verb) else {
        return;
    };
    let jobs = run.jobs_of(verb);
    let (Some(last), Some(why)) = (jobs.last(), &next.reason) else {
        return;
    };
    let text = format!("`{}` goes into attempt {}", verb.as_str(), next.attempt);
    let is_for_memory = next.memory_step > last.memory_step || next.given_up.len() > last.given_up.len();
    if is_for_memory {
        let bytes = run.valid.resources.memory_at(next.memory_step);
        tell(
            false,
            event::MEMORY_RAISED,
            format!("{text} with {bytes} bytes of memory"),
        );
    } else {
        tell(true, event::RETRYING, format!("{text}: {why}"));
    }
}

/// Why tasks go into further attempts.
fn attempts(run: &Run<'_>, course: &Course, tell: &mut impl FnMut(bool, &'static str, String)) {
    for attempt in &course.attempts {
        for (why, count) in &attempt.reasons {
            let tasks = if *count == 1 {
                "1 task goes".to_owned()
            } else {
                format!("{count} tasks go")
            };
            let text = format!("{tasks} into attempt {}", attempt.attempt);
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
                Why::Resumed => tell(false, event::RETRYING, text),
                Why::NodeLost => tell(
                    false,
                    event::PODS_DISRUPTED,
                    format!("{text}, their node is lost"),
                ),
            }
        }
    }
}
