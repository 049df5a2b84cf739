//! Columns → the bytes of a Parquet file that grows in memory: what [`parquet`]'s writer does column after column is done
//! here with as many columns at a time as there are threads. The bytes are the same.

use arrow_array::ArrayRef;
use arrow_schema::{FieldRef, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnWriter, ArrowLeafColumn, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves,
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
    /// One for each leaf of the schema; none where no row group is open.
    leaves: Vec<ArrowColumnWriter>,
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
            leaves: Vec::new(),
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
        if self.leaves.is_empty() {
            self.leaves = self
                .factory
                .create_column_writers(self.file.flushed_row_groups().len())?;
        }
        let leaves = |(field, column): (&FieldRef, &ArrayRef)| match column.len() == rows {
            true => compute_leaves(field, column),
            false => Err(ParquetError::General(format!(
                "`{}` has other rows",
                field.name()
            ))),
        };
        let fields: &[FieldRef] = self.schema.fields();
        let leaves: Vec<Vec<ArrowLeafColumn>> = fields
            .par_iter()
            .zip(columns)
            .map(leaves)
            .collect::<Result<_>>()?;
        let leaves: Vec<ArrowLeafColumn> = leaves.into_iter().flatten().collect();
        if leaves.len() != self.leaves.len() {
            return Err(ParquetError::General(format!(
                "{} columns of {}",
                columns.len(),
                fields.len()
            )));
        }
        self.leaves
            .par_iter_mut()
            .zip(&leaves)
            .try_for_each(|(writer, leaf)| writer.write(leaf))?;
        self.rows += rows;
        Ok(())
    }

    /// Closes the open row group.
    pub(super) fn flush(&mut self) -> Result<()> {
        if self.leaves.is_empty() {
            return Ok(());
        }
        let leaves = std::mem::take(&mut self.leaves);
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
