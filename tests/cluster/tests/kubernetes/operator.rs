//! The whole path as a user walks it: images, `helm install` with the chart's defaults, `kubectl apply`, `kubectl wait`, on
//! a volume, in a namespace that enforces Pod Security `restricted`; and the same results as without a cluster.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Instant,
};

use cluster_tests::{Cluster, Level, eventually, in_namespace};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};
use kube::{
    Api, Client,
    api::{ApiResource, DeleteParams, DynamicObject, GroupVersionKind, ListParams, PostParams},
};
use serde_json::{Value, json};

/// The user of the chart's and the operator's pods.
const POD_USER: u32 = 65_532;
const RELEASE_NAMESPACE: &str = "genome-operator-system";

#[tokio::test]
#[ignore = "needs root, the programs of a node and the images"]
async fn the_operator_on_a_real_node() {
    let cluster = Cluster::start(Level::Node).unwrap();
    install(&cluster);
    a_manifest_gives_the_same_results_on_the_cluster_as_on_a_laptop(&cluster).await;
    one_bad_genome_among_twelve_is_named_and_the_others_are_done(&cluster).await;
    killing_the_operator_in_each_phase_changes_nothing(&cluster).await;
}

async fn a_manifest_gives_the_same_results_on_the_cluster_as_on_a_laptop(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        let data = Data::generate(&namespace);
        data.bind(&client, &namespace).await;
        let local = data.run_locally(&manifest("twelve"), 0);

        let begin = Instant::now();
        apply(cluster, &namespace, &manifest("twelve"));
        wait_until_complete(cluster, &namespace, "twelve");
        println!(
            "12 genomes from apply to Complete: {:.1} s",
            begin.elapsed().as_secs_f64()
        );

        let table = kubectl(cluster, &namespace, &["get", "ga"]);
        println!("{table}");
        assert!(table.contains("12/12") && table.contains("Succeeded"), "{table}");
        assert_eq!(data.results(), local);
        let jobs = created_jobs(cluster, &namespace);
        assert!(jobs.len() >= 3, "plan, map and merge: {jobs:?}");
        assert!(
            jobs.values().all(|&times| times == 1),
            "no Job made twice: {jobs:?}"
        );
    })
    .await;
}

async fn one_bad_genome_among_twelve_is_named_and_the_others_are_done(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        let data = Data::generate(&namespace);
        let damaged = data.damage_one();
        data.bind(&client, &namespace).await;
        let local = data.run_locally(&manifest("eleven"), 3);

        apply(cluster, &namespace, &manifest("eleven"));
        wait_until_complete(cluster, &namespace, "eleven");

        let status = status(&client, &namespace, "eleven").await;
        assert_eq!(status["phase"], "PartiallySucceeded");
        let counts = json!({"total": 12, "analyzed": 11, "cached": 0, "failed": 1, "remaining": 0});
        assert_eq!(status["genomes"], counts);
        assert_eq!(status["firstFailure"]["genome"], damaged);
        assert_eq!(status["firstFailure"]["reason"], "TruncatedInput");
        assert_eq!(data.results(), local);
    })
    .await;
}

async fn killing_the_operator_in_each_phase_changes_nothing(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        let data = Data::generate(&namespace);
        data.bind(&client, &namespace).await;
        let local = data.run_locally(&manifest("disturbed"), 0);

        apply(cluster, &namespace, &manifest("disturbed"));
        for phase in ["Planning", "Running", "Merging"] {
            eventually(&format!("phase {phase}, or a later one"), async || {
                let status = status(&client, &namespace, "disturbed").await;
                [phase, "Merging", "Succeeded"]
                    .contains(&status["phase"].as_str()?)
                    .then_some(())
            })
            .await;
            kill_operator(&client).await;
        }
        wait_until_complete(cluster, &namespace, "disturbed");

        assert_eq!(data.results(), local);
        let jobs = created_jobs(cluster, &namespace);
        assert!(
            jobs.values().all(|&times| times == 1),
            "no Job made twice: {jobs:?}"
        );
    })
    .await;
}

