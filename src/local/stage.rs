//! The stages of a run: one process for plan and merge, as many as there are workers for map.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use futures::stream::{self, StreamExt, TryStreamExt};
use genome_contract::message::{GenomeCounts, Message};
use genome_contract::request::Request;
use genome_contract::{ExitCode, Verb};
use tempfile::TempDir;

use super::analyzer::Analyzer;
use super::child::{self, Ended, Job};
use super::progress::Progress;
use super::retry::{Verdict, judge};
use super::{Error, Stop, attempt, failed};
use crate::plan;
use crate::results::Indexes;

/// What all processes of a run share.
pub(super) struct Stage {
    pub(super) analyzer: Analyzer,
    /// Requests and messages; gone when the run is.
    pub(super) folder: TempDir,
    pub(super) progress: Progress,
    pub(super) stop: Stop,
    /// Retries of a task.
    pub(super) per_task: u32,
}

/// What the map stage left undone.
pub(super) struct Work {
    /// One line a task that will not come.
    pub(super) given_up: Vec<String>,
    /// Genomes that the cache had.
    pub(super) from_cache: u64,
}

/// Genomes by outcome.
struct Counts {
    /// Of the tasks that the plan settled.
    settled: GenomeCounts,
    /// What each other task said last.
    of_tasks: BTreeMap<u32, GenomeCounts>,
}

impl Counts {
    fn sum(&self, of: fn(&GenomeCounts) -> u64) -> u64 {
        of(&self.settled) + self.of_tasks.values().map(of).sum::<u64>()
    }
}

/// How a task ended.
enum Settled {
    Done,
    GivenUp(String),
    Interrupted,
}

impl Stage {
    /// Plan or merge: one process, retried as a task is. `None` where somebody asked it to stop.
    pub(super) async fn one(&self, verb: Verb, request: &Request) -> Result<Option<Message>, Error> {
        let path = self.write(verb.as_str(), request)?;
        self.progress.stage(verb);
        for retries in 0.. {
            let threads = self.analyzer.threads(1);
            let job = Job {
                verb,
                request: &path,
                index: 0,
                label: verb.as_str().to_owned(),
                threads,
            };
            let ended = child::run(self, job, &|_| ()).await?;
            if let Some(message) = last_word(&ended) {
                return Ok(Some(message));
            }
            if self.stop.is_asked() {
                return Ok(None);
            }
            match judge(ended.code, retries, self.per_task) {
                Verdict::Retry(pause) => {
                    self.progress.say(&format!(
                        "{}: {}; again in {pause:?}",
                        verb.as_str(),
                        ended.words()
                    ));
                    tokio::time::sleep(pause).await;
                }
                _ => return Err(stopped(verb, &ended)),
            }
        }
        Ok(None)
    }

    /// All tasks, as many at a time as there are workers. `None` where somebody asked it to stop.
    pub(super) async fn map(&self, request: &Request, planned: &Message) -> Result<Option<Work>, Error> {
        let path = self.write("map", request)?;
        self.progress.stage(Verb::Map);
        let (all, settled) = planned.plan.as_ref().map_or((0, Indexes::default()), |plan| {
            (plan.tasks, Indexes::parse(&plan.settled))
        });
        let tasks: Vec<u32> = (0..all).filter(|task| !settled.contains(*task)).collect();
        let counts = Mutex::new(Counts {
            settled: planned.genomes,
            of_tasks: BTreeMap::new(),
        });
        let processes = tasks.len();
        let settled: Vec<Settled> = stream::iter(tasks)
            .map(|task| self.task(task, processes, request, path.clone(), &counts))
            .buffer_unordered(self.analyzer.workers)
            .try_collect()
            .await?;
        if settled
            .iter()
            .any(|settled| matches!(settled, Settled::Interrupted))
        {
            return Ok(None);
        }
        let given_up = settled.into_iter().filter_map(|settled| match settled {
            Settled::GivenUp(line) => Some(line),
            Settled::Done | Settled::Interrupted => None,
        });
        let given_up = given_up.collect();
        let from_cache = counts.into_inner().map_or(0, |counts| counts.sum(|c| c.cached));
        Ok(Some(Work { given_up, from_cache }))
    }

    /// One task until it is settled. A retry gets the request that a retry Job's pods get.
    async fn task(
        &self,
        task: u32,
        tasks: usize,
        request: &Request,
        path: PathBuf,
        counts: &Mutex<Counts>,
    ) -> Result<Settled, Error> {
        let label = format!("task {task}");
        let heard = |message: Message| self.hear(task, &message, counts);
        let (mut path, mut index) = (path, task);
        for retries in 0.. {
            if self.stop.is_asked() {
                break;
            }
            let processes = self.analyzer.workers.min(tasks);
            let threads = self.analyzer.threads(processes);
            let job = Job {
                verb: Verb::Map,
                request: &path,
                index,
                label: label.clone(),
                threads,
            };
            let ended = child::run(self, job, &heard).await?;
            match judge(ended.code, retries, self.per_task) {
                Verdict::Settled => return Ok(Settled::Done),
                Verdict::Stop => return Err(stopped(Verb::Map, &ended)),
                _ if self.stop.is_asked() => break,
                Verdict::GiveUp => return Ok(Settled::GivenUp(format!("{label}: {}", ended.words()))),
                Verdict::Retry(pause) => {
                    self.progress
                        .say(&format!("{label}: {}; again in {pause:?}", ended.words()));
                    tokio::time::sleep(pause).await;
                    path = self.write(&format!("map-{task}"), &attempt(request, vec![task]))?;
                    index = 0;
                }
            }
        }
        Ok(Settled::Interrupted)
    }

    /// Adds up what the tasks say; each message is cumulative over its task.
    fn hear(&self, task: u32, message: &Message, counts: &Mutex<Counts>) {
        let Ok(mut counts) = counts.lock() else { return };
        counts.of_tasks.insert(task, message.genomes);
        self.progress
            .genomes(counts.sum(|c| c.analyzed + c.cached), counts.sum(|c| c.failed));
    }

    pub(super) fn write(&self, name: &str, request: &Request) -> Result<PathBuf, Error> {
        let path = self.folder.path().join(format!("{name}.json"));
        std::fs::write(&path, plan::document(request))
            .map_err(|source| failed(format!("writing the request `{}`", path.display()), source))?;
        Ok(path)
    }
}

/// The message of a process that did its work. Where every input was bad it says so by its code (65), and has written the
/// failed rows and the reports all the same.
fn last_word(ended: &Ended) -> Option<Message> {
    let message = ended.message.as_ref()?;
    match ExitCode::from_i32(ended.code?) {
        Some(ExitCode::Success) => Some(message.clone()),
        Some(ExitCode::BadInput) if message.results.is_some() => Some(message.clone()),
        _ => None,
    }
}

pub(super) fn stopped(verb: Verb, ended: &Ended) -> Error {
    let code = ended.code.unwrap_or(genome_contract::exit::KILLED);
    let text = match ExitCode::from_i32(code) {
        Some(ExitCode::Success) => "it ended well, without a message".to_owned(),
        _ => ended.words(),
    };
    Error::Stopped {
        verb: verb.as_str(),
        code,
        text,
    }
}
