//! The guide to the tables, `docs/guides/tables.md`: every Python block in it runs on the results of `make demo`'s size.
//!
//! Ignored by `cargo test`, because it installs DuckDB, Polars and pandas once; `make test` runs it where Python is.

use std::path::Path;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_genomic_pleiotropy");

/// The blocks between fences that say `python`.
fn blocks(guide: &str) -> Vec<&str> {
    let inside = guide.split("```python\n").skip(1);
    inside.map(|rest| rest.split("```").next().unwrap()).collect()
}

/// What a program says; it must succeed.
#[track_caller]
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[ignore = "needs python"]
fn every_block_of_the_guide_runs() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let requirements = here.join("tests/tables/requirements.txt");
    let python = said(Command::new(here.join("tests/python.sh")).arg(requirements));
    let folder = tempfile::tempdir().unwrap();
    let generate = [
        "generate",
        "--genomes",
        "3",
        "--genes",
        "300",
        "--trials",
        "0",
        "--output",
        ".",
    ];
    said(Command::new(PROGRAM).current_dir(folder.path()).args(generate));
    let analyze = [
        "--no-cache",
        "--input",
        "genomes",
        "--traits",
        "traits.json",
        "--output",
        "results",
    ];
    said(Command::new(PROGRAM).current_dir(folder.path()).args(analyze));

    let guide = std::fs::read_to_string(here.join("../docs/guides/tables.md")).unwrap();
    let mut look_ups = Vec::new();
    for block in blocks(&guide) {
        let mut command = Command::new(python.trim());
        let printed = said(
            command
                .args(["-c", block])
                .current_dir(folder.path().join("results")),
        );
        assert!(printed.lines().count() > 0, "{block}");
        if printed.starts_with("rplA:") {
            look_ups.push(printed);
        }
    }
    // The three tools find the same genes, one in each genome.
    assert_eq!(look_ups.len(), 3);
    assert!(look_ups.iter().all(|found| *found == look_ups[0]), "{look_ups:?}");
    assert_eq!(look_ups[0].matches("SYN").count(), 3, "{}", look_ups[0]);
}
