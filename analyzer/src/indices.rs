//! Codon usage of a gene or a genome in numbers, one index a file, each with its formula, edge cases and paper.
//!
//! ```text
//! CodonCounts ─► families (which codons are synonymous) ─► rscu · frequencies · enc · gc · scuo
//!                             reference (ribosomal genes) ─► cai · fop · cbi · milc · melp
//! ```
//!
//! An index that is undefined for a gene is `None`, never zero.

pub mod cai;
pub mod cbi;
pub mod correspondence;
pub mod counts;
pub mod enc;
pub mod families;
pub mod fop;
pub mod frequencies;
pub mod gc;
mod logarithms;
pub mod melp;
pub mod milc;
pub mod principal;
pub mod reference;
pub mod rscu;
pub mod scuo;
