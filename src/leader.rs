//! Leader election over one Lease, so that two replicas never both write.
//!
//! ```text
//!  standby ──(free, released, or unchanged for 15 s as *we* saw it)──► leader ──(no renewal for 10 s)──► exit
//! ```
//!
//! Expiry is judged by when a change of the Lease was last *observed*, never by the timestamps in it: clocks of two
//! nodes may differ by hours. The client used here has no retry layer: a throttled renewal must fail, not outlive
//! the lease.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
    jiff::Timestamp,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, info, warn};

/// How long a leader that fell silent keeps the others waiting: the default of client-go.
pub const LEASE_DURATION: Duration = Duration::from_secs(15);
/// How long a leader goes on without a successful renewal.
const RENEW_DEADLINE: Duration = Duration::from_secs(10);
/// Time between two attempts.
const RETRY_PERIOD: Duration = Duration::from_secs(2);
/// Longest a single call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// Proof that this process may write, asked right before each write.
#[derive(Clone, Debug)]
pub struct Leadership(Arc<Mutex<Option<Instant>>>);

impl Leadership {
    /// Leadership that never ends, for an operator without a rival.
    pub fn unopposed() -> Self {
        Self(Arc::new(Mutex::new(Some(
            Instant::now() + Duration::from_hours(24 * 365 * 30),
        ))))
    }

    fn standby() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }

    /// Whether the last renewal still protects a write that starts now. A process that was stopped and woken up
    /// sees its monotonic clock ahead, and answers no.
    pub fn holds(&self) -> bool {
        let until = *self.until();
        until.is_some_and(|until| Instant::now() < until)
    }

    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().expect("no thread panics while it holds this lock")
    }

    fn hold_until(&self, until: Instant) {
        *self.until() = Some(until);
    }
}

/// Why the election ended.
#[derive(Debug, thiserror::Error)]
pub enum LeaderError {
    /// Another replica took over, or the API server could not be reached in time.
    #[error("leadership of lease `{name}` lost: {why}")]
    Lost {
        /// The Lease.
        name: String,
        /// In words.
        why: String,
    },
}

/// One candidate of an election.
pub struct Candidate {
    leases: Api<Lease>,
    name: String,
    identity: String,
    leadership: Leadership,
    /// The Lease as last seen, and when it was first seen like that.
    seen: Option<(Lease, Instant)>,
}

impl Candidate {
    /// A candidate called `identity` for the Lease `name`; `client` must not retry by itself.
    pub fn new(client: Client, namespace: &str, name: &str, identity: String) -> Self {
        Self {
            leases: Api::namespaced(client, namespace),
            name: name.to_owned(),
            identity,
            leadership: Leadership::standby(),
            seen: None,
        }
    }

    /// The proof that [`Candidate::lead`] keeps up.
    pub fn leadership(&self) -> Leadership {
        self.leadership.clone()
    }

    /// Waits until this process leads. `on_standby` is called after each look that found another leader.
    pub async fn acquire(&mut self, on_standby: impl Fn()) {
        loop {
            match self.look_and_take().await {
                Ok(true) => {
                    info!(lease = %self.name, identity = %self.identity, "leading");
                    return;
                }
                Ok(false) => on_standby(),
                Err(error) => warn!(lease = %self.name, %error, "taking the lease failed"),
            }
            sleep(RETRY_PERIOD).await;
        }
    }

    /// Renews until leadership is lost, which is the only way this returns.
    pub async fn lead(&mut self) -> LeaderError {
        let mut renewed = Instant::now();
        loop {
            sleep(RETRY_PERIOD).await;
            match self.look_and_take().await {
                Ok(true) => renewed = Instant::now(),
                Ok(false) => return self.lost("another replica holds it"),
                Err(error) => warn!(lease = %self.name, %error, "renewing the lease failed"),
            }
            if renewed.elapsed() > RENEW_DEADLINE {
                return self.lost("no renewal succeeded for 10 seconds");
            }
        }
    }

