//! The operator as a process of this machine, against a cluster's API server: for tests that kill it, or run two.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use cluster_tests::Cluster;

/// A running operator. Dropped, it is killed.
pub(crate) struct OperatorProcess {
    child: Child,
    port: u16,
    log: PathBuf,
    /// From its start until `/readyz` said yes.
    pub(crate) until_ready: Duration,
}

impl OperatorProcess {
    /// Starts `program run` and waits until it is ready. `arguments` come after ours.
    pub(crate) async fn start(
        program: &std::path::Path,
        cluster: &Cluster,
        arguments: &[&str],
    ) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = std::env::temp_dir().join(format!("genome-operator-{}-{port}.log", std::process::id()));
        let output = File::create(&log)?;
        let image = ["--analyzer-image", "genome-analyzer:dev"];
        let is_named = arguments.contains(&image[0]);
        let child = Command::new(program)
            .args(["run", "--log-format", "text"])
            .args(image.into_iter().filter(|_| !is_named))
            .args([
                "--metrics-address",
                &format!("127.0.0.1:{port}"),
                "--pod-name",
                &format!("operator-{port}"),
            ])
            .args(arguments)
            .env("KUBECONFIG", cluster.kubeconfig()?)
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("starting `{}`", program.display()))?;
        let mut operator = Self {
            child,
            port,
            log,
            until_ready: Duration::ZERO,
        };
        operator.wait_until_ready().await?;
        Ok(operator)
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let begin = Instant::now();
        while !self
            .page("/readyz")
            .await
            .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
        {
            ensure!(
                begin.elapsed() < Duration::from_mins(1),
                "not ready after a minute:\n{}",
                self.log()
            );
            ensure!(self.child.try_wait()?.is_none(), "it has ended:\n{}", self.log());
            sleep(Duration::from_millis(10)).await;
        }
        self.until_ready = begin.elapsed();
        Ok(())
    }

    /// One of its pages, headers included.
    pub(crate) async fn page(&self, path: &str) -> Result<String> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).await?;
        connection
            .write_all(
                format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes(),
            )
            .await?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    /// What it has written.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its pid, to stop and continue it.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Bytes of memory that it holds now.
    pub(crate) fn resident_memory(&self) -> Result<u64> {
        resident_memory(self.id())
    }

    /// Seconds of processor time it has used.
    pub(crate) async fn processor_seconds(&self) -> Result<f64> {
        let page = self.page("/metrics").await?;
        let line = page
            .lines()
            .find_map(|line| line.strip_prefix("process_cpu_seconds_total "));
        Ok(line
            .context("`process_cpu_seconds_total` is served")?
            .trim()
            .parse()?)
    }

    /// As a rolling update does: it is asked to stop, and ends well.
    pub(crate) fn terminate(&mut self) -> Result<()> {
        let asked = Command::new("kill").arg(self.id().to_string()).status()?;
        ensure!(asked.success(), "no process {}", self.id());
        let end = self.child.wait()?;
        ensure!(
            end.success(),
            "asked to stop, it ended with {end}:\n{}",
            self.log()
        );
        Ok(())
    }

    /// Without warning.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for OperatorProcess {
    fn drop(&mut self) {
        drop(self.kill());
        if std::thread::panicking() {
            eprintln!("--- the operator's log\n{}---", self.log());
        }
        drop(fs::remove_file(&self.log));
    }
}

/// Bytes of memory that process `id` holds now.
pub(crate) fn resident_memory(id: u32) -> Result<u64> {
    memory(id, "VmRSS:")
}

/// Most bytes of memory that process `id` has held at any time.
pub(crate) fn most_memory(id: u32) -> Result<u64> {
    memory(id, "VmHWM:")
}

fn memory(id: u32, field: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .context("a process with memory")?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes * 1024)
}
