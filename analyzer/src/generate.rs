//! Synthetic annotated genomes with a known truth: trait panels, phenotypes, frequency tables and trial records with them.
//!
//! ```text
//!  seed ─► Species (codon preferences, signatures) ─► Cast (names, operons, planted traits) ─► genome × N ─► files, truth.json
//! ```
//!
//! A function of its arguments alone: the same seed gives the same bytes.

mod arguments;
pub(crate) mod bgzip;
mod cast;
mod genome;
mod random;
mod signals;
mod species;
mod tables;
mod write;

pub use self::arguments::{Args, Compression, GenerateError, GenomeFormat, run};
pub use self::cast::{Adapts, Cast, Member, Planted, Recipe};
pub use self::genome::{Origin, PlacedGene, SyntheticGenome};
pub use self::species::Species;
