//! `genome-operator`: `run` is the controller, `crd` prints the resource definition.

use anyhow::Context;
use clap::Parser;
use genome_operator::{
    api,
    cli::{Cli, Command},
    operator, telemetry,
};

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Crd => {
            print!("{}", api::crd::yaml());
            Ok(())
        }
        Command::Run(arguments) => {
            telemetry::init(arguments.log_format);
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .context("starting the runtime")?;
            let outcome = runtime.block_on(operator::run(*arguments));
            // What still runs is a page or a watch; neither is worth waiting for.
            runtime.shutdown_background();
            Ok(outcome?)
        }
    }
}
