//! Observed → Decision: everything the operator thinks, and nothing it does. Pure: time is a value in [`Observed`].
//!
//! ```text
//!  expiry ─► validate ─► suspend/cancel ─► phase: plan → map → merge ─► scaling ─► status
//!                                      └ retry, attempts, memory     └ pace, share, pressure, trouble
//! ```
//!
//! One policy a file, its tests beside it. Deciding again on the outcome of a decision asks for nothing.
#![deny(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod announcements;
pub mod attempts;
mod conditions;
pub mod expiry;
pub mod finish;
pub mod memory;
pub mod orders;
pub mod pace;
pub mod phase;
pub mod pressure;
pub mod progress;
pub mod retry;
pub mod scaling;
pub mod share;
pub mod single;
pub mod status;
pub mod trouble;
mod types;

pub use types::{
    Decision, EventNote, Observed, OperatorSettings, ParallelismPatch, Refusal, RefusalKind, Timing, Trouble,
};

use std::borrow::Cow;

use crate::validate::{self, ValidAnalysis, validate};
use orders::Run;
use phase::Course;

/// What to do about one analysis.
pub fn decide(observed: &Observed, settings: &OperatorSettings) -> Decision {
    let analysis = &*observed.analysis;
    if analysis.metadata.deletion_timestamp.is_some() {
        return Decision::default();
    }
    if finish::is_finished(analysis) {
        return expiry::after_the_end(observed);
    }
    if let Some(end) = expiry::with_its_namespace(observed) {
        return end;
    }
    match validate(analysis, &allowances(observed, settings)) {
        Ok(valid) => decide_valid(observed, settings, &valid),
        Err(problems) => status::refused(observed, &problems),
    }
}

/// What is allowed is asked before the first Job: a run that has begun goes on, whatever an operator that comes after it
/// allows. It gives nobody anything: who could forge a Job could name any class and account in it.
fn allowances<'a>(observed: &Observed, settings: &'a OperatorSettings) -> Cow<'a, validate::Settings> {
    if observed.jobs.is_empty() {
        Cow::Borrowed(&settings.validation)
    } else {
        Cow::Owned(settings.validation.allowing(&observed.analysis.spec.scheduling))
    }
}

fn decide_valid(observed: &Observed, settings: &OperatorSettings, valid: &ValidAnalysis) -> Decision {
    let run = Run::new(observed, settings, valid);
    let course = match finish::early(&run) {
        Some(end) => Course::ended(end),
        None => phase::course(&run),
    };
    let scale = scaling::scale(&run, &course);
    let create = orders::creations(&run, &course, &scale);
    let patch = scaling::patches(&run, &scale);
    let status = status::next(&run, &course, &scale);
    let events = announcements::events(&run, &course, &status, !create.is_empty());
    let next = expiry::next_look(&run, &course, &scale, &status);
    let changed = observed.analysis.status.as_ref() != Some(&status);
    Decision {
        create,
        patch,
        remove: false,
        status: changed.then_some(status),
        events,
        next: Some(next),
    }
}
