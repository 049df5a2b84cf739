//! codonW run on a specimen, and its tables read.

use std::path::Path;
use std::process::{Command, Stdio};

use genomic_pleiotropy::codons::Codon;
use genomic_pleiotropy::indices::reference::Reference;

use crate::coding::Specimen;

/// Of one gene; `None` where codonW prints `*****`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Values {
    pub(crate) cai: Option<f64>,
    pub(crate) cbi: Option<f64>,
    pub(crate) fop: Option<f64>,
    pub(crate) enc: Option<f64>,
    pub(crate) gc3s: Option<f64>,
}

/// CAI, CBI, Fop, ENC and GC3s of each gene, with the reference's own values in place of codonW's built-in ones.
pub(crate) fn indices(specimen: &Specimen, reference: &Reference) -> Vec<Values> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: &dyn Fn(Codon) -> String| {
        let values: Vec<String> = order().map(value).collect();
        std::fs::write(folder.path().join(name), values.join("\n")).unwrap();
    };
    // stops have no value of their own; codonW wants one
    write("cai", &|codon| {
        format!("{:.9}", reference.adaptiveness[codon.as_index()].max(1e-4))
    });
    write("optimal", &|codon| {
        if reference.is_optimal[codon.as_index()] {
            "3"
        } else {
            "2"
        }
        .to_owned()
    });
    let own = ["-cai_file", "cai", "-fop_file", "optimal", "-cbi_file", "optimal"];
    let asked = ["-cai", "-cbi", "-fop", "-enc", "-gc3s", "-machine"];
    run(folder.path(), specimen, &[&asked[..], &own[..]].concat());
    let table = std::fs::read_to_string(folder.path().join("out")).unwrap();
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    lines.map(|line| values(&header, line)).collect()
}

fn values(header: &[&str], line: &str) -> Values {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let value = |name: &str| {
        let column = header.iter().position(|column| *column == name).unwrap();
        fields[column].parse().ok()
    };
    Values {
        cai: value("CAI"),
        cbi: value("CBI"),
        fop: value("Fop"),
        enc: value("Nc"),
        gc3s: value("GC3s"),
    }
}

/// RSCU of all genes together, by `-cutab -totals`.
pub(crate) fn rscu(specimen: &Specimen) -> [f64; 64] {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), specimen, &["-cutab", "-totals"]);
    let table = std::fs::read_to_string(folder.path().join("bulk")).unwrap();
    let mut values = [f64::NAN; 64];
    for line in table
        .lines()
        .filter(|line| line.len() > 40 && !line.contains("codons in"))
    {
        // four cells of `Phe UUU29304 1.15 `: amino acid, codon, count in five places, RSCU
        for cell in line.as_bytes().chunks(18).filter(|cell| cell.len() >= 17) {
            let text = |from, to| std::str::from_utf8(&cell[from..to]).unwrap().trim();
            let Some(codon) = Codon::from_bases(cell[4], cell[5], cell[6]) else {
                continue;
            };
            values[codon.as_index()] = text(12, 17).parse().unwrap();
        }
    }
    values
}

/// Coordinates of the genes on the first axes of the correspondence analysis of RSCU.
pub(crate) fn coordinates(specimen: &Specimen) -> Vec<Vec<f64>> {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), specimen, &["-coa_rscu"]);
    let table = std::fs::read_to_string(folder.path().join("genes.coa")).unwrap();
    let row = |line: &str| {
        line.split_whitespace()
            .skip(1)
            .map(|field| field.parse().unwrap())
            .collect()
    };
    table.lines().skip(1).map(row).collect()
}

/// codonW's own order: the second base runs fastest, then the third.
fn order() -> impl Iterator<Item = Codon> {
    (0..64).map(|place| Codon::from_index(place / 16 * 16 + place % 4 * 4 + place / 4 % 4))
}

fn run(folder: &Path, specimen: &Specimen, options: &[&str]) {
    std::fs::write(folder.join("cds.fasta"), specimen.plain()).unwrap();
    // codonW counts tables from 0, and calls NCBI's 4 by its first users, the filamentous fungi
    let code = if specimen.code == 4 { "3" } else { "0" };
    let status = Command::new("codonw")
        .current_dir(folder)
        .args([
            "cds.fasta",
            "out",
            "bulk",
            "-nomenu",
            "-nowarn",
            "-silent",
            "-code",
            code,
        ])
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "codonW left with {status}");
}
