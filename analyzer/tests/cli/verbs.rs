//! Plan, map and merge as pods run them: rows, messages, codes, and the same bytes whatever happens on the way.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use genome_contract::{ExitCode, Reason, Verb};
use serde_json::json;

use super::support::{Place, assert_identical, ended, genome, results};

#[test]
fn eleven_of_twelve_genomes_are_analyzed_and_the_bad_one_is_named() {
    let place = Place::with_twelve_genomes();
    place.write("genomes/g05.fna", b">x\nACGT!!!!\n");
    place.request("out", 1, |_| {});
    place.verb("plan", 0, ExitCode::Success);
    let planned = place.message();
    assert_eq!((planned.verb, planned.genomes.total), (Verb::Plan, 12));
    let tasks = planned.plan.unwrap().tasks;
    assert!(tasks > 1, "{tasks} tasks");
    let mut bad = 0;
    for task in 0..tasks {
        let output = place.command("map", task).output().unwrap();
        let message = place.message();
        assert!(message.finished && message.genome.is_none() && message.peak_memory_bytes > 1 << 20);
        if output.status.code() == Some(65) || message.genomes.failed > 0 {
            bad += 1;
            let failure = message.failure.unwrap();
            assert_eq!(failure.genome.as_deref(), Some("g05"));
            assert!(failure.text.contains("line 2"), "{}", failure.text);
            // 65 exactly when nothing of the task could be analyzed.
            assert_eq!(output.status.code() == Some(65), message.genomes.analyzed == 0);
        } else {
            ended(output, ExitCode::Success);
        }
    }
    assert_eq!(bad, 1);
    place.verb("merge", 0, ExitCode::Success);
    let manifest = place.manifest("out");
    assert_eq!((manifest.results.succeeded, manifest.results.failed), (11, 1));
    assert_eq!(
        manifest.results.failures_by_reason[0].reason,
        Reason::MalformedInput
    );
    for file in manifest
        .results
        .files
        .iter()
        .chain(manifest.results.chunks.iter().flat_map(|chunk| &chunk.files))
    {
        let bytes = place.read(&format!("out/{}", file.path));
        assert_eq!(
            (bytes.len() as u64, blake3::hash(&bytes).to_hex().to_string()),
            (file.size, file.blake3.clone())
        );
    }
    let table = place.json("out/analysis_results.json")["genomes"]["table"].clone();
    assert_eq!(table[5]["id"], "g05");
    assert_eq!(table[5]["failure"]["reason"], "MalformedInput");
}

#[test]
fn threads_and_order_of_tasks_do_not_change_a_byte() {
    let place = Place::with_twelve_genomes();
    place.request("forward", 1, |_| {});
    place.verb("plan", 0, ExitCode::Success);
    let tasks = place.message().plan.unwrap().tasks;
    place.all(0..tasks);
    place.request("backward", 1, |_| {});
    place.verb("plan", 0, ExitCode::Success);
    for task in (0..tasks).rev() {
        ended(
            place
                .command("map", task)
                .args(["--threads", "2"])
                .output()
                .unwrap(),
            ExitCode::Success,
        );
    }
    place.verb("merge", 0, ExitCode::Success);
    assert_identical(&place.path("forward"), &place.path("backward"));
    assert_eq!(
        place.manifest("forward").results,
        place.manifest("backward").results
    );
}

#[test]
fn what_is_read_before_its_turn_goes_into_its_own_chunk() {
    let place = Place::empty();
    let mut sizes = 0;
    for number in 0..560 {
        let fasta = genome(number + 1, 2);
        sizes += fasta.len();
        place.write(&format!("genomes/g{number:03}.fna"), fasta.as_bytes());
    }
    for (output, threads) in [("one", "1"), ("two", "2")] {
        // A task is no smaller than a sixteenth of this: the first has all genomes but some, and the plan maps none.
        place.request(output, 1, |request| {
            request["tasks"] = json!({"targetSize": 16 * sizes / 560 * 530, "maxWorkers": 1})
        });
        place.verb("plan", 0, ExitCode::Success);
        assert_eq!(place.message().plan.unwrap().tasks, 2);
        for (task, chunks) in [(0, 2), (1, 1)] {
            let map = place.command("map", task).args(["--threads", threads]).output();
            ended(map.unwrap(), ExitCode::Success);
            assert_eq!(place.message().chunks.written, chunks);
        }
        place.verb("merge", 0, ExitCode::Success);
        assert_eq!(place.manifest(output).results.succeeded, 560);
    }
    assert_identical(&place.path("one"), &place.path("two"));
}

