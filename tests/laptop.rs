//! What people get wrong, and what they do while it runs: `kubectl genome run --local` and its neighbours from outside.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::programs::{analyzer, generate, plugin, said};

/// A folder with `data/genomes/` and `analysis.yaml`.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(place.path("data/genomes")).unwrap();
        place.manifest("");
        place
    }

    /// `count` good genomes.
    fn with(count: &str) -> Self {
        let place = Self::new();
        generate(&place.path("data"), &["--genomes", count, "--genes", "60"]);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn genome(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path("data/genomes").join(name), bytes).unwrap();
    }

    /// The manifest, with `more` in its `spec`.
    fn manifest(&self, more: &str) {
        let text = format!(
            "apiVersion: genomics.pleiotropy.io/v1alpha1\nkind: GenomeAnalysis\nmetadata:\n  name: laptop\nspec:\n  genomes:\n    \
             - uri: file:///data/genomes/\n  output:\n    uri: file:///data/results/\n  storage:\n    volumes:\n      \
             - {{claim: data, mountPath: /data}}\n{more}"
        );
        fs::write(self.path("analysis.yaml"), text).unwrap();
    }

    fn command(&self, verb: &[&str]) -> Command {
        let mut command = plugin(self.0.path());
        command.args(verb).arg("-f").arg(self.path("analysis.yaml"));
        command
            .arg("--mount")
            .arg(format!("data={}", self.path("data").display()));
        command
    }

    /// What a run says; it must end with `code`.
    #[track_caller]
    fn run(&self, code: i32) -> String {
        said(&mut self.command(&["run", "--local"]), code)
    }
}

