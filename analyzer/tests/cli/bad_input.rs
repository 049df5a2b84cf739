//! What people get wrong, each with the code and the words they get.

use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use genome_contract::ExitCode;
use std::io::Write as _;

use super::support::{Place, ended, genome, laptop};

#[track_caller]
fn refused(place: &Place, input: &Path, code: ExitCode, words: &[&str]) {
    let said = ended(laptop(input, &place.path("out")).output().unwrap(), code);
    for word in words {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
}

#[test]
fn a_missing_file() {
    let place = Place::empty();
    refused(
        &place,
        &place.path("nowhere.fa"),
        ExitCode::BadInput,
        &["cannot read input", "nowhere.fa", "does not exist"],
    );
}

#[test]
fn an_empty_file() {
    let place = Place::empty();
    refused(
        &place,
        &place.write("empty.fa", b""),
        ExitCode::BadInput,
        &["`empty`", "EmptyInput"],
    );
}

#[test]
fn a_truncated_gzip() {
    let place = Place::empty();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(genome(1, 40).as_bytes()).unwrap();
    let bytes = encoder.finish().unwrap();
    let path = place.write("cut.fna.gz", &bytes[..bytes.len() / 2]);
    refused(
        &place,
        &path,
        ExitCode::BadInput,
        &["`cut`", "TruncatedInput", "hint"],
    );
}

#[test]
fn a_genbank_file_without_genes() {
    let place = Place::empty();
    let text = "LOCUS       X  12 bp  DNA  linear  BCT 01-JAN-2000\nFEATURES             Location/Qualifiers\n     source          1..12\nORIGIN\n        1 acgtacgtac gt\n//\n";
    refused(
        &place,
        &place.write("bare.gb", text.as_bytes()),
        ExitCode::BadInput,
        &["NoCodingSequences", "hint"],
    );
}

#[test]
fn a_protein_fasta() {
    let place = Place::empty();
    let text = b">p1\nMKRISTTITTTITITTGNGAGWLLEEFRDPQKHYV\n>p2\nMRVLKFGGTSVANAERFLRVADILESNARQGQVATVLSAPAKITNHLVAMIEK\n";
    refused(
        &place,
        &place.write("proteins.fa", text),
        ExitCode::BadInput,
        &["ProteinSequence"],
    );
}

#[test]
fn a_binary_file() {
    let place = Place::empty();
    let bytes: Vec<u8> = (0..4000u32).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect();
    refused(
        &place,
        &place.write("picture.fa", &bytes),
        ExitCode::BadInput,
        &["UnknownFormat", "binary"],
    );
}

#[test]
fn traits_that_match_no_gene_are_said_and_the_indices_are_there() {
    let place = Place::empty();
    let input = place.write("x.fna", genome(1, 40).as_bytes());
    let panel = place.write(
        "none.json",
        br#"[{"name": "other", "associated_genes": ["zzz1", "zzz2"]}]"#,
    );
    let output = laptop(&input, &place.path("out"))
        .arg("--traits")
        .arg(panel)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ended(output, ExitCode::Success);
    assert!(said.contains("too few genes found"), "{said}");
    assert_eq!(place.json("out/analysis_results.json")["genes"], 40);
}

#[test]
fn a_broken_panel() {
    let place = Place::empty();
    let input = place.write("x.fna", genome(1, 40).as_bytes());
    let panel = place.write("broken.json", b"[{\"name\": \"a\",\n\"associated_genes\": 7}]");
    let run = |panel: &Path| {
        laptop(&input, &place.path("out"))
            .arg("--traits")
            .arg(panel)
            .output()
            .unwrap()
    };
    let said = ended(run(&panel), ExitCode::BadRequest);
    assert!(
        said.contains("broken.json") && said.contains("`associated_genes`"),
        "{said}"
    );
    let said = ended(run(Path::new("archaea")), ExitCode::BadRequest);
    assert!(said.contains("no built-in panel `archaea`"), "{said}");
}

#[test]
fn an_output_that_cannot_be_written() {
    let place = Place::empty();
    let input = place.write("x.fna", genome(1, 40).as_bytes());
    let file = place.write("file", b"not a folder");
    let said = ended(
        laptop(&input, &file.join("out")).output().unwrap(),
        ExitCode::OutputNotWritable,
    );
    assert!(said.contains("cannot write") && said.contains("hint"), "{said}");
}

/// Asks for one file of the volume by its URI.
fn asked_for(place: &Place, name: &str) -> String {
    place.request("out", 1, |request| {
        request["genomes"] = serde_json::json!([{"uri": format!("file:///data/genomes/{name}")}]);
        request["output"]["overwrite"] = true.into();
    });
    place.verb("plan", 0, ExitCode::BadInput);
    let failure = place
        .message()
        .failure
        .unwrap_or_else(|| panic!("{name}: no failure"));
    assert_eq!(failure.reason, genome_contract::Reason::FileNotAllowed, "{name}");
    failure.text
}

#[test]
fn what_leads_out_of_a_volume_or_is_no_regular_file_is_65() {
    let place = Place::empty();
    place.write("secret.fna", genome(1, 40).as_bytes());
    for (target, name) in [("../secret.fna", "out.fna"), ("/etc/passwd", "absolute.fna")] {
        std::os::unix::fs::symlink(target, place.path("genomes").join(name)).unwrap();
        assert!(asked_for(&place, name).contains("leads out of its volume"));
    }
    let pipe = std::process::Command::new("mkfifo")
        .arg(place.path("genomes/pipe.fna"))
        .status();
    assert!(pipe.unwrap().success());
    assert!(asked_for(&place, "pipe.fna").contains("is a pipe"));
    assert!(asked_for(&place, "..%2fsecret.fna").contains("`..`"));
    std::fs::create_dir(place.path("genomes/folder.fna")).unwrap();
    assert!(asked_for(&place, "folder.fna").contains("is a folder"));
}

#[test]
fn a_link_in_a_listing_fails_alone() {
    let place = Place::with_twelve_genomes();
    std::os::unix::fs::symlink("/etc/passwd", place.path("genomes/link.fna")).unwrap();
    place.request("out", 1, |_| {});
    place.verb("plan", 0, ExitCode::Success);
    let message = place.message();
    assert_eq!((message.genomes.analyzed, message.genomes.failed), (12, 1));
}

#[test]
fn a_person_may_name_a_symlink_a_pipe_and_standard_input() {
    let place = Place::empty();
    let input = place.write("x.fna", genome(1, 40).as_bytes());
    std::os::unix::fs::symlink(&input, place.path("link.fna")).unwrap();
    ended(
        laptop(&place.path("link.fna"), &place.path("a"))
            .output()
            .unwrap(),
        ExitCode::Success,
    );
    let pipe = place.path("pipe.fna");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let bytes = place.read("x.fna");
    let writer = std::thread::spawn(move || std::fs::write(pipe, bytes));
    ended(
        laptop(&place.path("pipe.fna"), &place.path("b"))
            .output()
            .unwrap(),
        ExitCode::Success,
    );
    writer.join().unwrap().unwrap();
    let shown = |output: &str| place.json(&format!("{output}/analysis_results.json"))["genes"].clone();
    assert_eq!((shown("a"), shown("b")), (40.into(), 40.into()));
}

#[test]
fn a_wrong_command_line_is_64() {
    let place = Place::empty();
    let run = |arguments: &[&str]| {
        std::process::Command::new(super::support::PROGRAM)
            .args(arguments)
            .output()
            .unwrap()
    };
    ended(run(&["--no-such-option"]), ExitCode::BadRequest);
    ended(run(&["map"]), ExitCode::BadRequest);
    ended(run(&[]), ExitCode::BadRequest);
    ended(run(&["--help"]), ExitCode::Success);
    drop(place);
}
