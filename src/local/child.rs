//! One analyzer process: started, listened to, stopped.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use genome_contract::{Message, Verb, names};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};

use super::{Error, Stage, failed};

/// What one process is asked to do.
pub(super) struct Job<'a> {
    /// The verb.
    pub(super) verb: Verb,
    /// Its request.
    pub(super) request: &'a Path,
    /// `JOB_COMPLETION_INDEX`.
    pub(super) index: u32,
    /// What its log lines are marked with.
    pub(super) label: String,
    /// Threads it may use.
    pub(super) threads: usize,
}

/// How a process ended.
pub(super) struct Ended {
    /// Its exit code; absent where a signal killed it.
    pub(super) code: Option<i32>,
    /// The last message it wrote.
    pub(super) message: Option<Message>,
}

impl Ended {
    /// Its last words, for people.
    pub(super) fn words(&self) -> String {
        match self.message.as_ref().and_then(|message| message.failure.as_ref()) {
            Some(failure) => format!("{}: {}", failure.reason, failure.text),
            None => match self.code {
                Some(code) => format!("exit code {code}, without a word"),
                None => "killed by a signal (out of memory?)".to_owned(),
            },
        }
    }
}

/// How long a process may take to stop by itself: it finishes the genome in hand if it can.
const GRACE: Duration = Duration::from_secs(30);
/// How often the message is looked at for progress.
const LOOK: Duration = Duration::from_millis(250);

/// Runs one process to its end. `heard` gets its messages as they come.
pub(super) async fn run(
    stage: &Stage,
    job: Job<'_>,
    heard: &(dyn Fn(Message) + Sync),
) -> Result<Ended, Error> {
    let message_path = stage.folder.path().join(format!(
        "{}-{}.message",
        job.verb.as_str(),
        job.label.replace(' ', "-")
    ));
    let mut child = spawn(stage, &job, &message_path)?;
    let log = child.stderr.take();
    let ending = async {
        let mut looks = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                ended = child.wait() => return ended,
                () = stage.stop.asked() => return end(&mut child).await,
                _ = looks.tick() => { read(&message_path).into_iter().for_each(heard); }
            }
        }
    };
    let last_line = Mutex::new(None);
    let status = with_log(ending, async {
        if let Some(stderr) = log {
            forward(stage, &job.label, stderr, &last_line).await;
        }
    })
    .await;
    let status = status.map_err(|source| failed(format!("waiting for `{}`", job.label), source))?;
    let message = read(&message_path);
    // Its error is in the message as well, and is told from there, once.
    if message.as_ref().is_none_or(|message| message.failure.is_none())
        && let Some(line) = last_line.into_inner().ok().flatten()
    {
        stage.progress.say(&line);
    }
    message.clone().into_iter().for_each(heard);
    Ok(Ended {
        code: status.code(),
        message,
    })
}

/// The log is read while the process lives, and a moment longer: whoever inherited its standard error may keep it open.
async fn with_log<T>(ending: impl Future<Output = T>, log: impl Future<Output = ()>) -> T {
    let (ended, rest) = tokio::sync::oneshot::channel::<()>();
    let (result, ()) = tokio::join!(
        async {
            let result = ending.await;
            drop(ended);
            result
        },
        async {
            let moment = async {
                let _ = rest.await;
                tokio::time::sleep(Duration::from_millis(200)).await;
            };
            tokio::select! {
                () = log => {}
                () = moment => {}
            }
        }
    );
    result
}

fn spawn(stage: &Stage, job: &Job<'_>, message: &PathBuf) -> Result<Child, Error> {
    let analyzer = &stage.analyzer;
    std::fs::write(message, b"")
        .map_err(|source| failed(format!("writing `{}`", message.display()), source))?;
    let mut command = Command::new(&analyzer.program);
    command
        .arg(job.verb.as_str())
        .arg("--request")
        .arg(job.request)
        .arg("--message")
        .arg(message)
        .args(&analyzer.mounts)
        .arg("--threads")
        .arg(job.threads.to_string())
        .env(names::COMPLETION_INDEX_VARIABLE, job.index.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // Ctrl-C on the terminal reaches us only; we tell the children.
        .process_group(0)
        .kill_on_drop(true);
    if std::env::var_os("RUST_LOG").is_none() {
        command.env("RUST_LOG", "warn");
    }
    command
        .spawn()
        .map_err(|source| failed(format!("starting `{}`", analyzer.program.display()), source))
}

/// Log lines of a child, one at a time, above the progress bar; what it dies of goes to `last`.
async fn forward(stage: &Stage, label: &str, stderr: ChildStderr, last: &Mutex<Option<String>>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let text = format!("{label}: {line}");
        match last.lock() {
            Ok(mut last) if line.starts_with("error: ") => *last = Some(text),
            _ => stage.progress.say(&text),
        }
    }
}

/// SIGTERM, a while to finish the genome in hand, then SIGKILL.
async fn end(child: &mut Child) -> std::io::Result<std::process::ExitStatus> {
    let pid = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
    if let Ok(ended) = tokio::time::timeout(GRACE, child.wait()).await {
        return ended;
    }
    child.kill().await?;
    child.wait().await
}

fn read(path: &Path) -> Option<Message> {
    Message::from_bytes(&std::fs::read(path).ok()?)
}
