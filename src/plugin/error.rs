//! Why the plugin could not do what it was asked.

use thiserror::Error;

use crate::api::names;
use crate::local;
use crate::local::manifest::BadManifest;

/// Why the plugin could not do what it was asked.
#[derive(Debug, Error)]
pub enum Error {
    /// The manifest is wrong.
    #[error(transparent)]
    Manifest(#[from] BadManifest),
    /// The local run could not be done.
    #[error(transparent)]
    Local(#[from] local::Error),
    /// There is no way to the cluster.
    #[error("no cluster: {0}; hint: `--context` chooses another one, `run --local` needs none")]
    NoCluster(String),
    /// The cluster does not know what a GenomeAnalysis is.
    #[error(
        "this cluster has no `{}`; hint: helm install genome-operator charts/genome-operator --namespace \
         genome-system --create-namespace",
        names::CRD
    )]
    NoDefinition,
    /// The caller may not do this.
    #[error(
        "{doing}: {text}; hint: whoever runs the cluster binds the role `edit` (or `view`, to look) in the namespace"
    )]
    NotAllowed {
        /// What was attempted, on what.
        doing: String,
        /// The server's words.
        text: String,
    },
    /// The API server refused, or did not answer.
    #[error("{doing}: {text}")]
    Api {
        /// What was attempted, on what.
        doing: String,
        /// The server's words.
        text: String,
        /// Its status code; absent where there was none.
        code: Option<u16>,
    },
    /// Something is not there (yet).
    #[error("{0}")]
    NotThere(String),
    /// The command line makes no sense.
    #[error("{0}")]
    Usage(String),
    /// An object could not be printed.
    #[error("printing the object as YAML: {0}")]
    Print(String),
}

impl Error {
    /// One line a problem, causes included.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Manifest(bad) | Self::Local(local::Error::Manifest(bad)) => bad.0.clone(),
            Self::Local(local::Error::Mismatch(problems)) => {
                problems.iter().map(ToString::to_string).collect()
            }
            other => vec![with_causes(other)],
        }
    }

    /// 64 where the manifest or the command line has to change, else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            // 422: the server's validation.
            Self::Manifest(_) | Self::Usage(_) | Self::Api { code: Some(422), .. } => 64,
            Self::Local(error) => error.exit_code(),
            _ => 1,
        }
    }

    /// What `error`, met while `doing`, means to a person.
    pub(super) fn api(doing: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let doing = doing.into();
        move |error| match error {
            kube::Error::Api(status) if status.code == 403 && !is_refused_admission(&status.message) => {
                let text = status.message.clone();
                Self::NotAllowed { doing, text }
            }
            kube::Error::Api(status) => Self::Api {
                doing,
                text: status.message.clone(),
                code: Some(status.code),
            },
            kube::Error::Service(_) | kube::Error::HyperError(_) => {
                Self::NoCluster(format!("{doing}: {}", last_cause(&error)))
            }
            other => Self::Api {
                doing,
                text: with_causes(&other),
                code: None,
            },
        }
    }
}

/// Quotas and admission policies answer 403 as well, and no role helps against them.
fn is_refused_admission(text: &str) -> bool {
    text.contains("exceeded quota") || text.contains("admission") || text.contains("is being terminated")
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let words = next.to_string();
        if !line.contains(&words) {
            line = format!("{line}: {words}");
        }
        cause = next.source();
    }
    line
}

/// Of a chain of wrappers the innermost, which says what really happened (`Connection refused`).
fn last_cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        innermost = next.to_string();
        cause = next.source();
    }
    innermost
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    fn refused(code: u16, text: &str) -> Error {
        let status = Status::failure(text, "Reason").with_code(code);
        Error::api("changing GenomeAnalysis `lab/demo`")(kube::Error::Api(Box::new(status)))
    }

    #[test]
    fn a_missing_right_is_told_from_a_refusal_that_no_role_helps_against() {
        let line = refused(403, "User \"eve\" cannot patch resource")
            .lines()
            .remove(0);
        assert!(
            line.starts_with("changing GenomeAnalysis `lab/demo`: User \"eve\" cannot patch")
                && line.contains("`edit`"),
            "{line}"
        );
        let line = refused(403, "pods \"x\" is forbidden: exceeded quota: small")
            .lines()
            .remove(0);
        assert!(!line.contains("hint"), "{line}");
    }

    #[test]
    fn what_the_servers_validation_refuses_is_a_bad_manifest() {
        assert_eq!(refused(422, "spec is immutable").exit_code(), 64);
        assert_eq!(refused(500, "etcd is away").exit_code(), 1);
        assert_eq!(
            refused(422, "spec is immutable").lines(),
            ["changing GenomeAnalysis `lab/demo`: spec is immutable"]
        );
    }
}
