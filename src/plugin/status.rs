//! How an analysis is doing, on one screen, with what to do next.

use std::fmt::Write;

use kube::ResourceExt;

use super::Error;
use super::arguments::{Connection, Format};
use super::cluster::Cluster;
use super::format;
use crate::api::names::{conditions, reasons};
use crate::api::v1alpha1::status::FirstFailure;
use crate::api::{GenomeAnalysis, GenomeAnalysisStatus, Phase};

pub(super) async fn show(connection: &Connection, name: &str, output: Option<Format>) -> Result<(), Error> {
    let analysis = Cluster::connect(connection, None).await?.get(name).await?;
    if let Some(format) = output {
        return format::print(&analysis, format);
    }
    print!("{}", text(&analysis));
    Ok(())
}

/// The screen.
pub(super) fn text(analysis: &GenomeAnalysis) -> String {
    let status = analysis.status.clone().unwrap_or_default();
    let mut screen = String::new();
    let phase = status.phase.map_or("not seen by an operator yet", Phase::as_str);
    let namespace = analysis.namespace().unwrap_or_default();
    let _ = writeln!(screen, "{namespace}/{} · {phase}", analysis.name_any());
    if let Some(message) = &status.message {
        let _ = writeln!(screen, "{message}");
    }
    genomes(&mut screen, &status);
    tasks(&mut screen, &status);
    failures(&mut screen, &status);
    for condition in status
        .conditions
        .iter()
        .filter(|condition| stands_in_the_way(&condition.type_, &condition.status))
    {
        let _ = writeln!(
            screen,
            "{:<10} {}: {}",
            condition.type_, condition.reason, condition.message
        );
    }
    if let Some(results) = &status.results {
        let _ = writeln!(
            screen,
            "results    {}{}",
            results.uri,
            results.report.as_deref().unwrap_or_default()
        );
    }
    if let Some(next) = next(&analysis.name_any(), &status) {
        let _ = writeln!(screen, "next       {next}");
    }
    screen
}

fn genomes(screen: &mut String, status: &GenomeAnalysisStatus) {
    let Some(genomes) = status.genomes.filter(|genomes| genomes.total > 0) else {
        return;
    };
    let settled = genomes.total - genomes.remaining.min(genomes.total);
    let filled = usize::try_from(settled * 30 / genomes.total).unwrap_or(30);
    let percent = settled * 100 / genomes.total;
    let _ = writeln!(
        screen,
        "genomes    [{}{}] {percent}% of {}: {} analyzed, {} cached, {} failed, {} remaining",
        "=".repeat(filled),
        " ".repeat(30 - filled),
        genomes.total,
        genomes.analyzed,
        genomes.cached,
        genomes.failed,
        genomes.remaining
    );
    let mut speed = Vec::new();
    speed.extend(
        status
            .genomes_per_hour
            .map(|rate| format!("{rate} genomes an hour")),
    );
    speed.extend(
        status
            .estimated_completion_time
            .as_ref()
            .map(|time| format!("done at {}", time.0)),
    );
    if !speed.is_empty() {
        let _ = writeln!(screen, "speed      {}", speed.join(", "));
    }
}

fn tasks(screen: &mut String, status: &GenomeAnalysisStatus) {
    if let Some(tasks) = status.tasks {
        let _ = writeln!(
            screen,
            "tasks      {} of {} done, {} active, {} failed; {} retried, {} out of memory, {} disrupted",
            tasks.succeeded,
            tasks.total,
            tasks.active,
            tasks.failed,
            tasks.retried,
            tasks.out_of_memory,
            tasks.disrupted
        );
    }
    if let Some(workers) = &status.workers {
        let reason = workers
            .reason
            .as_ref()
            .map(|reason| format!(" ({reason})"))
            .unwrap_or_default();
        let _ = writeln!(
            screen,
            "workers    {} of {} run{reason}",
            workers.running, workers.desired
        );
    }
    if let Some(memory) = &status.peak_memory {
        let step = status.memory_step.filter(|step| *step > 0);
        let step = step
            .map(|step| format!(", {step} steps up the memory ladder"))
            .unwrap_or_default();
        let _ = writeln!(screen, "memory     {memory} at most{step}");
    }
}

fn failures(screen: &mut String, status: &GenomeAnalysisStatus) {
    let counts = status
        .failures_by_reason
        .iter()
        .map(|failure| format!("{} × {}", failure.count, failure.reason));
    let counts: Vec<String> = counts.collect();
    if !counts.is_empty() {
        let _ = writeln!(screen, "failures   {}", counts.join(", "));
    }
    if let Some(FirstFailure {
        genome,
        task,
        pod,
        node,
        reason,
        exit_code,
        message,
    }) = &status.first_failure
    {
        let mut place = Vec::new();
        place.extend(genome.as_ref().map(|genome| format!("genome `{genome}`")));
        place.extend(task.map(|task| format!("task {task}")));
        place.extend(pod.as_ref().map(|pod| format!("pod {pod}")));
        place.extend(node.as_ref().map(|node| format!("node {node}")));
        place.extend(exit_code.map(|code| format!("exit code {code}")));
        let message = message.as_deref().unwrap_or_default();
        let _ = writeln!(screen, "first      {reason}: {message} ({})", place.join(", "));
    }
}

/// Positive polarity: what should be True and is not; and the three whose True is worth a line.
fn stands_in_the_way(condition: &str, status: &str) -> bool {
    match condition {
        conditions::SCALING_LIMITED | conditions::FAILED => status == "True",
        conditions::ACCEPTED
        | conditions::PROGRESSING
        | conditions::WITHIN_DURATION
        | conditions::WITHIN_MEMORY => status == "False",
        _ => false,
    }
}

/// The one command that helps most now.
fn next(name: &str, status: &GenomeAnalysisStatus) -> Option<String> {
    let failed = status.genomes.is_some_and(|genomes| genomes.failed > 0);
    let reason = |kind: &str| {
        status
            .conditions
            .iter()
            .find(|condition| condition.type_ == kind)
            .map(|condition| condition.reason.as_str())
    };
    match status.phase? {
        Phase::Suspended => Some(format!("kubectl genome resume {name}")),
        Phase::PartiallySucceeded => Some(format!(
            "kubectl genome logs {name} --failed; then kubectl genome retry {name}"
        )),
        Phase::Failed if reason(conditions::ACCEPTED) == Some(reasons::INVALID_SPEC) => Some(
            "mend the manifest (kubectl genome validate -f FILE), delete this analysis and apply it again"
                .to_owned(),
        ),
        Phase::Failed => Some(format!("kubectl genome logs {name} --failed")),
        Phase::Succeeded => Some(format!("kubectl genome results {name}")),
        _ if failed => Some(format!("kubectl genome logs {name} --failed")),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
