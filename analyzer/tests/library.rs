//! The crate as others use it: its examples run, and its JSON results are what their schemas say.

#[path = "library/examples.rs"]
mod examples;
#[expect(dead_code, reason = "its `main` is for people")]
#[path = "../examples/indices.rs"]
mod indices;
#[expect(dead_code, reason = "its `main` is for people")]
#[path = "../examples/look_up.rs"]
mod look_up;
#[path = "library/schemas.rs"]
mod schemas;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_genomic_pleiotropy");

fn run(arguments: &[&str], folder: &Path) {
    let mut command = Command::new(PROGRAM);
    let output = command
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Generates genomes below `folder`, and analyzes them as `flags` say.
fn results(folder: &Path, genomes: usize, genes: usize, flags: &[&str]) -> PathBuf {
    let (genomes, genes) = (genomes.to_string(), genes.to_string());
    let generate = ["generate", "--format", "cds", "--trials", "0", "--output", "."];
    let sizes = ["--genomes", &genomes, "--genes", &genes, "--trait-genes", "10"];
    run(&[&generate[..], &sizes].concat(), folder);
    let analyze = ["--no-cache", "--input", "genomes", "--output", "results"];
    run(&[&analyze[..], flags].concat(), folder);
    folder.join("results")
}

#[test]
fn the_example_of_indices_describes_a_genome() {
    let folder = tempfile::tempdir().unwrap();
    run(
        &["generate", "--genes", "200", "--trials", "0", "--output", "."],
        folder.path(),
    );
    let mut genomes = std::fs::read_dir(folder.path().join("genomes")).unwrap();
    let said = indices::describe(&genomes.next().unwrap().unwrap().path()).unwrap();
    assert!(said.starts_with("gene\tcodons\tENC\tGC3s\tCAI\n"), "{said}");
    assert!(said.contains("ribosom"), "{said}");
}

/// Bloom filters, sorted rows and small pages: a gene is found without reading the rest.
#[test]
fn a_look_up_reads_little() {
    let folder = tempfile::tempdir().unwrap();
    let results = results(folder.path(), 40, 1000, &["--no-traits"]);
    let found = look_up::look_up(&results, "rplA").unwrap();
    assert_eq!(found.genes.len(), 40);
    let nothing = look_up::look_up(&results, "no such gene").unwrap();
    assert!(nothing.genes.is_empty());
    println!(
        "found: {} of {} bytes; not found: {}",
        found.read, found.size, nothing.read
    );
    assert!(found.read * 10 < found.size, "{} of {}", found.read, found.size);
    assert!(
        nothing.read * 20 < nothing.size,
        "{} of {}",
        nothing.read,
        nothing.size
    );
}
