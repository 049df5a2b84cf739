//! The termination message that the analyzer would have left in a pod's place.

use genome_contract::{
    Message, Reason, Verb,
    message::{Failure, GenomeCounts, PlanSummary, ResultsSummary},
};

use crate::player::{End, Role};

/// How much an analysis has to do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Work {
    /// Tasks that the plan makes.
    pub(crate) tasks: u32,
    /// Genomes in each of them.
    pub(crate) genomes_a_task: u64,
}

impl Work {
    /// A genome a task.
    pub(crate) fn tasks(tasks: u32) -> Self {
        let genomes_a_task = 1;
        Self {
            tasks,
            genomes_a_task,
        }
    }

    fn genomes(&self) -> u64 {
        u64::from(self.tasks) * self.genomes_a_task
    }

    /// As the kubelet would have read it.
    pub(crate) fn last_words(&self, role: &Role, end: &End, failed_before_merge: u64) -> String {
        let mut message = Message::new(role.verb);
        message.peak_memory_bytes = 100 << 20;
        let code = match end {
            End::Exit(code) => *code,
            End::OutOfMemory(genome) => {
                message.genome = Some(genome.clone());
                137
            }
        };
        message.finished = code != 137;
        if role.verb == Verb::Map {
            message.task = Some(role.task);
        }
        if code == 0 {
            self.say_what_was_done(&mut message, role, failed_before_merge);
        } else if code != 137 {
            let text = format!("exit {code}");
            message.failure = Some(Failure {
                reason: reason(code),
                genome: None,
                text,
            });
        }
        String::from_utf8(message.to_padded_bytes()).unwrap_or_default()
    }

    fn say_what_was_done(&self, message: &mut Message, role: &Role, failed_before_merge: u64) {
        let counts = |total: u64, failed: u64| GenomeCounts {
            total,
            analyzed: total - failed,
            cached: 0,
            failed,
        };
        match role.verb {
            Verb::Plan => {
                message.plan = Some(PlanSummary {
                    genomes: self.genomes(),
                    tasks: self.tasks,
                    chunks: u64::from(self.tasks),
                    bases: 1,
                    cached: 0,
                    settled: String::new(),
                    all_done: false,
                });
            }
            Verb::Map => message.genomes = counts(self.genomes_a_task, role.given_up.len() as u64),
            Verb::Merge => {
                message.genomes = counts(self.genomes(), failed_before_merge);
                message.results = Some(ResultsSummary {
                    pleiotropic_genes: 0,
                    detectable_traits: 0,
                    report: "report.html".to_owned(),
                });
            }
        }
    }
}

fn reason(code: i32) -> Reason {
    match code {
        64 => Reason::BadRequest,
        65 => Reason::EmptyInput,
        73 => Reason::OutputConflict,
        77 => Reason::AccessDenied,
        _ => Reason::Internal,
    }
}
