//! One genome: opened at the version the plan saw, read, analyzed, within its time. What is wrong with it is a row.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use genome_contract::Reason;
use genome_contract::plan::PlannedGenome;

use crate::analyze::{analyze_with, memory_needed};
use crate::input::InputError;
use crate::memory::Limit;
use crate::read::{ReadOptions, read_genome};
use crate::rows::{FailureRow, GenomeRow, GenomeRows};
use crate::traits::Panel;
use crate::verbs::plan::STDIN;
use crate::verbs::{Session, Stop};

/// The rows of `genome`, and whether the cache had them. Only what is nobody's input's fault stops the task.
pub(super) async fn rows(
    session: &Session,
    panel: &Arc<Panel>,
    genome: &PlannedGenome,
    method_hash: &str,
) -> Result<(GenomeRows, bool), Stop> {
    let limit = Duration::from_secs(session.request.genome_timeout_seconds);
    match tokio::time::timeout(limit, compute(session, panel, genome, method_hash)).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(stop)) if is_its_own(stop.reason) => Ok((failed(stop.reason, stop.text), false)),
        Ok(Err(stop)) => Err(Stop {
            text: format!("genome `{}`: {}", genome.id, stop.text),
            ..stop
        }),
        Err(_) => {
            let text = format!(
                "not done after {} s; hint: raise `timeouts.genome`",
                limit.as_secs()
            );
            Ok((failed(Reason::GenomeTimeout, text), false))
        }
    }
}

/// Whether the reason is the genome's and becomes a row, while the task goes on.
fn is_its_own(reason: Reason) -> bool {
    use genome_contract::exit::ExitCode;
    matches!(reason.exit_code(), ExitCode::BadInput | ExitCode::AccessDenied)
}

/// The rows of a genome without results.
pub(super) fn failed(reason: Reason, message: String) -> GenomeRows {
    let genome = GenomeRow {
        failure: Some(FailureRow { reason, message }),
        ..GenomeRow::default()
    };
    GenomeRows {
        genome,
        genes: Vec::new(),
        associations: Vec::new(),
        correlation: genome_contract::chunk::CorrelationSums::default(),
    }
}

/// The rows, and whether the cache had them.
async fn compute(
    session: &Session,
    panel: &Arc<Panel>,
    genome: &PlannedGenome,
    method_hash: &str,
) -> Result<(GenomeRows, bool), Stop> {
    if let Some(rows) = session.cache.of_object(genome, method_hash).await {
        return Ok((rows, true));
    }
    let etags: Vec<_> = genome
        .etag
        .iter()
        .flat_map(|etag| etag.split(' '))
        .map(str::to_owned)
        .collect();
    let sequence = open(session, &genome.uri, etags.first().cloned()).await?;
    let annotation = match &genome.annotation_uri {
        Some(uri) => Some(open(session, uri, etags.get(1).cloned()).await?),
        None => None,
    };
    let method = session.request.method.clone();
    let guard = session.memory.and_then(Limit::guard);
    let options = ReadOptions {
        genetic_code: method.genetic_code,
        gene_calling: method.gene_calling,
        keeps_proteins: panel.needs_proteins(),
        guard,
        ..ReadOptions::default()
    };
    let read = outside(move || read_genome(sequence, annotation, &options)).await?;
    let read = read.map_err(|error| Stop::new(error.reason(), chain(&error)))?;
    let content = blake3::Hash::from_bytes(read.content_hash).to_hex();
    if let Some(rows) = session.cache.of_content(&content, method_hash).await {
        session.cache.keep(genome, method_hash, &rows).await;
        return Ok((rows, true));
    }
    let (panel, associations, settings) = (
        panel.clone(),
        session.request.output.associations,
        session.settings,
    );
    if let Some(guard) = guard {
        let checked = guard.check(memory_needed(&read, &panel, associations));
        checked.map_err(|error| Stop::from(InputError::from(error)))?;
    }
    let rows = outside(move || analyze_with(&read, &panel, &method, associations, settings)).await?;
    session.cache.keep(genome, method_hash, &rows).await;
    Ok((rows, false))
}

/// Runs `work` on a blocking thread, so that the time-out and SIGTERM are heard meanwhile; its panic is ours.
async fn outside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Stop> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(Stop::internal(error.to_string())),
        },
    }
}

/// The error with its causes, each said once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let said = inner.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = inner.source();
    }
    text
}

/// The stored bytes at `uri`, if they are still those of `etag`.
async fn open(session: &Session, uri: &str, etag: Option<String>) -> Result<Box<dyn Read + Send>, Stop> {
    if uri == STDIN {
        return Ok(Box::new(io::stdin()));
    }
    // Rows name no URI, so that they are the same wherever the genome lies.
    Ok(session.stores.read(uri, etag).await?)
}
