//! What people get wrong, each with the code and the words they get.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use genome_contract::{ExitCode, Reason};

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
fn a_genome_compressed_twice() {
    let place = Place::empty();
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let twice = gzip(&gzip(genome(1, 40).as_bytes()));
    refused(
        &place,
        &place.write("twice.fna.gz.gz", &twice),
        ExitCode::BadInput,
        &["UnknownFormat", "it was compressed twice"],
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

/// Asks for one genome, which must not be read.
#[track_caller]
fn asked_for(place: &Place, uri: &str) -> String {
    place.request("out", 1, |request| {
        request["genomes"] = serde_json::json!([{"uri": uri}]);
        request["output"]["overwrite"] = true.into();
    });
    refused_to_read(place)
}

#[track_caller]
fn refused_to_read(place: &Place) -> String {
    place.verb("plan", 0, ExitCode::BadInput);
    let failure = place.message().failure.unwrap();
    assert_eq!(failure.reason, Reason::FileNotAllowed, "{}", failure.text);
    failure.text
}

fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

#[test]
fn what_leads_out_of_a_volume_or_is_no_regular_file_is_65() {
    let (place, elsewhere) = (Place::empty(), Place::empty());
    let secret = elsewhere.write("secret.fna", genome(1, 40).as_bytes());
    let folder = elsewhere.folder.path().file_name().unwrap();
    let climbing = Path::new("../..").join(folder).join("secret.fna");
    for (target, name) in [(climbing, "out.fna"), (secret, "absolute.fna")] {
        let link = place.path("genomes").join(name);
        symlink(target, &link).unwrap();
        assert!(std::fs::read(&link).is_ok(), "the link must lead to a genome");
        let said = asked_for(&place, &format!("file:///data/genomes/{name}"));
        assert!(said.contains("leads out of its volume"), "{said}");
    }
    make_pipe(&place.path("genomes/pipe.fna"));
    assert!(asked_for(&place, "file:///data/genomes/pipe.fna").contains("is a pipe"));
    std::fs::create_dir(place.path("genomes/folder.fna")).unwrap();
    assert!(asked_for(&place, "file:///data/genomes/folder.fna").contains("is a folder"));
    for climbing in ["..%2fx", "..%2f..%2fetc/passwd", "genomes/%2e%2e%2f..%2fx"] {
        let said = asked_for(&place, &format!("file:///data/{climbing}"));
        assert!(said.contains("`..`"), "{climbing}: {said}");
    }
}

#[test]
fn a_link_in_a_listing_fails_alone() {
    let place = Place::empty();
    place.write("genomes/good.fna", genome(1, 40).as_bytes());
    symlink("/etc/passwd", place.path("genomes/link.fna")).unwrap();
    place.request("out", 1, |_| {});
    place.verb("plan", 0, ExitCode::Success);
    let plan = place.json("out/plan.json");
    for task in 0..u32::try_from(plan["tasks"].as_u64().unwrap()).unwrap() {
        // The code of a task whose every input is bad is 65.
        place.command("map", task).output().unwrap();
    }
    place.verb("merge", 0, ExitCode::Success);
    let genomes = place.message().genomes;
    assert_eq!((genomes.analyzed, genomes.failed), (1, 1));
}

/// Answers each connection with `body`.
fn web_server(body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut asked = [0; 4096];
            let _ = connection.read(&mut asked).unwrap();
            let length = body.len();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            connection.write_all((head + &body).as_bytes()).unwrap();
        }
    });
    format!("http://{address}")
}

#[test]
fn a_list_from_elsewhere_names_no_file_of_a_request_without_volumes() {
    let place = Place::empty();
    let genome = place.write("genomes/x.fna", genome(1, 40).as_bytes());
    for named in [genome.to_str().unwrap(), "/etc/passwd", "/proc/self/environ"] {
        let server = web_server(format!("file://{named}\n"));
        place.request("out", 1, |request| {
            request["genomes"] = serde_json::json!([{"listUri": format!("{server}/list.txt")}]);
            request["volumes"] = serde_json::json!([]);
            request["output"] =
                serde_json::json!({"uri": "memory:///out", "overwrite": false, "associations": "All"});
        });
        let output = place
            .command("plan", 0)
            .env("allow_http", "true")
            .output()
            .unwrap();
        let said = ended(output, ExitCode::BadInput);
        assert!(
            said.contains("FileNotAllowed") && !said.contains("root:"),
            "{said}"
        );
    }
}

#[test]
fn a_person_may_name_a_symlink_a_pipe_and_standard_input() {
    let place = Place::empty();
    let input = place.write("x.fna", genome(1, 40).as_bytes());
    symlink(&input, place.path("link.fna")).unwrap();
    ended(
        laptop(&place.path("link.fna"), &place.path("a"))
            .output()
            .unwrap(),
        ExitCode::Success,
    );
    let pipe = place.path("pipe.fna");
    make_pipe(&pipe);
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
