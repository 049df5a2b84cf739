//! Counts, rate and forecast. Counts never go back: pods may vanish with what they said, the status keeps it.

use std::time::Duration;

use genome_contract::{Message, message::GenomeCounts};
use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};

use super::{
    orders::Run,
    phase::Course,
    retry::{Rules, TaskState, lost_since},
};
use crate::{
    api::{
        GenomeAnalysisStatus,
        v1alpha1::{
            Bytes,
            status::{FailureCount, GenomeTotals, TaskTotals},
        },
    },
    results::pod_state::Life,
};

/// Genomes by outcome. The last word of a merge is exact and replaces what was counted on the way.
pub fn genomes(run: &Run<'_>, course: &Course) -> Option<GenomeTotals> {
    let before = run.before.and_then(|status| status.genomes).unwrap_or_default();
    if let Some(message) = course.end.as_ref().and_then(|end| end.last_word.as_ref()) {
        return Some(exact(run, message, before));
    }
    let Some(planned) = run.planned() else {
        return run.before?.genomes;
    };
    let total = planned.genomes;
    let GenomeCounts {
        total: _,
        analyzed,
        cached,
        failed,
    } = run.counts.genomes;
    let analyzed = analyzed.max(before.analyzed).min(total);
    let cached = cached.max(before.cached).min(total - analyzed);
    let rest = total - analyzed - cached;
    let merged = course.end.as_ref().is_some_and(|end| {
        end.phase != crate::api::Phase::Cancelled
            && course.ledger.is_settled()
            && !course.ledger.tasks.is_empty()
    });
    let failed = if merged {
        rest
    } else {
        failed.max(before.failed).min(rest)
    };
    Some(GenomeTotals {
        total,
        analyzed,
        cached,
        failed,
        remaining: rest - failed,
    })
}

fn exact(run: &Run<'_>, message: &Message, before: GenomeTotals) -> GenomeTotals {
    let total = message.genomes.total;
    let done = (message.genomes.analyzed + message.genomes.cached).min(total);
    // A merge sees rows; what came from the cache is known from the tasks.
    let cached = run.counts.genomes.cached.max(before.cached);
    let cached = cached.min(done - before.analyzed.min(done));
    // A genome of a task that was given up has no row; it failed none the less.
    GenomeTotals {
        total,
        analyzed: done - cached,
        cached,
        failed: total - done,
        remaining: 0,
    }
}

/// Tasks by state.
pub fn tasks(run: &Run<'_>, course: &Course) -> Option<TaskTotals> {
    let before = run.before.and_then(|status| status.tasks).unwrap_or_default();
    let Some(planned) = run.planned() else {
        return run.before?.tasks;
    };
    let ledger = &course.ledger;
    let active: u64 = run
        .map_jobs()
        .iter()
        .filter(|job| job.is_live())
        .map(|job| u64::from(job.live_pods()))
        .sum();
    let succeeded = ledger.count(|task| *task == TaskState::Done);
    let failed = ledger.count(|task| matches!(task, TaskState::BadInput | TaskState::GivenUp));
    let total = u64::from(planned.tasks);
    let succeeded = succeeded.max(before.succeeded).min(total);
    Some(TaskTotals {
        total,
        active: if course.end.is_some() { 0 } else { active },
        succeeded,
        failed: failed.min(total - succeeded),
        retried: ledger.retried.max(before.retried),
        out_of_memory: ledger
            .out_of_memory
            .max(run.counts.out_of_memory)
            .max(before.out_of_memory),
        disrupted: (run.counts.disrupted + lost(run)).max(before.disrupted),
        chunks_found: run.counts.chunks_found.max(before.chunks_found),
    })
}

/// Pods on nodes that are lost, whose tasks are tried elsewhere.
fn lost(run: &Run<'_>) -> u64 {
    let Rules { lost_node, now, .. } = run.rules();
    let jobs = run.map_jobs();
    let pods = jobs.iter().flat_map(|job| &job.pods);
    let lost = pods.filter(|pod| !pod.disrupted && lost_since(pod, lost_node, now).is_some());
    lost.count() as u64
}

