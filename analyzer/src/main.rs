//! The program: parses the command line, runs a verb, exits with a code of the contract.

use std::process::ExitCode;

/// The C library's own grows page by page under many threads, which cost a tenth of a run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    genomic_pleiotropy::cli::main().into()
}
