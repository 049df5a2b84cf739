//! Many genomes: planted gene families are found, nothing is under permuted labels, whatever the bundling, in little memory.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use genome_contract::ExitCode;
use serde_json::{Value, json};

use super::support::{PROGRAM, Place, ended, laptop};

/// `count` genomes of `genes` genes with their truth, in `genomes/` of the place.
pub(crate) fn generate(place: &Place, count: usize, genes: usize, lineages: usize, seed: u64) -> Value {
    let mut command = Command::new(PROGRAM);
    command.args(["generate", "--format", "cds", "--traits", "0", "--trials", "0"]);
    for (name, value) in [("--genomes", count), ("--genes", genes), ("--lineages", lineages)] {
        command.args([name, &value.to_string()]);
    }
    command
        .args(["--seed", &seed.to_string(), "--output"])
        .arg(place.folder.path());
    ended(command.output().unwrap(), ExitCode::Success);
    place.json("truth.json")
}

fn analyze(place: &Place, output: &str, table: &Path) {
    let output = laptop(&place.path("genomes"), &place.path(output))
        .args(["--no-traits", "--phenotypes"])
        .arg(table)
        .output();
    ended(output.unwrap(), ExitCode::Success);
}

fn names(value: &Value) -> BTreeSet<String> {
    let all = value.as_array().unwrap().iter();
    all.map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Families of `phenotype` with q below .05, and how many were tested.
fn called(place: &Place, output: &str, phenotype: &str) -> (BTreeSet<String>, usize) {
    let text = String::from_utf8(place.read(&format!("{output}/family_phenotype.tsv"))).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(
        (rows[0][0], rows[0][1], rows[0][11]),
        ("phenotype", "family", "q")
    );
    let of: Vec<_> = rows.iter().filter(|row| row[0] == phenotype).collect();
    let below = of.iter().filter(|row| row[11].parse::<f64>().unwrap() < 0.05);
    (below.map(|row| row[1].to_owned()).collect(), of.len())
}

/// `adapted` in a new order for each of `count` columns.
fn permuted(place: &Place, count: u64) -> String {
    let text = String::from_utf8(place.read("phenotypes.tsv")).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect();
    let mut columns: Vec<Vec<&str>> = Vec::new();
    for seed in 1..=count {
        let mut labels: Vec<&str> = rows.iter().map(|row| row[1]).collect();
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        for last in (1..labels.len()).rev() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            labels.swap(last, usize::try_from(state % (last as u64 + 1)).unwrap());
        }
        columns.push(labels);
    }
    let mut table = "genome".to_owned();
    (0..count).for_each(|at| table += &format!("\tpermuted_{at}"));
    for (at, row) in rows.iter().enumerate() {
        table += &format!("\n{}", row[0]);
        columns
            .iter()
            .for_each(|column| table += &format!("\t{}", column[at]));
    }
    table + "\n"
}

#[test]
fn families_planted_with_a_phenotype_are_found_and_those_of_a_lineage_are_not() {
    let place = Place::empty();
    let truth = generate(&place, 80, 400, 4, 11);
    analyze(&place, "out", &place.path("phenotypes.tsv"));
    let (planted, drifting) = (
        names(&truth["phenotype"]["families"]),
        names(&truth["lineages"]["families"]),
    );
    assert_eq!((planted.len(), drifting.len()), (20, 20));
    let (found, tested) = called(&place, "out", "adapted");
    assert!(tested >= 380, "{tested} families tested");
    let hits = found.intersection(&planted).count();
    assert!(hits >= 18, "{hits} of 20 planted families found");
    let wrong: Vec<_> = found.difference(&planted).collect();
    assert!(wrong.len() <= 3, "not planted: {wrong:?}");
    assert!(found.is_disjoint(&drifting), "lineages: {wrong:?}");
    let cohort = place.json("out/cohort.json");
    assert_eq!(cohort["phenotypes"]["tested"][0]["families_called"], found.len());
}

#[test]
fn under_permuted_labels_next_to_nothing_is_found() {
    let place = Place::empty();
    generate(&place, 80, 120, 4, 12);
    let table = place.write("permuted.tsv", permuted(&place, 40).as_bytes());
    analyze(&place, "out", &table);
    let (mut with_calls, mut p_below, mut tests) = (0, 0, 0);
    for at in 0..40 {
        with_calls += u32::from(!called(&place, "out", &format!("permuted_{at}")).0.is_empty());
    }
    let text = String::from_utf8(place.read("out/family_phenotype.tsv")).unwrap();
    for line in text.lines().skip(1) {
        tests += 1;
        p_below += u32::from(line.split('\t').nth(10).unwrap().parse::<f64>().unwrap() < 0.05);
    }
    // Benjamini and Hochberg under the null: a table with any call in one of twenty; 40 tables, 2 expected.
    assert!(with_calls <= 6, "{with_calls} of 40 tables with calls");
    let share = f64::from(p_below) / f64::from(tests);
    assert!((0.025..0.065).contains(&share), "{p_below} of {tests} below .05");
}

