//! The analyzer's exit codes, which the Job's pod failure policy reads. Numbers from `sysexits.h` where it has one.

use std::process;

/// How an analyzer process ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// Everything asked for is done.
    Success = 0,
    /// On a command line only: nothing could be analyzed.
    Failed = 1,
    /// On a command line only: some genomes failed, the others have results.
    Partial = 3,
    /// The request, the manifest or the command line is wrong (`EX_USAGE`): no repetition helps.
    BadRequest = 64,
    /// Every input of the task is bad (`EX_DATAERR`); their rows are written.
    BadInput = 65,
    /// A bug (`EX_SOFTWARE`): a panic, or an invariant that did not hold.
    Internal = 70,
    /// The output can't be written: denied, full, or taken by another analysis (`EX_CANTCREAT`).
    OutputNotWritable = 73,
    /// A transient fault outlived the process's own retries, or it was asked to stop (`EX_TEMPFAIL`).
    Transient = 75,
    /// Every input of the task is denied (`EX_NOPERM`).
    AccessDenied = 77,
}

/// 128 + SIGKILL: what a container that the kernel killed reports. Never returned by the analyzer.
pub const KILLED: i32 = 137;

impl ExitCode {
    /// The number the process exits with.
    pub const fn as_i32(self) -> i32 {
        self as i32
    }

    /// The code with that number, `None` for numbers outside the contract.
    pub const fn from_i32(code: i32) -> Option<Self> {
        Some(match code {
            0 => Self::Success,
            1 => Self::Failed,
            3 => Self::Partial,
            64 => Self::BadRequest,
            65 => Self::BadInput,
            70 => Self::Internal,
            73 => Self::OutputNotWritable,
            75 => Self::Transient,
            77 => Self::AccessDenied,
            _ => return None,
        })
    }
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_finds_its_code_again() {
        for number in 0..=255 {
            if let Some(code) = ExitCode::from_i32(number) {
                assert_eq!(code.as_i32(), number);
            }
        }
        assert_eq!(ExitCode::from_i32(KILLED), None);
    }
}