/// Share that is settled, in percent, rounded down.
pub fn percent(genomes: GenomeTotals) -> Option<u32> {
    let GenomeTotals {
        total,
        analyzed,
        cached,
        failed,
        remaining: _,
    } = genomes;
    u32::try_from((analyzed + cached + failed) * 100 / total.max(1))
        .ok()
        .filter(|_| total > 0)
}

/// What is overdue is put off by at least this much, so that the status is not written again and again for it.
const OVERDUE: Duration = Duration::from_secs(15);

/// Genomes an hour, and when the rest will be done: never a time that has passed. Measured from the first worker's start
/// to the last one's end, so that it changes only when something happens.
pub fn forecast(run: &Run<'_>, genomes: GenomeTotals) -> Option<(u64, Time)> {
    let pods = || {
        run.jobs
            .iter()
            .filter(|job| job.verb == genome_contract::Verb::Map)
            .flat_map(|job| &job.pods)
    };
    let first = pods().filter_map(|pod| pod.started).min()?;
    let last = pods()
        .filter(|pod| pod.life == Life::Succeeded)
        .filter_map(|pod| pod.finished)
        .max()?;
    let elapsed = Duration::try_from(last.duration_since(first))
        .ok()?
        .max(Duration::from_secs(1));
    let settled = run.counts.settled_by_plan;
    let done = genomes.analyzed + genomes.cached + genomes.failed;
    let done = done.saturating_sub(settled.analyzed + settled.cached);
    if done == 0 {
        return None;
    }
    let left = elapsed.mul_f64(genomes.remaining as f64 / done as f64);
    let after = |moment: Timestamp, wait: Duration| {
        let eta = moment.checked_add(k8s_openapi::jiff::SignedDuration::try_from(wait).ok()?);
        Timestamp::from_second(eta.ok()?.as_second()).ok()
    };
    let now = run.observed.now;
    let is_ahead = |eta: &Timestamp| *eta >= now;
    let said = || run.before?.estimated_completion_time.as_ref().map(|eta| eta.0);
    let eta = after(last, left)
        .filter(is_ahead)
        .or_else(|| said().filter(is_ahead))
        .or_else(|| after(now, left.max(OVERDUE)))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive rate, far below 2^63"
    )]
    let rate = (done as f64 * 3600.0 / elapsed.as_secs_f64()) as u64;
    Some((rate, Time(eta)))
}

/// Highest memory of one process, as a quantity of whole mebibytes.
pub fn peak_memory(run: &Run<'_>) -> Option<Bytes> {
    let before = run
        .before
        .and_then(|status| status.peak_memory.as_ref()?.bytes())
        .unwrap_or(0);
    let mebibytes = run.counts.peak_memory.max(before).div_ceil(1 << 20);
    (mebibytes > 0).then(|| Bytes(format!("{mebibytes}Mi")))
}

/// Failed genomes by reason, most frequent first.
pub fn failures_by_reason(run: &Run<'_>, before: Option<&GenomeAnalysisStatus>) -> Vec<FailureCount> {
    let mut all = run
        .counts
        .failures
        .iter()
        .map(|(reason, count)| (*reason, *count))
        .collect::<Vec<_>>();
    for old in before.iter().flat_map(|status| &status.failures_by_reason) {
        let known = genome_contract::Reason::ALL
            .iter()
            .find(|reason| reason.as_str() == old.reason);
        let Some(word) = known.map(|reason| reason.as_str()) else {
            continue;
        };
        match all.iter_mut().find(|(reason, _)| *reason == word) {
            Some((_, count)) => *count = old.count.max(*count),
            None => all.push((word, old.count)),
        }
    }
    all.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
    all.truncate(10);
    all.into_iter()
        .map(|(reason, count)| FailureCount {
            reason: reason.to_owned(),
            count,
        })
        .collect()
}
