//! Looks a gene up in the results of an analysis, and says how little of the files that takes:
//!
//!     cargo run --example look_up -- results fliC

use std::error::Error;
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::cast::AsArray as _;
use arrow_array::{BooleanArray, RecordBatch};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowFilter,
};
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::reader::{ChunkReader, Length};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(results), Some(name)) = (arguments.next(), arguments.next()) else {
        return Err("usage: look_up RESULTS GENE-NAME".into());
    };
    let found = look_up(results.as_ref(), &name)?;
    for (genome, gene) in &found.genes {
        println!("{genome}\t{gene}");
    }
    println!("read {} of {} bytes", found.read, found.size);
    Ok(())
}

/// What a look-up found, and what it cost.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Id of the genome and of the gene.
    pub(crate) genes: Vec<(String, String)>,
    /// Bytes read.
    pub(crate) read: u64,
    /// Bytes of the files.
    pub(crate) size: u64,
}

/// The genes called `name`, from `parts/genes-*.parquet` below `results`.
pub(crate) fn look_up(results: &Path, name: &str) -> Result<Found, Box<dyn Error>> {
    let mut found = Found::default();
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(results.join("parts"))? {
        let path = entry?.path();
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("genes-"))
        {
            paths.push(path);
        }
    }
    paths.sort();
    for path in paths {
        in_file(&path, name, &mut found)?;
    }
    Ok(found)
}

fn in_file(path: &Path, name: &str, found: &mut Found) -> Result<(), Box<dyn Error>> {
    let file = Counted {
        file: File::open(path)?,
        read: Arc::default(),
    };
    let (size, read) = (file.len(), Arc::clone(&file.read));
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let mut builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)?;
    let leaf = |wanted: &str| {
        let mut columns = builder.parquet_schema().columns().iter();
        columns
            .position(|column| column.path().string() == wanted)
            .ok_or("a column is missing")
    };
    let (genome, gene, column) = (leaf("genome")?, leaf("gene")?, leaf("name")?);
    // The Bloom filters say in which row groups the name cannot be.
    let mut groups = Vec::new();
    for group in 0..builder.metadata().num_row_groups() {
        let filter = builder.get_row_group_column_bloom_filter(group, column)?;
        if filter.is_none_or(|filter| filter.check(&name)) {
            groups.push(group);
        }
    }
    let wanted = name.to_owned();
    let filter = ArrowPredicateFn::new(
        ProjectionMask::leaves(builder.parquet_schema(), [column]),
        move |batch: RecordBatch| {
            let names = batch.column(0).as_string::<i32>();
            Ok(BooleanArray::from_iter(
                names.iter().map(|name| Some(name == Some(wanted.as_str()))),
            ))
        },
    );
    let mask = ProjectionMask::leaves(builder.parquet_schema(), [genome, gene]);
    builder = builder.with_row_groups(groups).with_projection(mask);
    for batch in builder
        .with_row_filter(RowFilter::new(vec![Box::new(filter)]))
        .build()?
    {
        let batch = batch?;
        let (genomes, genes) = (
            batch.column(0).as_string::<i32>(),
            batch.column(1).as_string::<i32>(),
        );
        let pairs = genomes.iter().flatten().zip(genes.iter().flatten());
        found
            .genes
            .extend(pairs.map(|(genome, gene)| (genome.to_owned(), gene.to_owned())));
    }
    found.read += read.load(Ordering::Relaxed);
    found.size += size;
    Ok(())
}

/// A file that counts what is read of it.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Length for Counted {
    fn len(&self) -> u64 {
        Length::len(&self.file)
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl ChunkReader for Counted {
    type T = Self;

    fn get_read(&self, start: u64) -> ParquetResult<Self> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        Ok(Self {
            file,
            read: Arc::clone(&self.read),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let mut bytes = vec![0; length];
        self.get_read(start)?.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}
