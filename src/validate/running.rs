//! Amounts: what a worker gets, how many there are, how long they may take.

use std::num::NonZeroU32;
use std::time::Duration;

use super::{Alerts, DEFAULT_TARGET_SIZE, Problems, Resources, Retries, Scaling, Timeouts};
use crate::api::v1alpha1::{self, Bytes, TimeSpan};

/// Least memory of a worker: below it the analyzer does not start.
const LEAST_MEMORY: u64 = 32 << 20;
/// Most workers, and Jobs' parallelism, that a specification may ask for.
const MOST_WORKERS: u32 = 10_000;
/// HighLatency's threshold where neither the specification nor `finishWithin` gives one.
const DEFAULT_ALERT: Duration = Duration::from_mins(5);

pub(super) fn resources(resources: &v1alpha1::Resources, problems: &mut Problems) -> Option<Resources> {
    let v1alpha1::Resources {
        cpu,
        memory,
        max_memory,
    } = resources;
    let millicores = cpu
        .millicores()
        .filter(|millicores| (10..=1_024_000).contains(millicores));
    problems.require(millicores.is_some(), "spec.resources.cpu", || {
        format!("`{cpu}` is no number of cores from `10m` to `1024`, such as `1` or `500m`")
    });
    let memory = bytes("spec.resources.memory", memory, problems);
    let max_memory = match max_memory {
        None => memory.map(|memory| memory.saturating_mul(4)),
        Some(max) => bytes("spec.resources.maxMemory", max, problems),
    };
    let (millicores, memory, max_memory) = (millicores?, memory?, max_memory?);
    problems.require(memory >= LEAST_MEMORY, "spec.resources.memory", || {
        format!("is {memory} bytes: at least `32Mi` expected")
    });
    problems.require(max_memory >= memory, "spec.resources.maxMemory", || {
        format!("is {max_memory} bytes, less than `spec.resources.memory` with {memory}")
    });
    Some(Resources {
        millicores,
        memory,
        max_memory,
    })
}

pub(super) fn scaling(scaling: &v1alpha1::Scaling, problems: &mut Problems) -> Option<Scaling> {
    let v1alpha1::Scaling {
        min_workers,
        max_workers,
        finish_within,
        workers,
    } = scaling;
    let count = |path: &str, count: u32, problems: &mut Problems| {
        let count = NonZeroU32::new(count).filter(|count| count.get() <= MOST_WORKERS);
        problems.require(count.is_some(), path, || format!("1 to {MOST_WORKERS} expected"));
        count
    };
    let min = count("spec.scaling.minWorkers", *min_workers, problems);
    let max = count("spec.scaling.maxWorkers", *max_workers, problems);
    problems.require(
        workers.is_none_or(|workers| workers <= MOST_WORKERS),
        "spec.scaling.workers",
        || format!("at most {MOST_WORKERS} expected"),
    );
    let finish_within = optional_span("spec.scaling.finishWithin", finish_within.as_ref(), problems)?;
    let (min_workers, max_workers) = (min?, max?);
    problems.require(min_workers <= max_workers, "spec.scaling.minWorkers", || {
        format!("is {min_workers}, more than `spec.scaling.maxWorkers` with {max_workers}")
    });
    Some(Scaling {
        min_workers,
        max_workers,
        finish_within,
        workers: *workers,
    })
}

pub(super) fn target_size(tasks: &v1alpha1::Tasks, problems: &mut Problems) -> Option<u64> {
    let v1alpha1::Tasks { target_size } = tasks;
    let Some(target_size) = target_size else {
        return Some(DEFAULT_TARGET_SIZE);
    };
    let bytes = bytes("spec.tasks.targetSize", target_size, problems)?;
    problems.require(bytes > 0, "spec.tasks.targetSize", || "is 0".to_owned());
    Some(bytes)
}

pub(super) fn retries(retries: &v1alpha1::Retries, problems: &mut Problems) -> Option<Retries> {
    let v1alpha1::Retries {
        per_task,
        max_failed_genomes,
        round,
    } = retries;
    problems.require(*per_task <= 100, "spec.retries.perTask", || {
        format!("is {per_task}: 0 to 100 expected")
    });
    let share = max_failed_genomes.share();
    problems.require(share.is_some(), "spec.retries.maxFailedGenomes", || {
        format!("`{max_failed_genomes}` is neither a number nor a percentage such as `5%`")
    });
    Some(Retries {
        per_task: *per_task,
        max_failed_genomes: share?,
        round: *round,
    })
}

pub(super) fn timeouts(timeouts: &v1alpha1::Timeouts, problems: &mut Problems) -> Option<Timeouts> {
    let v1alpha1::Timeouts { total, genome } = timeouts;
    let total = optional_span("spec.timeouts.total", total.as_ref(), problems);
    let genome = at_least_a_second("spec.timeouts.genome", genome, problems);
    Some(Timeouts {
        total: total?,
        genome: genome?,
    })
}

pub(super) fn alerts(
    alerts: &v1alpha1::Alerts,
    scaling: Option<&Scaling>,
    problems: &mut Problems,
) -> Option<Alerts> {
    let v1alpha1::Alerts { duration, memory } = alerts;
    let memory = bytes("spec.alerts.memory", memory, problems);
    let duration = optional_span("spec.alerts.duration", duration.as_ref(), problems)?
        .or_else(|| scaling.and_then(|scaling| scaling.finish_within))
        .unwrap_or(DEFAULT_ALERT);
    Some(Alerts {
        duration,
        memory: memory?,
    })
}

/// A span of time that has at least one second.
pub(super) fn at_least_a_second(path: &str, span: &TimeSpan, problems: &mut Problems) -> Option<Duration> {
    let duration = span.duration();
    problems.require(duration.is_some(), path, || {
        format!("`{span}` is no duration: numbers with `h`, `m`, `s` or `ms` expected, such as `1h30m`")
    });
    let duration = duration?;
    problems.require(duration >= Duration::from_secs(1), path, || {
        format!("is `{span}`: at least `1s` expected")
    });
    Some(duration)
}

/// `None` where the span is given and wrong.
#[expect(clippy::option_option, reason = "absent and wrong are different answers")]
fn optional_span(path: &str, span: Option<&TimeSpan>, problems: &mut Problems) -> Option<Option<Duration>> {
    match span {
        None => Some(None),
        Some(span) => at_least_a_second(path, span, problems).map(Some),
    }
}

fn bytes(path: &str, quantity: &Bytes, problems: &mut Problems) -> Option<u64> {
    let bytes = quantity.bytes();
    problems.require(bytes.is_some(), path, || {
        format!("`{quantity}` is no quantity of bytes; hint: `512Mi`, `2G`")
    });
    bytes
}
