//! The gene caller: the genome's own model where there is enough to train on, else the best of those that come with it.
//!
//! As Prodigal does: one model for all contigs together, trained on them with stops in all frames between; each contig
//! called by itself, with ends that genes may run over. Contigs are called side by side, and the result is the same for
//! any number of threads.

use std::panic::{AssertUnwindSafe, catch_unwind};

use orphos_core::algorithms::dynamic_programming::{eliminate_bad_genes, predict_genes};
use orphos_core::algorithms::gene_finding::GeneBuilder;
use orphos_core::config::OrphosConfig;
use orphos_core::engine::UntrainedOrphos;
use orphos_core::metagenomic::{bins, get_preset_training_ref};
use orphos_core::node::{
    add_nodes, calc_orf_gc, record_overlapping_starts, reset_node_scores, score_nodes_with_orf_gc,
    sort_nodes_by_position,
};
use orphos_core::sequence::encoded::EncodedSequence;
use orphos_core::types::{Gene, Node, OrphosError, Training};
use rayon::prelude::*;

use super::{CallError, Called};
use crate::codons::Codon;
use crate::genetic_code::GeneticCode;
use crate::read::feature::Span;
use crate::record::Strand;

/// Bases that Prodigal asks for to train a model.
const TRAINABLE: usize = 20_000;

/// A stop in each of the six frames, so that no gene of the training runs from one contig into the next.
const BETWEEN: &[u8] = b"TTAATTAATTAA";

/// The crate keeps tables of half a megabyte on the stack, several at a time; a thread has two by default.
const STACK: usize = 32 << 20;

/// Shorter contigs hold no gene: the caller's least is 60 bases, at a contig's end.
const SHORTEST: usize = 60;

/// What the genes of a preset model must score to be taken.
const LEAST_SCORE: f64 = -100.0;

