//! Real genomes, where they lie in `../shared/data`: METHOD's figures on E. coli K-12, and Mycoplasma's table 4. They are
//! never part of the repository; without them a test says `skipped`.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use genomic_pleiotropy::codons::Codon;
use genomic_pleiotropy::indices::reference::find;
use genomic_pleiotropy::input::Content;
use genomic_pleiotropy::read::{ReadOptions, read_genome};
use genomic_pleiotropy::record::Genome;
use genomic_pleiotropy::traits::{Panel, Trait};

use super::measure::{SCORES_ONLY, run};

const K12: &str = "NC_000913.gbk.gz";
const MYCOPLASMA: &str = "GCF_000023685.1_mmycoides.gbff.gz";

/// The genome in that file, with proteins, and the file's text.
fn real(name: &str) -> Option<(Genome, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data")
        .join(name);
    let Ok(file) = File::open(&path) else {
        println!("skipped: {name} is not in ../shared/data");
        return None;
    };
    let options = ReadOptions {
        keeps_proteins: true,
        ..ReadOptions::default()
    };
    let genome = read_genome(file, None::<File>, &options).unwrap();
    let mut text = String::new();
    let mut content = Content::new(File::open(&path).unwrap(), 1 << 30).unwrap();
    content.read_to_string(&mut text).unwrap();
    Some((genome, text))
}

/// The proteins that serve as expression reference.
pub(crate) fn ribosomal(genome: &Genome) -> Trait {
    let is_reference = find(&genome.genes);
    set(genome, "ribosomal proteins", |index| is_reference[index])
}

/// Transposases and other genes of insertion sequences, by name and product.
pub(crate) fn mobile(genome: &Genome) -> Trait {
    set(genome, "mobile elements", |index| {
        let gene = &genome.genes[index];
        let product = gene.product.as_deref().unwrap_or_default().to_lowercase();
        let name = gene.name.as_deref().unwrap_or_default().as_bytes();
        product.contains("transposase") || matches!(name, [b'i', b'n', b's', b'A'..=b'Z', ..])
    })
}

fn set(genome: &Genome, name: &str, is: impl Fn(usize) -> bool) -> Trait {
    let members = (0..genome.genes.len()).filter(|&index| is(index));
    Trait {
        name: name.to_owned(),
        associated_genes: members
            .filter_map(|index| genome.genes[index].locus_tag.clone())
            .collect(),
        ..Trait::default()
    }
}

/// `/translation` of each CDS by its locus tag.
fn translations(text: &str) -> HashMap<String, String> {
    let mut all = HashMap::new();
    for feature in text.split("\n     CDS  ").skip(1) {
        let feature = feature.split("\n     gene  ").next().unwrap();
        let value = |key: &str| {
            let after = feature.split_once(&format!("/{key}=\""))?.1;
            Some(after.split_once('"')?.0.split_whitespace().collect::<String>())
        };
        if let (Some(tag), Some(protein)) = (value("locus_tag"), value("translation")) {
            all.insert(tag, protein);
        }
    }
    all
}

/// Every protein is the one that the file itself gives; a residue named by `transl_except` may differ.
#[track_caller]
fn translates_as_annotated(genome: &Genome, text: &str, fewest: usize) {
    let translations = translations(text);
    let mut compared = 0;
    for gene in &genome.genes {
        let Some(expected) = gene.locus_tag.as_ref().and_then(|tag| translations.get(tag)) else {
            continue;
        };
        let protein = gene.protein.as_deref().unwrap();
        let differ = protein
            .iter()
            .zip(expected.as_bytes())
            .filter(|(ours, theirs)| ours != theirs);
        let aside = gene.left_out.exceptions + gene.left_out.inner_stops;
        assert!(
            protein.len() == expected.len() && differ.count() <= aside as usize,
            "{}: {} is not {expected}",
            gene.id,
            String::from_utf8_lossy(protein)
        );
        compared += 1;
    }
    println!("{compared} proteins are those of the file");
    assert!(compared >= fewest, "{compared}");
}

#[test]
fn every_protein_of_k12_is_the_annotated_one() {
    let Some((genome, text)) = real(K12) else { return };
    translates_as_annotated(&genome, &text, 4_000);
    let exceptions: u32 = genome.genes.iter().map(|gene| gene.left_out.exceptions).sum();
    assert_eq!(
        exceptions, 3,
        "E. coli has three selenoproteins: fdhF, fdnG, fdoG"
    );
}

#[test]
fn every_protein_of_mycoplasma_is_the_annotated_one_under_table_4() {
    let Some((genome, text)) = real(MYCOPLASMA) else {
        return;
    };
    assert!(genome.genes.iter().all(|gene| gene.genetic_code == 4));
    translates_as_annotated(&genome, &text, 700);
    let tga = Codon::from_bases(b'T', b'G', b'A').unwrap();
    let tryptophans: u32 = genome.genes.iter().map(|gene| gene.codons[tga]).sum();
    assert!(tryptophans > 1_000, "{tryptophans}");
    let rows = run(&genome, &Panel::builtin("bacteria").unwrap(), SCORES_ONLY);
    assert_eq!(rows.genome.genetic_code, 4);
    assert!(
        rows.genome.reference_genes >= 40,
        "{}",
        rows.genome.reference_genes
    );
}

#[test]
fn ribosomal_proteins_of_k12_are_told_from_others_without_themselves() {
    let Some((genome, _)) = real(K12) else { return };
    let row = run(&genome, &Panel::from(vec![ribosomal(&genome)]), SCORES_ONLY)
        .genome
        .traits
        .remove(0);
    println!("AUC {:?} of {} genes", row.auc, row.genes_scored);
    assert!(row.auc.unwrap() >= 0.94, "{:?}", row.auc);
}
