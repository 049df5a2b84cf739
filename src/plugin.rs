//! `kubectl genome`: a thin view over [`crate::validate`], [`crate::local`] and the status of analyses.
//!
//! It reads and changes GenomeAnalyses only, with the caller's own rights; what it can do, `kubectl` can do too.

mod arguments;
mod changes;
mod cluster;
mod complete;
mod error;
mod explain;
mod format;
mod logs;
mod picture;
mod preview;
mod results;
mod run;
mod status;
mod validation;
mod watch;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command};
pub use error::Error;

use crate::local::Stop;

/// Runs the command line; its exit code.
pub async fn main() -> u8 {
    let mut words = std::env::args_os();
    if words.next().is_some_and(|program| complete::is_asked(&program)) {
        let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
        print!("{}", complete::answer(&words).await);
        return 0;
    }
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
            let outcome = crate::local::run(&run.machine.options(&run.file), Stop::on_signals()).await?;
            return Ok(outcome.exit_code());
        }
        Command::Run(run) => return run::apply(&connection, &run).await,
        Command::Validate(validate) => return validation::show(&validate),
        Command::Plan(plan) => preview::show(&plan).await?,
        Command::Status(named) => status::show(&connection, &named).await?,
        Command::Logs(logs) => logs::show(&connection, &logs).await?,
        Command::Results(results) => results::show(&connection, &results).await?,
        Command::Explain(explain) => explain::show(&connection, &explain).await?,
        Command::Retry(named) => changes::retry(&connection, &named).await?,
        Command::Suspend(named) => changes::suspend(&connection, &named).await?,
        Command::Resume(named) => changes::resume(&connection, &named).await?,
        Command::Cancel(named) => changes::cancel(&connection, &named).await?,
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
