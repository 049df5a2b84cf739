//! What is known of one genome, and what is not.

use genome_contract::request::{Cache as LocalCache, CacheMode};
use serde::Serialize;

use crate::api::v1alpha1::output::Cache as CacheSpec;

/// Where a genome stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) enum State {
    /// It has results.
    Analyzed,
    /// It has a failed row, or will get one.
    Failed,
    /// Its chunk is committed; the row says how it ended.
    Settled,
    /// A pod had it in hand.
    InHand,
    /// Its chunk is not committed yet.
    Waiting,
    /// Nothing here speaks of it.
    #[default]
    Unknown,
}

/// What is known of one genome.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding {
    pub(super) genome: String,
    pub(super) state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) task: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) chunk: Option<u32>,
    /// The file of its chunk below the output, where it is committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) committed_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pod: Option<String>,
    /// The attempts of its task, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) attempts: Vec<String>,
    /// Whether the plan found the object in the cache; absent where no plan was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) known_to_cache: Option<bool>,
    pub(super) cache: String,
    /// What can't be known from here, and how it can.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unknown: Vec<String>,
}

impl Finding {
    /// Nothing is known yet.
    pub(super) fn of(genome: &str) -> Self {
        Self {
            genome: genome.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn unknown(&mut self, sentence: String) {
        self.unknown.push(sentence);
    }

    /// A failure; the first one heard of stays, for the files speak before the pods.
    pub(super) fn failed(&mut self, reason: &str, message: &str, pod: Option<&str>) {
        self.state = State::Failed;
        self.reason.get_or_insert_with(|| reason.to_owned());
        self.message.get_or_insert_with(|| message.to_owned());
        if let (None, Some(pod)) = (&self.pod, pod) {
            self.pod = Some(pod.to_owned());
        }
    }

    pub(super) fn cache_is(&mut self, cache: Cache) {
        self.cache = match (cache, self.known_to_cache) {
            (Cache::Off(why), _) => format!("not asked: {why}"),
            (Cache::On(_), Some(true)) => {
                "the plan found this object, by address, size and version, in the cache".to_owned()
            }
            (Cache::On(ttl), Some(false)) => format!(
                "missed: the plan did not find this object, by address, size and version; it is new, has changed, or was last \
                 read more than {ttl} ago. Another panel, method or version of the analyzer misses as well"
            ),
            (Cache::On(_), None) => {
                "unknown: the plan in the output says whether the cache knew it".to_owned()
            }
        };
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut lines = vec![(self.genome.as_str(), self.in_a_word())];
        let mut add = |word, text: Option<String>| lines.extend(text.map(|text| (word, text)));
        add("input", self.uri.clone());
        add(
            "task",
            self.task.map(|task| match self.chunk {
                Some(chunk) => format!("{task}, chunk {chunk}"),
                None => task.to_string(),
            }),
        );
        add("commit", self.committed_in.clone());
        add(
            "why",
            self.reason.as_ref().map(|reason| match &self.message {
                Some(message) if !message.is_empty() => format!("{reason}: {message}"),
                _ => reason.clone(),
            }),
        );
        add("pod", self.pod.clone());
        self.attempts
            .iter()
            .for_each(|attempt| add("attempt", Some(attempt.clone())));
        add("cache", Some(self.cache.clone()));
        self.unknown
            .iter()
            .for_each(|sentence| add("unknown", Some(sentence.clone())));
        let width = lines
            .iter()
            .skip(1)
            .map(|(word, _)| word.len())
            .max()
            .unwrap_or_default();
        let mut lines = lines.into_iter();
        let heading = lines
            .next()
            .map(|(genome, state)| format!("{genome} · {state}\n"));
        heading
            .into_iter()
            .chain(lines.map(|(word, text)| format!("{word:<width$}  {text}\n")))
            .collect()
    }

    fn in_a_word(&self) -> String {
        match self.state {
            State::Analyzed => "analyzed",
            State::Failed => "failed",
            State::Settled => "settled: its chunk is committed, and the merge will say how it ended",
            State::InHand => "a pod had it in hand when it ended; its task goes on in the next attempt",
            State::Waiting => "not settled yet",
            State::Unknown => "neither the status nor a pod names it",
        }
        .to_owned()
    }
}

/// Whether there was a cache to ask.
pub(super) enum Cache {
    /// Why not.
    Off(&'static str),
    /// How long entries live.
    On(String),
}

impl Cache {
    pub(super) fn of_local(cache: &LocalCache) -> Self {
        match cache.mode {
            CacheMode::Off => Self::Off("`spec.cache.mode` is Off, or nobody names a cache"),
            CacheMode::ReadWrite | CacheMode::ReadOnly => Self::On(format!("{}s", cache.ttl_seconds)),
        }
    }

    pub(super) fn of_cluster(cache: &CacheSpec) -> Self {
        match cache.mode {
            CacheMode::Off => Self::Off("`spec.cache.mode` is Off"),
            _ if cache.uri.is_none() => Self::Off(
                "`spec.cache.uri` names none; the operator's configuration may, the pods' logs say so",
            ),
            _ => Self::On(cache.ttl.as_str().to_owned()),
        }
    }
}
