//! A manifest → results without a cluster: the analyzer as child processes.
//!
//! ```text
//!  manifest ─► validate ─► plan ─► request.json ─► genomic_pleiotropy plan ─► map × tasks, in parallel ─► merge
//! ```
//!
//! Children get the pods' requests, exit codes and message file, so results are those of the cluster by
//! construction. Claims are played by folders (`--mount`), ConfigMaps by further documents of the manifest,
//! Secrets by the caller's environment. Nothing here reads a genome.

mod analyzer;
pub mod cache;
mod child;
pub mod manifest;
pub mod mounts;
mod preview;
mod progress;
mod retry;
mod stage;
mod stop;
mod summary;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use genome_contract::Verb;
use genome_contract::message::{GenomeCounts, Message};
use genome_contract::request::{Attempt, Request, TraitSource};
use k8s_openapi::api::core::v1::ConfigMap;
use tempfile::TempDir;
use thiserror::Error;

use crate::plan;
use crate::validate::{Panel, Problems, Settings, ValidAnalysis};
use analyzer::Analyzer;
use manifest::{BadManifest, Manifest};
use mounts::Mount;
use progress::Progress;
use stage::{Stage, Work};

pub use preview::{Preview, preview};
pub use stop::Stop;

/// What `run --local` was asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The manifest; `-` is standard input.
    pub file: PathBuf,
    /// Which folder plays which claim.
    pub mounts: Vec<(String, PathBuf)>,
    /// The analyzer, where it is not to be looked for.
    pub analyzer: Option<PathBuf>,
    /// The folder that plays the cache where the manifest names none; absent: nothing is cached.
    pub cache: Option<PathBuf>,
}

/// How a local run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every genome has a result.
    Done,
    /// Some genomes, or tasks, failed.
    Partly,
    /// No genome has a result, or more failed than the manifest allows.
    Failed,
    /// Somebody asked it to stop.
    Interrupted,
}

impl Outcome {
    /// The exit code of `kubectl genome run`.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Partly => 3,
            Self::Failed => 1,
            // 128 + SIGINT, as shells report it.
            Self::Interrupted => 130,
        }
    }
}

/// Why there was no run, or why it could not go on.
#[derive(Debug, Error)]
pub enum Error {
    /// The manifest is wrong.
    #[error(transparent)]
    Manifest(#[from] BadManifest),
    /// The manifest and the command line don't fit each other.
    #[error("{0}")]
    Mismatch(Problems),
    /// The analyzer was not found.
    #[error(
        "no analyzer: {0}; hint: `--analyzer PATH`, or `GENOME_ANALYZER`, or put `genomic_pleiotropy` beside this \
         program or on `PATH`"
    )]
    NoAnalyzer(String),
    /// A child process could not be started, or its files not be written.
    #[error("{doing}")]
    Child {
        /// What was attempted, on what.
        doing: String,
        /// Why it did not work.
        #[source]
        source: io::Error,
    },
    /// The analyzer said that it can't go on.
    #[error("{verb} stopped with exit code {code}: {text}")]
    Stopped {
        /// The verb that stopped.
        verb: &'static str,
        /// Its exit code.
        code: i32,
        /// Its last words.
        text: String,
    },
    /// `timeouts.total` has passed.
    #[error("not done after {}s, which is `spec.timeouts.total`; what is done stays in the output", .0.as_secs())]
    TimedOut(Duration),
}

impl Error {
    /// The exit code of `kubectl genome run`: 64 where the manifest or the command line has to change.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Manifest(_) | Self::Mismatch(_) | Self::NoAnalyzer(_) | Self::Stopped { code: 64, .. } => {
                64
            }
            Self::Child { .. } | Self::Stopped { .. } | Self::TimedOut(_) => 1,
        }
    }
}

/// Everything a run needs, checked.
struct Prepared {
    analysis: ValidAnalysis,
    request: Request,
    mounts: Vec<Mount>,
    folder: TempDir,
}

/// Reads the one analysis of a manifest and makes its request.
fn prepare(options: &Options) -> Result<Prepared, Error> {
    let folder = options
        .cache
        .clone()
        .filter(|folder| std::fs::create_dir_all(folder).is_ok());
    let settings = Settings {
        cache_uri: folder.as_ref().map(|_| cache::URI.to_owned()),
        ..Settings::local()
    };
    let Manifest {
        mut analyses,
        config_maps,
    } = manifest::read(&options.file, &settings)?;
    let count = analyses.len();
    let Some(document) = analyses.pop().filter(|_| count == 1) else {
        let line = format!(
            "{}: has {count} analyses, a local run takes one",
            options.file.display()
        );
        return Err(BadManifest(vec![line]).into());
    };
    let analysis = document.valid;
    let cache = folder;
    let folder = tempfile::tempdir().map_err(|source| failed("making a folder for requests", source))?;
    let mut request = plan::request(&analysis);
    request.analysis.namespace.clear();
    request.analysis.uid = uid(&document.analysis.spec);
    if let Panel::ConfigMapKey { name, key } = &analysis.traits {
        let panel = folder.path().join("traits.json");
        std::fs::write(&panel, panel_text(&config_maps, name, key)?)
            .map_err(|source| failed("writing the panel", source))?;
        request.traits = TraitSource::File(panel.display().to_string());
    }
    let mut mounts = mounts::resolve(&analysis.volumes, &options.mounts).map_err(Error::Mismatch)?;
    mounts.extend(cache::mount(&mut request, cache));
    Ok(Prepared {
        analysis,
        request,
        mounts,
        folder,
    })
}