/// Twelve genomes in a folder that is a claim in the cluster and a mount on the laptop.
struct Data {
    folder: PathBuf,
}

impl Data {
    fn generate(name: &str) -> Self {
        let folder = repository().join("target/cluster-tests").join(name);
        fs::create_dir_all(folder.join("results")).unwrap();
        run(Command::new(program("genomic_pleiotropy"))
            .args([
                "generate",
                "--genomes",
                "12",
                "--genes",
                "300",
                "--compress",
                "gzip",
                "--output",
            ])
            .arg(&folder));
        let data = Self { folder };
        data.give_to_pods();
        data
    }

    fn give_to_pods(&self) {
        for path in walk(&self.folder) {
            chown(path, Some(POD_USER), Some(POD_USER)).unwrap();
        }
    }

    /// Cuts the first genome in the middle; its id.
    fn damage_one(&self) -> String {
        let genomes = walk(&self.folder.join("genomes"));
        let is_genome = |path: &&PathBuf| path.to_string_lossy().ends_with(".gbk.gz");
        let genome = genomes
            .iter()
            .filter(is_genome)
            .min()
            .expect("a compressed GenBank file");
        let bytes = fs::read(genome).unwrap();
        fs::write(genome, &bytes[..bytes.len() / 2]).unwrap();
        let name = genome.file_name().unwrap().to_string_lossy();
        name.trim_end_matches(".gbk.gz").to_owned()
    }

    /// A volume over the folder, and the claim `genomes` on it.
    async fn bind(&self, client: &Client, namespace: &str) {
        let volume: PersistentVolume = serde_json::from_value(json!({
            "metadata": {"name": format!("{namespace}-genomes")},
            "spec": {
                "accessModes": ["ReadWriteMany"], "capacity": {"storage": "1Gi"}, "storageClassName": "",
                "hostPath": {"path": self.folder}, "claimRef": {"namespace": namespace, "name": "genomes"},
                "persistentVolumeReclaimPolicy": "Retain",
            },
        }))
        .unwrap();
        let claim: PersistentVolumeClaim = serde_json::from_value(json!({
            "metadata": {"name": "genomes"},
            "spec": {
                "accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}},
                "storageClassName": "", "volumeName": format!("{namespace}-genomes"),
            },
        }))
        .unwrap();
        let parameters = PostParams::default();
        Api::all(client.clone())
            .create(&parameters, &volume)
            .await
            .unwrap();
        Api::namespaced(client.clone(), namespace)
            .create(&parameters, &claim)
            .await
            .unwrap();
    }

