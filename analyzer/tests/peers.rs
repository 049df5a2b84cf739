//! Side by side with codonW and EMBOSS `cusp` and `chips`, as Debian ships them, and the Python package codon-bias, on three
//! seeded genomes: ordinary, rich in GC, and poor in GC with translation table 4.
//!
//! Without these programs a test says `skipped: … is not installed`; with `CI` set it fails.

#[path = "peers/coding.rs"]
mod coding;
#[path = "peers/codon_bias.rs"]
mod codon_bias;
#[path = "peers/codonw.rs"]
mod codonw;
#[cfg(feature = "gene-prediction")]
#[path = "peers/prodigal.rs"]
mod prodigal;

use std::path::Path;
use std::process::Command;

use coding::{Specimen, specimens};
use genome_contract::request::{Associations, Method};
use genomic_pleiotropy::analyze::analyze;
use genomic_pleiotropy::codons::{Codon, CodonCounts};
use genomic_pleiotropy::genetic_code::GeneticCode;
use genomic_pleiotropy::indices::correspondence::{Axes, Margins};
use genomic_pleiotropy::indices::families::Families;
use genomic_pleiotropy::indices::reference::Reference;
use genomic_pleiotropy::indices::{counts, enc, rscu};
use genomic_pleiotropy::read::{FastaKind, ReadOptions, read_genome};
use genomic_pleiotropy::record::Genome;
use genomic_pleiotropy::rows::GenomeRows;
use genomic_pleiotropy::traits::Panel;

/// Whether `program` runs here. Skipping is said aloud, and is no option where `CI` is set.
fn is_installed(program: &str) -> bool {
    let found = Command::new("which")
        .arg(program)
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(
        found || std::env::var("CI").is_err(),
        "{program} is not installed, and CI does not skip"
    );
    if !found {
        println!("skipped: {program} is not installed");
    }
    found
}

fn read(specimen: &Specimen) -> (Genome, GenomeRows) {
    let options = ReadOptions {
        genetic_code: specimen.code,
        fasta: Some(FastaKind::Coding),
        ..ReadOptions::default()
    };
    let genome = read_genome(specimen.annotated().as_bytes(), None::<&[u8]>, &options).unwrap();
    let rows = analyze(&genome, &Panel::default(), &Method::default(), Associations::Top);
    (genome, rows)
}

/// Pooled counts of the reference genes, and what follows from them.
fn reference(genome: &Genome, rows: &GenomeRows, families: &Families) -> Reference {
    let wholes: Vec<CodonCounts> = genome.genes.iter().map(counts::whole).collect();
    let chosen = wholes
        .iter()
        .zip(&rows.genes)
        .filter(|(_, row)| row.reference)
        .map(|(whole, _)| whole);
    Reference::from_counts(&counts::pooled(chosen), families)
}

#[test]
fn pooled_counts_are_those_of_cusp() {
    if !is_installed("cusp") {
        return;
    }
    for specimen in specimens() {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("cds.fasta"), folder.path().join("cusp.txt"));
        std::fs::write(&input, specimen.plain()).unwrap();
        let status = Command::new("cusp")
            .args(["-auto", "-sequence", path(&input), "-outfile", path(&output)])
            .status()
            .unwrap();
        assert!(status.success());
        let rows = read(&specimen).1;
        let mut compared = 0;
        for line in std::fs::read_to_string(&output)
            .unwrap()
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [codon, .., number] = fields[..] else { continue };
            let bases = codon.as_bytes();
            let codon = Codon::from_bases(bases[0], bases[1], bases[2]).unwrap();
            let number: u64 = number.parse().unwrap();
            assert_eq!(
                rows.genome.codons[codon.as_index()],
                number,
                "{codon:?} of {}",
                specimen.name
            );
            compared += 1;
        }
        assert_eq!(compared, 64);
        println!("{}: 64 of 64 pooled counts equal those of cusp", specimen.name);
    }
}

