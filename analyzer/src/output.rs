//! What is written: Parquet chunks, tables, JSON, pages and pictures, all through one output location.

pub mod chunk;
mod chunks;
pub(crate) mod codon_map;
pub(crate) mod codon_usage;
pub(crate) mod cohort;
pub mod columns;
mod columnwise;
pub(crate) mod correlation;
pub mod documents;
mod facts;
pub(crate) mod genes_table;
pub(crate) mod heatmap;
mod location;
pub(crate) mod page;
pub(crate) mod results;
pub(crate) mod summary;
pub mod table;
mod text;

pub use chunks::Chunks;
pub(crate) use facts::{Claims, Facts, verdict_in_words};
pub use location::{Creation, Location, entry};