#[test]
fn every_verb_may_run_twice() {
    let place = Place::with_twelve_genomes();
    place.request("out", 1, |_| {});
    place.verb("plan", 0, ExitCode::Success);
    let tasks = place.message().plan.unwrap().tasks;
    place.all(0..tasks);
    let before = results(&place.path("out"));
    place.all((0..tasks).rev());
    assert!(before == results(&place.path("out")));
    place.verb("map", 0, ExitCode::Success);
    let message = place.message();
    assert_eq!(
        (message.chunks.written, message.chunks.found),
        (0, message.chunks.total)
    );
}

#[test]
fn a_kill_at_any_moment_leaves_nothing_half_written() {
    let place = Place::with_twelve_genomes();
    place.request("calm", 1, |request| {
        request["tasks"] = json!({"targetSize": 1, "maxWorkers": 1})
    });
    place.verb("plan", 0, ExitCode::Success);
    let tasks = place.message().plan.unwrap().tasks;
    place.all(0..tasks);
    place.request("killed", 1, |request| {
        request["tasks"] = json!({"targetSize": 1, "maxWorkers": 1})
    });
    let mut killed = 0;
    for (verb, indexes) in [("plan", 0..1), ("map", 0..tasks), ("merge", 0..1)] {
        for index in indexes {
            for delay in [2, 5, 9, 14, 20] {
                let mut child = place
                    .command(verb, index)
                    .stderr(std::process::Stdio::null())
                    .spawn()
                    .unwrap();
                sleep(Duration::from_millis(delay + u64::from(index) % 4));
                killed += u32::from(child.try_wait().unwrap().is_none());
                child.kill().unwrap();
                child.wait().unwrap();
            }
            place.verb(verb, index, ExitCode::Success);
        }
    }
    assert!(killed > 5, "only {killed} runs were killed while they ran");
    // Temporary files of killed runs end in `#N`: no reader takes them for a table.
    let (calm, mut disturbed) = (results(&place.path("calm")), results(&place.path("killed")));
    disturbed.retain(|(name, _)| !name.contains('#'));
    assert!(calm == disturbed, "results differ");
}

#[test]
fn a_single_task_is_done_by_the_plan_itself() {
    let place = Place::empty();
    place.write("genomes/only.fna", genome(3, 40).as_bytes());
    place.request("out", 10, |_| {});
    place.verb("plan", 0, ExitCode::Success);
    let message = place.message();
    let plan = message.plan.unwrap();
    assert!(plan.all_done && message.finished && message.verb == Verb::Plan);
    assert_eq!((message.genomes.total, message.genomes.analyzed), (1, 1));
    assert_eq!(message.results.unwrap().report, "report.html");
    assert_eq!(place.manifest("out").results.succeeded, 1);
}

