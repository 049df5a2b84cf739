//! Reads a genome and prints the codon usage of its genes, and what its traits show:
//!
//!     cargo run --example indices -- genome.gbk.gz

use std::error::Error;
use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use genome_contract::request::{Associations, Method};
use genomic_pleiotropy::analyze::analyze;
use genomic_pleiotropy::read::{ReadOptions, read_genome};
use genomic_pleiotropy::traits::Panel;

/// Genes that are printed.
const SHOWN: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: indices FILE")?;
    print!("{}", describe(path.as_ref())?);
    Ok(())
}

/// What is printed of the genome at `path`, in any format and compression that the analyzer reads.
pub(crate) fn describe(path: &Path) -> Result<String, Box<dyn Error>> {
    let genome = read_genome(File::open(path)?, None::<File>, &ReadOptions::default())?;
    let panel = Panel::builtin("bacteria")?;
    let rows = analyze(&genome, &panel, &Method::default(), Associations::Top);
    let mut text = "gene\tcodons\tENC\tGC3s\tCAI\n".to_owned();
    let shown = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.3}"));
    for gene in rows.genes.iter().take(SHOWN) {
        let (enc, gc3s, cai) = (shown(gene.enc), shown(gene.gc3s), shown(gene.cai));
        writeln!(text, "{}\t{}\t{enc}\t{gc3s}\t{cai}", gene.gene, gene.length)?;
    }
    for found in &rows.genome.traits {
        writeln!(
            text,
            "{}: {}, AUC {}",
            found.name,
            found.verdict,
            shown(found.auc)
        )?;
    }
    Ok(text)
}
