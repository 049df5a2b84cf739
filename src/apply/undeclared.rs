//! A definition that is older than this operator. Server-side apply refuses a status as a whole (500) for one field that the
//! definition does not declare: without that field there is a status, and the run is known to go on.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use serde_json::Value;
use tokio::time::Instant;
use tracing::warn;

/// The API server's words behind the path of each such field.
const WORDS: &str = ": field not declared in schema";

/// How long fields are held back before they are tried again: the definition may have been brought up to date.
const MEMORY: Duration = Duration::from_mins(5);

/// Fields that the installed definition does not declare.
#[derive(Default)]
pub(super) struct Undeclared(Mutex<Known>);

#[derive(Default)]
struct Known {
    paths: BTreeSet<String>,
    until: Option<Instant>,
}

impl Undeclared {
    /// Learns from what the API server said at `now`; whether that was about undeclared fields.
    pub(super) fn learn(&self, said: &str, now: Instant) -> bool {
        let mut known = self.known();
        let mut is_about_fields = false;
        for path in paths_in(said) {
            is_about_fields = true;
            if known.paths.insert(path.to_owned()) {
                known.until = Some(now + MEMORY);
                warn!(
                    field = path,
                    "the installed definition is older than this operator and lacks a field, which is left out; \
                     hint: `genome-operator crd | kubectl apply --server-side --filename -`"
                );
            }
        }
        is_about_fields
    }

    /// Takes what is known to be undeclared out of `document`.
    pub(super) fn take_out(&self, document: &mut Value, now: Instant) {
        let mut known = self.known();
        if known.until.is_some_and(|until| until <= now) {
            *known = Known::default();
        }
        for path in &known.paths {
            remove(document, path);
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().expect("no thread panics with this lock")
    }
}

/// The paths, such as `.status.tasks.chunksFound`. Fields of the items of a list (`[…]`) are not told apart.
fn paths_in(said: &str) -> impl Iterator<Item = &str> {
    let path = |before: &str| before.rfind(char::is_whitespace).map_or(0, |space| space + 1);
    let ends = said.match_indices(WORDS).map(|(end, _)| &said[..end]);
    ends.map(move |before| &before[path(before)..])
        .filter(|path| path.starts_with('.') && !path.contains('['))
}

fn remove(document: &mut Value, path: &str) {
    let Some((parent, field)) = path.rsplit_once('.') else {
        return;
    };
    if let Some(Value::Object(fields)) = document.pointer_mut(&parent.replace('.', "/")) {
        fields.remove(field);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SAID: &str = "failed to create typed patch object (lab/first; genomics.pleiotropy.io/v1alpha1, Kind=GenomeAnalysis): errors:\n  \
                        .status.done: field not declared in schema\n  .status.tasks.chunksFound: field not declared in schema";

    #[tokio::test]
    async fn what_the_definition_lacks_is_left_out_and_tried_again_later() {
        let (undeclared, now) = (Undeclared::default(), Instant::now());
        let whole = json!({"status": {"done": "1/2", "tasks": {"total": 2, "chunksFound": 0}}});
        let left = |now| {
            let mut document = whole.clone();
            undeclared.take_out(&mut document, now);
            document
        };
        assert_eq!(left(now), whole);
        assert!(undeclared.learn(SAID, now));
        assert_eq!(left(now), json!({"status": {"tasks": {"total": 2}}}));
        assert_eq!(left(now + MEMORY), whole);
    }

    #[tokio::test]
    async fn other_failures_teach_nothing() {
        let (undeclared, now) = (Undeclared::default(), Instant::now());
        for said in [
            "etcdserver: request timed out",
            ".status.conditions[type=\"Failed\"].weather: field not declared in schema",
        ] {
            assert!(!undeclared.learn(said, now), "{said}");
        }
    }
}
