//! The library by itself: coding sequences in, a table of indices a gene and the RSCU of all of them out.
//!
//! ```text
//! cargo run --release --example codon_usage -- coding.fna indices.tsv rscu.tsv
//! ```
//!
//! It is also what `make bench` holds against codonW, which reads and writes the same.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::{env, fmt, io};

use genome_contract::request::{Associations, Method};
use genomic_pleiotropy::analyze::analyze;
use genomic_pleiotropy::codons::Codon;
use genomic_pleiotropy::indices::families::Families;
use genomic_pleiotropy::indices::{counts, rscu};
use genomic_pleiotropy::read::{FastaKind, ReadOptions, read_genome};
use genomic_pleiotropy::record::Genome;
use genomic_pleiotropy::rows::GeneRow;
use genomic_pleiotropy::traits::Panel;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = env::args().collect();
    let [_, input, indices, table] = &arguments[..] else {
        return Err("usage: codon_usage CODING.fna INDICES.tsv RSCU.tsv".into());
    };
    // One thread, as the program it is measured against.
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build_global()?;
    let options = ReadOptions {
        fasta: Some(FastaKind::Coding),
        ..ReadOptions::default()
    };
    let genome = read_genome(File::open(input)?, None::<File>, &options)?;
    let rows = analyze(&genome, &Panel::default(), &Method::default(), Associations::Top);
    write_indices(BufWriter::new(File::create(indices)?), &rows.genes)?;
    write_rscu(BufWriter::new(File::create(table)?), &genome)?;
    Ok(())
}

fn write_indices(mut file: impl Write, genes: &[GeneRow]) -> io::Result<()> {
    writeln!(
        file,
        "gene\tcodons\tgc\tgc1\tgc2\tgc3\tgc3s\tenc\tcai\tfop\tcbi\tscuo\tmilc\tmelp"
    )?;
    for gene in genes {
        write!(file, "{}\t{}", gene.gene, gene.length)?;
        let values = [
            gene.gc, gene.gc1, gene.gc2, gene.gc3, gene.gc3s, gene.enc, gene.cai, gene.fop, gene.cbi,
            gene.scuo, gene.milc, gene.melp,
        ];
        for value in values {
            match value {
                Some(value) => write!(file, "\t{}", Fixed(value))?,
                None => write!(file, "\t")?,
            }
        }
        writeln!(file)?;
    }
    file.flush()
}

/// A number to four decimals. Numbers are most of the output, and `{:.4}` is exact, which costs as much as all the indices.
struct Fixed(f64);

impl fmt::Display for Fixed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = (self.0.abs() * 1e4).round() as u64;
        let is_negative = self.0 < 0.0 && parts > 0;
        let mut text = [b'0'; 24];
        let mut begin = text.len();
        while begin > text.len() - 6 || parts > 0 {
            begin -= 1;
            if begin == text.len() - 5 {
                text[begin] = b'.';
            } else {
                text[begin] = b'0' + (parts % 10) as u8;
                parts /= 10;
            }
        }
        if is_negative {
            begin -= 1;
            text[begin] = b'-';
        }
        formatter.write_str(str::from_utf8(&text[begin..]).unwrap_or_default())
    }
}

fn write_rscu(mut file: impl Write, genome: &Genome) -> io::Result<()> {
    let wholes: Vec<_> = genome.genes.iter().map(counts::whole).collect();
    let values = rscu::rscu(&counts::pooled(&wholes), &Families::by_id(11));
    writeln!(file, "codon\trscu")?;
    for codon in Codon::all() {
        let [first, second, third] = codon.to_bases().map(char::from);
        let value = values[codon.as_index()].map_or(String::new(), |value| format!("{value:.3}"));
        writeln!(file, "{first}{second}{third}\t{value}")?;
    }
    file.flush()
}
