//! The way to the cluster: the caller's kubeconfig, the namespace meant.

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};

use super::Error;
use super::arguments::Connection;
use crate::api::GenomeAnalysis;

/// A client and the namespace it is used in.
pub(super) struct Cluster {
    pub(super) client: Client,
    pub(super) namespace: String,
}

impl Cluster {
    /// Connects; `wanted` is the manifest's namespace, which the command line overrides.
    pub(super) async fn connect(connection: &Connection, wanted: Option<&str>) -> Result<Self, Error> {
        let config = match &connection.context {
            None => Config::infer()
                .await
                .map_err(|error| Error::NoCluster(error.to_string()))?,
            Some(context) => {
                let options = KubeConfigOptions {
                    context: Some(context.clone()),
                    ..KubeConfigOptions::default()
                };
                let kubeconfig = Kubeconfig::read().map_err(|error| Error::NoCluster(error.to_string()))?;
                Config::from_custom_kubeconfig(kubeconfig, &options)
                    .await
                    .map_err(|error| Error::NoCluster(error.to_string()))?
            }
        };
        let namespace = connection
            .namespace
            .as_deref()
            .or(wanted)
            .unwrap_or(&config.default_namespace)
            .to_owned();
        let client = Client::try_from(config).map_err(|error| Error::NoCluster(error.to_string()))?;
        Ok(Self { client, namespace })
    }

    /// The analyses of the namespace.
    pub(super) fn analyses(&self) -> Api<GenomeAnalysis> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// One of them.
    pub(super) async fn get(&self, name: &str) -> Result<GenomeAnalysis, Error> {
        self.analyses().get(name).await.map_err(Error::api(format!(
            "reading GenomeAnalysis `{}/{name}`",
            self.namespace
        )))
    }
}
