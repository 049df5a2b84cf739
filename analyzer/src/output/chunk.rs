//! Rows → the three Parquet files of a chunk, and back. The bytes are a function of the rows and the footer alone.
//!
//! A row group holds whole genomes, so statistics on `genome` lead a reader to few of them; bloom filters on `gene` and
//! `name` do the same for a gene.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, ListArray, RecordBatch, StringArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, Fields, Schema};
use bytes::Bytes;
use genome_contract::ChunkFooter;
use genome_contract::chunk::FOOTER_KEY;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use super::columns::{ASSOCIATION_KEYS, ASSOCIATIONS, GENES, GENOME, GENOMES, TRAIT_FIELDS, TRAITS};
use super::columnwise::ColumnwiseWriter;
use super::table::{Column, ranges};
use crate::rows::{AssociationRow, GeneRow, GenomeRow, GenomeRows, TraitRow};
use crate::verbs::Stop;

/// Rows after which a row group is closed, at the next end of a genome.
const ROW_GROUP: usize = 16_384;

/// Rows of a page: with the page index, what a reader has to take of each column to get at one row.
const PAGE: usize = 2_048;

/// A genome's row with its id.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedGenome {
    /// Id in the analysis.
    pub id: String,
    /// Its row.
    pub row: GenomeRow,
}

/// Collects the rows of a chunk.
pub struct ChunkWriter {
    associations: Table,
    genes: Table,
    genomes: Vec<NamedGenome>,
    traits: Vec<String>,
}

/// A Parquet file that grows in memory, compressed.
struct Table(ColumnwiseWriter);

impl Table {
    fn new(fields: Vec<Field>, metadata: Option<Vec<KeyValue>>, looked_up: &[&str]) -> Result<Self, Stop> {
        let properties = properties(&fields, metadata, looked_up)?;
        let writer = ColumnwiseWriter::new(Schema::new(fields), properties);
        writer.map(Self).map_err(|e| broken(&e))
    }

