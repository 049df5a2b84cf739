//! Results a genome, kept in a folder, an object store or Redis for an hour. It replaces computing and nothing else.
//!
//! ```text
//!  object (uri, size, etag) ─► hash of the content ─┐
//!  hash of the content + hash of the method ────────┴─► rows (MessagePack, zstd, checksum, time)
//! ```
//!
//! Whatever is wrong with it (malformed, expired, slow, full, gone) is a miss: no byte of a result depends on it.

mod entry;
mod place;
mod redis_server;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use genome_contract::plan::PlannedGenome;
use genome_contract::request::{self, CacheMode};

use crate::input::Stores;
use crate::metrics::{METRICS, Outcome, Request};
use crate::rows::GenomeRows;

use place::{Key, Kind, Place};

/// Longest wait for one answer: computing a genome takes about a second.
const PATIENCE: Duration = Duration::from_secs(2);

/// A cache that may be off, and turns itself off when it fails.
#[derive(Debug, Default)]
pub struct Cache {
    place: Option<Place>,
    is_written: bool,
    ttl: u64,
    namespace: String,
    is_broken: AtomicBool,
}

impl Cache {
    /// The cache of a request. One that cannot be opened is off, and said so.
    pub fn open(stores: &Stores, asked: &request::Cache, namespace: &str) -> Self {
        let uri = asked.uri.as_deref().filter(|_| asked.mode != CacheMode::Off);
        let place = uri.and_then(|uri| {
            let opened = Place::open(stores, uri);
            opened
                .map_err(|error| tracing::warn!(error, "the cache stays off"))
                .ok()
        });
        Self {
            place,
            is_written: asked.mode == CacheMode::ReadWrite,
            ttl: asked.ttl_seconds,
            namespace: if namespace.is_empty() {
                "local".to_owned()
            } else {
                namespace.to_owned()
            },
            is_broken: AtomicBool::new(false),
        }
    }

    /// Whether there is nobody to ask.
    pub(crate) fn is_off(&self) -> bool {
        self.place().is_none()
    }

    /// Hash of the content of `genome` if its object was seen before, unchanged.
    pub(crate) async fn content(&self, genome: &PlannedGenome) -> Option<String> {
        let hash = self.read(&self.object(genome)?).await?;
        String::from_utf8(hash).ok().filter(|hash| is_hash(hash))
    }

    /// The rows of `genome` if its object was seen before, unchanged, by the plan or since.
    pub(crate) async fn of_object(&self, genome: &PlannedGenome, method: &str) -> Option<GenomeRows> {
        let content = match &genome.content_hash {
            Some(content) => content.clone(),
            None => self.content(genome).await?,
        };
        self.of_content(&content, method).await
    }

    /// The rows of the genome with this content.
    pub(crate) async fn of_content(&self, content: &str, method: &str) -> Option<GenomeRows> {
        let bytes = self.read(&self.analysis(content, method)?).await?;
        rmp_serde::from_slice(&bytes).ok()
    }

    /// Keeps the rows of `genome`. A failed one is not kept: it is read again next time.
    pub(crate) async fn keep(&self, genome: &PlannedGenome, method: &str, rows: &GenomeRows) {
        let content = &rows.genome.content_hash;
        if !self.is_written || rows.genome.failure.is_some() {
            return;
        }
        if let (Some(key), Ok(bytes)) = (self.analysis(content, method), rmp_serde::to_vec(rows)) {
            self.write(&key, &bytes).await;
        }
        if let Some(key) = self.object(genome) {
            self.write(&key, content.as_bytes()).await;
        }
    }

    /// `None` where the content is not known by its hash.
    fn analysis(&self, content: &str, method: &str) -> Option<Key> {
        is_hash(content).then(|| {
            self.key(Kind::Analysis {
                genome: content.to_owned(),
                method: method.to_owned(),
            })
        })
    }

    fn key(&self, kind: Kind) -> Key {
        Key {
            namespace: self.namespace.clone(),
            kind,
        }
    }

    /// `None` where the store tells no versions apart.
    fn object(&self, genome: &PlannedGenome) -> Option<Key> {
        let PlannedGenome {
            uri,
            annotation_uri,
            size,
            etag,
            id: _,
            content_hash: _,
        } = genome;
        let etag = etag.as_ref()?;
        let object = format!("{uri}\0{annotation_uri:?}\0{size}\0{etag}");
        let hash = blake3::hash(object.as_bytes()).to_hex().to_string();
        Some(self.key(Kind::Object { hash }))
    }

    fn place(&self) -> Option<&Place> {
        self.place
            .as_ref()
            .filter(|_| !self.is_broken.load(Ordering::Relaxed))
    }

    async fn read(&self, key: &Key) -> Option<Vec<u8>> {
        let (place, begin) = (self.place()?, Instant::now());
        let answer = self.heard("get", begin, tokio::time::timeout(PATIENCE, place.get(key)).await);
        let is_error = answer.is_none();
        let value = answer.flatten().and_then(|bytes| entry::open(&bytes, self.ttl));
        let outcome = match &value {
            Some(_) => "hit",
            None if is_error => "error",
            None => "miss",
        };
        METRICS.cache_requests.get_or_create(&Outcome { outcome }).inc();
        value
    }

    async fn write(&self, key: &Key, value: &[u8]) {
        let (Some(place), Some(bytes)) = (self.place(), entry::seal(value)) else {
            return;
        };
        let begin = Instant::now();
        self.heard(
            "put",
            begin,
            tokio::time::timeout(PATIENCE, place.put(key, bytes, Duration::from_secs(self.ttl))).await,
        );
    }

    /// The answer; a failure turns the cache off for the rest of this process.
    fn heard<T>(
        &self,
        operation: &'static str,
        begin: Instant,
        answer: Result<Result<T, String>, tokio::time::error::Elapsed>,
    ) -> Option<T> {
        let outcome = if matches!(answer, Ok(Ok(_))) {
            "ok"
        } else {
            "error"
        };
        let seconds = METRICS
            .cache_request_seconds
            .get_or_create(&Request { operation, outcome })
            .clone();
        seconds.observe(begin.elapsed().as_secs_f64());
        let problem = match answer {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(problem)) => problem,
            Err(_) => format!("no answer within {} s", PATIENCE.as_secs()),
        };
        if !self.is_broken.swap(true, Ordering::Relaxed) {
            tracing::warn!(problem, "the cache is off from here on");
        }
        None
    }
}

fn is_hash(content: &str) -> bool {
    content.len() == 64 && content.bytes().all(|byte| byte.is_ascii_hexdigit())
}
