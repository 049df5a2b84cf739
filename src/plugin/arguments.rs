//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::local::{Options, mounts};

/// Run genome analyses, in a cluster or on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "kubectl genome",
    bin_name = "kubectl genome",
    version,
    arg_required_else_help = true
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
    /// Check a manifest without a cluster: all mistakes at once, with line and field
    Validate {
        /// The manifest, or `-` for standard input
        #[arg(long, short, value_name = "FILE")]
        file: PathBuf,
    },
    /// Show what would run: genomes, tasks, workers, memory; nothing is created
    Plan(Plan),
    /// Show how an analysis is doing
    Status {
        /// Name of the analysis
        name: String,
        /// As an object, for programs
        #[arg(long, short, value_name = "FORMAT")]
        output: Option<Format>,
    },
    /// Print the logs of its pods
    Logs(Logs),
    /// Show what was found, and where it is
    Results {
        /// Name of the analysis
        name: String,
        /// Open the report in the browser, where it is a web address or a file of this machine
        #[arg(long)]
        open: bool,
        /// As an object, for programs
        #[arg(long, short, value_name = "FORMAT")]
        output: Option<Format>,
    },
    /// Try again what failed
    Retry {
        /// Name of the analysis
        name: String,
    },
    /// Stop its workers until it is resumed
    Suspend {
        /// Name of the analysis
        name: String,
    },
    /// Go on after `suspend`, or at once after something outside was mended
    Resume {
        /// Name of the analysis
        name: String,
    },
    /// End it for good; what is done stays in the output
    Cancel {
        /// Name of the analysis
        name: String,
    },
    /// Print completions for a shell
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
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
}

/// What `plan` takes.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// The manifest, or `-` for standard input
    #[arg(long, short, value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) machine: Machine,
    /// As an object, for programs
    #[arg(long, short, value_name = "FORMAT")]
    pub(super) output: Option<Format>,
}

/// What `logs` takes.
#[derive(Debug, Args)]
pub(super) struct Logs {
    /// Name of the analysis
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

impl Run {
    pub(super) fn local_options(&self) -> Options {
        Options {
            file: self.file.clone(),
            mounts: self.machine.mount.clone(),
            analyzer: self.machine.analyzer.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