    fn push(&mut self, columns: &[ArrayRef], rows: usize) -> Result<(), Stop> {
        self.0.push(columns, rows).map_err(|e| broken(&e))?;
        if self.0.rows() >= ROW_GROUP {
            self.0.flush().map_err(|e| broken(&e))?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Bytes, Stop> {
        self.0.finish().map_err(|e| broken(&e))
    }
}

/// Nothing here depends on time, machine or version of a library's name.
fn properties(
    fields: &[Field],
    metadata: Option<Vec<KeyValue>>,
    looked_up: &[&str],
) -> Result<WriterProperties, Stop> {
    let level = ZstdLevel::try_new(1).map_err(|e| broken(&e))?;
    let mut builder = WriterProperties::builder()
        .set_created_by("genomic_pleiotropy".to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(None)
        .set_data_page_row_count_limit(PAGE)
        .set_key_value_metadata(metadata);
    // Measured numbers seldom repeat.
    let numbers = fields
        .iter()
        .filter(|field| *field.data_type() == DataType::Float64);
    for field in numbers {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(field.name().as_str()), false);
    }
    for name in looked_up {
        let column = ColumnPath::from(*name);
        builder = builder
            .set_column_statistics_enabled(column.clone(), EnabledStatistics::Page)
            .set_column_bloom_filter_enabled(column, true);
    }
    Ok(builder.build())
}

fn broken(error: &dyn std::fmt::Display) -> Stop {
    Stop::internal(format!("a chunk's table: {error}"))
}

impl ChunkWriter {
    /// A chunk without rows, for a panel with these `traits`.
    pub fn new(traits: Vec<String>) -> Result<Self, Stop> {
        let keys = ASSOCIATION_KEYS.map(|(name, _)| Field::new(name, DataType::Utf8, name == "name"));
        let associations = [genome_field()]
            .into_iter()
            .chain(keys)
            .chain(fields(&ASSOCIATIONS))
            .collect();
        let genes = [genome_field()].into_iter().chain(fields(&GENES)).collect();
        Ok(Self {
            associations: Table::new(associations, None, &["genome", "gene", "name"])?,
            genes: Table::new(genes, None, &["genome", "gene", "name"])?,
            genomes: Vec::new(),
            traits,
        })
    }

    /// Adds a genome; ids must come in ascending order.
    pub fn push(&mut self, id: &str, rows: GenomeRows) -> Result<(), Stop> {
        let GenomeRows {
            genome,
            genes,
            associations,
            correlation: _,
        } = rows;
        let repeated =
            |count| -> ArrayRef { Arc::new(StringArray::from_iter_values(std::iter::repeat_n(id, count))) };
        let mut columns_of_genes = vec![repeated(genes.len())];
        columns_of_genes.par_extend(GENES.par_iter().map(|column| column.array(&genes)));

        let gene = |row: &AssociationRow| genes.get(row.gene as usize);
        let ids = associations
            .iter()
            .map(|row| gene(row).map(|gene| gene.gene.as_str()));
        let names = associations
            .iter()
            .map(|row| gene(row).and_then(|gene| gene.name.as_deref()));
        let traits = associations
            .iter()
            .map(|row| self.traits.get(row.trait_index as usize).map(String::as_str));
        let mut columns = vec![
            repeated(associations.len()),
            Arc::new(ids.collect::<StringArray>()) as ArrayRef,
            Arc::new(names.collect::<StringArray>()),
            Arc::new(traits.collect::<StringArray>()),
        ];
        columns.par_extend(ASSOCIATIONS.par_iter().map(|column| column.array(&associations)));
        let (gene_rows, association_rows) = (genes.len(), associations.len());
        // Encoding takes memory of its own: the rows make room for it.
        drop((genes, associations));
        self.genes.push(&columns_of_genes, gene_rows)?;
        drop(columns_of_genes);
        self.associations.push(&columns, association_rows)?;
        self.genomes.push(NamedGenome {
            id: id.to_owned(),
            row: genome,
        });
        Ok(())
    }

    /// The bytes of the `associations` and `genes` files, and what is left to write.
    pub fn finish(self) -> Result<(Bytes, Bytes, Vec<NamedGenome>), Stop> {
        let (associations, genes) = rayon::join(|| self.associations.finish(), || self.genes.finish());
        Ok((associations?, genes?, self.genomes))
    }
}

/// The bytes of the `genomes` file.
pub fn genomes_file(genomes: Vec<NamedGenome>, footer: &ChunkFooter) -> Result<Bytes, Stop> {
    let footer = serde_json::to_string(footer).map_err(|e| broken(&e))?;
    let metadata = vec![KeyValue {
        key: FOOTER_KEY.to_owned(),
        value: Some(footer),
    }];
    let (ids, rows): (Vec<_>, Vec<_>) = genomes.into_iter().map(|genome| (genome.id, genome.row)).unzip();
    let structs = DataType::Struct(fields(&TRAIT_FIELDS).collect());
    let list = DataType::List(Arc::new(Field::new("item", structs, false)));
    let all = [genome_field()]
        .into_iter()
        .chain(fields(&GENOMES))
        .chain([Field::new(TRAITS.0, list, false)]);
    let mut table = Table::new(all.collect(), Some(metadata), &["genome"])?;
    let mut columns = vec![Arc::new(StringArray::from(ids)) as ArrayRef];
    columns.extend(GENOMES.iter().map(|column| column.array(&rows)));
    columns.push(trait_lists(&rows)?);
    table.push(&columns, rows.len())?;
    table.finish()
}

fn trait_lists(rows: &[GenomeRow]) -> Result<ArrayRef, Stop> {
    let flat: Vec<_> = rows.iter().flat_map(|row| row.traits.iter().cloned()).collect();
    let fields: Fields = fields(&TRAIT_FIELDS).collect();
    let arrays = TRAIT_FIELDS.iter().map(|column| column.array(&flat)).collect();
    let structs = StructArray::try_new(fields.clone(), arrays, None).map_err(|e| broken(&e))?;
    let item = Arc::new(Field::new("item", DataType::Struct(fields), false));
    let offsets = OffsetBuffer::from_lengths(rows.iter().map(|row| row.traits.len()));
    Ok(Arc::new(
        ListArray::try_new(item, offsets, Arc::new(structs), None).map_err(|e| broken(&e))?,
    ))
}

fn genome_field() -> Field {
    Field::new(GENOME.0, DataType::Utf8, false)
}

fn fields<R>(columns: &[Column<R>]) -> impl Iterator<Item = Field> {
    columns.iter().map(Column::field)
}

/// The footer of a `genomes` file, `None` where it carries none of ours.
pub fn footer(file: &Bytes) -> Result<Option<ChunkFooter>, Stop> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file.clone()).map_err(|e| broken(&e))?;
    let pairs = reader.metadata().file_metadata().key_value_metadata();
    let value = pairs
        .into_iter()
        .flatten()
        .find(|pair| pair.key == FOOTER_KEY)
        .and_then(|pair| pair.value.as_deref());
    Ok(value.and_then(|value| serde_json::from_str(value).ok()))
}

