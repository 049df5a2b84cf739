//! Where an analysis stands and what its next Jobs are: plan → map → merge.

use genome_contract::{Message, Verb, request::GivenUp};

use super::{
    attempts::{self, NewAttempt},
    finish::{self, End},
    orders::Run,
    retry::Ledger,
    single::{Single, once_more, single},
};
use crate::results::Indexes;

/// Where an analysis stands, and what it needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// The stage at work; `None` once it has ended.
    pub verb: Option<Verb>,
    /// The next attempt of plan or merge.
    pub single: Option<Attempted>,
    /// The next attempts of map.
    pub attempts: Vec<NewAttempt>,
    /// The tasks of the map stage, once they are known.
    pub ledger: Ledger,
    /// The end.
    pub end: Option<End>,
}

/// The next attempt of a stage of one task.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempted {
    /// Its number.
    pub attempt: u32,
    /// Its step of the memory ladder.
    pub memory_step: u32,
    /// Genomes given up in it.
    pub given_up: Vec<GivenUp>,
    /// Why the one before failed.
    pub reason: Option<String>,
}

/// What the plan found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Planned {
    /// Genomes.
    pub genomes: u64,
    /// Tasks.
    pub tasks: u32,
    /// Tasks that the plan itself settled, as far as it could name them and is still there to do so.
    pub settled: Indexes,
}

impl Course {
    /// An analysis that ends.
    pub fn ended(end: End) -> Self {
        Self {
            end: Some(end),
            ..Self::default()
        }
    }

    fn of_single(verb: Verb, ledger: Ledger, stage: Single<'_>) -> Self {
        let course = Self {
            verb: Some(verb),
            ledger,
            ..Self::default()
        };
        match stage {
            Single::Attempt(next) => Self {
                single: Some(next),
                ..course
            },
            Single::Failed(end) => Self {
                end: Some(end),
                ..course
            },
            Single::Open(_) | Single::Done(_) => course,
        }
    }
}

/// The course of `run`.
pub fn course(run: &Run<'_>) -> Course {
    let plan_jobs = run.jobs_of(Verb::Plan);
    let Some(planned) = run.planned() else {
        let stage = match single(&plan_jobs, run.valid, run.rules()) {
            Single::Done(None) => once_more(&plan_jobs, run.valid),
            stage => stage,
        };
        return Course::of_single(Verb::Plan, Ledger::default(), stage);
    };
    if let Some(message) = run.plan_word().filter(|message| did_everything(message)) {
        return Course::ended(finish::from_last_word(Some(message), message.genomes, run.valid));
    }
    map_or_merge(run, &planned)
}

fn map_or_merge(run: &Run<'_>, planned: &Planned) -> Course {
    let map_jobs = run.map_jobs();
    let ledger = Ledger::read(planned, &map_jobs, run.rules());
    if let Some(end) = finish::of_map(run) {
        return Course {
            ledger,
            ..Course::ended(end)
        };
    }
    let merge_jobs = run.jobs_of(Verb::Merge);
    if merge_jobs.is_empty() && !ledger.is_settled() {
        let gather = run.settings.timing.gather;
        let attempts = attempts::new_attempts(&ledger, &map_jobs, gather, run.observed.now);
        return Course {
            verb: Some(Verb::Map),
            attempts,
            ledger,
            ..Course::default()
        };
    }
    match single(&merge_jobs, run.valid, run.rules()) {
        Single::Done(message) => {
            let genomes = run.counts_with_total();
            let end = finish::from_last_word(message, genomes, run.valid);
            Course {
                ledger,
                ..Course::ended(end)
            }
        }
        stage => Course::of_single(Verb::Merge, ledger, stage),
    }
}

/// Whether the plan went on to map and merge in its own process.
pub fn did_everything(message: &Message) -> bool {
    message.plan.as_ref().is_some_and(|plan| plan.all_done)
}
