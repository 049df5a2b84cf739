//! Every manifest of `examples/` is run: with folders for its claims, or against a real S3 server.

use std::fs;
use std::path::Path;

use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt as _};

use crate::support::programs::{generate, plugin, repository, said};
use crate::support::s3::S3;

/// Runs an example with a folder of its own.
type Run = fn(&Path);

/// The examples and how each is run here; a new one without a line fails.
const RUN: [(&str, Run); 4] = [
    ("object-store.yaml", object_store),
    ("own-traits.yaml", own_traits),
    ("quickstart.yaml", quickstart),
    ("shared-cluster.yaml", shared_cluster),
];

#[test]
fn every_example_is_run_by_a_test() {
    let mut names: Vec<String> = fs::read_dir(repository().join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, RUN.map(|(name, _)| name));
}

#[test]
fn the_quickstart_runs() {
    quickstart(tempfile::tempdir().unwrap().path());
}

#[test]
fn the_example_with_own_traits_runs() {
    own_traits(tempfile::tempdir().unwrap().path());
}

#[test]
fn the_example_with_an_object_store_runs() {
    object_store(tempfile::tempdir().unwrap().path());
}

#[test]
fn the_example_for_a_shared_cluster_runs() {
    shared_cluster(tempfile::tempdir().unwrap().path());
}

fn quickstart(folder: &Path) {
    let data = folder.join("data");
    generate(&data, &["--genomes", "12", "--genes", "60"]);
    let mount = format!("genomes={}", data.display());
    let text = said(
        plugin(folder).args([
            "run",
            "--local",
            "-f",
            "examples/quickstart.yaml",
            "--mount",
            &mount,
        ]),
        0,
    );
    assert!(text.contains("12/12 done"), "{text}");
    assert!(data.join("results/report.html").is_file());
}

fn own_traits(folder: &Path) {
    let (data, results) = (folder.join("data"), folder.join("results"));
    generate(&data, &["--genomes", "2", "--genes", "60"]);
    for genome in ["genome_001", "genome_002"] {
        let genomes = data.join("genomes");
        fs::rename(
            genomes.join(format!("{genome}.gbk")),
            genomes.join(format!("{genome}.gb")),
        )
        .unwrap();
    }
    fs::create_dir(&results).unwrap();
    let mounts = [
        format!("genomes={}", data.display()),
        format!("results={}", results.display()),
    ];
    let mut command = plugin(folder);
    command.args([
        "run",
        "--local",
        "-f",
        "examples/own-traits.yaml",
        "--mount",
        &mounts[0],
        "--mount",
        &mounts[1],
    ]);
    let text = said(&mut command, 0);
    assert!(text.contains("2/2 done"), "{text}");
    let found = fs::read_to_string(results.join("own-traits/analysis_results.json")).unwrap();
    assert!(
        found.contains("motility") && !found.contains("ribosome"),
        "{found}"
    );
}

/// Uploads `count` generated genomes, compressed, as `prefix`N.gbff.gz.
fn upload(folder: &Path, store: &dyn ObjectStore, count: u32, prefix: &str) {
    let data = folder.join(format!("generated-{}", prefix.replace('/', "-")));
    generate(
        &data,
        &[
            "--genomes",
            &count.to_string(),
            "--genes",
            "60",
            "--compress",
            "gzip",
        ],
    );
    for number in 1..=count {
        let file = data.join(format!("genomes/genome_{number:03}.gbk.gz"));
        let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        put(store, &format!("{prefix}{number}.gbff.gz"), bytes);
    }
}

fn put(store: &dyn ObjectStore, key: &str, bytes: Vec<u8>) {
    wait(async { store.put(&Key::from(key), bytes.into()).await.unwrap() });
}

fn read(store: &dyn ObjectStore, key: &str) -> Vec<u8> {
    wait(async {
        store
            .get(&Key::from(key))
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
            .to_vec()
    })
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future)
}

/// Listing with include and exclude, a list of URIs, reading by range and version, create-if-absent, and going on.
fn object_store(folder: &Path) {
    let Some(server) = S3::start(&folder.join("buckets"), "genomes") else {
        return;
    };
    let store = server.bucket("genomes");
    upload(folder, &*store, 5, "bacteria/deep/g");
    upload(folder, &*store, 1, "bacteria/drafts/d");
    upload(folder, &*store, 1, "elsewhere/e");
    put(&*store, "bacteria/notes.txt", b"no genome".to_vec());
    put(
        &*store,
        "more.txt",
        b"# one a line\n\ns3://genomes/elsewhere/e1.gbff.gz\n".to_vec(),
    );
    let run = || {
        let mut command = plugin(folder);
        command
            .args(["run", "--local", "-f", "examples/object-store.yaml"])
            .envs(server.environment());
        said(&mut command, 0)
    };
    let text = run();
    assert!(text.contains("6/6 done"), "{text}");
    assert!(
        text.contains("s3://genomes/results/object-store/report.html"),
        "{text}"
    );
    let first = read(&*store, "results/object-store/manifest.json");
    let chunk = wait(async {
        store
            .head(&Key::from("results/object-store/parts/genomes-00000-00.parquet"))
            .await
            .unwrap()
    });
    run();
    let manifest =
        |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap()["results"].clone();
    assert_eq!(
        manifest(&read(&*store, "results/object-store/manifest.json")),
        manifest(&first)
    );
    let again = wait(async {
        store
            .head(&Key::from("results/object-store/parts/genomes-00000-00.parquet"))
            .await
            .unwrap()
    });
    assert_eq!(
        again.last_modified, chunk.last_modified,
        "a chunk that is there is not written again"
    );

    // A wrong key is a denied output, in so many words.
    let mut command = plugin(folder);
    command
        .args(["run", "--local", "-f", "examples/object-store.yaml"])
        .envs(server.environment());
    let text = said(command.env("AWS_SECRET_ACCESS_KEY", "wrong"), 1);
    assert!(text.contains("AccessDenied") && !text.contains("wrong"), "{text}");
}

fn shared_cluster(folder: &Path) {
    let Some(server) = S3::start(&folder.join("buckets"), "genomes") else {
        return;
    };
    upload(folder, &*server.bucket("genomes"), 2, "refseq/a/b/g");
    let mut command = plugin(folder);
    command
        .args(["run", "--local", "-f", "examples/shared-cluster.yaml"])
        .envs(server.environment());
    let text = said(&mut command, 0);
    assert!(text.contains("2/2 done"), "{text}");
}
