//! Many genomes together, in memory that does not grow with their genes: sums are added genome by genome, in the plan's
//! order, and read off at the end.
//!
//! ```text
//!  genome rows ─► conservation (signatures), maps (codon usage) ─► pairs (near genomes, different phenotype)
//!  gene rows ───► adaptation (a score a gene family and genome) ─► associations (contrasts over the pairs, p, q)
//! ```

pub mod adaptation;
pub mod associations;
pub mod conservation;
pub mod correlation;
pub mod maps;
pub mod pairs;
pub mod phenotypes;
mod signed_rank;
mod student;
