//! Genomes, memory and failures of an analysis, from the cumulative messages of its pods.
//!
//! A message counts all committed chunks of its task, those of earlier attempts included, so a task's figure is the
//! largest any of its pods has said, and the analysis's is the sum over tasks. Pods may vanish: the status keeps
//! what it had ([`crate::decide`] never lets a count go back).

use std::collections::BTreeMap;

use genome_contract::{
    Message, Reason,
    message::{Failure, GenomeCounts},
};

use super::{JobState, PodState};
use crate::api::v1alpha1::status::FirstFailure;

/// What the pods have said so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Genomes by outcome; `total` is the plan's.
    pub genomes: GenomeCounts,
    /// Those of them that the plan settled without a worker.
    pub settled_by_plan: GenomeCounts,
    /// Failed genomes by reason.
    pub failures: BTreeMap<&'static str, u64>,
    /// Highest memory any process has reported.
    pub peak_memory: u64,
    /// Pods evicted, preempted or lost.
    pub disrupted: u64,
    /// Pods that the kernel killed for their memory.
    pub out_of_memory: u64,
    /// Chunks that pods found written by an earlier attempt and did not do again.
    pub chunks_found: u64,
    /// The failure that came first.
    pub first_failure: Option<FirstFailure>,
    /// A genome that has failed for good, in the last word of all.
    pub failed_genome: Option<Failure>,
}

/// The reason the kubelet gives for a pod that the kernel killed for its memory.
pub const OOM_KILLED: &str = "OOMKilled";

impl Counts {
    /// Adds up what the pods of `jobs`, all of one round, have said. The last word of a merge, or of a plan that did
    /// everything, replaces the sums: it is exact.
    pub fn of(jobs: &[&JobState]) -> Self {
        let mut counts = Self::default();
        let mut tasks = BTreeMap::<u32, &Message>::new();
        let mut found = BTreeMap::<Option<u32>, u32>::new();
        let (mut plan, mut whole): (Option<&Message>, Option<&Message>) = (None, None);
        let mut first: Option<(&PodState, Option<u32>)> = None;
        for job in jobs {
            for pod in &job.pods {
                let task = (job.verb == genome_contract::Verb::Map)
                    .then(|| job.tasks.get(pod.index as usize).copied())
                    .flatten();
                counts.add_pod(pod);
                if tells_of_failure(pod) && first.is_none_or(|(earlier, _)| pod.finished < earlier.finished) {
                    first = Some((pod, task));
                }
                let Some(message) = &pod.message else { continue };
                if message.chunks.found > 0 {
                    let most = found.entry(task).or_default();
                    *most = message.chunks.found.max(*most);
                }
                match task {
                    Some(task) => keep_larger(&mut tasks, task, message),
                    None if speaks_for_all(message) => whole = Some(message),
                    None if pod.exit_code() == Some(0) && message.plan.is_some() => plan = Some(message),
                    None => {}
                }
            }
        }
        counts.chunks_found = found.into_values().map(u64::from).sum();
        counts.settled_by_plan = plan.map(|message| message.genomes).unwrap_or_default();
        counts.add_genomes(whole, plan, &tasks);
        counts.first_failure = first.map(|(pod, task)| first_failure(pod, task));
        let last = whole.and_then(|message| message.failure.clone());
        counts.failed_genome = last.filter(|failure| failure.genome.is_some());
        counts
    }

    fn add_pod(&mut self, pod: &PodState) {
        self.disrupted += u64::from(pod.disrupted);
        self.out_of_memory += u64::from(pod.death().is_some_and(|death| death.out_of_memory));
        let peak = pod
            .message
            .as_ref()
            .map_or(0, |message| message.peak_memory_bytes);
        self.peak_memory = self.peak_memory.max(peak);
    }

    fn add_genomes(
        &mut self,
        whole: Option<&Message>,
        plan: Option<&Message>,
        tasks: &BTreeMap<u32, &Message>,
    ) {
        let parts = plan.into_iter().chain(tasks.values().copied());
        let from_cache: u64 = parts.clone().map(|message| message.genomes.cached).sum();
        let sources: Vec<&Message> = match whole {
            Some(message) => vec![message],
            None => parts.collect(),
        };
        for message in sources {
            self.genomes.analyzed += message.genomes.analyzed;
            self.genomes.cached += message.genomes.cached;
            self.genomes.failed += message.genomes.failed;
            self.genomes.total += message.genomes.total;
            for failure in &message.failures_by_reason {
                *self.failures.entry(failure.reason.as_str()).or_default() += failure.count;
            }
        }
        // A merge sees rows, whoever had them: the tasks know which came from the cache.
        let more = from_cache
            .saturating_sub(self.genomes.cached)
            .min(self.genomes.analyzed);
        self.genomes.analyzed -= more;
        self.genomes.cached += more;
    }
}

/// The word of a merge, or of a plan that went on to do everything.
fn speaks_for_all(message: &Message) -> bool {
    message.finished
        && message
            .failure
            .as_ref()
            .is_none_or(|failure| failure.genome.is_some())
        && (message.verb == genome_contract::Verb::Merge
            || message.plan.as_ref().is_some_and(|plan| plan.all_done))
}

fn settled(message: &Message) -> u64 {
    let GenomeCounts {
        total: _,
        analyzed,
        cached,
        failed,
    } = message.genomes;
    analyzed + cached + failed
}

fn keep_larger<'a>(tasks: &mut BTreeMap<u32, &'a Message>, task: u32, message: &'a Message) {
    tasks
        .entry(task)
        .and_modify(|kept| {
            if settled(message) >= settled(kept) {
                *kept = message;
            }
        })
        .or_insert(message);
}

fn tells_of_failure(pod: &PodState) -> bool {
    let in_words = pod
        .message
        .as_ref()
        .is_some_and(|message| message.failure.is_some());
    pod.finished.is_some() && !pod.disrupted && (in_words || pod.death().is_some())
}

fn first_failure(pod: &PodState, task: Option<u32>) -> FirstFailure {
    let failure = pod.message.as_ref().and_then(|message| message.failure.as_ref());
    let death = pod.death();
    let in_hand = pod.message.as_ref().and_then(|message| message.genome.clone());
    let reason = match (failure, death) {
        (_, Some(death)) if death.out_of_memory => OOM_KILLED.to_owned(),
        (_, Some(death)) if death.is_out_of_storage() => Reason::StorageExhausted.as_str().to_owned(),
        (Some(failure), _) => failure.reason.as_str().to_owned(),
        (None, Some(death)) if !death.reason.is_empty() => death.reason.clone(),
        (None, _) => Reason::Internal.as_str().to_owned(),
    };
    // The kubelet knows better than the process why it stopped the pod.
    let evicted = death.filter(|death| death.is_out_of_storage());
    let text = match (evicted, failure) {
        (None, Some(failure)) => failure.text.clone(),
        _ => death.map(|death| death.text.clone()).unwrap_or_default(),
    };
    FirstFailure {
        genome: failure
            .and_then(|failure| failure.genome.clone())
            .or(in_hand)
            .map(|id| shortened(&id, 1024)),
        task,
        pod: Some(pod.name.clone()),
        node: pod.node.clone(),
        reason: shortened(&reason, 253),
        exit_code: pod.exit_code().filter(|code| *code != 0),
        message: Some(shortened(&text, 1024)).filter(|text| !text.is_empty()),
    }
}

/// At most `limit` bytes of `text`, at a character boundary.
pub fn shortened(text: &str, limit: usize) -> String {
    text[..text.floor_char_boundary(limit)].to_owned()
}
