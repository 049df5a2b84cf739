//! Columns → the bytes of a Parquet file that grows in memory: what [`parquet`]'s writer does column after column is done
//! here with as many columns at a time as there are threads. The bytes are the same.

use arrow_array::ArrayRef;
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves,
};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

/// A table that is being written.
pub(super) struct ColumnwiseWriter {
    schema: SchemaRef,
    file: SerializedFileWriter<Vec<u8>>,
    factory: ArrowRowGroupWriterFactory,
    /// For each field, one a leaf; none where no row group is open.
    writers: Vec<Vec<ArrowColumnWriter>>,
    rows: usize,
}

impl ColumnwiseWriter {
    /// A file without rows.
    pub(super) fn new(schema: Schema, properties: WriterProperties) -> Result<Self> {
        let schema = SchemaRef::new(schema);
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), schema.clone(), options)?;
        let (file, factory) = writer.into_serialized_writer()?;
        Ok(Self {
            schema,
            file,
            factory,
            writers: Vec::new(),
            rows: 0,
        })
    }

    /// Rows of the open row group.
    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    /// Adds `rows` rows to the open row group, one array a field.
    pub(super) fn push(&mut self, columns: &[ArrayRef], rows: usize) -> Result<()> {
        if rows == 0 {
            return Ok(());
        }
        let fields: &[FieldRef] = self.schema.fields();
        if columns.len() != fields.len() {
            let text = format!("{} columns of {}", columns.len(), fields.len());
            return Err(ParquetError::General(text));
        }
        if self.writers.is_empty() {
            let group = self.file.flushed_row_groups().len();
            let mut leaves = self.factory.create_column_writers(group)?.into_iter();
            let of_field = |field: &FieldRef| leaves.by_ref().take(leaves_of(field)).collect();
            self.writers = fields.iter().map(of_field).collect();
        }
        // The leaves of a column are dropped as soon as they are written: they take as much memory as the column itself.
        let write = |((field, column), writers): ((&FieldRef, &ArrayRef), &mut Vec<ArrowColumnWriter>)| {
            if column.len() != rows {
                let text = format!("`{}` has {} rows of {rows}", field.name(), column.len());
                return Err(ParquetError::General(text));
            }
            let leaves = compute_leaves(field, column)?;
            let mut pairs = writers.iter_mut().zip(&leaves);
            pairs.try_for_each(|(writer, leaf)| writer.write(leaf))
        };
        fields
            .par_iter()
            .zip(columns)
            .zip(&mut self.writers)
            .try_for_each(write)?;
        self.rows += rows;
        Ok(())
    }

    /// Closes the open row group.
    pub(super) fn flush(&mut self) -> Result<()> {
        if self.writers.is_empty() {
            return Ok(());
        }
        let leaves: Vec<ArrowColumnWriter> =
            std::mem::take(&mut self.writers).into_iter().flatten().collect();
        let closed: Vec<_> = leaves
            .into_par_iter()
            .map(ArrowColumnWriter::close)
            .collect::<Result<_>>()?;
        let mut group = self.file.next_row_group()?;
        for column in closed {
            column.append_to_row_group(&mut group)?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }

    /// The file.
    pub(super) fn finish(mut self) -> Result<Bytes> {
        self.flush()?;
        Ok(self.file.into_inner()?.into())
    }
}

/// Columns that a field becomes in the file.
fn leaves_of(field: &Field) -> usize {
    match field.data_type() {
        DataType::List(item) => leaves_of(item),
        DataType::Struct(fields) => fields.iter().map(|field| leaves_of(field)).sum(),
        _ => 1,
    }
}
