//! `genes.tsv.gz`: one row a gene, the columns of `genes-…` in their order but for the 64 counts. Undefined values are empty.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};

use super::columns::GENES;
use super::table::{Column, Values};
use super::text::cell;
use crate::rows::GeneRow;
use crate::verbs::Stop;

/// The table, compressed. The gzip header carries no time and no name.
pub(crate) fn compressed(genes: &[GeneRow]) -> Result<Vec<u8>, Stop> {
    let columns = || GENES.iter().filter(|column| column.name != "codons");
    let mut text = columns().map(|column| column.name).collect::<Vec<_>>().join("\t");
    text.push('\n');
    for gene in genes {
        for (index, column) in columns().enumerate() {
            if index > 0 {
                text.push('\t');
            }
            text.push_str(&shown(column, gene));
        }
        text.push('\n');
    }
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(3));
    let written = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    written.map_err(|error| Stop::internal(error.to_string()))
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
