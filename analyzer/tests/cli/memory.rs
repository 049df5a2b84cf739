//! How much memory there may be: a genome that does not fit is a row with the figure, and the others are done.

use genome_contract::{ExitCode, Reason};

use super::support::{Place, ended, genome, laptop};

/// A FASTA of so many contigs of one codon each, which takes memory for each of them.
fn contigs(count: usize) -> String {
    (0..count)
        .map(|number| format!(">contig_with_a_long_name_{number}\nACG\n"))
        .collect()
}

#[test]
fn a_genome_that_does_not_fit_fails_alone_and_says_the_figure() {
    let place = Place::empty();
    place.write("genomes/large.fna", contigs(600_000).as_bytes());
    place.write("genomes/small.fna", genome(1, 40).as_bytes());
    let output = laptop(&place.path("genomes"), &place.path("out"))
        .args(["--memory-limit", "64Mi", "--no-cache", "--no-traits"])
        .output()
        .unwrap();
    let said = ended(output, ExitCode::Partial);
    assert!(
        said.contains("`large`: MemoryLimitReached: does not fit into 64Mi") && said.contains("hint"),
        "{said}"
    );
    let table = place.json("out/analysis_results.json")["genomes"]["table"].clone();
    assert_eq!(table[0]["failure"]["reason"], Reason::MemoryLimitReached.as_str());
    assert_eq!(
        (table[1]["id"].as_str(), table[1]["genes"].as_u64()),
        (Some("small"), Some(40))
    );
}

#[test]
fn with_enough_memory_the_limit_changes_no_byte() {
    let place = Place::empty();
    let input = place.write("x.fna", genome(1, 40).as_bytes());
    for (output, limit) in [("without", None), ("with", Some("1Gi"))] {
        let mut command = laptop(&input, &place.path(output));
        command.args(limit.into_iter().flat_map(|limit| ["--memory-limit", limit]));
        ended(command.arg("--no-cache").output().unwrap(), ExitCode::Success);
    }
    super::support::assert_identical(&place.path("without"), &place.path("with"));
}

#[test]
fn in_a_pod_the_ladder_has_the_word_but_for_a_limit_that_a_person_names() {
    let place = Place::empty();
    place.write("genomes/large.fna", contigs(600_000).as_bytes());
    place.request("out", 1, |request| request["output"]["overwrite"] = true.into());
    let told = place
        .command("plan", 0)
        .env("GENOME_MEMORY_LIMIT", "67108864")
        .output();
    ended(told.unwrap(), ExitCode::Success);
    place.request("named", 1, |_| {});
    let named = place.command("plan", 0).args(["--memory-limit", "64Mi"]).output();
    let _ = named.unwrap();
    assert_eq!(
        place.message().failure.unwrap().reason,
        Reason::MemoryLimitReached
    );
}

#[test]
fn a_size_that_is_none_is_64() {
    let place = Place::empty();
    let input = place.write("x.fna", genome(1, 40).as_bytes());
    for wrong in ["0", "many", "1.5Gi"] {
        let output = laptop(&input, &place.path("out"))
            .args(["--memory-limit", wrong])
            .output();
        let said = ended(output.unwrap(), ExitCode::BadRequest);
        assert!(said.contains("expected bytes, such as `512Mi`"), "{said}");
    }
}
