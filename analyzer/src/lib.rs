//! Genomic pleiotropy cryptanalysis: a genome read as ciphertext, codons as its symbols, frequency analysis as the way in.
//!
//! ```text
//!  input ─► fasta │ genbank │ gff ─► record (Genome) ─► indices ─┐
//!  (stores,                             │                        ├─► rows ─► output (Parquet, JSON, HTML, SVG)
//!   decompression)                      └─► traits ──────────────┘      └─► cohort (over many genomes)
//! ```
//!
//! The modules stand in the order data flows. There is no Kubernetes in here.

pub mod codons;
mod fasta;
mod genbank;
pub mod genetic_code;
mod gff;
pub mod input;
mod prediction;
pub mod read;
pub mod record;

pub mod indices;

pub mod traits;

pub mod rows;

pub mod analyze;

pub mod cohort;

pub mod output;

pub mod cache;

pub mod verbs;

pub mod cli;
pub mod memory;
pub mod message;
mod metrics;
pub mod progress;
pub mod telemetry;

pub mod generate;
