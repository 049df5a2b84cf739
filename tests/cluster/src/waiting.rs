//! Waiting for what a cluster does in its own time.

use std::time::{Duration, Instant};

use tokio::time::sleep;

/// Every wait ends in seconds on an idle machine; this is for one that builds beside the tests.
const PATIENCE: Duration = Duration::from_mins(3);

/// The first `Some` that `look` returns, looked for every 100 ms.
///
/// # Panics
/// After three minutes without one, saying what was waited for.
pub async fn eventually<Found>(what: &str, look: impl AsyncFnMut() -> Option<Found>) -> Found {
    within(PATIENCE, what, look).await
}

/// As [`eventually`], with more or less patience.
///
/// # Panics
/// After `patience` without one, saying what was waited for.
pub async fn within<Found>(
    patience: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<Found>,
) -> Found {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "`{what}` did not happen in {patience:?}"
        );
        sleep(Duration::from_millis(100)).await;
    }
}
