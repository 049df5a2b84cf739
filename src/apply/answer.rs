//! What the API server answers to one write, in the words that [`super::Applier`] goes by.

use std::time::Duration;

use kube::core::Status;
use tokio::time::timeout;

use super::ApplyError;
use crate::{
    decide::{Refusal, RefusalKind},
    results::counts::shortened,
};

/// Longest a single call may take.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// What became of one call.
pub(super) enum Answer<T> {
    Written(T),
    Conflict,
    Missing,
    Refused(Refusal),
}

/// What became of a POST.
pub(super) enum Made<T> {
    New(T),
    Found(T),
    Again,
    Refused(Refusal),
}

impl<T> Made<T> {
    pub(super) fn map<U>(self, into: impl FnOnce(T) -> U) -> Made<U> {
        match self {
            Self::New(made) => Made::New(into(made)),
            Self::Found(found) => Made::Found(into(found)),
            Self::Again => Made::Again,
            Self::Refused(refusal) => Made::Refused(refusal),
        }
    }
}

/// The answer to `request`, or that none came in time.
pub(super) async fn call<T>(
    doing: &'static str,
    request: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, ApplyError> {
    match timeout(CALL_TIMEOUT, request).await {
        Ok(answer) => answer.map_err(|source| ApplyError::Api { doing, source }),
        Err(_) => Err(ApplyError::TimedOut { doing }),
    }
}

pub(super) fn is_namespace_gone(status: &Status) -> bool {
    status.message.starts_with("namespaces ") && status.message.ends_with("not found")
}

/// An admission webhook that must be asked and does not answer: no fault of the API server's own, and it may last.
pub(super) fn is_webhook_down(status: &Status) -> bool {
    status.message.contains("failed calling webhook")
}

/// The API server's refusal, told apart by what would help.
pub(crate) fn refusal(status: &Status) -> Refusal {
    let text = shortened(&status.message, 1024);
    let terminating = status.details.as_ref().is_some_and(|details| {
        details
            .causes
            .iter()
            .any(|cause| cause.reason == "NamespaceTerminating")
    });
    let kind = if terminating || is_namespace_gone(status) {
        RefusalKind::NamespaceTerminating
    } else if crate::decide::trouble::is_quota(&text) {
        RefusalKind::Quota
    } else {
        RefusalKind::Admission
    };
    Refusal { kind, text }
}
