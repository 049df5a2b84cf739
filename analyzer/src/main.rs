//! The program: sets up its heap, parses the command line, runs a verb, exits with a code of the contract.

use std::process::ExitCode;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
use genome_contract::Verb;

fn main() -> ExitCode {
    set_up_heap();
    genomic_pleiotropy::cli::main().into()
}

/// Lets threads share heaps, and keeps for the next genome what the last one needed.
///
/// glibc gives each thread its own heap, up to eight a core, and a heap keeps what its thread needed once: with 37 MB in use
/// at most, 94 MB were resident. With a heap for every four cores it is 58 MB, in the same time. Stages have at least two, for
/// several genomes in work at once: waiting for the one heap was a twentieth of their time. Blocks up to 4 MiB come from
/// a heap, and it gives back no less than 64 MiB: pages that are returned and asked for again were a twentieth of the time.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn set_up_heap() {
    const CORES_TO_A_HEAP: usize = 4;
    const MIB: i32 = 1 << 20;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let verb = std::env::args_os().nth(1).unwrap_or_default();
    let is_stage = [Verb::Plan, Verb::Map].iter().any(|stage| verb == stage.as_str());
    let least = if is_stage { cores.min(2) } else { 1 };
    let heaps = i32::try_from(cores.div_ceil(CORES_TO_A_HEAP).max(least)).unwrap_or(1);
    for (parameter, value) in [
        (libc::M_ARENA_MAX, heaps),
        (libc::M_MMAP_THRESHOLD, 4 * MIB),
        (libc::M_TRIM_THRESHOLD, 64 * MIB),
    ] {
        #[expect(
            unsafe_code,
            reason = "there is no other way to tell the C library but the environment"
        )]
        // SAFETY: it stores a number, and no other thread is there yet that could read it. Were it refused, the default holds.
        unsafe {
            libc::mallopt(parameter, value);
        }
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
const fn set_up_heap() {}