/// The rows of a `genomes` file.
pub fn genomes(file: &Bytes) -> Result<Vec<NamedGenome>, Stop> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file.clone())
        .and_then(parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::build);
    let mut all = Vec::new();
    for batch in reader.map_err(|e| broken(&e))? {
        let batch = batch.map_err(|e| broken(&e))?;
        all.extend(
            genomes_of(&batch).ok_or_else(|| broken(&"a `genomes` file has other columns than expected"))?,
        );
    }
    Ok(all)
}

fn genomes_of(batch: &RecordBatch) -> Option<Vec<NamedGenome>> {
    let mut rows = vec![GenomeRow::default(); batch.num_rows()];
    for column in GENOMES.iter() {
        column.restore(batch.column_by_name(column.name)?, &mut rows)?;
    }
    let lists: &ListArray = batch.column_by_name(TRAITS.0)?.as_list_opt()?;
    let structs = lists.values().as_struct_opt()?;
    let mut flat = vec![TraitRow::default(); structs.len()];
    for column in TRAIT_FIELDS.iter() {
        column.restore(structs.column_by_name(column.name)?, &mut flat)?;
    }
    for (row, range) in rows.iter_mut().zip(ranges(lists)) {
        row.traits = flat[range].to_vec();
    }
    let ids = batch.column_by_name(GENOME.0)?.as_string_opt::<i32>()?;
    Some(
        ids.iter()
            .zip(rows)
            .map(|(id, row)| NamedGenome {
                id: id.unwrap_or_default().to_owned(),
                row,
            })
            .collect(),
    )
}

/// Hands the rows of a `genes` file to `each`, with their genome's id; only `wanted` columns are read, the others keep
/// their defaults.
pub fn genes(file: &Bytes, wanted: Option<&[&str]>, mut each: impl FnMut(&str, GeneRow)) -> Result<(), Stop> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file.clone()).map_err(|e| broken(&e))?;
    let mask = match wanted {
        None => ProjectionMask::all(),
        Some(names) => {
            ProjectionMask::columns(builder.parquet_schema(), names.iter().copied().chain([GENOME.0]))
        }
    };
    for batch in builder.with_projection(mask).build().map_err(|e| broken(&e))? {
        let batch = batch.map_err(|e| broken(&e))?;
        let mut rows = vec![GeneRow::default(); batch.num_rows()];
        for column in GENES.iter() {
            if let Some(array) = batch.column_by_name(column.name) {
                column
                    .restore(array, &mut rows)
                    .ok_or_else(|| broken(&column.name))?;
            }
        }
        let ids = batch
            .column_by_name(GENOME.0)
            .and_then(|ids| ids.as_string_opt::<i32>());
        let ids = ids.ok_or_else(|| broken(&GENOME.0))?;
        ids.iter()
            .zip(rows)
            .for_each(|(id, row)| each(id.unwrap_or_default(), row));
    }
    Ok(())
}

/// One row of an `associations` file.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedAssociation {
    /// Id of the genome.
    pub genome: String,
    /// Id of the gene.
    pub gene: String,
    /// Its name.
    pub name: Option<String>,
    /// Name of the trait.
    pub trait_name: String,
    /// The figures; the two indices are not stored.
    pub row: AssociationRow,
}

/// Hands the rows of an `associations` file to `each`.
pub fn associations(file: &Bytes, mut each: impl FnMut(NamedAssociation)) -> Result<(), Stop> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file.clone())
        .and_then(parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::build);
    for batch in reader.map_err(|e| broken(&e))? {
        let batch = batch.map_err(|e| broken(&e))?;
        let mut rows = vec![AssociationRow::default(); batch.num_rows()];
        for column in ASSOCIATIONS.iter() {
            let array = batch.column_by_name(column.name);
            array
                .and_then(|array| column.restore(array, &mut rows))
                .ok_or_else(|| broken(&column.name))?;
        }
        let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let keys = (text(GENOME.0), text("gene"), text("name"), text("trait"));
        let (Some(genomes), Some(genes), Some(names), Some(traits)) = keys else {
            return Err(broken(&"its keys"));
        };
        for (index, row) in rows.into_iter().enumerate() {
            let text = |array: &StringArray| array.value(index).to_owned();
            each(NamedAssociation {
                genome: text(genomes),
                gene: text(genes),
                name: names.is_valid(index).then(|| text(names)),
                trait_name: text(traits),
                row,
            });
        }
    }
    Ok(())
}
