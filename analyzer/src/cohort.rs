//! Many genomes together, in memory that does not grow with their number: sums are added genome by genome, in the
//! plan's order, and read off at the end.

pub mod conservation;
pub mod correlation;
