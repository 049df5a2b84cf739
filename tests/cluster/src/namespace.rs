//! A namespace for each test, under the strictest Pod Security, gone when the test is.

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures::FutureExt;
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, PostParams},
};
use serde_json::json;

use crate::{Cluster, diagnosis};

/// Runs `test` with a client and the name of a fresh namespace that enforces Pod Security `restricted`. When it panics, what
/// the namespace holds is printed first.
///
/// # Panics
/// As `test` does, and when the cluster can't be reached.
pub async fn in_namespace(cluster: &Cluster, test: impl AsyncFnOnce(Client, String)) {
    let client = cluster.client().await.expect("a client of the cluster");
    let namespaces = Api::<Namespace>::all(client.clone());
    let namespace = namespaces
        .create(&PostParams::default(), &fresh())
        .await
        .expect("a namespace")
        .name_any();

    let outcome = AssertUnwindSafe(test(client.clone(), namespace.clone()))
        .catch_unwind()
        .await;
    if outcome.is_err() {
        diagnosis::print(&client, &namespace).await;
    }
    if let Err(error) = namespaces.delete(&namespace, &DeleteParams::background()).await {
        eprintln!("removing namespace `{namespace}`: {error}");
    }
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

fn fresh() -> Namespace {
    serde_json::from_value(json!({
        "metadata": {
            "generateName": "test-",
            "labels": {
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/enforce-version": "latest",
            },
        },
    }))
    .expect("a namespace of the API")
}