#[test]
fn a_later_round_does_again_only_what_failed() {
    let place = Place::with_twelve_genomes();
    place.write("genomes/g05.fna", b"\x00\x01\x02 no genome");
    place.request("out", 1, |request| {
        request["tasks"] = json!({"targetSize": 1_000_000_000, "maxWorkers": 1})
    });
    place.verb("plan", 0, ExitCode::Success);
    let tasks = place.message().plan.unwrap().tasks;
    for task in 0..tasks {
        place.command("map", task).output().unwrap();
    }
    place.verb("merge", 0, ExitCode::Success);
    let count = || fs::read_dir(place.path("out/parts")).unwrap().count();
    let first = count();
    place.request("out", 1, |request| request["round"] = json!(1));
    for task in 0..tasks {
        place.command("map", task).output().unwrap();
    }
    place.verb("merge", 0, ExitCode::Success);
    let manifest = place.manifest("out");
    // The file is as bad as before: the row of the later round is there, and counted once.
    assert_eq!((manifest.results.genomes, manifest.results.failed), (12, 1));
    let second: Vec<_> = fs::read_dir(place.path("out/parts"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(second.len(), first + 3);
    assert_eq!(
        second
            .iter()
            .filter(|name| name.to_string_lossy().ends_with("-r1.parquet"))
            .count(),
        3
    );
}

#[test]
fn a_mended_genome_is_analyzed_in_a_later_round() {
    let place = Place::with_twelve_genomes();
    let whole = fs::read(place.path("genomes/g05.fna")).unwrap();
    place.write("genomes/g05.fna", b"\x00\x01\x02 no genome");
    let round = |number: u32| {
        place.request("out", 1, |request| {
            request["tasks"] = json!({"targetSize": 1_000_000_000, "maxWorkers": 1});
            request["round"] = json!(number);
        });
        place.verb("plan", 0, ExitCode::Success);
        for task in 0..place.message().plan.unwrap().tasks {
            place.command("map", task).output().unwrap();
        }
        place.verb("merge", 0, ExitCode::Success);
        place.manifest("out").results
    };
    assert_eq!(round(0).failed, 1);

    place.write("genomes/g05.fna", &whole);
    place.write("genomes/g99.fna", &whole);
    let results = round(1);
    // The others keep their rows; one that came later has no place in the layout.
    assert_eq!((results.genomes, results.succeeded, results.failed), (12, 12, 0));
}

#[test]
fn a_genome_given_up_is_a_row_and_the_others_are_done() {
    let place = Place::with_twelve_genomes();
    let attempt =
        json!({"tasks": [1], "memoryStep": 3, "givenUp": [{"task": 1, "genome": "g03", "limitBytes": 1024}]});
    place.request("out", 1, |_| {});
    place.verb("plan", 0, ExitCode::Success);
    place.request("out", 1, |request| request["attempt"] = attempt);
    place.verb("map", 0, ExitCode::Success);
    let message = place.message();
    assert_eq!(message.task, Some(1));
    assert_eq!(message.failure.unwrap().reason, Reason::MemoryLimitReached);
    assert_eq!(message.genomes.failed, 1);
    assert!(message.genomes.analyzed > 0);
    let said = place.verb("map", 1, ExitCode::BadRequest);
    assert!(said.contains("index 1 is past the end"), "{said}");
}

#[test]
fn an_output_is_taken_over_by_its_owner_only() {
    let place = Place::with_twelve_genomes();
    place.request("out", 1, |_| {});
    place.verb("plan", 0, ExitCode::Success);
    place.verb("map", 0, ExitCode::Success);
    let chunk = place.read("out/parts/genomes-00000-00.parquet");

    place.request("out", 1, |request| request["analysis"]["name"] = json!("other"));
    let said = place.verb("plan", 0, ExitCode::OutputNotWritable);
    assert!(
        said.contains("belongs to another analysis, `local//test` (u1)"),
        "{said}"
    );
    assert_eq!(place.message().failure.unwrap().reason, Reason::OutputConflict);

    let again = |request: &mut serde_json::Value| request["analysis"]["uid"] = json!("u2");
    place.request("out", 1, again);
    place.verb("plan", 0, ExitCode::Success);
    assert_eq!(place.read("out/parts/genomes-00000-00.parquet"), chunk);

    place.request("out", 1, |request| {
        again(request);
        request["method"]["seed"] = json!(8);
    });
    let said = place.verb("plan", 0, ExitCode::OutputNotWritable);
    assert!(said.contains("set `overwrite`"), "{said}");
    place.request("out", 1, |request| {
        again(request);
        request["method"]["seed"] = json!(8);
        request["output"]["overwrite"] = json!(true);
    });
    place.verb("plan", 0, ExitCode::Success);
    assert!(!place.path("out/parts/genomes-00000-00.parquet").exists());
}

#[test]
fn an_input_that_changed_after_the_plan_is_a_failed_row() {
    let place = Place::with_twelve_genomes();
    place.request("out", 1, |_| {});
    place.verb("plan", 0, ExitCode::Success);
    sleep(Duration::from_millis(20));
    place.write("genomes/g00.fna", genome(99, 41).as_bytes());
    place.command("map", 0).output().unwrap();
    let failure = place.message().failure.unwrap();
    assert_eq!(
        (failure.reason, failure.genome.as_deref()),
        (Reason::InputChanged, Some("g00"))
    );
}

#[test]
fn sigterm_ends_with_75_and_what_is_committed_stays() {
    let place = Place::empty();
    // Enough genomes in one task that the signal comes in the middle.
    for number in 0..600 {
        place.write(
            &format!("genomes/g{number:03}.fna"),
            genome(number + 1, 40).as_bytes(),
        );
    }
    place.request("out", 1, |request| {
        request["tasks"] = json!({"targetSize": 4_000_000, "maxWorkers": 1})
    });
    place.verb("plan", 0, ExitCode::Success);
    let mut child = place
        .command("map", 0)
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !matches!(place.path("message").exists().then(|| place.message()), Some(m) if m.genome.is_some()) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before the signal");
        sleep(Duration::from_millis(1));
    }
    let killed = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(ExitCode::Transient.as_i32()));
    let message = place.message();
    assert_eq!(
        (message.finished, message.failure.unwrap().reason),
        (true, Reason::Interrupted)
    );
}

