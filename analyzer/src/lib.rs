//! Genomic pleiotropy cryptanalysis: a genome read as ciphertext, codons as its symbols, frequency analysis as the way in.
//!
//! ```text
//!  input ─► fasta │ genbank │ gff ─► record (Genome) ─► indices ─┐
//!  (stores,                             │                        ├─► rows ─► output (Parquet, JSON, HTML, SVG)
//!   decompression)                      └─► traits ──────────────┘      └─► cohort (over many genomes)
//! ```
//!
//! The modules stand in the order data flows. There is no Kubernetes in here.
//!
//! # As a library
//!
//! A genome in, figures out; nothing here needs the program, a cluster or a network:
//!
//! ```
//! use genome_contract::request::{Associations, Method};
//! use genomic_pleiotropy::analyze::analyze;
//! use genomic_pleiotropy::indices::{enc::enc, families::Families, rscu::rscu};
//! use genomic_pleiotropy::codons::Codon;
//! use genomic_pleiotropy::read::{ReadOptions, read_genome};
//! use genomic_pleiotropy::traits::Panel;
//!
//! // Anything that is `Read`: a file, a socket, plain or compressed; the format is told by its content.
//! let fasta = ">b0001 [gene=thrL]\nATGAAACGCATTAGCACCACCATTACCACCACCATCACCATTACCACAGGTAACGGTGCGGGCTGA\n";
//! let genome = read_genome(fasta.as_bytes(), None::<&[u8]>, &ReadOptions::default())?;
//!
//! // Indices of one gene. Undefined is `None`: so short a gene has no ENC.
//! let families = Families::by_id(11);
//! let counts = &genome.genes[0].codons;
//! let acc = Codon::from_bases(b'A', b'C', b'C').unwrap();
//! assert_eq!(rscu(counts, &families)[acc.as_index()], Some(3.5));
//! assert_eq!(enc(counts, &families), None);
//!
//! // Rows, scores and verdicts of all genes and traits. No set of the panel has eight genes here, so nothing is claimed.
//! let panel = Panel::builtin("bacteria")?;
//! let rows = analyze(&genome, &panel, &Method::default(), Associations::Top);
//! assert_eq!(rows.genes[0].name.as_deref(), Some("thrL"));
//! assert!(rows.genome.traits.iter().all(|row| row.verdict == "insufficient_genes"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod codons;
mod fasta;
mod genbank;
pub mod genetic_code;
mod gff;
pub mod input;
mod prediction;
mod products;
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
