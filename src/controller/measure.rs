//! What a reconcile adds to the metrics, and what a scrape reads off the cache.

use k8s_openapi::jiff::Timestamp;
use kube::{ResourceExt, runtime::reflector::Store};

use super::Operator;
use crate::{
    api::{GenomeAnalysis, GenomeAnalysisStatus, Phase, names, v1alpha1::TimeSpan},
    decide::Observed,
    metrics::{AnalysisReading, Census, Outcome, ReasonLabel, RunningReading},
};

impl Operator {
    pub(super) fn measure(&self, observed: &Observed, created: u32, status: Option<&GenomeAnalysisStatus>) {
        let metrics = &self.metrics;
        let analysis = &observed.analysis;
        if created > 0
            && observed.jobs.is_empty()
            && let Some(accepted) = &analysis.metadata.creation_timestamp
        {
            metrics
                .accepted_to_jobs_seconds
                .observe(seconds_between(accepted.0, observed.now));
        }
        let Some(status) = status else { return };
        let before = analysis.status.clone().unwrap_or_default();
        let genomes = |status: &GenomeAnalysisStatus| status.genomes.unwrap_or_default();
        let (old, new) = (genomes(&before), genomes(status));
        for (outcome, old, new) in [
            ("analyzed", old.analyzed, new.analyzed),
            ("cached", old.cached, new.cached),
            ("failed", old.failed, new.failed),
        ] {
            metrics
                .genomes_processed
                .get_or_create(&Outcome { outcome })
                .inc_by(new.saturating_sub(old));
        }
        let tasks = |status: &GenomeAnalysisStatus| status.tasks.unwrap_or_default();
        let (old, new) = (tasks(&before), tasks(status));
        let escalated = new.out_of_memory.saturating_sub(old.out_of_memory);
        let retried = new.retried.saturating_sub(old.retried);
        metrics.memory_escalations.inc_by(escalated);
        let count_retries = |reason| metrics.task_retries.get_or_create_owned(&ReasonLabel { reason });
        count_retries("OutOfMemory").inc_by(escalated.min(retried));
        count_retries("Failed").inc_by(retried.saturating_sub(escalated));
        self.measure_times(observed, &before, status);
    }

    fn measure_times(
        &self,
        observed: &Observed,
        before: &GenomeAnalysisStatus,
        status: &GenomeAnalysisStatus,
    ) {
        let running =
            |status: &GenomeAnalysisStatus| status.workers.as_ref().map_or(0, |workers| workers.running);
        if running(before) == 0 && running(status) > 0 {
            let newest = observed
                .jobs
                .iter()
                .filter(|job| job.running_pods() > 0)
                .filter_map(|job| job.created)
                .max();
            if let Some(created) = newest {
                self.metrics
                    .jobs_to_running_seconds
                    .observe(seconds_between(created, observed.now));
            }
        }
        let ended = |status: &GenomeAnalysisStatus| status.phase.is_some_and(Phase::is_finished);
        if ended(status) && !ended(before) {
            let start = status.start_time.as_ref().map_or(observed.now, |time| time.0);
            let outcome = Outcome {
                outcome: status.phase.map_or("", Phase::as_str),
            };
            let histogram = self.metrics.analysis_seconds.get_or_create(&outcome);
            histogram.observe(seconds_between(start, observed.now));
        }
    }
}

fn seconds_between(start: Timestamp, end: Timestamp) -> f64 {
    end.duration_since(start).as_secs_f64().max(0.0)
}

/// The analyses of the cache, for the gauges.
pub struct AnalysisCensus(pub Store<GenomeAnalysis>);

impl Census for AnalysisCensus {
    fn readings(&self) -> Vec<AnalysisReading> {
        let now = Timestamp::now();
        self.0
            .state()
            .iter()
            .map(|analysis| reading(analysis, now))
            .collect()
    }
}

fn reading(analysis: &GenomeAnalysis, now: Timestamp) -> AnalysisReading {
    let status = analysis.status.clone().unwrap_or_default();
    let phase = status.phase.unwrap_or(Phase::Pending);
    let running = status
        .start_time
        .as_ref()
        .filter(|_| !phase.is_finished())
        .map(|start| {
            let spec = &analysis.spec;
            let threshold = spec
                .alerts
                .duration
                .as_ref()
                .or(spec.scaling.finish_within.as_ref());
            let tasks = status.tasks.unwrap_or_default();
            let waiting = tasks
                .total
                .saturating_sub(tasks.succeeded + tasks.failed + tasks.active);
            let workers = status.workers.clone().unwrap_or_default();
            RunningReading {
                duration_seconds: seconds_between(start.0, now),
                duration_threshold_seconds: threshold
                    .and_then(TimeSpan::duration)
                    .map_or(300.0, |span| span.as_secs_f64()),
                memory_threshold_bytes: spec.alerts.memory.bytes().unwrap_or(2_000_000_000) as f64,
                tasks_waiting: waiting as f64,
                workers_desired: f64::from(workers.desired),
                workers_running: f64::from(workers.running),
            }
        });
    AnalysisReading {
        namespace: analysis.namespace().unwrap_or_default(),
        label: names::analysis_label(&analysis.name_any()),
        phase: phase.as_str(),
        running,
    }
}
