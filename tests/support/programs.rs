//! Our programs as a user has them, and folders to run them in.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The plugin, with a cache and a home of its own, so that a test finds nobody's earlier results.
pub fn plugin(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-genome"));
    command
        .env("GENOME_ANALYZER", analyzer())
        .env("HOME", home)
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env_remove("KUBECONFIG")
        .env_remove("RUST_LOG")
        .current_dir(repository());
    command
}

/// The analyzer, which a test of the whole workspace has built beside the plugin.
pub fn analyzer() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_kubectl-genome")).with_file_name("genomic_pleiotropy");
    assert!(
        path.is_file(),
        "`{}` is not built; hint: `cargo build --workspace --bins`, which `make test` needs not",
        path.display()
    );
    path
}

/// `genomic_pleiotropy generate` with `arguments`, below `folder`.
pub fn generate(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(analyzer());
    command
        .arg("generate")
        .args(arguments)
        .arg("--output")
        .arg(folder);
    said(&mut command, 0);
}

/// What the program printed, on both outputs; it must end with `code`.
#[track_caller]
pub fn said(command: &mut Command, code: i32) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = both(&output);
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{text}");
    text
}

fn both(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
