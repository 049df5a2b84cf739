//! Twelve generated genomes on a volume, and the results of the same manifest without a cluster.

use std::{
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
};

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use kube::{Api, Client, api::PostParams};
use serde_json::{Value, json};

use crate::support::{program, repository, run, text};

/// The user of the chart's and the operator's pods.
const POD_USER: u32 = 65_532;

/// Twelve genomes in a folder that is a claim in the cluster and a mount on the laptop.
pub(crate) struct Data {
    pub(crate) folder: PathBuf,
}

impl Data {
    pub(crate) fn generate(name: &str) -> Self {
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

    pub(crate) fn give_to_pods(&self) {
        for path in walk(&self.folder) {
            chown(path, Some(POD_USER), Some(POD_USER)).unwrap();
        }
    }

    /// Cuts the first genome in the middle; its id.
    pub(crate) fn damage_one(&self) -> String {
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
    pub(crate) async fn bind(&self, client: &Client, namespace: &str) {
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
    pub(crate) fn run_locally(&self, manifest: &str, code: i32) -> Value {
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
    pub(crate) fn results(&self) -> Value {
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
