//! `kubectl genome`: a thin view over [`crate::validate`], [`crate::local`] and the status of analyses.
//!
//! It reads and changes GenomeAnalyses only, with the caller's own rights; what it can do, `kubectl` can do too.

mod arguments;
mod cluster;
mod control;
mod error;
mod format;
mod logs;
mod preview;
mod results;
mod run;
mod status;
mod watch;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command};
pub use error::Error;

use crate::local::Stop;
use crate::validate::Settings;

/// Runs the command line; its exit code.
pub async fn main() -> u8 {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            // The parser's own code for a wrong command line would be 2.
            return if error.use_stderr() { 64 } else { 0 };
        }
    };
    match execute(arguments).await {
        Ok(code) => code,
        Err(error) => {
            error.lines().iter().for_each(|line| eprintln!("error: {line}"));
            error.exit_code()
        }
    }
}

async fn execute(Arguments { command, connection }: Arguments) -> Result<u8, Error> {
    match command {
        Command::Run(run) if run.local => {
            let outcome = crate::local::run(&run.local_options(), Stop::on_signals()).await?;
            return Ok(outcome.exit_code());
        }
        Command::Run(run) => return run::apply(&connection, &run).await,
        Command::Validate { file } => validate(&file)?,
        Command::Plan(plan) => preview::show(&plan).await?,
        Command::Status { name, output } => status::show(&connection, &name, output).await?,
        Command::Logs(logs) => logs::show(&connection, &logs).await?,
        Command::Results { name, open, output } => results::show(&connection, &name, open, output).await?,
        Command::Retry { name } => control::retry(&connection, &name).await?,
        Command::Suspend { name } => control::suspend(&connection, &name).await?,
        Command::Resume { name } => control::resume(&connection, &name).await?,
        Command::Cancel { name } => control::cancel(&connection, &name).await?,
        Command::Completion { shell } => {
            clap_complete::generate(
                shell,
                &mut Arguments::command(),
                "kubectl-genome",
                &mut std::io::stdout(),
            );
        }
    }
    Ok(0)
}

/// Says that a manifest is valid, and what in it has no effect yet.
fn validate(file: &std::path::Path) -> Result<(), Error> {
    for document in crate::local::manifest::read(file, &Settings::local())?.analyses {
        println!(
            "{}: GenomeAnalysis `{}` is valid",
            file.display(),
            document.valid.identity.name
        );
        document
            .valid
            .without_effect
            .iter()
            .for_each(|sentence| println!("note: {sentence}"));
    }
    Ok(())
}
