//! Runs a verb of a request: threads, signals, panics, last words.

use std::any::Any;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use genome_contract::message::Failure;
use genome_contract::names::{CPU_LIMIT_VARIABLE, METRICS_ADDRESS_VARIABLE};
use genome_contract::request::Request;
use genome_contract::{ExitCode, Reason, Verb};
use tokio::runtime::Runtime;

use super::VerbArgs;
use crate::input::Stores;
use crate::memory::Limit;
use crate::message::Messenger;
use crate::progress::Progress;
use crate::telemetry;
use crate::verbs::{Ending, Session, Stop, map, merge, plan};

/// Runs `verb`; whatever happens, the message file has the last word.
pub(super) fn verb(verb: Verb, args: VerbArgs) -> ExitCode {
    telemetry::start(args.log_format, "info");
    let messenger = match Messenger::open(args.message.as_deref()) {
        Ok(messenger) => messenger,
        Err(error) => {
            let path = args.message.as_deref().unwrap_or(Path::new("")).display();
            return report(
                &Messenger::new(None),
                &Stop::new(
                    Reason::BadRequest,
                    format!("cannot write message file `{path}`: {error}"),
                ),
            );
        }
    };
    threads(args.threads);
    let memory = Limit::of(args.memory_limit, true);
    let index = args.index;
    let mut session = match open(args) {
        Ok(session) => Session {
            messenger,
            memory,
            ..session
        },
        Err(stop) => {
            messenger.begin(verb, None);
            return report(&messenger, &stop);
        }
    };
    supervised(&mut session, async |session| match verb {
        Verb::Plan => plan::run(session).await,
        Verb::Map => map::run(session, index).await,
        Verb::Merge => merge::run(session).await,
    })
}

fn open(args: VerbArgs) -> Result<Session, Stop> {
    let request = read(&args.request)?;
    let stores = Stores::new(args.mount, request.volumes.clone());
    Session::open(request, stores, Progress::new(true))
}

fn read(path: &Path) -> Result<Request, Stop> {
    let wrong = |problem: String| {
        Stop::new(
            Reason::BadRequest,
            format!("request `{}`: {problem}", path.display()),
        )
    };
    let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))
}

/// Computes with so many threads; the default is the pod's limit, else what affinity and the quota of the control group
/// (either version) allow, which the standard library knows.
pub(super) fn threads(count: Option<usize>) {
    let told = || threads_of(&std::env::var(CPU_LIMIT_VARIABLE).ok()?);
    let allowed = || std::thread::available_parallelism().map_or(1, usize::from);
    let count = count.or_else(told).unwrap_or_else(allowed);
    // Fails only where a pool is there already, which is as good.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(count).build_global();
}

/// Threads that keep a limit of so many thousandths of a processor busy.
fn threads_of(millis: &str) -> Option<usize> {
    let millis: usize = millis.trim().parse().ok()?;
    (millis > 0).then(|| millis.div_ceil(1000))
}

/// Runs `work` with signals heard and panics caught, and writes the last word.
pub(super) fn supervised(
    session: &mut Session,
    work: impl AsyncFnOnce(&mut Session) -> Result<Ending, Stop>,
) -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            return report(
                &session.messenger,
                &Stop::internal(format!("no runtime: {error}")),
            );
        }
    };
    listen(&runtime, session.stopping.clone());
    if let Some(address) = metrics_address() {
        runtime.spawn(crate::metrics::serve(address));
    }
    let result = catch_unwind(AssertUnwindSafe(|| runtime.block_on(work(session))));
    let result = result.unwrap_or_else(|panic| Err(Stop::internal(format!("a bug: {}", words(&*panic)))));
    session.progress.finish();
    // A genome that ran out of its time may still compute: nobody waits for it.
    runtime.shutdown_background();
    match result {
        Ok(ending) => {
            session.messenger.finish(None);
            ending.exit_code()
        }
        Err(stop) => report(&session.messenger, &stop),
    }
}

/// Where a pod is asked to serve its metrics; nowhere on a laptop.
fn metrics_address() -> Option<SocketAddr> {
    let text = std::env::var(METRICS_ADDRESS_VARIABLE).ok()?;
    let address = text
        .parse()
        .map_err(|error| tracing::warn!(text, %error, "no address for metrics"));
    address.ok()
}

/// SIGTERM and SIGINT ask to stop; a second one ends the process at once.
fn listen(runtime: &Runtime, stopping: Arc<AtomicBool>) {
    use tokio::signal::unix::{SignalKind, signal};
    runtime.spawn(async move {
        let (Ok(mut term), Ok(mut interrupt)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return;
        };
        loop {
            tokio::select! { _ = term.recv() => {}, _ = interrupt.recv() => {} }
            if stopping.swap(true, Ordering::Relaxed) {
                std::process::exit(ExitCode::Transient.as_i32());
            }
            tracing::warn!("asked to stop: finishing the genome in hand");
        }
    });
}

/// Says why on standard error and in the message file.
fn report(messenger: &Messenger, stop: &Stop) -> ExitCode {
    let Stop { reason, text } = stop;
    eprintln!("error: {}", printable(text));
    let genome = messenger.message().genome;
    messenger.finish(Some(Failure {
        reason: *reason,
        genome,
        text: text.clone(),
    }));
    reason.exit_code()
}

/// Control characters of names must not reach a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect()
            } else {
                vec![c]
            }
        })
        .collect()
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no words")
}

#[cfg(test)]
mod tests {
    use super::threads_of;

    #[test]
    fn a_begun_processor_is_worth_a_thread() {
        for (millis, threads) in [("1000", 1), ("1", 1), ("1500", 2), ("4000\n", 4)] {
            assert_eq!(threads_of(millis), Some(threads), "{millis}");
        }
        for nonsense in ["", "0", "-1", "2 cores"] {
            assert_eq!(threads_of(nonsense), None, "{nonsense}");
        }
    }
}
