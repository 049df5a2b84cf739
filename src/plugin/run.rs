//! `run -f`: the manifest to the cluster, by server-side apply.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Patch, PatchParams};
use kube::{Api, ResourceExt};

use super::arguments::{Connection, Run};
use super::cluster::Cluster;
use super::{Error, watch};
use crate::api::names::PLUGIN_FIELD_MANAGER;
use crate::local::{Stop, manifest};
use crate::validate::Settings;

/// Applies ConfigMaps, then analyses; with `--watch` stays until the analyses end. The worst exit code of them.
pub(super) async fn apply(connection: &Connection, run: &Run) -> Result<u8, Error> {
    let manifest = manifest::read(&run.file, &Settings::local())?;
    let (mut code, stop) = (0, Stop::on_signals());
    for config_map in &manifest.config_maps {
        apply_config_map(connection, config_map).await?;
    }
    for document in &manifest.analyses {
        let name = document.analysis.name_any();
        let cluster = Cluster::connect(connection, document.analysis.namespace().as_deref()).await?;
        let patch = Patch::Apply(&document.written);
        if let Err(error) = cluster.analyses().patch(&name, &parameters(), &patch).await {
            let doing = format!("applying {}", cluster.named(&name));
            return Err(cluster.explain(error, &doing, &name).await);
        }
        println!("GenomeAnalysis `{}/{name}` applied", cluster.namespace);
        if run.watch {
            code = code.max(watch::until_finished(&cluster, &name, &stop).await?);
        }
    }
    Ok(code)
}

async fn apply_config_map(connection: &Connection, config_map: &ConfigMap) -> Result<(), Error> {
    let name = config_map.name_any();
    let cluster = Cluster::connect(connection, config_map.namespace().as_deref()).await?;
    let config_maps: Api<ConfigMap> = Api::namespaced(cluster.client.clone(), &cluster.namespace);
    config_maps
        .patch(&name, &parameters(), &Patch::Apply(config_map))
        .await
        .map_err(Error::api(format!(
            "applying ConfigMap `{}/{name}`",
            cluster.namespace
        )))?;
    println!("ConfigMap `{}/{name}` applied", cluster.namespace);
    Ok(())
}

/// Strict, as `kubectl apply` is.
fn parameters() -> PatchParams {
    PatchParams::apply(PLUGIN_FIELD_MANAGER).validation(kube::api::ValidationDirective::Strict)
}
