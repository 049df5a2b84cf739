//! The kubectl plugin; works as `kubectl genome` and by itself.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    ExitCode::from(genome_operator::plugin::main().await)
}
