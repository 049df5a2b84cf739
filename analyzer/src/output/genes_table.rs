//! `genes.tsv.gz`: one row a gene, the columns of `genes-…` in their order but for the 64 counts; of several genomes,
//! with the genome in front. Undefined values are empty.

use std::io::Write as _;

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use super::columns::GENES;
use super::table::{Column, Values};
use super::text::cell;
use crate::rows::GeneRow;
use crate::verbs::Stop;

/// Rows of a table of several genomes at most: it is in memory, compressed.
pub(crate) const MOST_ROWS: u64 = 1_000_000;

/// The table while it is written, compressed as it grows. The gzip header carries no time and no name.
pub(crate) struct GenesTable {
    encoder: GzEncoder<Vec<u8>>,
    text: String,
    names_genomes: bool,
    /// Rows so far.
    pub rows: u64,
}

impl GenesTable {
    /// With the genome in front of each row, or without.
    pub(crate) fn new(names_genomes: bool) -> Self {
        let genome = names_genomes.then_some("genome");
        let names: Vec<&str> = genome
            .into_iter()
            .chain(columns().map(|column| column.name))
            .collect();
        Self {
            encoder: GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(3)),
            text: names.join("\t") + "\n",
            names_genomes,
            rows: 0,
        }
    }

    /// Adds a row, uncompressed as yet.
    pub(crate) fn add(&mut self, genome: &str, gene: &GeneRow) {
        self.rows += 1;
        let genome = self.names_genomes.then(|| cell(genome));
        let cells: Vec<String> = genome
            .into_iter()
            .chain(columns().map(|column| shown(column, gene)))
            .collect();
        self.text += &cells.join("\t");
        self.text.push('\n');
    }

    /// Compresses what was added.
    pub(crate) fn compress(&mut self) -> Result<(), Stop> {
        let written = self.encoder.write_all(self.text.as_bytes());
        self.text.clear();
        written.map_err(|error| Stop::internal(error.to_string()))
    }

    /// The whole table.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, Stop> {
        self.compress()?;
        self.encoder
            .finish()
            .map_err(|error| Stop::internal(error.to_string()))
    }
}

fn columns() -> impl Iterator<Item = &'static Column<GeneRow>> {
    GENES.iter().filter(|column| column.name != "codons")
}

fn shown(column: &Column<GeneRow>, gene: &GeneRow) -> String {
    match column.values {
        // A strand is `+` or `-`, which a spreadsheet shows as it is.
        Values::Text(get, _) if column.name == "strand" => get(gene).to_owned(),
        Values::Text(get, _) => cell(get(gene)),
        Values::MaybeText(get, _) => cell(get(gene).unwrap_or_default()),
        Values::Count(get, _) => get(gene).to_string(),
        Values::MaybeCount(get, _) => get(gene).map(|count| count.to_string()).unwrap_or_default(),
        Values::Number(get, _) => get(gene).to_string(),
        Values::MaybeNumber(get, _) => super::text::number(get(gene), 6),
        Values::Flag(get, _) => u8::from(get(gene)).to_string(),
        Values::Counts(get, _) => joined(get(gene)),
        Values::Numbers(get, _) => joined(get(gene)),
        Values::Texts(get, _) => cell(&get(gene).join(",")),
    }
}

fn joined<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}
