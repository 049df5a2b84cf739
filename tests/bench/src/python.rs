//! Python's peers, in a virtual environment of the bench below the cache folder, made when it is missing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

/// What is installed; the folder is named after it, so that other versions are another folder.
const PACKAGES: [&str; 4] = [
    "biopython==1.88",
    "pyrodigal==3.7.1",
    "codon-bias==0.5.0",
    // What codon-bias needs does not know pandas 3.
    "pandas==2.3.3",
];

/// Prints the seconds that `job` takes on a file, without the start of Python and the imports.
const SCRIPT: &str = include_str!("peers/time_of.py");

/// The interpreter of the environment.
pub(crate) struct Python(PathBuf);

impl Python {
    /// Makes the environment where it is missing.
    pub(crate) fn ready() -> Result<Self> {
        let name = PACKAGES.join("-").replace("==", "-");
        let folder = cache()
            .context("no cache folder: HOME is not set")?
            .join("bench")
            .join(name);
        let python = folder.join("bin/python");
        if folder.join("ready").is_file() {
            return Ok(Self(python));
        }
        fs::create_dir_all(&folder)?;
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder)).context("python3 -m venv")?;
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        succeed(install.args(PACKAGES)).context("pip install")?;
        fs::write(folder.join("ready"), "")?;
        Ok(Self(python))
    }

    /// Seconds of `job` (see the script) on `file`.
    pub(crate) fn seconds(&self, job: &str, file: &Path) -> Result<f64> {
        let output = succeed(Command::new(&self.0).args(["-c", SCRIPT, job]).arg(file))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.trim()
            .parse()
            .with_context(|| format!("{job} printed `{text}`"))
    }
}

fn cache() -> Option<PathBuf> {
    let folder = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let own = folder("GENOME_OPERATOR_CACHE");
    let shared = || folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
    own.or_else(|| Some(shared()?.join("genome-operator")))
}

fn succeed(command: &mut Command) -> Result<Output> {
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        bail!("{}", said.trim().lines().last().unwrap_or("it failed"));
    }
    Ok(output)
}
