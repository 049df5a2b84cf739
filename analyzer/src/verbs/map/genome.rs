//! One genome: opened at the version the plan saw, read, analyzed, within its time. What is wrong with it is a row.

use std::future::Future;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use genome_contract::Reason;
use genome_contract::exit::ExitCode;
use genome_contract::plan::PlannedGenome;

use crate::analyze::{analyze_with, memory_needed};
use crate::input::InputError;
use crate::memory::{Guard, Limit};
use crate::read::{ReadOptions, read_genome};
use crate::record::Genome;
use crate::rows::{FailureRow, GenomeRow, GenomeRows};
use crate::traits::Panel;
use crate::verbs::plan::STDIN;
use crate::verbs::{Session, Stop};

/// A genome on the way to its rows.
pub(super) enum Reading {
    /// Its rows; if the cache did not have them, it could not be read.
    Settled {
        rows: Box<GenomeRows>,
        is_cached: bool,
        took: Duration,
    },
    /// Still to be analyzed.
    Read {
        genome: Box<Genome>,
        /// Watches over it.
        guard: Option<Guard>,
        /// How long reading took.
        took: Duration,
    },
}

/// Reads `genome`. Only what is nobody's input's fault stops the task.
pub(super) async fn read(
    session: &Session,
    panel: &Panel,
    genome: &PlannedGenome,
    method_hash: &str,
) -> Result<Reading, Stop> {
    let options = ReadOptions {
        guard: session.memory.and_then(Limit::guard),
        ..options(session, panel)
    };
    read_with(session, genome, method_hash, options).await
}

pub(super) fn options(session: &Session, panel: &Panel) -> ReadOptions {
    let method = &session.request.method;
    ReadOptions {
        genetic_code: method.genetic_code,
        gene_calling: method.gene_calling,
        keeps_proteins: panel.needs_proteins(),
        ..ReadOptions::default()
    }
}

pub(super) async fn read_with(
    session: &Session,
    genome: &PlannedGenome,
    method_hash: &str,
    options: ReadOptions,
) -> Result<Reading, Stop> {
    let begin = Instant::now();
    let guard = options.guard;
    let read = within(
        session,
        Duration::ZERO,
        read_now(session, genome, method_hash, options),
    )
    .await;
    let took = begin.elapsed();
    Ok(match read {
        Ok(Found::Rows(rows)) => Reading::Settled {
            rows,
            is_cached: true,
            took,
        },
        Ok(Found::Genome(genome)) => Reading::Read { genome, guard, took },
        Err(stop) => Reading::Settled {
            rows: Box::new(as_row(stop, genome)?),
            is_cached: false,
            took,
        },
    })
}

/// What a genome came to.
pub(super) struct Done {
    pub(super) rows: GenomeRows,
    /// Whether the cache had them.
    pub(super) is_cached: bool,
    /// How long it took, waiting for its turn left out.
    pub(super) took: Duration,
}

/// The rows of a genome that was read.
pub(super) async fn rows(
    session: &Session,
    panel: &Arc<Panel>,
    planned: &PlannedGenome,
    method_hash: &str,
    reading: Reading,
) -> Result<Done, Stop> {
    let (genome, guard, took) = match reading {
        Reading::Settled {
            rows,
            is_cached,
            took,
        } => {
            return Ok(Done {
                rows: *rows,
                is_cached,
                took,
            });
        }
        Reading::Read { genome, guard, took } => (genome, guard, took),
    };
    let begin = Instant::now();
    let rows = match within(session, took, analyze_now(session, panel, genome, guard)).await {
        Ok(rows) => {
            session.cache.keep(planned, method_hash, &rows).await;
            rows
        }
        Err(stop) => as_row(stop, planned)?,
    };
    Ok(Done {
        rows,
        is_cached: false,
        took: took + begin.elapsed(),
    })
}

/// What `work` comes to in what `took` has left of the time of a genome.
async fn within<T>(
    session: &Session,
    took: Duration,
    work: impl Future<Output = Result<T, Stop>>,
) -> Result<T, Stop> {
    let limit = Duration::from_secs(session.request.genome_timeout_seconds);
    let in_time = tokio::time::timeout(limit.saturating_sub(took), work).await;
    in_time.unwrap_or_else(|_| {
        let text = format!(
            "not done after {} s; hint: raise `timeouts.genome`",
            limit.as_secs()
        );
        Err(Stop::new(Reason::GenomeTimeout, text))
    })
}

/// What is the genome's own fault becomes its row, while the task goes on; anything else stops the task.
fn as_row(stop: Stop, genome: &PlannedGenome) -> Result<GenomeRows, Stop> {
    if matches!(
        stop.reason.exit_code(),
        ExitCode::BadInput | ExitCode::AccessDenied
    ) {
        return Ok(failed(stop.reason, stop.text));
    }
    Err(Stop {
        text: format!("genome `{}`: {}", genome.id, stop.text),
        ..stop
    })
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

/// What there is of a genome once it has been read.
enum Found {
    /// The cache had its rows.
    Rows(Box<GenomeRows>),
    Genome(Box<Genome>),
}

async fn read_now(
    session: &Session,
    genome: &PlannedGenome,
    method_hash: &str,
    options: ReadOptions,
) -> Result<Found, Stop> {
    if let Some(rows) = session.cache.of_object(genome, method_hash).await {
        return Ok(Found::Rows(Box::new(rows)));
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
    let read = outside(move || read_genome(sequence, annotation, &options)).await?;
    let read = read.map_err(|error| Stop::new(error.reason(), chain(&error)))?;
    let content = blake3::Hash::from_bytes(read.content_hash).to_hex();
    if let Some(rows) = session.cache.of_content(&content, method_hash).await {
        session.cache.keep(genome, method_hash, &rows).await;
        return Ok(Found::Rows(Box::new(rows)));
    }
    Ok(Found::Genome(Box::new(read)))
}

async fn analyze_now(
    session: &Session,
    panel: &Arc<Panel>,
    genome: Box<Genome>,
    guard: Option<Guard>,
) -> Result<GenomeRows, Stop> {
    let (panel, method) = (panel.clone(), session.request.method.clone());
    let (associations, settings) = (session.request.output.associations, session.settings);
    if let Some(guard) = guard {
        let checked = guard.check(memory_needed(&genome, &panel, associations));
        checked.map_err(|error| Stop::from(InputError::from(error)))?;
    }
    // Wholly on a thread of the pool: from outside, each of its parallel parts would wait for one of them to wake up.
    let analyzed = move || rayon::scope(|_| analyze_with(&genome, &panel, &method, associations, settings));
    outside(analyzed).await
}

/// Runs `work` on a blocking thread, so that the time-out and SIGTERM are heard meanwhile; its panic is ours. It begins at
/// once, whether or not anyone waits for it yet.
pub(super) fn outside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = Result<T, Stop>> + Send + 'static {
    let work = tokio::task::spawn_blocking(work);
    async {
        match work.await {
            Ok(done) => Ok(done),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => Err(Stop::internal(error.to_string())),
            },
        }
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
