//! RELIABILITY E10: names from the corpus, wherever a file may bring a name, stay text.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::browser::{Browser, SCREEN};
use super::{corpus, made};

/// Elements and their attributes, counted, once the page's script is through.
const CENSUS: &str = "(() => { const counts = {}; const add = (name) => { counts[name] = (counts[name] || 0) + 1; }; \
    for (const element of document.querySelectorAll('*')) { add(element.localName); \
    for (const attribute of element.attributes) add(`${element.localName} ${attribute.name}`); } return counts; })()";

/// A genome whose genes bear the names as gene, product and locus tag; two genes of each two bear none, for the tests.
fn genbank(names: &[String]) -> String {
    let quoted = |name: &str| name.replace('"', "\"\"").replace(['\n', '\r'], " ");
    let length = names.len() * 240;
    let mut file = format!(
        "LOCUS       HOSTILE {length} bp DNA circular BCT\nFEATURES             Location/Qualifiers\n"
    );
    for (number, name) in names.iter().enumerate() {
        let start = number * 240 + 1;
        let place = format!("{start}..{}", start + 239);
        let name = quoted(name);
        let _ = writeln!(file, "     CDS             {place}");
        for (qualifier, value) in [
            ("gene", &name),
            ("locus_tag", &format!("{name}{number}")),
            ("product", &name),
        ] {
            let _ = writeln!(file, "                     /{qualifier}=\"{value}\"");
        }
    }
    file.push_str("ORIGIN\n");
    let mut state = 1_u64;
    for _ in names {
        file.push_str("        1 atg");
        for _ in 0..78 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            file.push_str(
                ["gct", "gcc", "ctg", "aaa", "aag", "gaa", "ggt", "tct"]
                    [usize::try_from(state >> 61).unwrap()],
            );
        }
        file.push_str("taa\n");
    }
    file + "//\n"
}

/// The results of a genome and a panel of such names; the file itself is called by one.
fn analyzed(folder: &Path, names: &[String]) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let called: String = names[1].chars().filter(|&character| character != '/').collect();
    let input = folder.join(format!("{called}.gb"));
    fs::write(&input, genbank(names)).unwrap();
    let sets = names.iter().enumerate().take(100).map(|(number, name)| {
        let genes: Vec<_> = (0..9).map(|at| &names[(number + at * 7) % names.len()]).collect();
        json!({"name": format!("{name}{number}"), "associated_genes": genes})
    });
    let traits = folder.join("traits.json");
    fs::write(&traits, json!({"traits": sets.collect::<Vec<_>>()}).to_string()).unwrap();
    made::results(folder, &input, &traits)
}

fn census(page: &Path) -> BTreeMap<String, u64> {
    let browser = Browser::open(page, SCREEN);
    assert!(browser.is("typeof RAN === 'undefined'"));
    // The scores hold the traits' names; a search draws rows by another way.
    browser.type_into("#table-genes input", "x");
    browser.type_into("#table-genes input", "");
    let found = serde_json::from_value(browser.evaluate(CENSUS)).unwrap();
    assert!(browser.is("typeof RAN === 'undefined'"));
    browser.assert_quiet();
    found
}

#[test]
#[ignore = "needs chromium"]
fn two_hundred_hostile_names_stay_text() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = corpus::hostile();
    assert_eq!(hostile.len(), 200);
    let results = analyzed(&folder.path().join("hostile"), &hostile);
    let harmless = analyzed(&folder.path().join("harmless"), &corpus::harmless());
    let (one, other) = (
        census(&results.join("report.html")),
        census(&harmless.join("report.html")),
    );
    assert!(one["tr"] > 200 && one["rect"] > 10_000, "{one:?}");
    assert_eq!(one, other);

    let svg = Browser::open(&results.join("heatmap.svg"), SCREEN);
    let names: BTreeMap<String, u64> = serde_json::from_value(svg.evaluate(CENSUS)).unwrap();
    let elements: Vec<_> = names.keys().filter(|name| !name.contains(' ')).collect();
    assert_eq!(elements, ["rect", "svg", "text", "title"]);
    svg.assert_quiet();
    no_cell_is_a_formula(&results);
}

#[track_caller]
fn no_cell_is_a_formula(results: &Path) {
    let mut genes = String::new();
    let packed = fs::File::open(results.join("genes.tsv.gz")).unwrap();
    flate2::read::GzDecoder::new(packed)
        .read_to_string(&mut genes)
        .unwrap();
    let mut tables = vec![genes];
    for table in ["trait_correlation.tsv", "codon_map.tsv", "codon_usage.tsv"] {
        tables.push(fs::read_to_string(results.join(table)).unwrap());
    }
    for table in tables {
        let columns = table.lines().next().unwrap().split('\t').count();
        for line in table.lines() {
            let cells: Vec<_> = line.split('\t').collect();
            assert_eq!(cells.len(), columns, "{line}");
            for cell in cells {
                let is_figure = cell.parse::<f64>().is_ok() || cell == "+" || cell == "-" || cell == "*";
                assert!(
                    is_figure || !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']),
                    "{cell}"
                );
                assert!(!cell.chars().any(char::is_control), "{cell:?}");
            }
        }
    }
}