    /// The results of the same manifest without a cluster, whose exit code must be `code`. Nothing is left of the run.
    fn run_locally(&self, manifest: &str, code: i32) -> Value {
        let file = self.folder.join("analysis.yaml");
        fs::write(&file, manifest).unwrap();
        let output = Command::new(program("kubectl-genome"))
            .args(["run", "--local", "-f"])
            .arg(&file)
            .arg("--mount")
            .arg(format!("genomes={}", self.folder.display()))
            .env("GENOME_ANALYZER", program("genomic_pleiotropy"))
            .env("XDG_CACHE_HOME", self.folder.join("cache"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{}{said}", text(&output));
        let results = self.results();
        fs::remove_dir_all(self.folder.join("results")).unwrap();
        fs::create_dir(self.folder.join("results")).unwrap();
        self.give_to_pods();
        results
    }

    /// What DESIGN calls identical: everything in the manifest's `results`.
    fn results(&self) -> Value {
        let manifest = fs::read(self.folder.join("results/manifest.json")).unwrap();
        serde_json::from_slice::<Value>(&manifest).unwrap()["results"].take()
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("removing `{}`: {error}", self.folder.display());
        }
    }
}

/// Images into the node, the chart with no values, and the time until the operator is ready.
fn install(cluster: &Cluster) {
    for image in ["operator", "analyzer"] {
        cluster
            .import(&repository().join(format!("target/image/{image}.tar")))
            .unwrap();
    }
    let begin = Instant::now();
    helm(
        cluster,
        &[
            "install",
            "genome-operator",
            "charts/genome-operator",
            "--create-namespace",
            "--wait",
        ],
    );
    let seconds = begin.elapsed().as_secs_f64();
    println!("helm install to operator ready: {seconds:.1} s");
    assert!(seconds < 30.0, "the operator took {seconds} s");
}

/// Three tasks of four genomes or so, which fit side by side on a node of two cores.
fn manifest(name: &str) -> String {
    format!(
        "apiVersion: genomics.pleiotropy.io/v1alpha1
kind: GenomeAnalysis
metadata:
  name: {name}
spec:
  genomes:
    - uri: file:///data/genomes/
  output:
    uri: file:///data/results/
  storage:
    volumes:
      - claim: genomes
        mountPath: /data
  resources:
    cpu: 250m
  scaling:
    maxWorkers: 3
"
    )
}

fn apply(cluster: &Cluster, namespace: &str, manifest: &str) {
    let file = repository().join(format!("target/cluster-tests/{namespace}.yaml"));
    fs::write(&file, manifest).unwrap();
    kubectl(cluster, namespace, &["apply", "-f", &file.to_string_lossy()]);
    fs::remove_file(file).unwrap();
}

fn wait_until_complete(cluster: &Cluster, namespace: &str, name: &str) {
    let analysis = format!("ga/{name}");
    kubectl(
        cluster,
        namespace,
        &["wait", "--for=condition=Complete", &analysis, "--timeout=300s"],
    );
}

async fn status(client: &Client, namespace: &str, name: &str) -> Value {
    let kind = GroupVersionKind::gvk("genomics.pleiotropy.io", "v1alpha1", "GenomeAnalysis");
    let resource = ApiResource::from_gvk_with_plural(&kind, "genomeanalyses");
    let analyses = Api::<DynamicObject>::namespaced_with(client.clone(), namespace, &resource);
    analyses.get(name).await.unwrap().data["status"].take()
}

/// Ends the operator's pod without warning; the Deployment starts another.
async fn kill_operator(client: &Client) {
    let pods = Api::<Pod>::namespaced(client.clone(), RELEASE_NAMESPACE);
    for pod in pods.list(&ListParams::default()).await.unwrap() {
        let name = pod.metadata.name.unwrap();
        pods.delete(&name, &DeleteParams::default().grace_period(0))
            .await
            .unwrap();
    }
}

/// How often a Job of each name was really created, by the API server's own log.
fn created_jobs(cluster: &Cluster, namespace: &str) -> BTreeMap<String, u32> {
    let mut created = BTreeMap::new();
    for line in fs::read_to_string(cluster.audit_log().unwrap()).unwrap().lines() {
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

fn kubectl(cluster: &Cluster, namespace: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(cluster.kubectl().unwrap());
    command.args(["--namespace", namespace]).args(arguments);
    text(&run(command.env("KUBECONFIG", cluster.kubeconfig().unwrap())))
}

fn helm(cluster: &Cluster, arguments: &[&str]) {
    let helm = std::env::var("HELM").expect("`HELM` names the program; `make test-cluster` sets it");
    let mut command = Command::new(helm);
    command
        .args(["--namespace", RELEASE_NAMESPACE])
        .args(arguments)
        .current_dir(repository());
    run(command.env("KUBECONFIG", cluster.kubeconfig().unwrap()));
}

fn run(command: &mut Command) -> Output {
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

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A program of this workspace, as `make test-cluster` has built it beside the tests.
fn program(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.parent().and_then(Path::parent).unwrap().join(name)
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// The folder and everything below it.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walk(&path))
        } else {
            found.push(path)
        }
    }
    found
}
