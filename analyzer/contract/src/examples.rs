//! One example of every document: golden files for readers of the reference, and values for tests.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::chunk::{ChunkFooter, ChunkId, CorrelationSums, TraitSums};
use crate::manifest::{ChunkEntry, FileEntry, Manifest, Results, Run};
use crate::message::{ChunkCounts, Failure, GenomeCounts, Message, PlanSummary, ReasonCount, ResultsSummary};
use crate::names::ChunkFile;
use crate::plan::{Claim, Offsets, Plan, PlannedGenome, TaskLine};
use crate::reason::Reason;
use crate::request::{
    AnalysisId, Associations, Attempt, Cache, CacheMode, GenomeSource, GivenUp, Method, Output, Request,
    Tasks, TraitSource, Verb, Volume,
};
use crate::{SCHEMA_VERSION, names};

/// Name and example of every document, in the order of [`crate::schemas::all`].
///
/// # Panics
/// Never: the types hold nothing that JSON cannot.
pub fn all() -> Vec<(&'static str, Value)> {
    let value =
        |value: Result<Value, serde_json::Error>| value.expect("an example has only strings and numbers");
    vec![
        ("request", value(serde_json::to_value(request()))),
        ("plan", value(serde_json::to_value(plan()))),
        ("task-line", value(serde_json::to_value(task_line()))),
        ("claim", value(serde_json::to_value(claim()))),
        ("chunk-footer", value(serde_json::to_value(chunk_footer()))),
        ("message", value(serde_json::to_value(message()))),
        ("manifest", value(serde_json::to_value(manifest()))),
    ]
}

fn analysis() -> AnalysisId {
    AnalysisId {
        cluster: "lab".into(),
        namespace: "genomics".into(),
        name: "soil-bacteria".into(),
        uid: "5f0c4a52-6f0e-4f5e-9d0b-0f6a1c0f7b11".into(),
    }
}

fn digest(letter: char) -> String {
    letter.to_string().repeat(64)
}

/// The request of a retry attempt.
pub fn request() -> Request {
    Request {
        schema_version: SCHEMA_VERSION,
        analysis: analysis(),
        genomes: vec![GenomeSource {
            uri: Some("s3://genomes/soil/*.gbff.gz".into()),
            list_uri: None,
            include: Vec::new(),
            exclude: vec!["draft-*".into()],
        }],
        traits: TraitSource::Builtin("bacteria".into()),
        phenotypes: None,
        method: Method::default(),
        output: Output {
            uri: "s3://results/soil-bacteria".into(),
            overwrite: false,
            associations: Associations::Top,
        },
        tasks: Tasks {
            target_size: 268_435_456,
            max_workers: 10,
        },
        genome_timeout_seconds: 600,
        volumes: vec![Volume {
            mount_path: "/data".into(),
            read_only: true,
        }],
        cache: Cache {
            mode: CacheMode::ReadWrite,
            uri: Some("redis://cache:6379".into()),
            ttl_seconds: 3600,
        },
        round: 0,
        attempt: Some(Attempt {
            tasks: vec![3, 17],
            memory_step: 1,
            given_up: vec![GivenUp {
                task: 17,
                genome: "GCF_000005845.2".into(),
                limit_bytes: 2_147_483_648,
            }],
        }),
    }
}

/// A plan of two tasks.
pub fn plan() -> Plan {
    Plan {
        schema_version: SCHEMA_VERSION,
        digest: digest('1'),
        layout_digest: digest('2'),
        genomes: 2,
        bases: 23_214_264,
        tasks: 2,
        chunks: 2,
        target_size: 580_356,
        cached: 0,
        traits: vec!["motility".into(), "ribosome".into()],
        traits_digest: digest('3'),
        method_hash: digest('4'),
        offsets: Offsets {
            every: 64,
            bytes: vec![0, 384],
        },
    }
}

