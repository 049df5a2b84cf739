//! How many events an analysis may have: a burst, then a few an hour. What flaps must not fill the cluster's store.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use tokio::time::Instant;

/// Events at once: more than an ordinary run has in all.
const BURST: u32 = 30;
/// One more for each of these.
const REFILL: Duration = Duration::from_mins(1);
/// Past this many analyses, those whose budget is full again are forgotten.
const REMEMBERED: usize = 10_000;

/// What is left of each analysis's budget.
#[derive(Default)]
pub(super) struct EventBudget(Mutex<HashMap<String, Bucket>>);

struct Bucket {
    left: u32,
    refilled: Instant,
}

impl EventBudget {
    /// Whether the analysis `uid` may have one more at `now`; then it has had it.
    pub(super) fn allows(&self, uid: &str, now: Instant) -> bool {
        let mut all = self.0.lock().expect("no thread panics with this lock");
        if all.len() > REMEMBERED {
            all.retain(|_, bucket| now.duration_since(bucket.refilled) < REFILL * BURST);
        }
        let bucket = all.entry(uid.to_owned()).or_insert(Bucket {
            left: BURST,
            refilled: now,
        });
        let earned = now.duration_since(bucket.refilled).as_secs() / REFILL.as_secs();
        let earned = u32::try_from(earned).unwrap_or(u32::MAX);
        bucket.refilled += REFILL * earned.min(BURST);
        bucket.left = bucket.left.saturating_add(earned).min(BURST);
        if bucket.left == 0 {
            return false;
        }
        if bucket.left == BURST {
            bucket.refilled = now;
        }
        bucket.left -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_written_then_one_a_minute_and_others_have_their_own() {
        let (budget, start) = (EventBudget::default(), Instant::now());
        let written = |uid: &str, from: u64, seconds: u64| {
            (from..from + seconds)
                .filter(|second| budget.allows(uid, start + Duration::from_secs(*second)))
                .count()
        };
        assert_eq!(
            written("flapping", 0, 600),
            39,
            "30 at once, and one for each of 9 whole minutes"
        );
        assert_eq!(written("calm", 600, 10), 10);
        assert_eq!(
            written("flapping", 7200, 100),
            31,
            "full again after half an hour, and a minute more"
        );
    }
}
