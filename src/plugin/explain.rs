//! One genome: where it is, why it failed, whether the cache knew it.
//!
//! ```text
//!  plan and reports in the output (a folder) ─┐
//!  status: first failure ─────────────────────┼─► Finding
//!  pods: genome in hand, last words ──────────┘
//! ```
//! A cluster keeps no list of genomes; the output does. What can't be known from here is said to be unknown.

mod files;
mod finding;
mod pods;

use super::arguments::{Connection, Explain};
use super::cluster::Cluster;
use super::picture::Picture;
use super::{Error, format};
use crate::local::{self, Options};
use finding::{Cache, Finding};

pub(super) async fn show(connection: &Connection, arguments: &Explain) -> Result<(), Error> {
    let finding = match (&arguments.file, arguments.names.as_slice()) {
        (Some(_), [genome]) => here(arguments, genome)?,
        (None, [name, genome]) => there(connection, arguments, name, genome).await?,
        (Some(_), _) => {
            return Err(Error::Usage(
                "with `-f` one argument is expected: GENOME".to_owned(),
            ));
        }
        (None, _) => return Err(Error::Usage("two arguments are expected: NAME GENOME".to_owned())),
    };
    match arguments.output.format {
        Some(format) => format::print(&finding, format),
        None => {
            print!("{}", finding.text());
            Ok(())
        }
    }
}

/// Of a local run: everything is in its output.
fn here(arguments: &Explain, genome: &str) -> Result<Finding, Error> {
    let options = Options {
        file: arguments.file.clone().unwrap_or_default(),
        mounts: arguments.mount.clone(),
        analyzer: None,
        cache: local::cache::folder(),
    };
    let (analysis, folder) = local::output_folder(&options)?;
    let Some(folder) = folder else {
        let text = format!(
            "`{}` is not on this machine; hint: copy `plan.json`, `plan.tasks.jsonl` and `analysis_results.json` of it, then \
             `--results DIR`",
            analysis.output.uri
        );
        return Err(Error::NotThere(text));
    };
    let mut finding = Finding::of(genome);
    files::read(&folder, &mut finding)?;
    finding.cache_is(Cache::of_local(&analysis.cache));
    Ok(finding)
}

/// Of a cluster: what the status and the pods say, and the output where a copy is at hand.
async fn there(
    connection: &Connection,
    arguments: &Explain,
    name: &str,
    genome: &str,
) -> Result<Finding, Error> {
    let cluster = Cluster::connect(connection, None).await?;
    let picture = Picture::take(&cluster, name).await?;
    let mut finding = Finding::of(genome);
    if let Some(folder) = &arguments.results {
        files::read(folder, &mut finding)?;
    }
    pods::read(&picture, &mut finding);
    if arguments.results.is_none() {
        let what = finding
            .task
            .map_or("task and chunk: they stand", |_| "its chunk: it stands");
        finding.unknown(format!(
            "{what} in `plan.tasks.jsonl` of {}; `--results DIR` reads a copy of it",
            picture.analysis.spec.output.uri
        ));
    }
    finding.cache_is(Cache::of_cluster(&picture.analysis.spec.cache));
    Ok(finding)
}
