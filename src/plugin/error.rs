//! Why the plugin could not do what it was asked.

use std::error::Error as _;

use thiserror::Error;

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
    #[error("no cluster: {0}; hint: `--local` runs the same manifest on this machine")]
    NoCluster(String),
    /// The API server refused, or did not answer.
    #[error("{doing}")]
    Api {
        /// What was attempted, on what.
        doing: String,
        /// The server's words.
        #[source]
        source: Box<kube::Error>,
    },
    /// Something is not there (yet).
    #[error("{0}")]
    NotThere(String),
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
            other => {
                let mut line = other.to_string();
                let mut cause = other.source();
                while let Some(next) = cause {
                    line = format!("{line}: {next}");
                    cause = next.source();
                }
                vec![line]
            }
        }
    }

    /// 64 where the manifest or the command line has to change, else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Manifest(_) => 64,
            Self::Local(error) => error.exit_code(),
            // 422: the server's validation.
            Self::Api { source, .. } => match source.as_ref() {
                kube::Error::Api(status) if status.code == 422 => 64,
                _ => 1,
            },
            _ => 1,
        }
    }

    pub(super) fn api(doing: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Api {
            doing,
            source: Box::new(source),
        }
    }
}
