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
        Self::of(name, 12, 300)
    }

    /// `genomes` of `genes` each.
    pub(crate) fn of(name: &str, genomes: u32, genes: u32) -> Self {
        let folder = repository().join("target/cluster-tests").join(name);
        fs::create_dir_all(folder.join("results")).unwrap();
        generate(&folder, genomes, genes);
        let data = Self { folder };
        data.give_to_pods();
        data
    }

    pub(crate) fn give_to_pods(&self) {
        for path in walk(&self.folder) {
            chown(path, Some(POD_USER), Some(POD_USER)).unwrap();
        }
    }

    /// One more genome, of `genes`.
    pub(crate) fn add(&self, id: &str, genes: u32) {
        let aside = self.folder.join("aside");
        generate(&aside, 1, genes);
        let genome = first(&aside);
        fs::rename(genome, self.folder.join(format!("genomes/{id}.gbk.gz"))).unwrap();
        self.give_to_pods();
    }

    /// E. coli K-12 from `../shared/data`, where it is.
    pub(crate) fn add_k12(&self) -> bool {
        let file = repository().join("../shared/data/NC_000913.gbk.gz");
        if !file.exists() {
            println!("SKIPPED, `../shared/data` is not here: E. coli K-12 beside the generated genomes");
            return false;
        }
        fs::copy(file, self.folder.join("genomes/NC_000913.gbk.gz")).unwrap();
        self.give_to_pods();
        true
    }

    /// Bytes of sequence that a plan expects: four times those of the compressed files.
    pub(crate) fn bases(&self) -> u64 {
        let genomes = walk(&self.folder.join("genomes"));
        let files = genomes.iter().filter(|path| path.is_file());
        files.map(|path| fs::metadata(path).unwrap().len()).sum::<u64>() * 4
    }

    /// The first genome as it is now.
    pub(crate) fn whole(&self) -> Whole {
        let file = first(&self.folder);
        let bytes = fs::read(&file).unwrap();
        Whole { file, bytes }
    }

    /// Cuts the first genome in the middle; its id.
    pub(crate) fn damage_one(&self) -> String {
        let genome = &first(&self.folder);
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

/// A genome to put back in its place.
pub(crate) struct Whole {
    file: PathBuf,
    bytes: Vec<u8>,
}

impl Whole {
    pub(crate) fn restore(&self) {
        fs::write(&self.file, &self.bytes).unwrap();
    }
}

/// The first genome in `folder`.
fn first(folder: &Path) -> PathBuf {
    let genomes = walk(&folder.join("genomes"));
    let is_genome = |path: &PathBuf| path.to_string_lossy().ends_with(".gbk.gz");
    let first = genomes.into_iter().filter(is_genome).min();
    first.expect("a compressed GenBank file")
}

fn generate(folder: &Path, genomes: u32, genes: u32) {
    run(Command::new(program("genomic_pleiotropy"))
        .args(["generate", "--compress", "gzip"])
        .args(["--genomes", &genomes.to_string(), "--genes", &genes.to_string()])
        .arg("--output")
        .arg(folder));
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
