//! What begins early, and what has to wait for its turn.

use std::fs;
use std::path::Path;

use genome_contract::request::{Attempt, GeneCalling, Request};
use serde_json::json;

use super::*;
use crate::input::Stores;
use crate::memory::Limit;
use crate::progress::Progress;

/// Bases of the one record.
const BASES: usize = 60_000;

fn write(folder: &Path) -> [PlannedGenome; 2] {
    let fasta = format!(">contig\n{}\n", "ACGT".repeat(BASES / 4));
    let packed = zstd::encode_all(fasta.as_bytes(), 3).unwrap();
    [("plain.fna", fasta.into_bytes()), ("packed.fna.zst", packed)].map(|(name, bytes)| {
        let path = folder.join(name);
        fs::write(&path, &bytes).unwrap();
        PlannedGenome {
            id: name.to_owned(),
            uri: format!("file://{}", path.display()),
            annotation_uri: None,
            size: bytes.len() as u64,
            etag: None,
            content_hash: None,
        }
    })
}

fn session(folder: &Path) -> Session {
    let request: Request = serde_json::from_value(json!({
        "schemaVersion": 1,
        "analysis": {"cluster": "local", "namespace": "", "name": "test", "uid": "u1"},
        "genomes": [],
        "traits": {"builtin": "bacteria"},
        "method": {"geneticCode": 11, "geneCalling": "Annotated", "falseDiscoveryRate": 0.05, "minTraits": 2, "seed": 7},
        "output": {"uri": format!("file://{}/out", folder.display()), "overwrite": false, "associations": "Top"},
        "tasks": {"targetSize": 50_000_000, "maxWorkers": 1},
        "genomeTimeoutSeconds": 600,
        "volumes": [],
        "cache": {"mode": "Off", "ttlSeconds": 3600}
    }))
    .unwrap();
    Session::open(request, Stores::default(), Progress::new(false)).unwrap()
}

/// Does `work` on a pool of so many threads.
fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(work)
}

/// How far a genome comes before its turn: not at all, read, done.
fn begun(session: &Session, genome: &PlannedGenome, room: Room) -> &'static str {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let common = Common {
        session,
        panel: &Arc::new(Panel::builtin("bacteria").unwrap()),
        task: 0,
        method_hash: "hash",
    };
    match runtime.block_on(common.before_turn(genome, room)).unwrap() {
        Begun::Not => "not",
        Begun::Read(_) => "read",
        Begun::Done(done) => {
            assert_eq!(done.rows.genome.failure, None);
            "done"
        }
    }
}

const fn room(each: u64) -> Room {
    Room {
        each,
        resident: u64::MAX,
    }
}

#[test]
fn a_genome_begins_early_unless_it_could_be_why_memory_runs_out() {
    let folder = tempfile::tempdir().unwrap();
    let [plain, packed] = write(folder.path());
    let mut session = session(folder.path());
    let far = |genome, each| begun(&session, genome, room(each));
    assert_eq!([far(&plain, plain.size), far(&packed, plain.size)], ["done"; 2]);
    assert!(packed.size < plain.size / 2);
    assert_eq!(far(&plain, plain.size - 1), "not", "too large");
    assert_eq!(
        far(&packed, plain.size - 1),
        "not",
        "too large once it is unpacked"
    );
    let full = Room {
        each: plain.size,
        resident: plain.size,
    };
    assert_eq!(
        begun(&session, &plain, full),
        "not",
        "the one in hand has much memory"
    );

    session.request.method.gene_calling = GeneCalling::Auto;
    let bases = BASES as u64;
    if crate::prediction::IS_BUILT_IN {
        assert_eq!(begun(&session, &plain, room(bases * PREDICTION - 1)), "not");
    }
    assert_eq!(begun(&session, &plain, room(bases * PREDICTION)), "done");
}

#[test]
fn a_genome_whose_rows_have_no_room_waits_for_its_turn_once_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let [plain, _] = write(folder.path());
    let path = folder.path().join("coding.fna");
    fs::write(&path, format!(">a [gene=a]\nATG{}TAA\n", "GCC".repeat(100))).unwrap();
    let coding = PlannedGenome {
        uri: format!("file://{}", path.display()),
        size: fs::metadata(&path).unwrap().len(),
        ..plain
    };
    let session = session(folder.path());
    assert_eq!(begun(&session, &coding, room(coding.size)), "read");
    assert_eq!(begun(&session, &coding, room(1 << 20)), "done");
}

#[test]
fn genomes_come_one_after_the_other_where_the_right_one_must_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path());
    let is_alone = |session: &Session, threads| {
        let (at_once, room) = with_threads(threads, || at_once(session));
        assert_eq!(at_once == 1, room.is_none());
        at_once == 1
    };
    assert!(is_alone(&session, 1), "one thread has enough to do");
    assert!(!is_alone(&session, 2));
    assert_eq!(with_threads(64, || at_once(&session)).0, AT_ONCE);
    let limit = |is_final| {
        Some(Limit {
            bytes: 1 << 40,
            is_final,
        })
    };
    session.memory = limit(true);
    assert!(is_alone(&session, 2), "it is refused what the process takes");
    session.memory = limit(false);
    assert!(!is_alone(&session, 2));
    let attempt = |memory_step| Attempt {
        tasks: vec![0],
        memory_step,
        given_up: Vec::new(),
    };
    session.request.attempt = Some(attempt(0));
    assert!(!is_alone(&session, 2));
    session.request.attempt = Some(attempt(1));
    assert!(is_alone(&session, 2), "up the ladder");
}
