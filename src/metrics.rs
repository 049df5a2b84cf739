//! What the operator measures, under the names of the chart's alert rules and dashboards.
//!
//! Counters and histograms are kept as things happen; the gauges of running analyses are read off the cache at each
//! scrape, so an analysis that is gone leaves no series behind. Labels are finite sets, except the pair
//! `namespace`, `analysis`, which only running analyses have.

use std::{fmt, sync::OnceLock};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text::encode},
    metrics::{
        MetricType,
        counter::Counter,
        family::Family,
        gauge::ConstGauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

mod process;

/// A label `outcome`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    /// One of a finite set of words.
    pub outcome: &'static str,
}

/// A label `reason`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReasonLabel {
    /// One of a finite set of words.
    pub reason: &'static str,
}

/// A label `phase`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PhaseLabel {
    phase: &'static str,
}

/// The pair that names an analysis, as its pods' labels do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AnalysisLabels {
    namespace: String,
    analysis: String,
}

/// One analysis at the moment of a scrape.
#[derive(Clone, Debug)]
pub struct AnalysisReading {
    /// Its namespace.
    pub namespace: String,
    /// The value of its pods' `analysis` label.
    pub label: String,
    /// Its phase.
    pub phase: &'static str,
    /// Only while it runs.
    pub running: Option<RunningReading>,
}

/// What only a running analysis has.
#[derive(Clone, Debug)]
pub struct RunningReading {
    /// Seconds since it started.
    pub duration_seconds: f64,
    /// Seconds above which `HighLatency` fires.
    pub duration_threshold_seconds: f64,
    /// Bytes above which `HighMemoryUsage` fires.
    pub memory_threshold_bytes: f64,
    /// Tasks without a worker.
    pub tasks_waiting: f64,
    /// Workers wanted.
    pub workers_desired: f64,
    /// Workers running.
    pub workers_running: f64,
}

/// Whoever knows the analyses of the moment.
pub trait Census: Send + Sync + 'static {
    /// All analyses the operator watches.
    fn readings(&self) -> Vec<AnalysisReading>;
}

/// All metrics of the operator.
pub struct Metrics {
    registry: Registry,
    census: std::sync::Arc<OnceLock<Box<dyn Census>>>,
    /// Genomes that came to an end, by outcome: analyzed, cached, failed.
    pub genomes_processed: Family<Outcome, Counter>,
    /// Analyses from acceptance to their end.
    pub analysis_seconds: Family<Outcome, Histogram>,
    /// From the acceptance of an analysis to its first Job.
    pub accepted_to_jobs_seconds: Histogram,
    /// From the creation of a Job to its first running pod.
    pub jobs_to_running_seconds: Histogram,
    /// One reconcile.
    pub reconcile_seconds: Family<Outcome, Histogram>,
    /// Tasks given to a further attempt, by reason.
    pub task_retries: Family<ReasonLabel, Counter>,
    /// Tasks given to an attempt with more memory.
    pub memory_escalations: Counter,
}

fn seconds() -> Histogram {
    // Of these bounds one is a second, which people ask for.
    Histogram::new(exponential_buckets(1.0 / 1024.0, 4.0, 12))
}

fn long_seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.25, 3.0, 12))
}

impl Default for Metrics {
    fn default() -> Self {
        let census = std::sync::Arc::new(OnceLock::new());
        let mut metrics = Self {
            registry: Registry::default(),
            census: census.clone(),
            genomes_processed: Family::default(),
            analysis_seconds: Family::new_with_constructor(long_seconds),
            accepted_to_jobs_seconds: seconds(),
            jobs_to_running_seconds: long_seconds(),
            reconcile_seconds: Family::new_with_constructor(seconds),
            task_retries: Family::default(),
            memory_escalations: Counter::default(),
        };
        metrics.register();
        metrics.registry.register_collector(Box::new(Gauges(census)));
        metrics.registry.register_collector(Box::new(process::Process));
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register(
            "genomes_processed",
            "Genomes that came to an end, by outcome",
            self.genomes_processed.clone(),
        );
        registry.register(
            "analysis_seconds",
            "Analyses from acceptance to their end",
            self.analysis_seconds.clone(),
        );
        registry.register(
            "accepted_to_jobs_seconds",
            "From the acceptance of an analysis to its first Job",
            self.accepted_to_jobs_seconds.clone(),
        );
        registry.register(
            "jobs_to_running_seconds",
            "From the creation of a Job to its first running pod",
            self.jobs_to_running_seconds.clone(),
        );
        registry.register(
            "reconcile_seconds",
            "One reconcile",
            self.reconcile_seconds.clone(),
        );
        registry.register(
            "task_retries",
            "Tasks given to a further attempt",
            self.task_retries.clone(),
        );
        registry.register(
            "memory_escalations",
            "Tasks given to an attempt with more memory",
            self.memory_escalations.clone(),
        );
    }