/// The line of one task.
pub fn task_line() -> TaskLine {
    TaskLine {
        task: 0,
        bases: 13_957_816,
        chunks: vec![vec![PlannedGenome {
            id: "GCF_000005845.2".into(),
            uri: "s3://genomes/soil/GCF_000005845.2.gbff.gz".into(),
            annotation_uri: None,
            size: 3_489_454,
            etag: Some("\"9b2cf535f27731c974343645a3985328\"".into()),
            content_hash: None,
        }]],
    }
}

/// Whose the output is.
pub fn claim() -> Claim {
    Claim {
        schema_version: SCHEMA_VERSION,
        analysis: analysis(),
        plan_digest: digest('1'),
    }
}

fn chunk_id() -> ChunkId {
    ChunkId {
        task: 0,
        chunk: 0,
        round: 0,
    }
}

fn entry(path: String) -> FileEntry {
    FileEntry {
        path,
        size: 48_211,
        blake3: digest('5'),
    }
}

/// The footer of a chunk with one genome.
pub fn chunk_footer() -> ChunkFooter {
    let sums = TraitSums {
        verdicts: BTreeMap::from([("detectable".into(), 1)]),
        genes_found: 55,
        scored: 1,
        auc_sum: 0.95,
        auc_squares: 0.9025,
    };
    ChunkFooter {
        schema_version: SCHEMA_VERSION,
        id: chunk_id(),
        layout_digest: digest('2'),
        succeeded: 1,
        failed: 0,
        genes: 4_319,
        files: vec![
            entry(ChunkFile::Associations.path(chunk_id())),
            entry(ChunkFile::Genes.path(chunk_id())),
        ],
        codons: vec![21_000; 64],
        correlation: CorrelationSums {
            genes: vec![4_053; 3],
            products: vec![4_053.0, 810.5, 4_053.0],
        },
        traits: BTreeMap::from([("ribosome".into(), sums)]),
    }
}

/// What a map pod says while it works, after a genome failed.
pub fn message() -> Message {
    Message {
        task: Some(3),
        genome: Some("GCF_000005845.2".into()),
        genomes: GenomeCounts {
            total: 12,
            analyzed: 6,
            cached: 1,
            failed: 1,
        },
        chunks: ChunkCounts {
            total: 3,
            written: 1,
            found: 1,
        },
        peak_memory_bytes: 88_080_384,
        failure: Some(Failure {
            reason: Reason::MalformedInput,
            genome: Some("GCF_000009045.1".into()),
            text: "line 81, record `NC_000964`: location `join(1..` is not closed".into(),
        }),
        failures_by_reason: vec![ReasonCount {
            reason: Reason::MalformedInput,
            count: 1,
        }],
        plan: Some(PlanSummary {
            genomes: 40,
            tasks: 4,
            chunks: 12,
            bases: 180_000_000,
            cached: 1,
            settled: String::new(),
            all_done: false,
        }),
        ..Message::new(Verb::Map)
    }
}

/// The commit of an analysis of one genome.
pub fn manifest() -> Manifest {
    let files = ChunkFile::ALL.map(|file| entry(file.path(chunk_id()))).to_vec();
    let summary = ResultsSummary {
        pleiotropic_genes: 7,
        detectable_traits: 18,
        report: names::REPORT.to_owned(),
    };
    Manifest {
        schema_version: SCHEMA_VERSION,
        results: Results {
            genomes: 1,
            succeeded: 1,
            failed: 0,
            failures_by_reason: Vec::new(),
            genes: 4_319,
            chunks: vec![ChunkEntry {
                id: chunk_id(),
                genomes: 1,
                files,
            }],
            files: vec![entry(names::RESULTS.to_owned()), entry(names::REPORT.to_owned())],
            summary,
        },
        run: Run {
            analysis: analysis(),
            plan_digest: digest('1'),
            analyzer_version: "0.1.0".into(),
            completed_at: "2026-01-02T03:04:05Z".into(),
            output_uri: "s3://results/soil-bacteria".into(),
            genomes: GenomeCounts {
                total: 1,
                analyzed: 1,
                cached: 0,
                failed: 0,
            },
        },
    }
}