/// The one analysis of a manifest, and the folder of this machine that its output is; `None` for an object store.
pub fn output_folder(options: &Options) -> Result<(ValidAnalysis, Option<PathBuf>), Error> {
    let Prepared { analysis, mounts, .. } = prepare(options)?;
    let folder = mounts::local_path(&analysis.output.uri, &mounts);
    Ok((analysis, folder))
}

/// Runs the one analysis of a manifest, and prints what was found.
pub async fn run(options: &Options, stop: Stop) -> Result<Outcome, Error> {
    let Prepared {
        analysis,
        request,
        mounts,
        folder,
    } = prepare(options)?;
    let analyzer = Analyzer::find(options.analyzer.as_deref(), &analysis, &mounts)?;
    let progress = Progress::new(&analysis.identity.name);
    let stage = Stage {
        analyzer,
        folder,
        progress,
        stop,
        per_task: analysis.retries.per_task,
    };
    let report = match analysis.timeouts.total {
        None => all_stages(&stage, request).await?,
        Some(limit) => tokio::time::timeout(limit, all_stages(&stage, request))
            .await
            .map_err(|_| Error::TimedOut(limit))??,
    };
    stage.progress.finish();
    let Some(report) = report else {
        stage
            .progress
            .say("stopped; what is done stays in the output, and the same command goes on from there");
        return Ok(Outcome::Interrupted);
    };
    print!(
        "{}",
        summary::text(&report.message, &report.given_up, &analysis, &mounts)
    );
    Ok(outcome(&report, &analysis))
}

/// What the three stages came to.
struct Report {
    /// The last word of the process that merged.
    message: Message,
    /// One line a task that will not come.
    given_up: Vec<String>,
}

/// Plan, map and merge; `None` where somebody asked it to stop.
async fn all_stages(stage: &Stage, request: Request) -> Result<Option<Report>, Error> {
    let Some(planned) = stage.one(Verb::Plan, &request).await? else {
        return Ok(None);
    };
    let Some(plan) = planned.plan.clone() else {
        let text = "it ended well, without saying what it had planned".to_owned();
        return Err(Error::Stopped {
            verb: "plan",
            code: 0,
            text,
        });
    };
    if plan.all_done || planned.results.is_some() {
        return Ok(Some(Report {
            message: planned,
            given_up: Vec::new(),
        }));
    }
    stage.progress.planned(&plan);
    let Some(Work { given_up, from_cache }) = stage.map(&request, &planned).await? else {
        return Ok(None);
    };
    let Some(mut merged) = stage.one(Verb::Merge, &request).await? else {
        return Ok(None);
    };
    // A merge sees rows, whoever had them.
    let GenomeCounts { analyzed, cached, .. } = &mut merged.genomes;
    (*analyzed, *cached) = (
        analyzed.saturating_sub(from_cache),
        *cached + from_cache.min(*analyzed),
    );
    Ok(Some(Report {
        message: merged,
        given_up,
    }))
}

fn outcome(report: &Report, analysis: &ValidAnalysis) -> Outcome {
    let GenomeCounts {
        total,
        analyzed,
        cached,
        ..
    } = report.message.genomes;
    let done = analyzed + cached;
    let failed = total.saturating_sub(done);
    if done == 0 || failed > analysis.retries.max_failed_genomes.of(total) {
        Outcome::Failed
    } else if failed > 0 || !report.given_up.is_empty() {
        Outcome::Partly
    } else {
        Outcome::Done
    }
}

/// The same manifest has the same uid, so that running it again goes on where it stopped.
fn uid(spec: &crate::api::GenomeAnalysisSpec) -> String {
    let text = serde_json::to_vec(spec).unwrap_or_default();
    blake3::hash(&text).to_hex()[..32].to_owned()
}

fn panel_text<'a>(config_maps: &'a [ConfigMap], name: &str, key: &str) -> Result<&'a str, Error> {
    let named = config_maps
        .iter()
        .find(|map| map.metadata.name.as_deref() == Some(name));
    let text = named.and_then(|map| map.data.as_ref()?.get(key));
    text.map(String::as_str).ok_or_else(|| {
        let mut problems = Problems::default();
        let what = if named.is_some() {
            format!("has no key `{key}`")
        } else {
            "is not there".to_owned()
        };
        let text = format!("ConfigMap `{name}` {what}; hint: a further document of the same file");
        problems.add("spec.traits.configMapKeyRef", text);
        Error::Mismatch(problems)
    })
}

fn failed(doing: impl Into<String>, source: io::Error) -> Error {
    Error::Child {
        doing: doing.into(),
        source,
    }
}

/// The request of the task ids in `tasks`, for a retry.
fn attempt(request: &Request, tasks: Vec<u32>) -> Request {
    let attempt = Attempt {
        tasks,
        memory_step: 0,
        given_up: Vec::new(),
    };
    Request {
        attempt: Some(attempt),
        ..request.clone()
    }
}

#[cfg(test)]
mod tests;
