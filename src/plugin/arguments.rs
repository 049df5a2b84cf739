//! The command line.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::local::{Options, cache, mounts};

/// What a newcomer types first.
const EXAMPLES: &str = "\
Examples:
  kubectl genome run --local -f analysis.yaml --mount genomes=DIR
  kubectl genome run -f analysis.yaml --watch
  kubectl genome status NAME
  kubectl genome explain NAME GENOME

`run` ends with 0 (all genomes done), 3 (some failed), 1 (failed) or 64 (wrong manifest or command line).";

/// Run genome analyses, in a cluster or on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "kubectl genome",
    bin_name = "kubectl genome",
    version,
    arg_required_else_help = true,
    after_help = EXAMPLES
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) connection: Connection,
}

/// Which cluster, which namespace.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Connection {
    /// Namespace [default: the manifest's, else the context's]
    #[arg(long, short, global = true, value_name = "NAMESPACE")]
    pub(super) namespace: Option<String>,
    /// Context of the kubeconfig [default: the current one]
    #[arg(long, global = true, value_name = "CONTEXT")]
    pub(super) context: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run an analysis: apply it to the cluster, or with --local do it here
    Run(Run),
    /// Check manifests without a cluster: all mistakes at once, with line and field
    Validate(Validate),
    /// Show what would run: genomes, tasks, workers, memory; nothing is created
    Plan(Plan),
    /// Show how an analysis is doing
    Status(Named),
    /// Print the logs of its pods
    Logs(Logs),
    /// Show what was found, and where it is
    Results(Results),
    /// Tell where one genome is, why it failed, and whether the cache knew it
    Explain(Explain),
    /// Try again what failed
    Retry(Named),
    /// Stop its workers until it is resumed
    Suspend(Named),
    /// Go on after `suspend`, or at once after something outside was mended
    Resume(Named),
    /// End it for good; what is done stays in the output
    Cancel(Named),
    /// Print completions for a shell
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// An analysis, and how it is printed.
#[derive(Debug, Args)]
pub(super) struct Named {
    /// Name of the analysis
    #[arg(value_parser = name)]
    pub(super) name: String,
    #[command(flatten)]
    pub(super) output: Output,
}

/// How something is printed.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Output {
    /// Print an object, for programs
    #[arg(long = "output", short = 'o', value_name = "FORMAT")]
    pub(super) format: Option<Format>,
}

/// What `validate` takes.
#[derive(Debug, Args)]
pub(super) struct Validate {
    /// A manifest, or `-` for standard input; may be repeated
    #[arg(long, short, value_name = "FILE", required = true)]
    pub(super) file: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// What `results` takes.
#[derive(Debug, Args)]
pub(super) struct Results {
    /// Name of the analysis
    #[arg(value_parser = name)]
    pub(super) name: String,
    /// Fetch the report with the store's own tool (aws, gcloud, az) and open it in the browser
    #[arg(long)]
    pub(super) open: bool,
    #[command(flatten)]
    pub(super) output: Output,
}

/// What `explain` takes.
#[derive(Debug, Args)]
#[command(
    override_usage = "kubectl genome explain NAME GENOME [--results DIR]\n       \
                            kubectl genome explain -f FILE [--mount CLAIM=DIR]... GENOME"
)]
pub(super) struct Explain {
    /// Name of the analysis, then id of the genome; with -f the genome only
    #[arg(required = true, num_args = 1..=2, value_names = ["NAME", "GENOME"])]
    pub(super) names: Vec<String>,
    /// The manifest of a local run, or `-` for standard input
    #[arg(long, short, value_name = "FILE", conflicts_with = "results")]
    pub(super) file: Option<PathBuf>,
    /// A folder of this machine that plays a claim of the manifest
    #[arg(long, value_name = "CLAIM=DIR", value_parser = mounts::parse, requires = "file")]
    pub(super) mount: Vec<(String, PathBuf)>,
    /// The output location, or a copy of it, as a folder of this machine
    #[arg(long, value_name = "DIR")]
    pub(super) results: Option<PathBuf>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// What `run` takes.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// The manifest, or `-` for standard input
    #[arg(long, short, value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Without a cluster: on this machine, as child processes
    #[arg(long, conflicts_with = "watch")]
    pub(super) local: bool,
    /// Stay, show the progress, and exit as the analysis ends: 0 all done, 3 partly, 1 failed
    #[arg(long, short)]
    pub(super) watch: bool,
    #[command(flatten)]
    pub(super) machine: Machine,
}

/// What a run on this machine takes.
#[derive(Debug, Args)]
pub(super) struct Machine {
    /// A folder of this machine that plays a claim of the manifest
    #[arg(long, value_name = "CLAIM=DIR", value_parser = mounts::parse)]
    pub(super) mount: Vec<(String, PathBuf)>,
    /// The analyzer [default: beside this program, else on PATH]
    #[arg(long, value_name = "PROGRAM", env = "GENOME_ANALYZER")]
    pub(super) analyzer: Option<PathBuf>,
    /// Compute anew what the cache of this machine knows; a cache that the manifest names is asked all the same
    #[arg(long)]
    pub(super) no_cache: bool,
}

/// What `plan` takes.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// The manifest, or `-` for standard input
    #[arg(long, short, value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) machine: Machine,
    #[command(flatten)]
    pub(super) output: Output,
}

/// What `logs` takes.
#[derive(Debug, Args)]
pub(super) struct Logs {
    /// Name of the analysis
    #[arg(value_parser = name)]
    pub(super) name: String,
    /// Only pods that failed
    #[arg(long)]
    pub(super) failed: bool,
    /// Only this stage
    #[arg(long, value_name = "STAGE")]
    pub(super) stage: Option<Stage>,
    /// Last lines of each pod
    #[arg(long, value_name = "LINES", default_value_t = 100)]
    pub(super) tail: i64,
}

/// A stage of an analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Stage {
    Plan,
    Map,
    Merge,
}

/// How objects are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Json,
    Yaml,
}

/// A name as kubectl takes it: `ga/demo` is `demo`.
fn name(argument: &str) -> Result<String, String> {
    let name = match argument.split_once('/') {
        Some(("ga" | "genomeanalysis" | "genomeanalyses", name)) => name,
        Some((kind, _)) => {
            return Err(format!(
                "`{kind}` is no kind of this command: `ga/NAME` or `NAME`"
            ));
        }
        None => argument,
    };
    if name.is_empty() {
        return Err("a name is expected".to_owned());
    }
    Ok(name.to_owned())
}

impl Machine {
    pub(super) fn options(&self, file: &Path) -> Options {
        Options {
            file: file.to_owned(),
            mounts: self.mount.clone(),
            analyzer: self.analyzer.clone(),
            cache: cache::folder().filter(|_| !self.no_cache),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_analysis_is_named_as_kubectl_names_it() {
        assert_eq!(name("demo").unwrap(), "demo");
        assert_eq!(name("ga/demo").unwrap(), "demo");
        assert!(name("pod/demo").unwrap_err().contains("`pod`"));
        assert!(name("ga/").is_err());
    }
}
