//! `plan`: sources → genomes, sorted and bundled into tasks and chunks. It alone decides what the analysis is made of.
//!
//! Run again it lists again: the same genomes give the same plan, and chunks that are there stay.

mod bundle;
pub(crate) mod claim;
mod ids;
mod known;
mod rounds;
mod sources;

pub use known::Settled;
pub(crate) use sources::STDIN;

use genome_contract::message::{GenomeCounts, PlanSummary};
use genome_contract::plan::{Offsets, Plan, PlannedGenome, TaskLine};
use genome_contract::request::{Method, TraitSource};
use genome_contract::{Reason, SCHEMA_VERSION, Verb, names};

use crate::analyze::Settings;

use super::{Ending, Session, Stop, map, merge, panel, phenotypes};

/// Lines of `plan.tasks.jsonl` between two offsets: 10,000 tasks make 157 offsets.
const OFFSETS_EVERY: u32 = 64;

/// Bytes of a message that may name settled tasks: a part of its 4,096.
const MAX_SETTLED_TEXT: usize = 1_500;

/// Plans, settles what the cache answers, and goes on to do everything where at most one task is left.
pub async fn run(session: &mut Session) -> Result<Ending, Stop> {
    session.messenger.begin(Verb::Plan, None);
    let (plan, lines) = plan(session).await?;
    session.messenger.update(|message| {
        message.genomes.total = plan.genomes;
        message.plan = Some(summary(&plan, &Settled::default()));
    });
    let settled = known::tasks(session, &plan, &lines).await?;
    let left = lines.len() - settled.tasks.len();
    tracing::info!(
        genomes = plan.genomes,
        tasks = plan.tasks,
        chunks = plan.chunks,
        settled = settled.tasks.len(),
        "planned"
    );
    session.messenger.update(|message| {
        message.genomes = GenomeCounts {
            total: plan.genomes,
            ..settled.genomes
        };
        message.plan = Some(summary(&plan, &settled));
    });
    if left <= 1 {
        everything(session, &plan, &settled).await
    } else {
        Ok(Ending::Done)
    }
}

fn summary(plan: &Plan, settled: &Settled) -> PlanSummary {
    PlanSummary {
        genomes: plan.genomes,
        tasks: plan.tasks,
        chunks: plan.chunks,
        bases: plan.bases,
        cached: plan.cached,
        settled: settled.to_text(MAX_SETTLED_TEXT),
        all_done: false,
    }
}

/// Maps all tasks that are not settled and merges, in this process.
pub async fn everything(session: &mut Session, plan: &Plan, settled: &Settled) -> Result<Ending, Stop> {
    let mut ending = None;
    for task in (0..plan.tasks).filter(|task| !settled.contains(*task)) {
        ending = Some(map::task(session, plan, task).await?);
    }
    merge::run(session).await?;
    session.messenger.update(|message| {
        message.verb = Verb::Plan;
        message.task = None;
        if let Some(plan) = &mut message.plan {
            plan.all_done = true;
        }
    });
    // Where other tasks are settled, not every genome failed.
    Ok(ending
        .filter(|_| settled.tasks.is_empty())
        .unwrap_or(Ending::Done))
}

/// Writes the files of the plan, claim first and `plan.json` last; returns it with its tasks.
pub async fn plan(session: &Session) -> Result<(Plan, Vec<TaskLine>), Stop> {
    let (panel_bytes, panel) = panel::fetch(session).await?;
    let phenotypes = phenotypes::fetch(session).await?;
    let mut genomes = ids::assign(sources::list(session).await?);
    if genomes.is_empty() {
        return Err(Stop::new(Reason::BadRequest, no_genomes(session)));
    }
    let cached = known::contents(session, &mut genomes).await;
    let traits_digest = blake3::hash(&panel_bytes).to_hex().to_string();
    let method_hash = method_hash(session, &traits_digest);
    let earlier = rounds::Earlier::read(session, &method_hash).await?;
    let before = earlier.as_ref().map(|plan| plan.digest.clone());
    let (tasks, target_size) = match earlier {
        Some(plan) => {
            let target_size = plan.target_size;
            (plan.with(genomes), target_size)
        }
        None => bundle::tasks(genomes, &session.request.tasks),
    };
    let traits = panel.traits().iter().map(|set| set.name.clone()).collect();
    let (lines, offsets) = lines(&tasks);
    let plan = Plan {
        schema_version: SCHEMA_VERSION,
        digest: digest(&tasks, &method_hash, |genome| {
            serde_json::to_vec(genome).unwrap_or_default()
        }),
        layout_digest: digest(&tasks, &method_hash, |genome| genome.id.clone().into_bytes()),
        genomes: tasks
            .iter()
            .flat_map(|task| &task.chunks)
            .map(|chunk| chunk.len() as u64)
            .sum(),
        bases: tasks.iter().map(|task| task.bases).sum(),
        tasks: u32::try_from(tasks.len()).unwrap_or(u32::MAX),
        chunks: tasks.iter().map(|task| task.chunks.len() as u64).sum(),
        target_size,
        cached,
        traits,
        traits_digest,
        method_hash,
        offsets,
    };
    claim::take(session, &plan.digest, before.as_deref()).await?;
    session.output.put(names::TRAITS, panel_bytes).await?;
    if let Some(table) = phenotypes {
        session.output.put(names::PHENOTYPES, table).await?;
    }
    session.output.put(names::TASKS, lines.into()).await?;
    let json = serde_json::to_vec_pretty(&plan).map_err(|error| Stop::internal(error.to_string()))?;
    session.output.put(names::PLAN, json.into()).await?;
    Ok((plan, tasks))
}