#[test]
fn enc_of_a_gene_is_that_of_chips() {
    if !is_installed("chips") {
        return;
    }
    for specimen in specimens() {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("cds.fasta"), folder.path().join("chips.txt"));
        std::fs::write(&input, specimen.plain()).unwrap();
        let status = Command::new("chips")
            .args([
                "-auto",
                "-nosum",
                "-seqall",
                path(&input),
                "-outfile",
                path(&output),
            ])
            .status();
        assert!(status.unwrap().success());
        let text = std::fs::read_to_string(&output).unwrap();
        let theirs: Vec<f64> = text
            .lines()
            .filter_map(|line| line.split_once("Nc = ")?.1.trim().parse().ok())
            .collect();
        let genome = read(&specimen).0;
        assert_eq!(theirs.len(), genome.genes.len());
        // EMBOSS knows the standard code only
        let standard = Families::by_id(1);
        let (mut largest, mut compared) = (0.0_f64, 0);
        for (theirs, gene) in theirs.iter().zip(&genome.genes) {
            // where ENC is undefined, chips prints a number
            let Some(ours) = enc::enc(&counts::whole(gene), &standard) else {
                continue;
            };
            assert!(
                (theirs - ours).abs() <= 0.005,
                "{} of {}: chips {theirs}, here {ours}",
                gene.id,
                specimen.name
            );
            largest = largest.max((theirs - ours).abs());
            compared += 1;
        }
        println!(
            "{}: ENC of {compared} genes differs from chips by {largest:.4} at most",
            specimen.name
        );
        assert!(compared > 250, "{compared}");
    }
}

#[test]
fn cai_and_enc_are_those_of_codon_bias() {
    let Some(python) = codon_bias::python() else {
        return;
    };
    for specimen in specimens() {
        let (genome, rows) = read(&specimen);
        let families = Families::by_id(specimen.code);
        let theirs = codon_bias::indices(&python, &specimen);
        assert_eq!(theirs.len(), rows.genes.len());
        let (mut largest, mut compared) = ([0.0_f64; 2], 0);
        for ((theirs, ours), gene) in theirs.iter().zip(&rows.genes).zip(&genome.genes) {
            let whole = counts::whole(gene);
            let stops = u64::from(gene.stop_codon.is_some());
            let informative = counts::informative(&whole, &families) as f64;
            // their mean runs over Met and Trp too, whose ln w is 0
            let sense = (whole.total() - stops) as f64;
            if let Some(cai) = ours.cai {
                let theirs = theirs.0.powf(sense / informative);
                largest[0] = largest[0].max((theirs - cai).abs());
            }
            // where all amino acids of a degeneracy are missing, they put a number
            if let Some(ours) = ours.enc
                && families.informative().all(|family| counts_of(&whole, family) > 1)
            {
                // their cap is the number of sense codons, 62 in table 4; Wright's and codonW's is 61
                largest[1] = largest[1].max((theirs.1.min(61.0) - ours).abs());
                compared += 1;
            }
        }
        println!(
            "{}: largest differences from codon-bias: CAI {:.1e} of {} genes, ENC {:.1e} of {compared}",
            specimen.name,
            largest[0],
            rows.genes.len(),
            largest[1]
        );
        assert!(largest[0] < 1e-9 && largest[1] < 1e-6, "{largest:?}");
        assert!(compared > 100, "{compared}");
    }
}

#[test]
fn translation_tables_are_those_of_codon_bias() {
    let Some(python) = codon_bias::python() else {
        return;
    };
    let mut ids = std::collections::BTreeSet::new();
    for (id, codon, amino_acid) in codon_bias::tables(&python) {
        let code = GeneticCode::by_id(id).unwrap_or_else(|| panic!("table {id}"));
        let bases = codon.as_bytes();
        let codon = Codon::from_bases(bases[0], bases[1], bases[2]).unwrap();
        assert_eq!(
            char::from(code.amino_acid(codon)),
            char::from(amino_acid),
            "{codon:?} in table {id}"
        );
        ids.insert(id);
    }
    let ours: Vec<u8> = GeneticCode::all().iter().map(|code| code.id).collect();
    assert_eq!(Vec::from_iter(ids), ours);
}

