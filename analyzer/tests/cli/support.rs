//! A folder with genomes, a request for them, and the program run on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use genome_contract::{ExitCode, Manifest, Message};
use serde_json::{Value, json};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_genomic_pleiotropy");

/// A FASTA of coding sequences, a function of `seed`: `genes` genes of 60 to 100 codons; those named `fla…` prefer C at
/// silent third positions.
pub(crate) fn genome(seed: u64, genes: usize) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let mut fasta = String::new();
    for gene in 0..genes {
        let name = if gene < genes / 4 {
            format!("fla{gene}")
        } else {
            format!("gen{gene}")
        };
        fasta += &format!(">g{seed}_{gene} [gene={name}] [locus_tag=G{seed}_{gene:04}]\nATG");
        for _ in 0..60 + random(40) {
            let family = ["GC", "CG", "GG", "CT", "CC", "TC", "AC", "GT"][random(8)];
            let third = if gene < genes / 4 && random(3) > 0 {
                1
            } else {
                random(4)
            };
            fasta += family;
            fasta.push(char::from(b"TCAG"[third]));
        }
        fasta += "TAA\n";
    }
    fasta
}

/// A panel of two traits that the genomes have.
pub(crate) const PANEL: &str = r#"{"traits": [
  {"name": "flagellum", "associated_genes": ["fla0", "fla1", "fla2", "fla3", "fla4", "fla5", "fla6", "fla7", "fla8", "fla9"]},
  {"name": "general", "associated_genes": ["gen20", "gen21", "gen22", "gen23", "gen24", "gen25", "gen26", "gen27", "gen28"]}
]}"#;

/// A folder of its own with `genomes/`, `panel.json` and requests.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
}

impl Place {
    /// Twelve genomes of 40 genes.
    pub(crate) fn with_twelve_genomes() -> Self {
        let place = Self::empty();
        for number in 0..12 {
            place.write(
                &format!("genomes/g{number:02}.fna"),
                genome(number + 1, 40).as_bytes(),
            );
        }
        place
    }

    pub(crate) fn empty() -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(place.path("genomes")).unwrap();
        place.write("panel.json", PANEL.as_bytes());
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    pub(crate) fn manifest(&self, output: &str) -> Manifest {
        serde_json::from_slice(&self.read(&format!("{output}/manifest.json"))).unwrap()
    }

    pub(crate) fn message(&self) -> Message {
        let bytes = self.read("message");
        assert_eq!(bytes.len(), 4096);
        Message::from_bytes(&bytes).unwrap()
    }

    /// A request for all genomes of the place, in volumes that `--mount` leads here; `change` edits it.
    pub(crate) fn request(&self, output: &str, workers: u32, change: impl FnOnce(&mut Value)) -> PathBuf {
        let mut request = json!({
            "schemaVersion": 1,
            "analysis": {"cluster": "local", "namespace": "", "name": "test", "uid": "u1"},
            "genomes": [{"uri": "file:///data/genomes/"}],
            "traits": {"file": self.path("panel.json")},
            "method": {"geneticCode": 11, "geneCalling": "Auto", "falseDiscoveryRate": 0.05, "minTraits": 2, "seed": 7},
            "output": {"uri": format!("file:///data/{output}"), "overwrite": false, "associations": "All"},
            // Twelve genomes are 140 kB: a fourth of that is a task, and a sixteenth of the target, its floor, is less.
            "tasks": {"targetSize": 500_000, "maxWorkers": workers},
            "genomeTimeoutSeconds": 600,
            "volumes": [{"mountPath": "/data", "readOnly": false}],
            "cache": {"mode": "Off", "ttlSeconds": 3600}
        });
        change(&mut request);
        self.write("request.json", &serde_json::to_vec(&request).unwrap())
    }

    /// A verb on the request, with the message file of the place.
    pub(crate) fn command(&self, verb: &str, index: u32) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg(verb).arg("--request").arg(self.path("request.json"));
        command.arg("--message").arg(self.path("message"));
        command
            .arg("--mount")
            .arg(format!("/data={}", self.folder.path().display()));
        command.env("JOB_COMPLETION_INDEX", index.to_string());
        command
    }

    /// Runs a verb and demands `code`.
    #[track_caller]
    pub(crate) fn verb(&self, verb: &str, index: u32, code: ExitCode) -> String {
        ended(self.command(verb, index).output().unwrap(), code)
    }

    /// Plan, every task in the order of `tasks`, merge.
    #[track_caller]
    pub(crate) fn all(&self, tasks: impl IntoIterator<Item = u32>) {
        self.verb("plan", 0, ExitCode::Success);
        for task in tasks {
            self.verb("map", task, ExitCode::Success);
        }
        self.verb("merge", 0, ExitCode::Success);
    }
}

/// Demands `code` of an ended process, and returns what it said on standard error.
#[track_caller]
pub(crate) fn ended(output: Output, code: ExitCode) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code.as_i32()), "{said}");
    said
}

/// The `--input` command for `input` with its results in `output`.
pub(crate) fn laptop(input: &Path, output: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("--input").arg(input).arg("--output").arg(output);
    // A cache of its own, in the folder of the place.
    command.env("XDG_CACHE_HOME", output.with_file_name("cache"));
    command
}

/// Every result file of an output location: all but the plan, the claim and the manifest's `run`.
pub(crate) fn results(output: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for folder in [output.to_path_buf(), output.join("parts")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(output).unwrap().display().to_string();
            if path.is_file()
                && !name.starts_with("plan.")
                && name != "_claim.json"
                && name != "manifest.json"
            {
                files.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// Demands the same bytes of two output locations.
#[track_caller]
pub(crate) fn assert_identical(one: &Path, other: &Path) {
    let (one, other) = (results(one), results(other));
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    for ((name, bytes), (_, others)) in one.iter().zip(&other) {
        assert!(bytes == others, "`{name}` differs");
    }
}
