//! Pages to look at, made once by the program itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const PROGRAM: &str = env!("CARGO_BIN_EXE_genomic_pleiotropy");

/// A large page of each kind.
pub(crate) struct Pages {
    /// One genome of 5,000 genes.
    pub(crate) genome: PathBuf,
    /// 1,000 genomes with phenotypes.
    pub(crate) cohort: PathBuf,
}

impl Pages {
    /// Made by the first who asks.
    pub(crate) fn made() -> &'static Self {
        static PAGES: OnceLock<Pages> = OnceLock::new();
        PAGES.get_or_init(|| {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
            let _ = std::fs::remove_dir_all(&folder);
            Self {
                genome: page(&folder.join("genome"), "--genomes 1 --genes 5000", &[]),
                cohort: page(
                    &folder.join("cohort"),
                    "--genomes 1000 --genes 24 --trait-genes 8 --lineages 4",
                    &["--phenotypes"],
                ),
            }
        })
    }
}

/// Generates genomes below `folder`, analyzes them, and says where the page is.
fn page(folder: &Path, generate: &str, flags: &[&str]) -> PathBuf {
    let output = |name: &str| ["--output".into(), folder.join(name)];
    let common = ["generate", "--format", "cds", "--trials", "0"];
    run(Command::new(PROGRAM)
        .args(common)
        .args(generate.split(' '))
        .args(output("")));
    let mut command = Command::new(PROGRAM);
    // The statistics are not what is tested here: a second run takes them from the cache.
    command.env(
        "XDG_CACHE_HOME",
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("page-cache"),
    );
    command.arg("--input").arg(folder.join("genomes"));
    command
        .arg("--traits")
        .arg(folder.join("traits.json"))
        .args(output("results"));
    for flag in flags {
        command.arg(flag).arg(folder.join("phenotypes.tsv"));
    }
    run(&mut command);
    folder.join("results/report.html")
}

/// Runs the program, which must succeed.
pub(crate) fn run(command: &mut Command) {
    let output = command.stdout(Stdio::null()).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Analyzes `input` with `traits`, and says where the results are.
pub(crate) fn results(folder: &Path, input: &Path, traits: &Path) -> PathBuf {
    let mut command = Command::new(PROGRAM);
    command
        .arg("--no-cache")
        .arg("--input")
        .arg(input)
        .arg("--traits")
        .arg(traits);
    run(command.arg("--output").arg(folder.join("results")));
    folder.join("results")
}