#[test]
fn a_bad_request_is_64_and_says_where() {
    let place = Place::with_twelve_genomes();
    place.write("request.json", b"{\"schemaVersion\": 1,\n \"analysis\": 7}");
    let said = place.verb("plan", 0, ExitCode::BadRequest);
    assert!(
        said.contains("request.json`") && said.contains("line 2"),
        "{said}"
    );
    assert_eq!(place.message().failure.unwrap().reason, Reason::BadRequest);

    place.request("out", 1, |request| {
        request["genomes"][0]["uri"] = json!("file:///etc/passwd")
    });
    let said = place.verb("plan", 0, ExitCode::BadInput);
    assert!(said.contains("lies in none of the volumes (`/data`)"), "{said}");

    place.request("out", 1, |request| {
        request["genomes"][0]["uri"] = json!("file:///data/genomes/*.gbff")
    });
    let said = place.verb("plan", 0, ExitCode::BadRequest);
    assert!(
        said.contains("no genome found in `file:///data/genomes/*.gbff`"),
        "{said}"
    );

    place.request("elsewhere", 1, |_| {});
    let said = place.verb("map", 0, ExitCode::BadRequest);
    assert!(said.contains("`plan` must run first"), "{said}");

    place.request("out", 1, |request| {
        request["output"]["uri"] = json!("file:///tmp/out")
    });
    let said = place.verb("plan", 0, ExitCode::BadRequest);
    assert!(said.contains("lies in none of the volumes (`/data`)"), "{said}");
}

#[test]
fn a_cache_changes_no_byte_whatever_is_in_it() {
    let place = Place::with_twelve_genomes();
    let with_cache = |mode: &str| {
        let mode = mode.to_owned();
        move |request: &mut serde_json::Value| {
            request["cache"] = json!({"mode": mode, "uri": "file:///data/cache", "ttlSeconds": 3600});
        }
    };
    place.request("plain", 1, |_| {});
    place.verb("plan", 0, ExitCode::Success);
    let tasks = place.message().plan.unwrap().tasks;
    place.all(0..tasks);
    let cached = |output: &str, mode: &str| {
        place.request(output, 1, with_cache(mode));
        place.verb("plan", 0, ExitCode::Success);
        let mut hits = place.message().genomes.cached;
        if !place.message().plan.unwrap().all_done {
            for task in 0..tasks {
                place.verb("map", task, ExitCode::Success);
                hits += place.message().genomes.cached;
            }
            place.verb("merge", 0, ExitCode::Success);
        }
        assert_identical(&place.path("plain"), &place.path(output));
        hits
    };
    assert_eq!(cached("cold", "ReadWrite"), 0);
    assert_eq!(cached("warm", "ReadWrite"), 12);
    assert_eq!(cached("read", "ReadOnly"), 12);
    damage(&place.path("cache"));
    assert_eq!(cached("damaged", "ReadOnly"), 0);
    fs::remove_dir_all(place.path("cache")).unwrap();
    place.write("cache", b"a file where the folder should be");
    assert_eq!(cached("broken", "ReadWrite"), 0);
}

#[test]
fn the_plan_settles_the_tasks_that_the_cache_answers() {
    let place = Place::with_twelve_genomes();
    let request = |output: &str, mode: &str| {
        place.request(output, 1, |request| {
            request["tasks"] = json!({"targetSize": 1, "maxWorkers": 1});
            request["cache"] = json!({"mode": mode, "uri": "file:///data/cache", "ttlSeconds": 3600});
        })
    };
    request("first", "ReadWrite");
    place.verb("plan", 0, ExitCode::Success);
    place.all(0..12);
    for changed in ["g04", "g07"] {
        place.write(&format!("genomes/{changed}.fna"), genome(99, 40).as_bytes());
    }
    request("second", "ReadOnly");
    place.verb("plan", 0, ExitCode::Success);
    let message = place.message();
    assert_eq!((message.genomes.total, message.genomes.cached), (12, 10));
    let plan = message.plan.unwrap();
    assert_eq!((plan.cached, plan.all_done), (10, false));
    let names = place.json("second/plan.json");
    assert_eq!(names["cached"], 10);
    let lines = String::from_utf8(place.read("second/plan.tasks.jsonl")).unwrap();
    let unknown: Vec<usize> = lines
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains("g04") || line.contains("g07"))
        .map(|(task, _)| task)
        .collect();
    let settled = (0..12).filter(|task| !unknown.contains(task)).collect::<Vec<_>>();
    let text = settled
        .chunk_by(|one, next| one + 1 == *next)
        .map(|run| format!("{}-{}", run[0], run[run.len() - 1]))
        .collect::<Vec<_>>();
    assert_eq!(plan.settled, text.join(","));
    // Again, as after a kill: what is written counts as done, wherever it came from.
    place.verb("plan", 0, ExitCode::Success);
    assert_eq!(place.message().genomes.analyzed, 10);
    assert_eq!(place.message().plan.unwrap().settled, text.join(","));
    place.all(unknown.iter().map(|&task| u32::try_from(task).unwrap()));
    request("third", "Off");
    place.verb("plan", 0, ExitCode::Success);
    place.all(0..12);
    assert_identical(&place.path("second"), &place.path("third"));
}

/// Changes the last byte of every file below `folder`.
fn damage(folder: &std::path::Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            damage(&path);
        } else {
            let mut bytes = fs::read(&path).unwrap();
            *bytes.last_mut().unwrap() ^= 0xFF;
            fs::write(&path, bytes).unwrap();
        }
    }
}
