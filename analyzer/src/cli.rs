//! The command line: three verbs for pods, one line for a laptop.

mod laptop;
mod run;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use genome_contract::ExitCode;
use genome_contract::request::{Associations, GeneCalling};

use crate::telemetry::LogFormat;

/// Which traits leave a signature in codon usage: indices, honest tests and reports for annotated genomes.
#[derive(Debug, Parser)]
#[command(
    name = "genomic_pleiotropy",
    version,
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    laptop: Laptop,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the genomes of a request and bundle them into tasks
    Plan(VerbArgs),
    /// Analyze the genomes of one task (`JOB_COMPLETION_INDEX` says which)
    Map(VerbArgs),
    /// Write reports and manifest from what the tasks left
    Merge(VerbArgs),
    /// Write synthetic annotated genomes with planted signatures, and the truth about them
    Generate(crate::generate::Args),
}

/// What the three verbs take.
#[derive(Debug, Args)]
struct VerbArgs {
    /// The request, a JSON document
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
    /// Where to write the termination message [default: the pod's, where there is one]
    #[arg(long, value_name = "FILE")]
    message: Option<PathBuf>,
    /// A folder of this machine that stands for a volume of the request
    #[arg(long, value_name = "PATH=DIR", value_parser = mount)]
    mount: Vec<crate::input::Mount>,
    /// Threads to compute with [default: the CPUs this process may use]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Memory that may be taken, such as `512Mi`: a genome that does not fit fails alone [default: what the control group allows]
    #[arg(long, value_name = "SIZE", value_parser = crate::memory::parse)]
    memory_limit: Option<u64>,
    /// How log lines look
    #[arg(long, value_enum, default_value_t)]
    log_format: LogFormat,
    /// Index of the Job that this process is
    #[arg(long, env = "JOB_COMPLETION_INDEX", default_value_t = 0, hide = true)]
    index: u32,
}

/// Analyze files at once, without a request.
#[derive(Debug, Args)]
struct Laptop {
    /// A genome (GenBank, FASTA, FASTA of coding sequences; plain or compressed), or `-` for standard input
    #[arg(long, short, value_name = "FILE|-", required = true)]
    input: Vec<String>,
    /// Trait panel: a JSON file, or the name of a built-in panel
    #[arg(
        long,
        short,
        value_name = "FILE|NAME",
        default_value = "bacteria",
        conflicts_with = "no_traits"
    )]
    traits: String,
    /// Table genome id → phenotypes (tab-separated, yes/no or numbers), to associate gene families with
    #[arg(long, value_name = "FILE")]
    phenotypes: Option<String>,
    /// Folder (or URI) for the results
    #[arg(long, short, value_name = "DIR", default_value = "pleiotropy_results")]
    output: String,
    /// Indices only
    #[arg(long)]
    no_traits: bool,
    /// Threads to compute with [default: the CPUs this process may use]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Memory that may be taken, such as `512Mi`: a genome that does not fit fails alone [default: what the control group allows]
    #[arg(long, value_name = "SIZE", value_parser = crate::memory::parse)]
    memory_limit: Option<u64>,
    /// Seed of every random choice
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// NCBI translation table for coding sequences that do not name their own
    #[arg(long, value_name = "TABLE", default_value_t = 11)]
    genetic_code: u8,
    /// Where genes come from
    #[arg(long, value_enum, default_value_t = Genes::Auto)]
    genes: Genes,
    /// Permutations of each of the two tests of a trait; 0 leaves them out, and every verdict `untested`
    #[arg(long, value_name = "N", default_value_t = crate::analyze::PERMUTATIONS, conflicts_with = "no_traits")]
    permutations: u32,
    /// Rate at which false discoveries are controlled
    #[arg(long, value_name = "RATE", default_value_t = 0.05)]
    fdr: f64,
    /// Different signature clusters a gene must belong to, to be a candidate pleiotropic gene
    #[arg(long, value_name = "N", default_value_t = 2)]
    min_traits: u32,
    /// Which rows of gene × trait are kept
    #[arg(long, value_enum, default_value_t = Kept::Top)]
    associations: Kept,
    /// Write `genes.tsv.gz`, a row a gene, of several genomes too: of up to a million genes
    #[arg(long)]
    genes_table: bool,
    /// Compute again what an earlier run left in the user's cache folder
    #[arg(long)]
    no_cache: bool,
    /// How log lines look
    #[arg(long, value_enum, default_value_t)]
    log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Genes {
    Auto,
    Annotated,
    Predicted,
}

impl From<Genes> for GeneCalling {
    fn from(genes: Genes) -> Self {
        match genes {
            Genes::Auto => Self::Auto,
            Genes::Annotated => Self::Annotated,
            Genes::Predicted => Self::Predicted,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kept {
    Top,
    All,
}

impl From<Kept> for Associations {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Top => Self::Top,
            Kept::All => Self::All,
        }
    }
}

fn mount(text: &str) -> Result<crate::input::Mount, String> {
    let (path, folder) = text
        .split_once('=')
        .ok_or("expected `PATH=DIR`, such as `/data=./genomes`")?;
    let folder = std::path::absolute(folder).map_err(|error| error.to_string())?;
    Ok(crate::input::Mount {
        path: path.trim_end_matches('/').to_owned(),
        folder,
    })
}

/// Runs the program, and says how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            // The parser's own code for a wrong command line would be 2.
            return if error.use_stderr() {
                ExitCode::BadRequest
            } else {
                ExitCode::Success
            };
        }
    };
    match cli.command {
        Some(Command::Plan(args)) => run::verb(genome_contract::Verb::Plan, args),
        Some(Command::Map(args)) => run::verb(genome_contract::Verb::Map, args),
        Some(Command::Merge(args)) => run::verb(genome_contract::Verb::Merge, args),
        Some(Command::Generate(args)) => generate(&args),
        None => laptop::run(&cli.laptop),
    }
}

fn generate(args: &crate::generate::Args) -> ExitCode {
    match crate::generate::run(args) {
        Ok(paths) => {
            println!("{} files below `{}`", paths.len(), args.output.display());
            ExitCode::Success
        }
        Err(error) => {
            let code = match &error {
                crate::generate::GenerateError::Argument { .. } => ExitCode::BadRequest,
                crate::generate::GenerateError::Write { .. } => ExitCode::OutputNotWritable,
            };
            eprintln!("error: {:#}", anyhow::Error::from(error));
            code
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
