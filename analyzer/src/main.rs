//! The program: parses the command line, runs a verb, exits with a code of the contract.

use std::process::ExitCode;

fn main() -> ExitCode {
    genomic_pleiotropy::cli::main().into()
}
