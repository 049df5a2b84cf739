//! One run: the analysis of one round with everything a policy asks about it; and the Jobs that its course orders.

use std::time::Duration;

use genome_contract::{Message, Verb, message::GenomeCounts, request::Attempt};
use k8s_openapi::{
    api::{batch::v1::Job, core::v1::ConfigMap},
    jiff::Timestamp,
};
use kube::ResourceExt;

use super::{
    Observed, OperatorSettings,
    attempts::NewAttempt,
    phase::{Course, Planned},
    retry::Rules,
    scaling::Scale,
};
use crate::{
    api::{
        GenomeAnalysisStatus,
        names::{annotations, conditions},
        v1alpha1::ConfigMapKey,
    },
    objects::{
        JobOrder, Owner, PodTerms, Stage,
        config_map::{SealedRequest, config_map_for},
        job_for,
    },
    plan,
    results::{Counts, Indexes, JobState},
    validate::{Panel, ValidAnalysis},
};

/// An analysis in its current round.
pub struct Run<'a> {
    /// All that was observed.
    pub observed: &'a Observed,
    /// The operator's configuration.
    pub settings: &'a OperatorSettings,
    /// The specification.
    pub valid: &'a ValidAnalysis,
    /// The Jobs of the round, in the order of their attempts.
    pub jobs: Vec<&'a JobState>,
    /// What the pods of the round have said.
    pub counts: Counts,
    /// The status so far, where it is about this round.
    pub before: Option<&'a GenomeAnalysisStatus>,
}

impl<'a> Run<'a> {
    /// The current round of what was observed.
    pub fn new(observed: &'a Observed, settings: &'a OperatorSettings, valid: &'a ValidAnalysis) -> Self {
        let round = valid.retries.round;
        let mut jobs: Vec<&JobState> = observed.jobs.iter().filter(|job| job.round == round).collect();
        jobs.sort_by_key(|job| job.attempt);
        let before = observed
            .analysis
            .status
            .as_ref()
            .filter(|status| status.round.unwrap_or(0) == round);
        Self {
            observed,
            settings,
            valid,
            counts: Counts::of(&jobs),
            jobs,
            before,
        }
    }

    /// The Jobs of `verb`, in the order of their attempts.
    pub fn jobs_of(&self, verb: Verb) -> Vec<&'a JobState> {
        self.jobs.iter().copied().filter(|job| job.verb == verb).collect()
    }

    /// The map Jobs, in the order of their attempts.
    pub fn map_jobs(&self) -> Vec<&'a JobState> {
        self.jobs_of(Verb::Map)
    }

    /// The last word of the plan, where its pod is still there.
    pub fn plan_word(&self) -> Option<&'a Message> {
        let done = |job: &&JobState| job.verb == Verb::Plan && !job.succeeded.is_empty();
        let pods = self
            .jobs
            .iter()
            .copied()
            .filter(done)
            .flat_map(|job| job.pods.iter().rev());
        pods.filter(|pod| pod.exit_code() == Some(0))
            .find_map(|pod| pod.message.as_ref())
    }

    /// What the plan found: its own word, or what the status remembers of it.
    pub fn planned(&self) -> Option<Planned> {
        if let Some(summary) = self.plan_word().and_then(|message| message.plan.as_ref()) {
            return Some(Planned {
                genomes: summary.genomes,
                tasks: summary.tasks,
                settled: Indexes::parse(&summary.settled),
            });
        }
        let status = self.before?;
        let planned = |condition: &&_| matches!(condition, k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition { type_, status, .. } if type_ == conditions::PLANNED && status == "True");
        status.conditions.iter().find(planned)?;
        Some(Planned {
            genomes: status.genomes?.total,
            tasks: u32::try_from(status.tasks?.total).ok()?,
            settled: Indexes::default(),
        })
    }

    /// The analyzer's image. A round keeps the one that planned it, whatever the configuration says since: results come from
    /// one version, and no version has to read the plan and the chunks of another.
    fn image(&self) -> &str {
        let of_the_plan = || {
            let began = self
                .jobs
                .iter()
                .filter(|job| job.verb != Verb::Plan || !job.succeeded.is_empty());
            began.min_by_key(|job| job.created)?.image.as_deref()
        };
        let planned = self.planned().and_then(|_| of_the_plan());
        planned.unwrap_or(&self.settings.analyzer_image)
    }

    /// What pods have said, of all genomes that the plan found.
    pub fn counts_with_total(&self) -> GenomeCounts {
        let total = self
            .planned()
            .map_or(self.counts.genomes.total, |planned| planned.genomes);
        GenomeCounts {
            total,
            ..self.counts.genomes
        }
    }

    /// What its tasks are judged by.
    pub fn rules(&self) -> Rules {
        Rules {
            resources: self.valid.resources,
            retries: self.valid.retries,
            lost_node: self.settings.timing.lost_node,
            resumed: self.resumed_at(),
            now: self.observed.now,
        }
    }

    /// When a person said that what stood in the way is mended.
    pub fn resumed_at(&self) -> Option<Timestamp> {
        let said = self
            .observed
            .analysis
            .annotations()
            .get(annotations::RESUMED_AT)?;
        said.parse().ok()
    }

    /// Time since it was taken up; never negative, whatever the clocks say.
    pub fn elapsed(&self) -> Option<Duration> {
        let started = self.before?.start_time.as_ref()?.0;
        Some(Duration::try_from(self.observed.now.duration_since(started)).unwrap_or_default())
    }
}