fn no_genomes(session: &Session) -> String {
    let sources = session.request.genomes.iter();
    let sources: Vec<_> = sources
        .filter_map(|source| source.uri.as_ref().or(source.list_uri.as_ref()))
        .map(|uri| format!("`{uri}`"))
        .collect();
    format!(
        "no genome found in {}; hint: a prefix ends in `/`, a glob has `*`, and `include`/`exclude` are relative to it",
        sources.join(", ")
    )
}

/// BLAKE3 of everything but the genome that the result depends on.
fn method_hash(session: &Session, traits_digest: &str) -> String {
    let Method {
        genetic_code,
        gene_calling,
        false_discovery_rate,
        min_traits,
        seed,
    } = &session.request.method;
    let Settings {
        permutations,
        shuffled_copy,
    } = session.settings;
    let text = format!(
        "{} {} {permutations} {shuffled_copy} {genetic_code} {gene_calling:?} {false_discovery_rate} {min_traits} {seed} {:?} {traits_digest} {}",
        env!("CARGO_PKG_VERSION"),
        crate::prediction::IS_BUILT_IN,
        session.request.output.associations,
        matches!(session.request.traits, TraitSource::None),
    );
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// A digest over the tasks' chunks, in which a genome counts as `part` of it.
fn digest(tasks: &[TaskLine], method_hash: &str, part: impl Fn(&PlannedGenome) -> Vec<u8>) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(method_hash.as_bytes());
    for task in tasks {
        hasher.update(b"\0task");
        for chunk in &task.chunks {
            hasher.update(b"\0chunk");
            for genome in chunk {
                let part = part(&PlannedGenome {
                    content_hash: None,
                    ..genome.clone()
                });
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(&part);
            }
        }
    }
    hasher.finalize().to_hex().to_string()
}

fn lines(tasks: &[TaskLine]) -> (Vec<u8>, Offsets) {
    let mut bytes = Vec::new();
    let mut offsets = Vec::new();
    for task in tasks {
        if task.task % OFFSETS_EVERY == 0 {
            offsets.push(bytes.len() as u64);
        }
        bytes.extend(serde_json::to_vec(task).unwrap_or_default());
        bytes.push(b'\n');
    }
    offsets.push(bytes.len() as u64);
    (
        bytes,
        Offsets {
            every: OFFSETS_EVERY,
            bytes: offsets,
        },
    )
}

/// The line of `task`, read by range.
pub(crate) async fn task_line(session: &Session, plan: &Plan, task: u32) -> Result<TaskLine, Stop> {
    let beyond = || {
        Stop::new(
            Reason::BadRequest,
            format!("task {task} is not in the plan of {} tasks", plan.tasks),
        )
    };
    if task >= plan.tasks {
        return Err(beyond());
    }
    let (range, before) = plan.offsets.range_of(task).ok_or_else(beyond)?;
    let block = session.output.range(names::TASKS, range).await?;
    let line = block
        .split(|&byte| byte == b'\n')
        .nth(before as usize)
        .unwrap_or_default();
    let line: TaskLine = serde_json::from_slice(line)
        .map_err(|error| Stop::internal(format!("`{}`, task {task}: {error}", names::TASKS)))?;
    if line.task != task {
        return Err(Stop::internal(format!(
            "`{}` holds task {} where {task} should be",
            names::TASKS,
            line.task
        )));
    }
    Ok(line)
}