#[track_caller]
fn contains(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut child = Command::new("gzip")
        .arg("-c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), bytes).unwrap();
    child.wait_with_output().unwrap().stdout
}

#[test]
fn a_genome_that_is_missing_or_empty_or_no_genome_is_named_with_its_reason() {
    let bare = b"LOCUS       X  12 bp  DNA  linear  BCT 01-JAN-2000\nFEATURES             Location/Qualifiers\n     \
        source          1..12\nORIGIN\n        1 acgtacgtac gt\n//\n";
    let proteins =
        b">p1\nMKRISTTITTTITITTGNGAGWLLEEFRDPQKHYV\n>p2\nMRVLKFGGTSVANAERFLRVADILESNARQGQVATVLSAPAKITNH\n";
    let binary: Vec<u8> = (0..4000_u32)
        .map(|n| u8::try_from(n * 7 % 251).unwrap())
        .collect();
    let good = Place::with("1");
    let whole = gzip(&fs::read(good.path("data/genomes/genome_001.gbk")).unwrap());
    for (name, bytes, reason) in [
        ("empty.fna", &b""[..], "EmptyInput"),
        ("cut.gbk.gz", &whole[..whole.len() / 2], "TruncatedInput"),
        ("bare.gbk", &bare[..], "NoCodingSequences"),
        ("proteins.fna", &proteins[..], "ProteinSequence"),
        ("picture.fna", &binary, "UnknownFormat"),
    ] {
        let place = Place::new();
        place.genome(name, bytes);
        let id = name.split('.').next().unwrap();
        contains(&place.run(1), &["0/1 done", id, reason]);
    }
    let place = Place::new();
    contains(
        &place.run(64),
        &["no genome found in `file:///data/genomes/`", "hint"],
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let place = Place::with("1");
    let text = fs::read_to_string(place.path("analysis.yaml")).unwrap();
    fs::write(
        place.path("analysis.yaml"),
        text.replace("file:///data/genomes/", "file:///data/genomes/nowhere.gbk"),
    )
    .unwrap();
    contains(&place.run(1), &["nowhere", "InputNotFound"]);
}

#[test]
fn one_bad_genome_among_twelve_costs_nothing_but_itself() {
    let place = Place::with("12");
    let victim = place.path("data/genomes/genome_007.gbk");
    let bytes = fs::read(&victim).unwrap();
    fs::write(&victim, &bytes[..bytes.len() / 3]).unwrap();
    contains(
        &place.run(3),
        &["11/12 done", "1 failed", "genome_007", "TruncatedInput"],
    );
    let mut explain = place.command(&["explain", "genome_007"]);
    contains(
        &said(&mut explain, 0),
        &["genome_007 · failed", "TruncatedInput", "genome_007.gbk", "chunk"],
    );
    let mut explain = place.command(&["explain", "genome_07"]);
    contains(&said(&mut explain, 1), &["among its 12", "hint: `genome_007`"]);
    let mut explain = place.command(&["explain", "genome_001", "-o", "json"]);
    let object: serde_json::Value = serde_json::from_str(&said(&mut explain, 0)).unwrap();
    assert_eq!(
        (&object["state"], &object["task"]),
        (&"Analyzed".into(), &0.into()),
        "{object}"
    );
}

#[test]
fn traits_that_match_no_gene_are_said_and_the_indices_are_there() {
    let place = Place::with("1");
    fs::write(
        place.path("data/none.json"),
        r#"[{"name": "other", "associated_genes": ["zzz1", "zzz2"]}]"#,
    )
    .unwrap();
    place.manifest("  traits: {uri: 'file:///data/none.json'}\n");
    contains(
        &place.run(0),
        &["1/1 done", "no trait of the panel has enough genes"],
    );
    let results = fs::read_to_string(place.path("data/results/analysis_results.json")).unwrap();
    contains(&results, &["codon_usage", "\"other\""]);
}

#[test]
fn three_mistakes_are_reported_at_once_with_line_and_field() {
    let place = Place::new();
    place.manifest("  resources: {memory: lots}\n  scaling: {maxWorkers: 0}\n  method: {geneticCod: 11}\n");
    let text = place.run(64);
    contains(
        &text,
        &[
            "analysis.yaml:13:",
            "spec.resources.memory",
            "spec.scaling.maxWorkers",
            "spec.method.geneticCod",
            "hint: `geneticCode`",
        ],
    );
    let mut validate = plugin(place.0.path());
    validate
        .arg("validate")
        .arg("-f")
        .arg(place.path("analysis.yaml"))
        .args(["-o", "json"]);
    let object: serde_json::Value = serde_json::from_str(&said(&mut validate, 64)).unwrap();
    assert_eq!(object["problems"].as_array().unwrap().len(), 3, "{object}");
}

#[test]
fn an_output_that_cannot_be_written_stops_the_run_with_the_reason() {
    let place = Place::with("1");
    fs::write(place.path("data/results"), "a file where the folder should be").unwrap();
    let text = place.run(1);
    contains(&text, &["exit code 73", "results"]);
    assert_eq!(text.matches("cannot write").count(), 1, "said once: {text}");
}

#[test]
fn an_output_of_another_analysis_is_not_touched() {
    let place = Place::with("1");
    place.run(0);
    let text = fs::read_to_string(place.path("analysis.yaml")).unwrap();
    fs::write(
        place.path("analysis.yaml"),
        text.replace("name: laptop", "name: another"),
    )
    .unwrap();
    let before = fs::read(place.path("data/results/manifest.json")).unwrap();
    contains(&place.run(1), &["OutputConflict"]);
    assert_eq!(
        fs::read(place.path("data/results/manifest.json")).unwrap(),
        before
    );
}

#[test]
fn a_claim_without_a_folder_is_named_with_the_way_out() {
    let place = Place::new();
    let mut command = plugin(place.0.path());
    command
        .args(["run", "--local", "-f"])
        .arg(place.path("analysis.yaml"));
    contains(
        &said(&mut command, 64),
        &["spec.storage.volumes[0].claim", "hint: `--mount data=DIR`"],
    );
    command.args(["--mount", "data=/nowhere/at/all"]);
    contains(&said(&mut command, 64), &["/nowhere/at/all"]);
    command.args(["--mount", "data"]);
    contains(&said(&mut command, 64), &["CLAIM=DIR"]);
}

#[test]
fn nothing_is_written_by_a_plan() {
    let place = Place::with("3");
    contains(
        &said(&mut place.command(&["plan"]), 0),
        &["genomes  3", "pods", "512Mi", "file:///data/results/"],
    );
    let mut plan = place.command(&["plan", "-o", "json"]);
    let plan = plan.stderr(Stdio::null()).output().unwrap();
    let object: serde_json::Value = serde_json::from_slice(&plan.stdout).unwrap();
    assert_eq!(object["genomes"], 3);
    assert!(!place.path("data/results").exists());
}

#[test]
fn what_this_machine_has_computed_is_not_computed_again() {
    let place = Place::with("3");
    place.run(0);
    let first = fs::read(place.path("data/results/codon_usage.tsv")).unwrap();
    fs::remove_dir_all(place.path("data/results")).unwrap();
    contains(&place.run(0), &["3/3 done, 3 of them from the cache"]);
    assert_eq!(
        first,
        fs::read(place.path("data/results/codon_usage.tsv")).unwrap()
    );
    contains(&said(&mut place.command(&["plan"]), 0), &["knows 3 of them"]);
    fs::remove_dir_all(place.path("data/results")).unwrap();
    let anew = said(&mut place.command(&["run", "--local", "--no-cache"]), 0);
    assert!(anew.contains("3/3 done") && !anew.contains("cache"), "{anew}");
    fs::remove_dir_all(place.path("data/results")).unwrap();
    place.manifest("  cache: {mode: 'Off'}\n");
    assert!(!place.run(0).contains("cache"));
}

#[test]
fn log_lines_take_the_place_of_the_bar_where_there_is_no_terminal() {
    let place = Place::with("2");
    let text = place.run(0);
    contains(&text, &["laptop: listing genomes"]);
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

/// An analyzer that says in `started` that it maps, and takes its time.
fn slow_analyzer(place: &Place) -> PathBuf {
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = map ]; then touch '{started}'; sleep 1; fi\nexec '{analyzer}' \"$@\"\n",
        started = place.path("started").display(),
        analyzer = analyzer().display()
    );
    let path = place.path("slow.sh");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn ctrl_c_stops_it_and_the_same_command_goes_on_from_there() {
    let place = Place::with("6");
    place.manifest("  tasks: {targetSize: 100000}\n");
    let mut command = place.command(&["run", "--local"]);
    let child = command
        .arg("--analyzer")
        .arg(slow_analyzer(&place))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = child.spawn().unwrap();
    wait_for(&place.path("started"));
    let begin = Instant::now();
    assert!(
        Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{text}");
    contains(&text, &["stopped; what is done stays in the output"]);
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    assert!(
        !place.path("data/results/manifest.json").exists(),
        "a result without all genomes is none"
    );
    contains(&place.run(0), &["6/6 done"]);
}

fn wait_for(path: &Path) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !path.exists() {
        assert!(Instant::now() < deadline, "`{}` did not appear", path.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn without_a_cluster_the_plugin_says_so_at_once() {
    let place = Place::new();
    let mut command = plugin(place.0.path());
    command
        .args(["status", "demo"])
        .env("KUBECONFIG", place.path("nothing"));
    contains(
        &said(&mut command, 1),
        &["no cluster", "nothing", "`run --local` needs none"],
    );
    let config = "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n\
                  clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\nusers: [{name: u, user: {}}]\n";
    fs::write(place.path("config"), config).unwrap();
    let mut command = plugin(place.0.path());
    command
        .args(["status", "demo"])
        .env("KUBECONFIG", place.path("config"));
    contains(&said(&mut command, 1), &["no cluster", "onnection refused"]);
}

#[test]
fn completions_are_there_for_the_three_shells_and_for_kubectl() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        let mut command = plugin(place.0.path());
        contains(
            &said(command.args(["completion", shell]), 0),
            &["explain", "retry"],
        );
    }
    let link = place.path("kubectl_complete-genome");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kubectl-genome"), &link).unwrap();
    assert_eq!(said(Command::new(&link).arg("susp"), 0), "suspend\n:4\n");
}
