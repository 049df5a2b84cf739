//! The command line of `generate`, and the files it writes.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use flate2::write::GzEncoder;
use lzma_rust2::{XzOptions, XzWriter};
use rayon::prelude::*;
use serde_json::Value;

use super::bgzip::BgzipWriter;
use super::cast::{Cast, Recipe};
use super::genome::{Origin, SyntheticGenome};
use super::species::Species;
use super::{tables, write};
use crate::genetic_code::{self, GeneticCode};

/// Write synthetic annotated genomes with a known truth.
///
/// The output folder gets `genomes/`, `traits.json` (planted traits, the ribosome, and sets without signature),
/// `truth.json`, `phenotypes.tsv`, `codon_frequencies.tsv` (of the first genome) and `trials.tsv`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder to write to; made if it is not there
    #[arg(long, short, value_name = "DIR", default_value = "generated")]
    pub output: PathBuf,
    /// Genomes
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub genomes: usize,
    /// Genes a genome
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub genes: usize,
    /// Seed: the same one gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// G and C at neutral positions, 0.1 to 0.9
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    pub gc: f64,
    /// NCBI translation table
    #[arg(long, value_name = "N", default_value_t = 11)]
    pub genetic_code: u8,
    /// Format of the genomes
    #[arg(long, value_enum, default_value_t)]
    pub format: GenomeFormat,
    /// Compression of the genomes
    #[arg(long, value_enum, default_value_t)]
    pub compress: Compression,
    /// Traits to plant
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub traits: usize,
    /// Genes a planted trait
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub trait_genes: usize,
    /// Strength of planted signatures: 1 is as strong as ribosomal proteins, 0 is none
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub strength: f64,
    /// Lineages with composition and preferences of their own; with several, the phenotype is common in every second one,
    /// and families that differ between lineages alone must not be taken for associated with it
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub lineages: usize,
    /// Share of the genes, ribosomal proteins aside, that have a name of the built-in trait panel
    #[arg(long, value_name = "SHARE", default_value_t = 0.4)]
    pub named: f64,
    /// Trial records
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub trials: usize,
}

/// Format of generated genomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum GenomeFormat {
    /// Annotated GenBank flat files
    #[default]
    Genbank,
    /// FASTA of coding sequences
    Cds,
    /// FASTA of whole genomes, without annotation
    Fasta,
    /// Pairs of FASTA and GFF3
    Gff,
}

/// Compression of generated genomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Compression {
    /// None
    #[default]
    None,
    /// Gzip
    Gzip,
    /// Gzip in members of 64 KiB
    Bgzip,
    /// Zstandard
    Zstd,
    /// Bzip2
    Bzip2,
    /// Xz
    Xz,
}

/// Why nothing was generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// An argument out of its range.
    #[error("`--{name} {value}`: expected {expected}")]
    Argument {
        /// Its name.
        name: &'static str,
        /// What was given.
        value: String,
        /// What is possible.
        expected: String,
    },
    /// A file that could not be written.
    #[error("cannot write `{path}`")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes everything that `arguments` ask for; what was written.
