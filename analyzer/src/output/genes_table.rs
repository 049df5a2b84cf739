//! `genes.tsv.gz`: one row a gene, the columns of `genes-…` in their order but for the 64 counts; of several genomes,
//! with the genome in front. Undefined values are empty.

use std::io::Write as _;

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use super::columns::GENES;
use super::table::{Column, Values};
use super::text::{push_cell, push_number};
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
            encoder: GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(2)),
            text: names.join("\t") + "\n",
            names_genomes,
            rows: 0,
        }
    }

    /// Adds a row, uncompressed as yet.
    pub(crate) fn add(&mut self, genome: &str, gene: &GeneRow) {
        self.rows += 1;
        let text = &mut self.text;
        if self.names_genomes {
            push_cell(text, genome);
            text.push('\t');
        }
        for (place, column) in columns().enumerate() {
            if place > 0 {
                text.push('\t');
            }
            push(text, column, gene);
        }
        text.push('\n');
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

fn push(text: &mut String, column: &Column<GeneRow>, gene: &GeneRow) {
    match column.values {
        // A strand is `+` or `-`, which a spreadsheet shows as it is.
        Values::Text(get, _) if column.name == "strand" => text.push_str(get(gene)),
        Values::Text(get, _) => push_cell(text, get(gene)),
        Values::MaybeText(get, _) => push_cell(text, get(gene).unwrap_or_default()),
        Values::Count(get, _) => push_number(text, Some(get(gene) as f64), 0),
        Values::MaybeCount(get, _) => push_number(text, get(gene).map(|count| count as f64), 0),
        Values::Number(get, _) => text.push_str(&get(gene).to_string()),
        Values::MaybeNumber(get, _) => push_number(text, get(gene), 6),
        Values::Flag(get, _) => text.push(if get(gene) { '1' } else { '0' }),
        Values::Counts(get, _) => text.push_str(&joined(get(gene))),
        Values::Numbers(get, _) => text.push_str(&joined(get(gene))),
        Values::Texts(get, _) => push_cell(text, &get(gene).join(",")),
    }
}

fn joined<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}