fn counts_of(counts: &CodonCounts, family: &genomic_pleiotropy::indices::families::Family) -> u32 {
    family.codons.iter().map(|&codon| counts[codon]).sum()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn indices_a_gene_are_those_of_codonw() {
    if !is_installed("codonw") {
        return;
    }
    for specimen in specimens() {
        let (genome, rows) = read(&specimen);
        let families = Families::by_id(specimen.code);
        let theirs = codonw::indices(&specimen, &reference(&genome, &rows, &families));
        assert_eq!(theirs.len(), rows.genes.len());
        let mut largest = codonw::Values::default();
        for (theirs, ours) in theirs.iter().zip(&rows.genes) {
            let place = format!("gene {} of {}", ours.gene, specimen.name);
            assert_eq!(theirs.enc.is_some(), ours.enc.is_some(), "ENC of {place}");
            let pairs = [
                (theirs.enc, ours.enc, 0.005_01, &mut largest.enc),
                (theirs.gc3s, ours.gc3s, 0.000_501, &mut largest.gc3s),
                (theirs.cai, ours.cai, 0.000_501, &mut largest.cai),
                (theirs.fop, ours.fop, 0.000_501, &mut largest.fop),
                (theirs.cbi, ours.cbi, 0.000_501, &mut largest.cbi),
            ];
            for (theirs, ours, tolerance, largest) in pairs {
                let (Some(theirs), Some(ours)) = (theirs, ours) else {
                    continue;
                };
                assert!(
                    (theirs - ours).abs() <= tolerance,
                    "{place}: codonW {theirs}, here {ours}"
                );
                *largest = Some(largest.unwrap_or(0.0_f64).max((theirs - ours).abs()));
            }
        }
        println!(
            "{}: {} genes, largest differences from codonW: {largest:?}",
            specimen.name,
            rows.genes.len()
        );
        assert!(
            [largest.enc, largest.gc3s, largest.cai, largest.fop, largest.cbi]
                .iter()
                .all(Option::is_some)
        );
    }
}

#[test]
fn rscu_is_that_of_codonw() {
    if !is_installed("codonw") {
        return;
    }
    for specimen in specimens() {
        let (_, rows) = read(&specimen);
        let pooled: [u32; 64] =
            std::array::from_fn(|codon| u32::try_from(rows.genome.codons[codon]).unwrap());
        let ours = rscu::rscu(&pooled.into(), &Families::by_id(specimen.code));
        let theirs = codonw::rscu(&specimen);
        let mut compared = 0;
        for codon in Codon::all() {
            let Some(ours) = ours[codon.as_index()] else {
                continue;
            };
            let theirs = theirs[codon.as_index()];
            assert!(
                (theirs - ours).abs() <= 0.005_01,
                "{codon:?} of {}: codonW {theirs}, here {ours}",
                specimen.name
            );
            compared += 1;
        }
        println!(
            "{}: {compared} RSCU values equal those of codonW to its two decimals",
            specimen.name
        );
        assert!(compared >= 61);
    }
}

#[test]
fn correspondence_axes_are_those_of_codonw() {
    if !is_installed("codonw") {
        return;
    }
    for specimen in specimens() {
        let genome = read(&specimen).0;
        let families = Families::by_id(specimen.code);
        let usage: Vec<[f64; 64]> = genome
            .genes
            .iter()
            .map(|gene| informative_rscu(&counts::whole(gene), &families))
            .collect();
        let axes = Axes::of(Margins::of(&usage), &usage, 4);
        let theirs = codonw::coordinates(&specimen);
        assert_eq!(theirs.len(), usage.len());
        for axis in 0..4 {
            let pairs: Vec<(f64, f64)> = usage
                .iter()
                .zip(&theirs)
                .map(|(row, theirs)| (axes.coordinates(row)[axis], theirs[axis]))
                .collect();
            let sign = pairs
                .iter()
                .map(|(ours, theirs)| ours * theirs)
                .sum::<f64>()
                .signum();
            let largest = pairs
                .iter()
                .map(|(ours, theirs)| (ours - sign * theirs).abs())
                .fold(0.0, f64::max);
            println!(
                "{}, axis {}: largest difference from codonW {largest:.1e}",
                specimen.name,
                axis + 1
            );
            assert!(largest < 1e-3, "axis {axis} of {}", specimen.name);
        }
    }
}

/// RSCU of the codons that codonW analyses: 59 whatever the table, TGA and TGG never among them.
fn informative_rscu(counts: &CodonCounts, families: &Families) -> [f64; 64] {
    let all = rscu::rscu(counts, families);
    let mut values = [0.0; 64];
    for codon in Families::by_id(11).informative_codons() {
        values[codon.as_index()] = all[codon.as_index()].unwrap_or(0.0);
    }
    values
}
