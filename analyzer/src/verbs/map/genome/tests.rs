//! What is read ahead, and what has to wait for its turn.

use std::fs;
use std::path::Path;

use genome_contract::request::{Attempt, Request};
use serde_json::json;

use super::*;
use crate::input::Stores;
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

/// Whether it is read ahead with so many threads.
fn is_read(session: &Session, genome: &PlannedGenome, threads: usize) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let panel = Panel::builtin("bacteria").unwrap();
    match pool.install(|| runtime.block_on(read_ahead(session, &panel, genome, "hash"))) {
        None => false,
        Some(Ok(Reading::Read { genome, .. })) => {
            assert_eq!(genome.contigs[0].length, BASES as u64);
            true
        }
        Some(_) => panic!("it can be read"),
    }
}

#[test]
fn the_next_genome_is_read_ahead_unless_it_could_be_why_memory_runs_out() {
    let folder = tempfile::tempdir().unwrap();
    let [plain, packed] = write(folder.path());
    let mut session = session(folder.path());
    assert!(is_read(&session, &plain, 2) && is_read(&session, &packed, 2));
    assert!(!is_read(&session, &plain, 1), "one thread has enough to do");
    let limit = |bytes, is_final| Some(Limit { bytes, is_final });
    session.memory = limit(plain.size * SHARE_AHEAD, false);
    assert!(is_read(&session, &plain, 2) && is_read(&session, &packed, 2));
    session.memory = limit((plain.size - 1) * SHARE_AHEAD, false);
    assert!(packed.size < plain.size / 2);
    assert!(!is_read(&session, &plain, 2), "too large");
    assert!(!is_read(&session, &packed, 2), "too large once it is unpacked");
    session.memory = limit(1 << 40, true);
    assert!(
        !is_read(&session, &plain, 2),
        "the one in hand is refused what this one takes"
    );
    session.memory = None;
    session.request.attempt = Some(Attempt {
        tasks: vec![0],
        memory_step: 0,
        given_up: Vec::new(),
    });
    assert!(is_read(&session, &plain, 2));
    session.request.attempt.as_mut().unwrap().memory_step = 1;
    assert!(
        !is_read(&session, &plain, 2),
        "up the ladder the right genome must be named"
    );
}
