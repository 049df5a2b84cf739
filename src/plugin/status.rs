//! How an analysis is doing, on one screen, with what to do next.

mod attempts;
mod failures;
mod next;

use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt;

use super::arguments::{Connection, Named};
use super::cluster::Cluster;
use super::picture::Picture;
use super::{Error, format};
use crate::api::names::conditions;
use crate::api::v1alpha1::Bytes;
use crate::api::{GenomeAnalysisStatus, Phase};

pub(super) async fn show(connection: &Connection, named: &Named) -> Result<(), Error> {
    let cluster = Cluster::connect(connection, None).await?;
    if let Some(format) = named.output.format {
        return format::print(&cluster.get(&named.name).await?, format);
    }
    let picture = Picture::take(&cluster, &named.name).await?;
    print!("{}", text(&picture, Timestamp::now()));
    Ok(())
}

/// The screen.
pub(super) fn text(picture: &Picture, now: Timestamp) -> String {
    let status = picture.status();
    let mut screen = Screen::default();
    heading(&mut screen, picture, &status, now);
    genomes(&mut screen, &status, now);
    workers(&mut screen, &status);
    attempts::add(&mut screen, picture, &status);
    cache(&mut screen, &status);
    failures::add(&mut screen, picture, &status);
    for condition in status
        .conditions
        .iter()
        .filter(|one| stands_in_the_way(one, &status))
    {
        let Condition {
            type_,
            reason,
            message,
            ..
        } = condition;
        screen.line("!", &format!("{type_}: {reason}: {message}"));
    }
    results(&mut screen, &status);
    if let Some(unseen) = &picture.unseen {
        screen.line("note", &format!("attempts and pods are not shown: {unseen}"));
    }
    for sentence in next::steps(&picture.analysis, &status) {
        screen.line("next", &sentence);
    }
    screen.0
}

/// Lines with a word in front, which is said once.
#[derive(Default)]
pub(super) struct Screen(String);

impl Screen {
    /// Adds a line; the word is left out where the line above has it already.
    pub(super) fn line(&mut self, word: &str, text: &str) {
        let above = self
            .0
            .lines()
            .rev()
            .find_map(|line| line.split(' ').next().filter(|word| !word.is_empty()));
        let word = if above == Some(word) { "" } else { word };
        let _ = writeln!(self.0, "{word:<9} {text}");
    }
}

fn heading(screen: &mut Screen, picture: &Picture, status: &GenomeAnalysisStatus, now: Timestamp) {
    let namespace = picture.analysis.namespace().unwrap_or_default();
    let phase = status.phase.map_or("not seen by an operator yet", Phase::as_str);
    let end = status.completion_time.as_ref().map_or(now, |time| time.0);
    let took = status.start_time.as_ref().map(|start| span(start.0, end));
    let word = if status.completion_time.is_some() {
        "after"
    } else {
        "for"
    };
    let took = took.map(|took| format!(" {word} {took}")).unwrap_or_default();
    let _ = writeln!(
        screen.0,
        "{namespace}/{} · {phase}{took}",
        picture.analysis.name_any()
    );
    if let Some(message) = &status.message {
        let _ = writeln!(screen.0, "{message}");
    }
}

fn span(from: Timestamp, to: Timestamp) -> String {
    format::span(Duration::try_from(to.duration_since(from)).unwrap_or_default())
}

fn genomes(screen: &mut Screen, status: &GenomeAnalysisStatus, now: Timestamp) {
    const WIDTH: usize = 30;
    let Some(genomes) = status.genomes.filter(|genomes| genomes.total > 0) else {
        return;
    };
    let settled = genomes.total - genomes.remaining.min(genomes.total);
    let filled = usize::try_from(settled * WIDTH as u64 / genomes.total).unwrap_or_default();
    let bar = format!("{:<1$}", "=".repeat(filled), WIDTH);
    screen.line(
        "genomes",
        &format!("[{bar}] {}% of {}", settled * 100 / genomes.total, genomes.total),
    );
    let counts = format!(
        "{} analyzed, {} cached, {} failed, {} remaining",
        genomes.analyzed, genomes.cached, genomes.failed, genomes.remaining
    );
    screen.line("genomes", &counts);
    let mut speed: Vec<String> = Vec::new();
    speed.extend(
        status
            .genomes_per_hour
            .map(|rate| format!("{rate} genomes an hour")),
    );
    if let Some(eta) = status
        .estimated_completion_time
        .as_ref()
        .filter(|eta| eta.0 > now)
    {
        speed.push(format!("done in about {} ({})", span(now, eta.0), eta.0));
    }
    if !speed.is_empty() {
        screen.line("speed", &speed.join(", "));
    }
}

fn workers(screen: &mut Screen, status: &GenomeAnalysisStatus) {
    let is_over = status.phase.is_some_and(Phase::is_finished);
    if let Some(workers) = status.workers.as_ref().filter(|_| !is_over) {
        let reason = workers
            .reason
            .as_ref()
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        screen.line(
            "workers",
            &format!("{} of {} run{reason}", workers.running, workers.desired),
        );
    }
    if let Some(memory) = status.peak_memory.as_ref().and_then(Bytes::bytes) {
        screen.line(
            "memory",
            &format!("{} at most in one process", format::bytes(memory)),
        );
    }
}

/// Nothing where it answered nothing: it may as well be off.
fn cache(screen: &mut Screen, status: &GenomeAnalysisStatus) {
    if let Some(genomes) = status.genomes.filter(|genomes| genomes.cached > 0) {
        let done = genomes.analyzed + genomes.cached;
        let share = genomes.cached * 100 / done;
        screen.line(
            "cache",
            &format!("answered {} of {done} genomes ({share}%)", genomes.cached),
        );
    }
}

fn results(screen: &mut Screen, status: &GenomeAnalysisStatus) {
    let Some(results) = &status.results else { return };
    let report = results.report.as_deref().unwrap_or_default();
    screen.line("results", &format!("{}{report}", results.uri));
    if let (Some(traits), Some(genes)) = (results.detectable_traits, results.pleiotropic_genes) {
        let traits = format::count(traits, "trait");
        let genes = format::count(genes, "candidate");
        screen.line(
            "results",
            &format!("{traits} with a detectable signature, {genes} for pleiotropy"),
        );
    }
}

/// What should be True and is not. Why there are fewer workers stands with the workers.
fn stands_in_the_way(condition: &Condition, status: &GenomeAnalysisStatus) -> bool {
    let is_over = status.phase.is_some_and(Phase::is_finished);
    match condition.type_.as_str() {
        conditions::PROGRESSING => condition.status == "False" && !is_over,
        conditions::ACCEPTED | conditions::WITHIN_DURATION | conditions::WITHIN_MEMORY => {
            condition.status == "False"
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
