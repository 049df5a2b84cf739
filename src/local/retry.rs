//! What an exit code means for a task: the pod failure policy's rules, without a Job controller. Pure.

use std::time::Duration;

use genome_contract::ExitCode;

/// What to do with a task whose process has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its chunks are committed: success, or every input of it is bad and has a failed row.
    Settled,
    /// Again, after a pause.
    Retry(Duration),
    /// This task will not come; the others go on.
    GiveUp,
    /// No task can go on: the request is wrong, or the output can't be written.
    Stop,
}

/// Longest pause before a retry; the first is [`FIRST_PAUSE`], each further one doubles.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Judges a process that ended with `code` (absent: killed by a signal) after `retries` earlier retries.
///
/// In a cluster, 73 and 77 wait for somebody to mend the store; on a laptop that somebody is watching, so 73 stops
/// at once and 77 costs the task only.
pub(super) fn judge(code: Option<i32>, retries: u32, per_task: u32) -> Verdict {
    match code.and_then(ExitCode::from_i32) {
        Some(ExitCode::Success | ExitCode::BadInput) => Verdict::Settled,
        Some(ExitCode::BadRequest | ExitCode::OutputNotWritable) => Verdict::Stop,
        Some(ExitCode::AccessDenied) => Verdict::GiveUp,
        _ if retries < per_task => Verdict::Retry(pause(retries)),
        _ => Verdict::GiveUp,
    }
}

fn pause(retries: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(1 << retries.min(16))
        .min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transient_fault_is_retried_until_the_limit() {
        assert_eq!(judge(Some(75), 0, 3), Verdict::Retry(FIRST_PAUSE));
        assert_eq!(judge(Some(70), 2, 3), Verdict::Retry(FIRST_PAUSE * 4));
        assert_eq!(judge(None, 2, 3), Verdict::Retry(FIRST_PAUSE * 4));
        assert_eq!(judge(Some(75), 3, 3), Verdict::GiveUp);
        assert_eq!(judge(Some(101), 0, 0), Verdict::GiveUp);
    }

    #[test]
    fn what_repetition_does_not_help_is_not_repeated() {
        assert_eq!(judge(Some(0), 0, 3), Verdict::Settled);
        assert_eq!(judge(Some(65), 0, 3), Verdict::Settled);
        assert_eq!(judge(Some(64), 0, 3), Verdict::Stop);
        assert_eq!(judge(Some(73), 0, 3), Verdict::Stop);
        assert_eq!(judge(Some(77), 0, 3), Verdict::GiveUp);
    }
}