/// The genes of each contig (base codes), in order.
pub(super) fn call(contigs: &[&[u8]], genetic_code: u8) -> Result<Vec<Vec<Called>>, CallError> {
    if !knows(genetic_code) {
        return Err(CallError::GeneticCode);
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(rayon::current_num_threads())
        .stack_size(STACK)
        .build()
        .map_err(|error| CallError::Failed(error.to_string()))?;
    // The crate's code is not ours: an input that it panics on is an input that is not called.
    match catch_unwind(AssertUnwindSafe(|| {
        pool.install(|| call_all(contigs, genetic_code))
    })) {
        Ok(called) => called.map_err(|error| CallError::Failed(error.to_string())),
        Err(panic) => Err(CallError::Failed(words(&*panic))),
    }
}

fn call_all(contigs: &[&[u8]], genetic_code: u8) -> Result<Vec<Vec<Called>>, OrphosError> {
    let models = models(contigs, genetic_code)?;
    let of_contig = |nodes: &mut Vec<Node>, contig: &&[u8]| genes(contig, &models, nodes);
    contigs.par_iter().map_init(Vec::new, of_contig).collect()
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|&text| text.to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no words".to_owned())
}

/// Tables that Prodigal has and reads as NCBI does: in its 24 TGA is a stop.
const fn knows(genetic_code: u8) -> bool {
    matches!(genetic_code, 1..=6 | 9..=16 | 21..=23 | 25)
}

/// What genes look like.
enum Models {
    Own(Box<Training>),
    /// Of other genomes, the best of which is taken contig by contig.
    Presets(Vec<Training>),
}

fn models(contigs: &[&[u8]], genetic_code: u8) -> Result<Models, OrphosError> {
    let bases: usize = contigs.iter().map(|contig| contig.len()).sum();
    if bases < TRAINABLE {
        return Ok(Models::Presets(presets(genetic_code)));
    }
    let config = OrphosConfig {
        quiet: true,
        translation_table: Some(genetic_code),
        ..OrphosConfig::default()
    };
    let whole = EncodedSequence::without_masking(&joined(contigs));
    let trained = UntrainedOrphos::with_config(config)?.train_single_genome(&whole)?;
    let training = trained.training().cloned().unwrap_or_default();
    Ok(Models::Own(Box::new(training)))
}

fn joined(contigs: &[&[u8]]) -> Vec<u8> {
    if let [contig] = contigs {
        return letters(contig);
    }
    let with_stops = |contig: &&[u8]| [&letters(contig), BETWEEN].concat();
    contigs.iter().flat_map(with_stops).collect()
}

fn letters(codes: &[u8]) -> Vec<u8> {
    codes
        .iter()
        .map(|&code| b"TCAGN"[usize::from(code.min(4))])
        .collect()
}

/// The models that come with the caller, of those that read TGA as this table does: they were made for tables 11 and 4.
fn presets(genetic_code: u8) -> Vec<Training> {
    let code = GeneticCode::by_id(genetic_code).expect("the tables of `knows` are NCBI's");
    let is_of_table = |model: &&Training| {
        let stops_at_tga =
            |code: &GeneticCode| Codon::from_bases(b'T', b'G', b'A').is_some_and(|tga| code.is_stop(tga));
        stops_at_tga(code) == (model.translation_table == 11)
    };
    let all = (0..bins().len()).filter_map(get_preset_training_ref);
    let with_table = |model: &Training| Training {
        translation_table: i32::from(genetic_code),
        ..model.clone()
    };
    all.filter(is_of_table).map(with_table).collect()
}

fn genes(contig: &[u8], models: &Models, nodes: &mut Vec<Node>) -> Result<Vec<Called>, OrphosError> {
    if contig.len() < SHORTEST {
        return Ok(Vec::new());
    }
    let sequence = EncodedSequence::without_masking(&letters(contig));
    let candidates = match models {
        Models::Own(model) => std::slice::from_ref(&**model),
        Models::Presets(models) => models,
    };
    let Some(first) = candidates.first() else {
        return Ok(Vec::new());
    };
    // The nodes depend on the table only, and all candidates have one.
    add_nodes(&sequence, nodes, false, false, first)?;
    sort_nodes_by_position(nodes);
    calc_orf_gc(&sequence.forward_sequence, sequence.sequence_length, nodes);
    let is_preset = matches!(models, Models::Presets(_));
    let (mut best, mut found) = (LEAST_SCORE, Vec::new());
    for model in candidates {
        if is_preset && !is_alike(model, sequence.gc_content) {
            continue;
        }
        reset_node_scores(nodes);
        score_nodes_with_orf_gc(&sequence, nodes, model, false, is_preset)?;
        record_overlapping_starts(nodes, model, true);
        let Some(path) = predict_genes(nodes, model, true) else {
            continue;
        };
        let score = nodes[path].scores.total_score;
        if is_preset && score <= best {
            continue;
        }
        best = score;
        eliminate_bad_genes(nodes, Some(path), model);
        let built = GeneBuilder::from_nodes(nodes, path, model, 1);
        found = built.with_tweaked_starts().with_annotations().build();
    }
    Ok(found.iter().map(called).collect())
}

/// Whether the genome of a preset is near enough in GC, by Prodigal's two regression lines.
fn is_alike(model: &Training, gc: f64) -> bool {
    let lowest = (0.88495 * gc - 0.010_233_7).min(0.65);
    let highest = (0.86596 * gc + 0.113_199_1).max(0.35);
    (lowest..=highest).contains(&model.gc_content)
}

fn called(gene: &Gene) -> Called {
    let place = &gene.coordinates;
    // By its symbol: the type itself is of a crate that is not re-exported.
    let strand = match place.strand.strand_symbol() {
        "-" => Strand::Reverse,
        _ => Strand::Forward,
    };
    Called {
        span: Span {
            start: place.begin.saturating_sub(1) as u64,
            end: place.end as u64,
            strand,
        },
        runs_over: [gene.annotation.is_partial_left, gene.annotation.is_partial_right],
    }
}

#[cfg(test)]
mod tests {
    use orphos_core::sequence::is_stop;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_caller_and_the_tables_of_ncbi_stop_at_the_same_codons() {
        for table in (0..=33).filter(|&table| knows(table)) {
            let code = GeneticCode::by_id(table).unwrap();
            let model = Training {
                translation_table: i32::from(table),
                ..Training::default()
            };
            for codon in Codon::all() {
                let encoded = EncodedSequence::without_masking(&[&codon.to_bases()[..], b"AAAAA"].concat());
                assert_eq!(
                    is_stop(&encoded.forward_sequence, 0, &model),
                    code.is_stop(codon),
                    "table {table}, {:?}",
                    String::from_utf8_lossy(&codon.to_bases())
                );
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn no_sequence_makes_it_fail(
            contigs in proptest::collection::vec(proptest::collection::vec(0..5u8, 0..2_000), 0..24),
        ) {
            let contigs: Vec<&[u8]> = contigs.iter().map(Vec::as_slice).collect();
            let called = call(&contigs, 11);
            prop_assert!(called.is_ok(), "{called:?}");
        }
    }
}
