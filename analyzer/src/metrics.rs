//! What a pod measures while it works, under the names of the chart's alert rules and dashboards.
//!
//! One registry a process: stores, cache and verbs count where things happen. Labels are finite sets of words; no genome,
//! no path and no URI is ever one.

mod page;
mod process;
mod store;

use std::fmt;
use std::sync::LazyLock;

use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::{
    counter::Counter,
    family::Family,
    histogram::{Histogram, exponential_buckets},
};
use prometheus_client::registry::Registry;

pub(crate) use page::serve;
pub(crate) use store::{Measured, timed_here};

/// The registry of this process.
pub(crate) static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

/// A label `outcome`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Outcome {
    pub(crate) outcome: &'static str,
}

/// Labels `operation` and `outcome`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Request {
    pub(crate) operation: &'static str,
    pub(crate) outcome: &'static str,
}

/// All metrics of a pod.
pub(crate) struct Metrics {
    registry: Registry,
    /// One genome from its first byte to its rows.
    pub(crate) genome_seconds: Family<Outcome, Histogram>,
    /// Trait × genome, by verdict.
    pub(crate) traits_analyzed: Family<Outcome, Counter>,
    /// One request to an object store or a volume.
    pub(crate) store_request_seconds: Family<Request, Histogram>,
    /// One request to the cache.
    pub(crate) cache_request_seconds: Family<Request, Histogram>,
    /// Look-ups in the cache: hit, miss, error.
    pub(crate) cache_requests: Family<Outcome, Counter>,
}

fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 4.0, 10))
}

impl Metrics {
    fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            genome_seconds: Family::new_with_constructor(seconds),
            traits_analyzed: Family::default(),
            store_request_seconds: Family::new_with_constructor(seconds),
            cache_request_seconds: Family::new_with_constructor(seconds),
            cache_requests: Family::default(),
        };
        let registry = &mut metrics.registry;
        registry.register(
            "genome_seconds",
            "One genome, from its first byte to its rows",
            metrics.genome_seconds.clone(),
        );
        registry.register(
            "traits_analyzed",
            "Traits of genomes, by verdict",
            metrics.traits_analyzed.clone(),
        );
        let help = "One request to an object store or a volume";
        registry.register(
            "store_request_seconds",
            help,
            metrics.store_request_seconds.clone(),
        );
        registry.register(
            "cache_request_seconds",
            "One request to the cache",
            metrics.cache_request_seconds.clone(),
        );
        registry.register(
            "cache_requests",
            "Look-ups in the cache",
            metrics.cache_requests.clone(),
        );
        registry.register_collector(Box::new(process::Process));
        metrics
    }

    /// All metrics as OpenMetrics text.
    pub(crate) fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alert_rules_find_their_series() {
        let request = Request {
            operation: "get",
            outcome: "error",
        };
        METRICS.store_request_seconds.get_or_create(&request).observe(0.5);
        let text = METRICS.encode().unwrap();
        assert!(
            text.contains("store_request_seconds_count{operation=\"get\",outcome=\"error\"}"),
            "{text}"
        );
        assert!(text.contains("\nprocess_resident_memory_bytes "), "{text}");
    }
}
