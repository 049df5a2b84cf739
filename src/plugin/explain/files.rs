//! What the output location says of a genome: its task and chunk, whether that is committed, how it ended.

use std::io;
use std::path::Path;

use genome_contract::chunk::ChunkId;
use genome_contract::names::{self, ChunkFile};
use genome_contract::{Plan, TaskLine};
use serde_json::Value;

use super::finding::{Finding, State};
use crate::plugin::Error;
use crate::validate::nearest;

/// A round is raised by a person; the search for later ones ends where none has been for so long.
const ROUNDS_WITHOUT_A_CHUNK: u32 = 8;

/// Adds what the files in `folder` say.
pub(super) fn read(folder: &Path, finding: &mut Finding) -> Result<(), Error> {
    let plan: Plan = document(folder, names::PLAN)?;
    let lines = text(folder, names::TASKS)?;
    let (task, chunk, at_once) = place(&lines, &finding.genome)?;
    let genome = &task.chunks[chunk][at_once];
    let chunk = u32::try_from(chunk).unwrap_or(u32::MAX);
    finding.uri = Some(match &genome.annotation_uri {
        Some(annotation) => format!("{} with {annotation}", genome.uri),
        None => genome.uri.clone(),
    });
    (finding.task, finding.chunk) = (Some(task.task), Some(chunk));
    finding.known_to_cache = Some(genome.content_hash.is_some());
    finding.committed_in = committed(folder, task.task, chunk);
    finding.state = match finding.committed_in {
        Some(_) => State::Settled,
        None => State::Waiting,
    };
    if folder.join(names::MANIFEST).is_file() {
        outcome(folder, finding)?;
    } else if finding.state == State::Settled {
        finding.unknown(format!(
            "how it ended: {} rows say it before the merge does",
            plan.genomes
        ));
    }
    Ok(())
}

/// The line, the chunk and the place of the genome in the plan.
fn place(lines: &str, wanted: &str) -> Result<(TaskLine, usize, usize), Error> {
    let mut ids = Vec::new();
    for line in lines.lines() {
        let task: TaskLine = serde_json::from_str(line)
            .map_err(|error| Error::NotThere(format!("`{}` is no plan: {error}", names::TASKS)))?;
        for (chunk, genomes) in task.chunks.iter().enumerate() {
            if let Some(at) = genomes.iter().position(|genome| genome.id == wanted) {
                return Ok((task, chunk, at));
            }
            ids.extend(genomes.iter().map(|genome| genome.id.clone()));
        }
    }
    let hint = nearest(wanted, ids.iter().map(String::as_str));
    let hint = hint.map(|near| format!("; hint: `{near}`")).unwrap_or_default();
    Err(Error::NotThere(format!(
        "the plan has no genome `{wanted}` among its {}{hint}",
        ids.len()
    )))
}

/// The latest committed file of the chunk.
fn committed(folder: &Path, task: u32, chunk: u32) -> Option<String> {
    let (mut found, mut missing) = (None, 0);
    for round in 0.. {
        let path = ChunkFile::Genomes.path(ChunkId { task, chunk, round });
        if folder.join(&path).is_file() {
            (found, missing) = (Some(path), 0);
        } else {
            missing += 1;
        }
        if missing > ROUNDS_WITHOUT_A_CHUNK {
            break;
        }
    }
    found
}

/// The line of the genome in the reports.
fn outcome(folder: &Path, finding: &mut Finding) -> Result<(), Error> {
    let results: Value = document(folder, names::RESULTS)?;
    let table = results["genomes"]["table"].as_array();
    let line = table
        .into_iter()
        .flatten()
        .find(|line| line["id"] == *finding.genome);
    match line {
        Some(line) if line["failure"].is_null() => finding.state = State::Analyzed,
        Some(line) => {
            let word = |field: &str| line["failure"][field].as_str().unwrap_or_default();
            finding.failed(word("reason"), word("message"), None);
        }
        None => finding.unknown(format!("how it ended: `{}` has no line of it", names::RESULTS)),
    }
    Ok(())
}

fn document<T: serde::de::DeserializeOwned>(folder: &Path, name: &str) -> Result<T, Error> {
    let bytes = text(folder, name)?;
    serde_json::from_str(&bytes).map_err(|error| {
        Error::NotThere(format!(
            "`{}` can't be read: {error}",
            folder.join(name).display()
        ))
    })
}

fn text(folder: &Path, name: &str) -> Result<String, Error> {
    let path = folder.join(name);
    std::fs::read_to_string(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::NotThere(format!(
            "`{}` is not there: no output location, or nothing was planned yet",
            path.display()
        )),
        _ => Error::NotThere(format!("`{}` can't be read: {error}", path.display())),
    })
}