fn terms(run: &Run<'_>) -> PodTerms {
    let valid = run.valid;
    PodTerms {
        image: run.image().to_owned(),
        cpu_millis: valid.resources.millicores,
        secret_name: valid.secret_name.clone(),
        volumes: valid.volumes.clone(),
        traits: match &valid.traits {
            Panel::ConfigMapKey { name, key } => Some(ConfigMapKey {
                name: name.clone(),
                key: key.clone(),
            }),
            Panel::Builtin(_) | Panel::Uri(_) => None,
        },
        scheduling: valid.scheduling.clone(),
        one_node: run.observed.one_node,
    }
}

/// The Jobs to make, each with its ConfigMap. None while suspended.
pub fn creations(run: &Run<'_>, course: &Course, scale: &Scale) -> Vec<(ConfigMap, Job)> {
    if run.valid.suspend || course.end.is_some() {
        return Vec::new();
    }
    let single = course
        .single
        .iter()
        .zip(course.verb)
        .filter(|_| scale.single > 0)
        .map(|(next, verb)| {
            let new = NewAttempt {
                attempt: next.attempt,
                memory_step: next.memory_step,
                tasks: vec![0],
                given_up: next.given_up.clone(),
                ..NewAttempt::default()
            };
            creation(run, verb, &new, 1)
        });
    let map = course
        .attempts
        .iter()
        .map(|new| creation(run, Verb::Map, new, scale.of_new(new.attempt)));
    single.chain(map).collect()
}

fn creation(run: &Run<'_>, verb: Verb, new: &NewAttempt, parallelism: u32) -> (ConfigMap, Job) {
    let NewAttempt {
        attempt,
        tasks,
        memory_step,
        given_up,
        reasons: _,
    } = new;
    let identity = &run.valid.identity;
    let owner = Owner {
        namespace: identity.namespace.clone(),
        name: identity.name.clone(),
        uid: identity.uid.clone(),
    };
    // A plan that does everything itself is told its step, and what it need not try.
    let whole = match verb {
        Verb::Map => *attempt == 0 && given_up.is_empty() && is_in_order(tasks),
        Verb::Plan => *memory_step == 0 && given_up.is_empty(),
        Verb::Merge => true,
    };
    let request = if whole {
        plan::request(run.valid)
    } else {
        let attempt = Attempt {
            tasks: tasks.clone(),
            memory_step: *memory_step,
            given_up: given_up.clone(),
        };
        plan::request_for_attempt(run.valid, attempt)
    };
    let request = SealedRequest::new(&request);
    let order = JobOrder {
        owner: &owner,
        terms: &terms(run),
        stage: Stage::new(run.valid.retries.round, verb, *attempt),
        tasks: tasks.clone(),
        given_up,
        memory_step: *memory_step,
        memory_bytes: run.valid.resources.memory_at(*memory_step),
        parallelism,
        second_try: run.valid.retries.per_task > 0,
        request: &request,
    };
    (config_map_for(&owner, &request), job_for(&order))
}

fn is_in_order(tasks: &[u32]) -> bool {
    tasks.iter().zip(0..).all(|(task, index)| *task == index)
}
