//! The attempts of the map stage: how much memory each had, and how far it is.

use std::fmt::Write;

use genome_contract::Verb;

use super::Screen;
use crate::api::GenomeAnalysisStatus;
use crate::plugin::format;
use crate::plugin::picture::Picture;
use crate::results::JobState;
use crate::validate::{Settings, validate};

/// More than these fit on no screen; the latest are the ones that matter.
const MOST: usize = 6;

pub(super) fn add(screen: &mut Screen, picture: &Picture, status: &GenomeAnalysisStatus) {
    if let Some(tasks) = status.tasks.filter(|tasks| tasks.total > 0) {
        let mut text = format!("{} of {} done", tasks.succeeded, tasks.total);
        for (number, what) in [
            (tasks.active, "in hand"),
            (tasks.failed, "given up"),
            (tasks.retried, "retried"),
            (tasks.out_of_memory, "out of memory"),
            (tasks.disrupted, "disrupted (free)"),
        ] {
            if number > 0 {
                let _ = write!(text, ", {number} {what}");
            }
        }
        screen.line("tasks", &text);
        if tasks.chunks_found > 0 {
            let chunks = format::count(tasks.chunks_found, "chunk");
            let text = format!("{chunks} written by earlier attempts and not done again");
            screen.line("tasks", &text);
        }
    }
    let jobs: Vec<&JobState> = picture
        .of_this_round()
        .into_iter()
        .filter(|job| job.verb == Verb::Map)
        .collect();
    if jobs.len() < 2 {
        return;
    }
    for job in &jobs[jobs.len().saturating_sub(MOST)..] {
        screen.line("attempts", &line(job, picture));
    }
}

fn line(job: &JobState, picture: &Picture) -> String {
    let settings = Settings::default().allowing(&picture.analysis.spec.scheduling);
    let valid = validate(&picture.analysis, &settings).ok();
    let memory = valid.map(|valid| format::bytes(valid.resources.memory_at(job.memory_step)));
    let memory = memory.unwrap_or_else(|| format!("step {}", job.memory_step));
    let running = match job.running_pods() {
        0 => String::new(),
        running => format!(", {running} running"),
    };
    let failed = match job.failed.len() {
        0 => String::new(),
        failed => format!(", {failed} went on to the next"),
    };
    format!(
        "{}: {memory}, {} of {} tasks done{running}{failed}",
        job.attempt,
        job.succeeded.len(),
        job.tasks.len()
    )
}