pub fn run(arguments: &Args) -> Result<Vec<PathBuf>, GenerateError> {
    let species = species(arguments)?;
    let recipe = Recipe {
        genes: arguments.genes,
        traits: arguments.traits,
        trait_genes: arguments.trait_genes,
        strength: arguments.strength,
        named: arguments.named,
        lineages: arguments.lineages,
        seed: arguments.seed,
    };
    let cast = Cast::new(&recipe);
    let lineages = species.lineages(arguments.lineages, arguments.seed);
    let genomes: Vec<SyntheticGenome> = (0..arguments.genomes)
        .into_par_iter()
        .map(|index| {
            let origin = Origin::of(index, lineages.len());
            SyntheticGenome::new(
                &lineages[origin.lineage],
                &cast,
                recipe.strength,
                recipe.seed,
                origin,
            )
        })
        .collect();
    let folder = arguments.output.join("genomes");
    fs::create_dir_all(&folder).map_err(|source| GenerateError::Write {
        path: folder.clone(),
        source,
    })?;
    let files: Vec<Vec<PathBuf>> = genomes
        .par_iter()
        .map(|genome| write_genome(genome, arguments, &folder))
        .collect::<Result<_, _>>()?;
    let name = |path: &PathBuf| {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let truths: Vec<Value> = genomes
        .iter()
        .zip(&files)
        .map(|(genome, files)| tables::genome_truth(genome, &files.iter().map(name).collect::<Vec<_>>()))
        .collect();
    let mut written: Vec<PathBuf> = files.into_iter().flatten().collect();
    let first = genomes.first().map(tables::frequencies).unwrap_or_default();
    for (name, text) in [
        ("traits.json", pretty(&tables::panel(&cast, &recipe))),
        ("truth.json", pretty(&tables::truth(&cast, &recipe, &truths))),
        ("phenotypes.tsv", tables::phenotypes(&genomes, recipe.seed)),
        ("codon_frequencies.tsv", first),
        (
            "trials.tsv",
            tables::trials(&species, arguments.trials, recipe.strength, recipe.seed),
        ),
    ] {
        let path = arguments.output.join(name);
        fs::write(&path, text).map_err(|source| GenerateError::Write {
            path: path.clone(),
            source,
        })?;
        written.push(path);
    }
    Ok(written)
}

fn species(arguments: &Args) -> Result<Species, GenerateError> {
    let argument = |name, value: String, expected: String| GenerateError::Argument {
        name,
        value,
        expected,
    };
    let code = GeneticCode::by_id(arguments.genetic_code).ok_or_else(|| {
        argument(
            "genetic-code",
            arguments.genetic_code.to_string(),
            format!("one of {}", genetic_code::list()),
        )
    })?;
    if !(0.1..=0.9).contains(&arguments.gc) {
        return Err(argument(
            "gc",
            arguments.gc.to_string(),
            "a share from 0.1 to 0.9".to_owned(),
        ));
    }
    if !(0.0..=5.0).contains(&arguments.strength) {
        return Err(argument(
            "strength",
            arguments.strength.to_string(),
            "a number from 0 to 5".to_owned(),
        ));
    }
    for (name, count) in [("genes", arguments.genes), ("lineages", arguments.lineages)] {
        if count == 0 {
            return Err(argument(name, "0".to_owned(), "at least 1".to_owned()));
        }
    }
    // The trials need one signature even where none is planted.
    Ok(Species::new(
        code,
        arguments.gc,
        arguments.traits.max(1),
        arguments.seed,
    ))
}

fn write_genome(
    genome: &SyntheticGenome,
    arguments: &Args,
    folder: &Path,
) -> Result<Vec<PathBuf>, GenerateError> {
    type Writer = fn(&SyntheticGenome, &mut dyn Write) -> io::Result<()>;
    let parts: &[(&str, Writer)] = match arguments.format {
        GenomeFormat::Genbank => &[("gbk", write::genbank)],
        GenomeFormat::Cds => &[("ffn", write::coding)],
        GenomeFormat::Fasta => &[("fna", write::fasta)],
        GenomeFormat::Gff => &[("fna", write::fasta), ("gff", write::gff)],
    };
    let mut written = Vec::new();
    for (suffix, writer) in parts {
        let ending = match arguments.compress {
            Compression::None => "",
            Compression::Gzip => ".gz",
            Compression::Bgzip => ".bgz",
            Compression::Zstd => ".zst",
            Compression::Bzip2 => ".bz2",
            Compression::Xz => ".xz",
        };
        let path = folder.join(format!("{}.{suffix}{ending}", genome.id));
        let write = || compressed(&path, arguments.compress, |out| writer(genome, out));
        write().map_err(|source| GenerateError::Write {
            path: path.clone(),
            source,
        })?;
        written.push(path);
    }
    Ok(written)
}

fn compressed(
    path: &Path,
    compression: Compression,
    writer: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let file = BufWriter::with_capacity(1 << 16, File::create(path)?);
    match compression {
        Compression::None => {
            let mut file = file;
            writer(&mut file)?;
            file.flush()
        }
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(file, flate2::Compression::new(6));
            writer(&mut encoder)?;
            encoder.finish()?.flush()
        }
        Compression::Bgzip => {
            let mut encoder = BgzipWriter::new(file);
            writer(&mut encoder)?;
            encoder.finish()?.flush()
        }
        Compression::Bzip2 => {
            let mut encoder = bzip2::write::BzEncoder::new(file, bzip2::Compression::best());
            writer(&mut encoder)?;
            encoder.finish()?.flush()
        }
        Compression::Xz => {
            let mut encoder = XzWriter::new(file, XzOptions::with_preset(6))?;
            writer(&mut encoder)?;
            encoder.finish()?.flush()
        }
        Compression::Zstd => {
            let mut encoder = zstd::Encoder::new(file, 3)?;
            writer(&mut encoder)?;
            encoder.finish()?.flush()
        }
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
