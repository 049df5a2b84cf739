//! The way to the cluster: the caller's kubeconfig, the namespace meant.

use std::time::Duration;

use kube::api::ListParams;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config, ResourceExt};

use super::Error;
use super::arguments::Connection;
use crate::api::GenomeAnalysis;
use crate::validate::nearest;

/// Somebody waits in front of the terminal.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client and the namespace it is used in.
pub(super) struct Cluster {
    pub(super) client: Client,
    pub(super) namespace: String,
}

impl Cluster {
    /// Connects; `wanted` is the manifest's namespace, which the command line overrides.
    pub(super) async fn connect(connection: &Connection, wanted: Option<&str>) -> Result<Self, Error> {
        let no_cluster = |error: &dyn std::error::Error| Error::NoCluster(error.to_string());
        let mut config = match &connection.context {
            None => Config::infer()
                .await
                .map_err(|error| Error::NoCluster(about_kubeconfig(&error.to_string())))?,
            Some(context) => {
                let options = KubeConfigOptions {
                    context: Some(context.clone()),
                    ..KubeConfigOptions::default()
                };
                let kubeconfig = Kubeconfig::read().map_err(|error| no_cluster(&error))?;
                Config::from_custom_kubeconfig(kubeconfig, &options)
                    .await
                    .map_err(|error| no_cluster(&error))?
            }
        };
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        let namespace = connection
            .namespace
            .as_deref()
            .or(wanted)
            .unwrap_or(&config.default_namespace)
            .to_owned();
        let client = Client::try_from(config).map_err(|error| no_cluster(&error))?;
        Ok(Self { client, namespace })
    }

    /// The analyses of the namespace.
    pub(super) fn analyses(&self) -> Api<GenomeAnalysis> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// One of them.
    pub(super) async fn get(&self, name: &str) -> Result<GenomeAnalysis, Error> {
        match self.analyses().get(name).await {
            Ok(analysis) => Ok(analysis),
            Err(error) => Err(self
                .explain(error, &format!("reading {}", self.named(name)), name)
                .await),
        }
    }

    /// How messages call an analysis of this namespace.
    pub(super) fn named(&self, name: &str) -> String {
        format!("GenomeAnalysis `{}/{name}`", self.namespace)
    }

    /// What `error` means; for "not found" it looks at what there is instead.
    pub(super) async fn explain(&self, error: kube::Error, doing: &str, name: &str) -> Error {
        if !is_not_found(&error) {
            return Error::api(doing)(error);
        }
        match self.analyses().list(&ListParams::default()).await {
            Err(error) if is_not_found(&error) => Error::NoDefinition,
            Err(error) => Error::api(doing)(error),
            Ok(found) => {
                let names: Vec<String> = found.iter().map(ResourceExt::name_any).collect();
                let hint = match self.elsewhere(name).await {
                    Some(namespace) => format!("; hint: `-n {namespace}` has one of this name"),
                    None => hint(name, &names),
                };
                Error::NotThere(format!("{} does not exist{hint}", self.named(name)))
            }
        }
    }

    /// Another namespace with an analysis of this name, where the caller may look.
    async fn elsewhere(&self, name: &str) -> Option<String> {
        let all = Api::<GenomeAnalysis>::all(self.client.clone());
        let named = ListParams::default().fields(&format!("metadata.name={name}"));
        let found = all.list(&named).await.ok()?;
        found.iter().find_map(ResourceExt::namespace)
    }
}

/// Of the two ways to a cluster, the one a person has: what is said about a missing service account helps nobody.
fn about_kubeconfig(text: &str) -> String {
    let own = text
        .split_once("kubeconfig: (")
        .map(|(_, own)| own.trim_end_matches(')'));
    own.map_or_else(|| text.to_owned(), |own| format!("{own})"))
}

fn is_not_found(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404)
}

/// The name that was meant, or what there is.
fn hint(name: &str, names: &[String]) -> String {
    const SHOWN: usize = 5;
    if let Some(near) = nearest(name, names.iter().map(String::as_str)) {
        return format!("; hint: `{near}`");
    }
    if names.is_empty() {
        return "; hint: the namespace has none, `-n NAMESPACE` names another".to_owned();
    }
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > SHOWN { " …" } else { "" };
    format!("; hint: there are {}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_name_is_answered_with_the_one_that_was_meant() {
        let names = ["ecoli-k12".to_owned(), "quickstart".to_owned()];
        assert_eq!(hint("quikstart", &names), "; hint: `quickstart`");
        assert_eq!(
            hint("something", &names),
            "; hint: there are `ecoli-k12`, `quickstart`"
        );
        assert!(hint("something", &[]).contains("none"));
    }
}
