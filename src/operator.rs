//! The process: connects, serves its pages, waits to lead, reconciles, and stops in good order.
//!
//! ```text
//!  start ─► pages ─► (standby) ─► lead ─► caches ─► ready ─► reconcile … SIGTERM ─► finish ─► release the lease
//! ```

use std::{io, sync::Arc};

use kube::{
    Client, Config,
    runtime::events::{Recorder, Reporter},
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};
use tracing::info;

use crate::{
    api::names::FIELD_MANAGER,
    apply::Applier,
    cli::RunArguments,
    controller::{self, AnalysisCensus, Grants, Operator, Scope, Turns, Watches},
    leader::{Candidate, LeaderError, Leadership},
    metrics::Metrics,
    observe::Observer,
    server::{self, Readiness},
};

/// Name of the lease.
pub const LEASE: &str = "genome-operator";

/// Why the process ends before it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No way to a cluster was found.
    #[error(
        "finding a cluster to connect to; hint: set `KUBECONFIG`, or run in a pod with a service account"
    )]
    Config(#[source] kube::config::InferConfigError),
    /// The client could not be made.
    #[error("connecting to the cluster")]
    Client(#[source] kube::Error),
    /// The address is taken, or not ours.
    #[error("listening on `{address}`; hint: choose another `--metrics-address`")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// How it failed.
        #[source]
        source: io::Error,
    },
    /// Signals can't be received.
    #[error("waiting for signals")]
    Signal(#[source] io::Error),
    /// Another replica leads.
    #[error(transparent)]
    Leader(#[from] LeaderError),
}

/// Runs until SIGTERM, SIGINT, or the loss of leadership.
pub async fn run(arguments: RunArguments) -> Result<(), RunError> {
    let mut config = Config::infer().await.map_err(RunError::Config)?;
    // Its retries repeat POSTs and sleep without bound; ours are decided in the controller.
    config.default_retry = false;
    let namespace = lease_namespace(&arguments, &config);
    let client = Client::try_from(config.clone()).map_err(RunError::Client)?;
    let (metrics, readiness) = (Arc::new(Metrics::default()), Readiness::default());
    let address = arguments.metrics_address;
    let listener = server::listen(address)
        .await
        .map_err(|source| RunError::Listen { address, source })?;
    tokio::spawn(server::serve(listener, metrics.clone(), readiness.clone()));
    let (stop, stopped) = watch::channel(false);
    let signals = Signals::new().map_err(RunError::Signal)?;
    tokio::spawn(stop_on_signal(signals, stop, readiness.clone()));
    info!(version = env!("CARGO_PKG_VERSION"), %address, image = %arguments.analyzer_image, "started");
    if !arguments.leader_election {
        reconcile(
            &arguments,
            client,
            metrics,
            readiness,
            Leadership::unopposed(),
            stopped,
        )
        .await;
        return Ok(());
    }
    // A client of its own: renewals must not queue behind the controller's requests.
    let own = Client::try_from(config).map_err(RunError::Client)?;
    let mut candidate = Candidate::new(own, &namespace, LEASE, identity(&arguments));
    let leadership = candidate.leadership();
    let mut asked = stopped.clone();
    tokio::select! {
        () = candidate.acquire(|| readiness.set(true)) => {}
        _ = asked.wait_for(|stop| *stop) => return Ok(()),
    }
    let outcome = tokio::select! {
        lost = candidate.lead() => Err(RunError::Leader(lost)),
        () = reconcile(&arguments, client, metrics, readiness, leadership, stopped) => Ok(()),
    };
    if outcome.is_ok() {
        candidate.release().await;
    }
    outcome
}

fn lease_namespace(arguments: &RunArguments, config: &Config) -> String {
    if arguments.pod_namespace.is_empty() {
        config.default_namespace.clone()
    } else {
        arguments.pod_namespace.clone()
    }
}

/// Two processes of one name, a container and its restarted self, are two candidates.
fn identity(arguments: &RunArguments) -> String {
    let started = k8s_openapi::jiff::Timestamp::now().as_nanosecond();
    format!("{}_{}_{started:x}", arguments.pod_name, std::process::id())
}

async fn reconcile(
    arguments: &RunArguments,
    client: Client,
    metrics: Arc<Metrics>,
    readiness: Readiness,
    leadership: Leadership,
    mut stopped: watch::Receiver<bool>,
) {
    let scope = Scope(Some(arguments.namespace.clone()).filter(|namespace| !namespace.is_empty()));
    let watches: Watches = controller::watches(&client, &scope);
    let caches = watches.caches.clone();
    metrics.ask(AnalysisCensus(caches.analyses.clone()));
    let reporter = Reporter {
        controller: FIELD_MANAGER.to_owned(),
        instance: Some(arguments.pod_name.clone()),
    };
    let operator = Arc::new(Operator {
        settings: arguments.settings(),
        observer: Observer::new(client.clone(), caches.clone()),
        applier: Applier::new(client.clone(), leadership, Recorder::new(client, reporter)),
        metrics,
        memory: std::sync::Mutex::default(),
        grants: Grants::default(),
        turns: Turns::default(),
    });
    tokio::spawn(async move {
        if caches.are_filled().await {
            info!("caches are filled");
            readiness.set(true);
        }
    });
    let stop = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    controller::run(operator, watches, stop).await;
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }
}

/// Says stop on either signal.
async fn stop_on_signal(mut signals: Signals, stop: watch::Sender<bool>, readiness: Readiness) {
    tokio::select! {
        _ = signals.terminate.recv() => {}
        _ = signals.interrupt.recv() => {}
    }
    info!("asked to stop; finishing what is under way");
    readiness.set(false);
    // Nobody listens any more where the process is ending already.
    let _ = stop.send(true);
}
