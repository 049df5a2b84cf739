//! A cluster that `kubernetes/cluster.sh` brings up, and that goes with the process that wanted it, however that ends.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::{Context, Result, ensure};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};

/// How much of a cluster a test needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The API server and the controllers; two simulated nodes play pods that run for a moment and succeed.
    ControlPlane,
    /// The control plane, and this machine as its one real node. Needs root.
    Node,
}

impl Level {
    fn as_arguments(self) -> &'static [&'static str] {
        match self {
            Self::ControlPlane => &["control-plane", "--simulated-nodes", "2"],
            Self::Node => &["node"],
        }
    }

    fn as_name(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::Node => "node",
        }
    }
}

/// A cluster of this process. Dropped, it is taken down; where the process is killed first, a watcher does it.
#[derive(Debug)]
pub struct Cluster {
    name: Option<String>,
    variables: BTreeMap<String, String>,
}

impl Cluster {
    /// The cluster that all tests of this process share: for tests that disturb nothing outside of their namespace.
    ///
    /// With `TEST_CLUSTER=existing` it is the cluster of `KUBECONFIG`, which nothing here brings up or takes down.
    ///
    /// # Panics
    /// When the cluster does not come up.
    pub fn shared(level: Level) -> &'static Self {
        static CONTROL_PLANE: OnceLock<Cluster> = OnceLock::new();
        static NODE: OnceLock<Cluster> = OnceLock::new();
        let shared = match level {
            Level::ControlPlane => &CONTROL_PLANE,
            Level::Node => &NODE,
        };
        shared.get_or_init(|| {
            if env::var("TEST_CLUSTER").is_ok_and(|kind| kind == "existing") {
                Self::existing()
            } else {
                Self::start(level).expect("a cluster comes up")
            }
        })
    }

    /// A cluster for one test, which may stop its programs.
    pub fn start(level: Level) -> Result<Self> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("test-{}-{number}-{}", process::id(), level.as_name());
        let process = process::id().to_string();
        let mut up = vec!["up"];
        up.extend(level.as_arguments());
        up.extend(["--until-process-ends", &process]);
        script(&name, &up)?;
        let variables = variables_in(&script(&name, &["env"])?);
        Ok(Self {
            name: Some(name),
            variables,
        })
    }

    fn existing() -> Self {
        let variables = env::vars().filter(|(name, _)| name == "KUBECONFIG").collect();
        Self {
            name: None,
            variables,
        }
    }

    /// A client with every right. It belongs to the runtime that made it, so each test makes its own.
    pub async fn client(&self) -> Result<Client> {
        let kubeconfig = Kubeconfig::read_from(self.kubeconfig()?)?;
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        Ok(Client::try_from(config)?)
    }

    /// The file with the credentials of a cluster administrator.
    pub fn kubeconfig(&self) -> Result<PathBuf> {
        self.variable("KUBECONFIG").map(PathBuf::from)
    }

    /// The API server's log of every request, with the bodies of all but secrets; a JSON document a line.
    pub fn audit_log(&self) -> Result<PathBuf> {
        self.variable("CLUSTER_AUDIT_LOG").map(PathBuf::from)
    }

    /// The address where pods reach a server of this machine.
    pub fn host_address(&self) -> Result<String> {
        self.variable("CLUSTER_HOST_ADDRESS")
    }

    /// Kills a program of the cluster, such as `etcd`, `api-server` or `kubelet`, without warning.
    pub fn kill(&self, program: &str) -> Result<()> {
        self.script(&["stop", program]).map(drop)
    }

    /// Starts a killed program as it was.
    pub fn restart(&self, program: &str) -> Result<()> {
        self.script(&["start", program]).map(drop)
    }

    /// Puts image archives into the node.
    pub fn import(&self, archive: &Path) -> Result<()> {
        self.script(&["import", &archive.to_string_lossy()]).map(drop)
    }

    /// The `kubectl` of the cluster's own version.
    pub fn kubectl(&self) -> Result<PathBuf> {
        self.variable("KUBECTL").map(PathBuf::from)
    }

    /// Where the programs' own logs are.
    pub fn logs(&self) -> Option<PathBuf> {
        self.variables
            .get("CLUSTER_STATE")
            .map(|state| Path::new(state).join("logs"))
    }

    fn variable(&self, name: &str) -> Result<String> {
        self.variables
            .get(name)
            .cloned()
            .with_context(|| format!("this cluster has no `{name}`"))
    }

    fn script(&self, arguments: &[&str]) -> Result<String> {
        let name = self
            .name
            .as_deref()
            .context("an existing cluster is not ours to change")?;
        script(name, arguments)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.name.as_deref().map(|name| script(name, &["down"])) {
            eprintln!("taking the cluster down: {error:#}");
        }
    }
}

fn script(cluster: &str, arguments: &[&str]) -> Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("kubernetes/cluster.sh");
    let output = Command::new(&path)
        .args(["--name", cluster])
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("running `{}`", path.display()))?;
    ensure!(
        output.status.success(),
        "`cluster.sh {}` ended with {}",
        arguments.join(" "),
        output.status
    );
    Ok(String::from_utf8(output.stdout)?)
}

fn variables_in(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