    /// Names who is asked for the analyses at each scrape; only the first one counts.
    pub fn ask(&self, census: impl Census) {
        let _ = self.census.set(Box::new(census));
    }

    /// All metrics as OpenMetrics text.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// The gauges that are read at each scrape.
struct Gauges(std::sync::Arc<OnceLock<Box<dyn Census>>>);

impl fmt::Debug for Gauges {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Gauges")
    }
}

/// Name, help, and what it reads off a running analysis.
type RunningGauge = (&'static str, &'static str, fn(&RunningReading) -> f64);

const RUNNING_GAUGES: [RunningGauge; 6] = [
    (
        "analysis_duration_seconds",
        "Time since a running analysis started",
        |r| r.duration_seconds,
    ),
    (
        "analysis_duration_threshold_seconds",
        "Time above which HighLatency fires",
        |r| r.duration_threshold_seconds,
    ),
    (
        "analysis_memory_threshold_bytes",
        "Memory above which HighMemoryUsage fires",
        |r| r.memory_threshold_bytes,
    ),
    (
        "tasks_waiting",
        "Tasks of a running analysis without a worker",
        |r| r.tasks_waiting,
    ),
    (
        "workers_desired",
        "Workers that a running analysis should have",
        |r| r.workers_desired,
    ),
    ("workers_running", "Workers that a running analysis has", |r| {
        r.workers_running
    }),
];

impl Collector for Gauges {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let Some(census) = self.0.get() else { return Ok(()) };
        let readings = census.readings();
        let mut phases = std::collections::BTreeMap::<&'static str, i64>::new();
        for reading in &readings {
            *phases.entry(reading.phase).or_default() += 1;
        }
        let mut family =
            encoder.encode_descriptor("genome_analyses", "Analyses by phase", None, MetricType::Gauge)?;
        for (phase, count) in phases {
            ConstGauge::new(count).encode(family.encode_family(&PhaseLabel { phase })?)?;
        }
        for (name, help, read) in RUNNING_GAUGES {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for reading in &readings {
                let Some(running) = &reading.running else { continue };
                let labels = AnalysisLabels {
                    namespace: reading.namespace.clone(),
                    analysis: reading.label.clone(),
                };
                ConstGauge::new(read(running)).encode(family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One;

    impl Census for One {
        fn readings(&self) -> Vec<AnalysisReading> {
            vec![AnalysisReading {
                namespace: "lab".into(),
                label: "first".into(),
                phase: "Running",
                running: Some(RunningReading {
                    duration_seconds: 301.0,
                    duration_threshold_seconds: 300.0,
                    memory_threshold_bytes: 2e9,
                    tasks_waiting: 3.0,
                    workers_desired: 2.0,
                    workers_running: 1.0,
                }),
            }]
        }
    }

    #[test]
    fn the_alert_rules_find_their_series() {
        let metrics = Metrics::default();
        metrics.ask(One);
        metrics
            .genomes_processed
            .get_or_create(&Outcome { outcome: "analyzed" })
            .inc_by(12);
        let text = metrics.encode().unwrap();
        for line in [
            "analysis_duration_seconds{namespace=\"lab\",analysis=\"first\"} 301.0",
            "analysis_duration_threshold_seconds{namespace=\"lab\",analysis=\"first\"} 300.0",
            "genome_analyses{phase=\"Running\"} 1",
            "genomes_processed_total{outcome=\"analyzed\"} 12",
            "memory_escalations_total 0",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "no line `{line}` in\n{text}"
            );
        }
        assert!(text.contains("process_resident_memory_bytes "), "{text}");
    }
}
