//! `--input`: one line from a file to a report.

use std::io::Write as _;
use std::process::Stdio;

use genome_contract::ExitCode;

use super::support::{PROGRAM, Place, assert_identical, ended, genome, laptop};

#[test]
fn a_file_gives_a_report_and_a_summary() {
    let place = Place::empty();
    let input = place.write("one.fna", genome(1, 40).as_bytes());
    let panel = place.path("panel.json");
    let output = laptop(&input, &place.path("out"))
        .arg("--traits")
        .arg(&panel)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ended(output, ExitCode::Success);
    assert!(
        said.contains("one: 1 of 1 genomes, 40 genes") && said.contains("flagellum"),
        "{said}"
    );
    assert!(
        said.contains(&format!("report: {}", place.path("out/report.html").display())),
        "{said}"
    );
    for file in [
        "report.html",
        "summary_report.md",
        "trait_correlation.tsv",
        "codon_usage.tsv",
        "genes.tsv.gz",
        "heatmap.svg",
        "heatmap.png",
    ] {
        let manifest = place.manifest("out");
        assert!(manifest.results.files.iter().any(|entry| entry.path == file));
        assert!(!place.read(&format!("out/{file}")).is_empty());
    }
}

#[test]
fn standard_input_gives_what_the_file_gives() {
    let place = Place::empty();
    let text = genome(1, 40);
    let input = place.write("stdin.fna", text.as_bytes());
    ended(
        laptop(&input, &place.path("file")).output().unwrap(),
        ExitCode::Success,
    );
    let mut child = std::process::Command::new(PROGRAM)
        .args(["--no-cache", "--input", "-", "--output"])
        .arg(place.path("pipe"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_identical(&place.path("file"), &place.path("pipe"));
}

#[test]
fn indices_only_needs_no_panel() {
    let place = Place::empty();
    let input = place.write("one.fna", genome(1, 40).as_bytes());
    ended(
        laptop(&input, &place.path("out"))
            .arg("--no-traits")
            .output()
            .unwrap(),
        ExitCode::Success,
    );
    assert!(!place.path("out/heatmap.svg").exists());
    assert_eq!(place.json("out/traits.json")["traits"], serde_json::json!([]));
}

#[test]
fn some_bad_files_of_several_end_with_3_and_only_bad_ones_with_1() {
    let place = Place::empty();
    let good = place.write("good.fna", genome(1, 40).as_bytes());
    let (bad, worse) = (place.write("bad.fna", b""), place.write("worse.fna", b"\x01\x02"));
    let output = laptop(&good, &place.path("out"))
        .arg("--input")
        .arg(&bad)
        .output()
        .unwrap();
    let said = ended(output, ExitCode::Partial);
    assert!(said.contains("`bad`: EmptyInput"), "{said}");
    ended(
        laptop(&bad, &place.path("none"))
            .arg("--input")
            .arg(&worse)
            .output()
            .unwrap(),
        ExitCode::Failed,
    );
}

#[test]
fn a_folder_is_taken_over_by_the_next_run() {
    let place = Place::empty();
    let one = place.write("one.fna", genome(1, 40).as_bytes());
    let two = place.write("two.fna", genome(2, 40).as_bytes());
    for input in [&one, &two, &one] {
        ended(
            laptop(input, &place.path("out")).output().unwrap(),
            ExitCode::Success,
        );
    }
    ended(
        laptop(&one, &place.path("fresh")).output().unwrap(),
        ExitCode::Success,
    );
    assert_identical(&place.path("out"), &place.path("fresh"));
}

/// Names that want to be something else, in the page, the tables and the terminal.
#[test]
fn hostile_names_stay_text() {
    let place = Place::empty();
    let fasta = genome(1, 40)
        .replace("[gene=gen15]", "[gene=</script><img src=x onerror=alert(1)>]")
        .replace("[gene=gen16]", "[gene==cmd|' /C calc'!A0]");
    let input = place.write("x'\"<svg onload=alert(1)>.fna", fasta.as_bytes());
    let panel = place.write(
        "p.json",
        r#"[{"name": "<b>\u001b[31m</b>", "associated_genes": ["fla0"]}]"#.as_bytes(),
    );
    let output = laptop(&input, &place.path("out"))
        .arg("--traits")
        .arg(panel)
        .output()
        .unwrap();
    assert!(
        !output.stdout.contains(&0x1B),
        "an escape sequence reached the terminal"
    );
    ended(output, ExitCode::Success);
    for file in ["report.html", "heatmap.svg"] {
        let page = String::from_utf8(place.read(&format!("out/{file}"))).unwrap();
        for raw in ["<svg onload", "<img src", "<b>\u{FFFD}", "<b>\u{1b}"] {
            assert!(!page.contains(raw), "`{raw}` in {file}");
        }
    }
    let page = String::from_utf8(place.read("out/report.html")).unwrap();
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn a_table_of_all_genes_is_written_of_several_genomes_where_it_is_asked_for() {
    let place = Place::with_twelve_genomes();
    let analyze = |output: &str, flags: &[&str]| {
        let mut command = laptop(&place.path("genomes"), &place.path(output));
        command.args(["--no-cache", "--no-traits"]).args(flags);
        ended(command.output().unwrap(), ExitCode::Success);
    };
    analyze("without", &[]);
    assert!(!place.path("without/genes.tsv.gz").exists());
    analyze("with", &["--genes-table"]);
    let mut text = String::new();
    let stored = place.read("with/genes.tsv.gz");
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&stored[..]), &mut text).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!((rows[0][0], rows[0][1]), ("genome", "gene"));
    assert!(rows.iter().all(|row| row.len() == rows[0].len()));
    let genomes: std::collections::BTreeSet<&str> = rows[1..].iter().map(|row| row[0]).collect();
    assert_eq!((rows.len() - 1, genomes.len()), (12 * 40, 12));
}
