//! The Python package codon-bias run on a specimen.

use std::path::Path;
use std::process::Command;

use crate::coding::{REFERENCES, Specimen};

/// CAI and ENC of each gene, by codon-bias's own rules: Met and Trp count with w = 1, and an amino acid that a gene does
/// not have is taken to use all its codons.
pub(crate) fn indices(python: &str, specimen: &Specimen) -> Vec<(f64, f64)> {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("cds.fasta");
    std::fs::write(&input, specimen.plain()).unwrap();
    let arguments = [
        input.display().to_string(),
        REFERENCES.to_string(),
        specimen.code.to_string(),
    ];
    let text = asked(python, &arguments);
    let row = |line: &str| {
        let (cai, enc) = line.split_once('\t').unwrap();
        (cai.parse().unwrap(), enc.parse().unwrap())
    };
    text.lines().map(row).collect()
}

/// Table, codon and amino acid of every translation table it knows.
pub(crate) fn tables(python: &str) -> Vec<(u8, String, u8)> {
    let row = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        (
            fields[0].parse().unwrap(),
            fields[1].to_owned(),
            fields[2].as_bytes()[0],
        )
    };
    asked(python, &["tables".to_owned()]).lines().map(row).collect()
}

fn asked(python: &str, arguments: &[String]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/codon_bias.py");
    let output = Command::new(python).arg(script).args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The interpreter that has it, which `.ci/run` installs. Skipping is said aloud, and is no option where `CI` is set.
pub(crate) fn python() -> Option<String> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut script = Command::new(tests.join("python.sh"));
    let script = script.arg(tests.join("peers/requirements.txt")).arg("--if-made");
    let output = script.output().unwrap();
    let python = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    assert!(
        !python.is_empty() || std::env::var("CI").is_err(),
        "codon-bias is not installed, and CI does not skip"
    );
    if python.is_empty() {
        println!(
            "skipped: codon-bias is not installed; hint: analyzer/tests/python.sh analyzer/tests/peers/requirements.txt"
        );
    }
    Some(python).filter(|python| !python.is_empty())
}
