//! The tools a user has at hand, and what a test looks at: kubectl, helm, our programs, the API server's own log.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use cluster_tests::Cluster;
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, GroupVersionKind},
};
use serde_json::{Value, json};

/// The chart's namespace.
pub(crate) const RELEASE_NAMESPACE: &str = "genome-operator-system";

pub(crate) fn apply(cluster: &Cluster, namespace: &str, manifest: &str) {
    let file = repository().join(format!("target/cluster-tests/{namespace}.yaml"));
    fs::write(&file, manifest).unwrap();
    kubectl(cluster, namespace, &["apply", "-f", &file.to_string_lossy()]);
    fs::remove_file(file).unwrap();
}

pub(crate) fn wait_until_complete(cluster: &Cluster, namespace: &str, name: &str) {
    let analysis = format!("ga/{name}");
    kubectl(
        cluster,
        namespace,
        &["wait", "--for=condition=Complete", &analysis, "--timeout=300s"],
    );
}

/// As anybody sees them, whatever our types make of them.
pub(crate) fn analyses(client: &Client, namespace: &str) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("genomics.pleiotropy.io", "v1alpha1", "GenomeAnalysis");
    let resource = ApiResource::from_gvk_with_plural(&kind, "genomeanalyses");
    Api::namespaced_with(client.clone(), namespace, &resource)
}

pub(crate) async fn status(client: &Client, namespace: &str, name: &str) -> Value {
    analyses(client, namespace).get(name).await.unwrap().data["status"].take()
}

/// How often a Job of each name was really created, by the API server's own log.
pub(crate) fn created_jobs(cluster: &Cluster, namespace: &str) -> BTreeMap<String, u32> {
    let mut created = BTreeMap::new();
    let log = fs::read_to_string(cluster.audit_log().unwrap()).unwrap();
    // Reading all of a long log as JSON takes longer than most tests.
    let lines = log
        .lines()
        .filter(|line| line.contains(r#""verb":"create""#) && line.contains(namespace));
    for line in lines {
        let Ok(event) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let job = &event["objectRef"];
        let is_created = event["verb"] == "create"
            && event["stage"] == "ResponseComplete"
            && event["responseStatus"]["code"] == 201
            && job["resource"] == "jobs"
            && job["namespace"] == namespace;
        if is_created {
            let name = event["responseObject"]["metadata"]["name"]
                .as_str()
                .unwrap_or_default();
            *created.entry(name.to_owned()).or_default() += 1;
        }
    }
    created
}

pub(crate) fn kubectl(cluster: &Cluster, namespace: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(cluster.kubectl().unwrap());
    command.args(["--namespace", namespace]).args(arguments);
    text(&run(command.env("KUBECONFIG", cluster.kubeconfig().unwrap())))
}

pub(crate) fn helm(cluster: &Cluster, arguments: &[&str]) {
    let helm = std::env::var("HELM").expect("`HELM` names the program; `make test-cluster` sets it");
    let mut command = Command::new(helm);
    command
        .args(["--namespace", RELEASE_NAMESPACE])
        .args(arguments)
        .current_dir(repository());
    run(command.env("KUBECONFIG", cluster.kubeconfig().unwrap()));
}

pub(crate) fn run(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{said}",
        output.status,
        text(&output)
    );
    output
}

pub(crate) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A program of this workspace, as `make test-cluster` has built it beside the tests.
pub(crate) fn program(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.parent().and_then(Path::parent).unwrap().join(name)
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// What kubectl prints, or what it complains of.
pub(crate) fn try_kubectl(cluster: &Cluster, namespace: &str, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(cluster.kubectl().unwrap());
    command.args(["--namespace", namespace]).args(arguments);
    let output = command
        .env("KUBECONFIG", cluster.kubeconfig().unwrap())
        .output()
        .unwrap();
    if output.status.success() {
        Ok(text(&output))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Why `kubectl apply` of `file` is refused.
pub(crate) fn refusal(cluster: &Cluster, namespace: &str, file: &str) -> String {
    try_kubectl(cluster, namespace, &["apply", "-f", file]).expect_err("it is refused")
}

/// The definition from `crds/`, served.
pub(crate) fn install_definition(cluster: &Cluster) {
    install(cluster, &repository().join("crds/genomeanalyses.yaml"));
}

/// The definition in `file`, in place of the one that there was.
pub(crate) fn install(cluster: &Cluster, file: &Path) {
    kubectl(
        cluster,
        "default",
        &["apply", "--server-side", "-f", &file.to_string_lossy()],
    );
    let established = [
        "wait",
        "--for=condition=Established",
        "crd/genomeanalyses.genomics.pleiotropy.io",
        "--timeout=60s",
    ];
    kubectl(cluster, "default", &established);
}

/// The path of a manifest with the least there must be and `more` in its `spec`.
pub(crate) fn analysis(namespace: &str, name: &str, more: &Value) -> String {
    let mut manifest = json!({
        "apiVersion": "genomics.pleiotropy.io/v1alpha1", "kind": "GenomeAnalysis", "metadata": {"name": name},
        "spec": {"genomes": [{"uri": "s3://genomes/bacteria/"}], "output": {"uri": format!("s3://results/{namespace}/{name}/")}},
    });
    if let (Some(spec), Some(more)) = (manifest["spec"].as_object_mut(), more.as_object()) {
        spec.extend(more.clone());
    }
    let folder = repository().join("target/cluster-tests");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{namespace}-{name}.json"));
    fs::write(&file, manifest.to_string()).unwrap();
    file.to_string_lossy().into_owned()
}

/// The operator as it is in the image; `OPERATOR` names another.
pub(crate) fn operator_program() -> PathBuf {
    std::env::var_os("OPERATOR").map_or_else(
        || repository().join("target/image/genome-operator"),
        PathBuf::from,
    )
}