#[test]
fn bundling_and_threads_change_no_byte_of_the_reports() {
    let place = Place::empty();
    generate(&place, 24, 60, 2, 13);
    let run = |output: &str, target: u64, threads: &str| {
        place.request(output, 1, |request| {
            request["tasks"] = json!({"targetSize": target, "maxWorkers": 1});
            request["phenotypes"] = json!("file:///data/phenotypes.tsv");
        });
        place.verb("plan", 0, ExitCode::Success);
        let tasks = place.message().plan.unwrap().tasks;
        for task in 0..tasks {
            let map = place.command("map", task).args(["--threads", threads]).output();
            ended(map.unwrap(), ExitCode::Success);
        }
        place.verb("merge", 0, ExitCode::Success);
        tasks
    };
    let (few, many) = (run("few", 1 << 40, "1"), run("many", 1, "2"));
    assert!(few < many, "{few} and {many} tasks");
    let (one, other) = (place.manifest("few").results, place.manifest("many").results);
    assert_ne!(one.chunks, other.chunks);
    assert_eq!(one.files, other.files);
    assert!(one.files.iter().any(|file| file.path == "family_phenotype.tsv"));
}

#[test]
fn two_hundred_genomes_merge_in_little_memory() {
    let place = Place::empty();
    generate(&place, 200, 40, 1, 14);
    place.request("out", 1, |request| {
        request["tasks"] = json!({"targetSize": 1, "maxWorkers": 1});
        request["phenotypes"] = json!("file:///data/phenotypes.tsv");
    });
    place.verb("plan", 0, ExitCode::Success);
    let tasks = place.message().plan.unwrap().tasks;
    place.all(0..tasks);
    let peak = place.message().peak_memory_bytes;
    assert!(peak < 150 << 20, "{} MiB", peak >> 20);
}

#[test]
fn a_table_that_breaks_is_refused_by_the_plan_and_a_strange_column_set_aside() {
    let place = Place::with_twelve_genomes();
    place.write("phenotypes.tsv", b"genome\tmotile\ng00\t1\ng00\t0\n");
    let with_table = |request: &mut Value| request["phenotypes"] = json!("file:///data/phenotypes.tsv");
    place.request("out", 1, with_table);
    let said = place.verb("plan", 0, ExitCode::BadRequest);
    assert!(
        said.contains("line 3: genome `g00` was in line 2 already"),
        "{said}"
    );
    place.write(
        "phenotypes.tsv",
        b"genome\tspecies\tmotile\ng00\ta\t1\ng01\tb\t0\nelsewhere\tc\t1\n",
    );
    place.request("out", 1, with_table);
    place.verb("plan", 0, ExitCode::Success);
    let tasks = place.message().plan.unwrap().tasks;
    place.all(0..tasks);
    let phenotypes = &place.json("out/cohort.json")["phenotypes"];
    assert_eq!(phenotypes["set_aside"][0]["name"], "species");
    assert_eq!(phenotypes["genomes_not_in_this_analysis"], 1);
    assert_eq!(phenotypes["tested"][0]["genomes_with"], 1);
    assert_eq!(phenotypes["tested"][0]["families_tested"], 0);
}

#[test]
fn the_reference_names_every_column() {
    let place = Place::empty();
    generate(&place, 24, 60, 1, 15);
    analyze(&place, "out", &place.path("phenotypes.tsv"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/outputs.md");
    let page = std::fs::read_to_string(path).unwrap();
    for file in ["family_phenotype.tsv", "codon_map.tsv"] {
        let section = page
            .split(&format!("## {file}"))
            .nth(1)
            .unwrap()
            .split("\n## ")
            .next()
            .unwrap();
        let text = String::from_utf8(place.read(&format!("out/{file}"))).unwrap();
        for column in text.lines().next().unwrap().split('\t') {
            let is_inner = column.ends_with(['2', '3']) && column.contains('_');
            assert!(
                is_inner || section.contains(&format!("`{column}`")),
                "`{column}` of {file}"
            );
        }
    }
    for file in place.manifest("out").results.files {
        assert!(page.contains(&format!("`{}`", file.path)), "{}", file.path);
    }
}