    /// Gives the Lease up, so that a standby takes over at once.
    pub async fn release(&mut self) {
        *self.leadership.until() = None;
        let Some((mut lease, _)) = self.seen.take() else {
            return;
        };
        let spec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_deref() != Some(&self.identity) {
            return;
        }
        spec.holder_identity = None;
        spec.lease_duration_seconds = Some(1);
        let parameters = PostParams::default();
        let call = self.leases.replace(&self.name, &parameters, &lease);
        match timeout(Duration::from_secs(2), call).await {
            Ok(Ok(_)) => info!(lease = %self.name, "released"),
            Ok(Err(error)) => debug!(%error, "releasing the lease failed"),
            Err(_) => debug!("releasing the lease took too long"),
        }
    }

    fn lost(&self, why: &str) -> LeaderError {
        LeaderError::Lost {
            name: self.name.clone(),
            why: why.to_owned(),
        }
    }

    /// One look at the Lease, and a write where it is ours or free. The write carries the resource version of the
    /// look, so of two candidates one gets a conflict.
    async fn look_and_take(&mut self) -> Result<bool, String> {
        let started = Instant::now();
        let current = call(self.leases.get_opt(&self.name)).await?;
        let Some(lease) = current else {
            let lease = self.claim(Lease::default(), true);
            let created = call(self.leases.create(&PostParams::default(), &lease)).await?;
            return Ok(self.took(created, started));
        };
        if !self.may_take(&lease) {
            return Ok(false);
        }
        let taken_over = holder(&lease) != Some(&self.identity);
        let claimed = self.claim(lease, taken_over);
        let written = call(self.leases.replace(&self.name, &PostParams::default(), &claimed)).await?;
        Ok(self.took(written, started))
    }

    fn took(&mut self, lease: Lease, started: Instant) -> bool {
        // Counted from before the call: that is when the others may begin to count at the earliest.
        self.leadership.hold_until(started + LEASE_DURATION);
        self.seen = Some((lease, started));
        true
    }

    fn may_take(&mut self, lease: &Lease) -> bool {
        let now = Instant::now();
        let unchanged_since = match &self.seen {
            Some((seen, since)) if seen.metadata.resource_version == lease.metadata.resource_version => {
                *since
            }
            _ => now,
        };
        self.seen = Some((lease.clone(), unchanged_since));
        match holder(lease) {
            None | Some("") => true,
            Some(holder) if holder == self.identity => true,
            Some(_) => now - unchanged_since >= lease_duration(lease),
        }
    }

    fn claim(&self, mut lease: Lease, taken_over: bool) -> Lease {
        let now = MicroTime(Timestamp::now());
        lease.metadata = ObjectMeta {
            name: Some(self.name.clone()),
            ..lease.metadata
        };
        let spec: &mut LeaseSpec = lease.spec.get_or_insert_default();
        if taken_over {
            spec.lease_transitions = Some(spec.lease_transitions.unwrap_or(0).saturating_add(1));
            spec.acquire_time = Some(now.clone());
        }
        spec.holder_identity = Some(self.identity.clone());
        spec.lease_duration_seconds = Some(15);
        spec.renew_time = Some(now);
        lease
    }
}

fn holder(lease: &Lease) -> Option<&str> {
    lease.spec.as_ref()?.holder_identity.as_deref()
}

fn lease_duration(lease: &Lease) -> Duration {
    let seconds = lease
        .spec
        .as_ref()
        .and_then(|spec| spec.lease_duration_seconds)
        .unwrap_or(15);
    Duration::from_secs(u64::try_from(seconds).unwrap_or(15).clamp(1, 60))
}

async fn call<T>(request: impl Future<Output = Result<T, kube::Error>>) -> Result<T, String> {
    match timeout(CALL_TIMEOUT, request).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", CALL_TIMEOUT.as_secs())),
    }
}
