//! Traits of a panel in one genome: which genes belong, what signature their codons leave, which genes bear it.
//!
//! ```text
//! panel ─► membership ─► signature (refitted without each member) ─► score (z) ─► tail (p) · auc · robust · adjust (q)
//!                             batch (the same for permuted sets) ─► ranking ─► sequential (p)
//!                        confounders ─► permutation (the two tests) ─► verdict ─► clusters
//! ```
//!
//! Nothing here claims more than was tested: a trait whose tests did not run is `untested`.

pub mod adjust;
pub mod auc;
mod batch;
pub mod clusters;
pub mod confounders;
pub mod membership;
pub mod normal;
pub mod panel;
pub(crate) mod permutation;
pub mod random;
mod ranking;
pub mod robust;
pub mod score;
pub mod sequences;
mod sequential;
pub mod shuffle;
pub mod signature;
mod tail;
mod tilts;
pub mod verdict;

pub(crate) use batch::Matrices;
pub use panel::{Panel, PanelError, Trait};

/// Genes with fewer informative codons are not scored: so few say little, whatever their null is approximated by.
pub const SHORTEST_SCORED: u64 = 50;
/// Sets with fewer genes found carry no claim.
pub const SMALLEST_SET: usize = 8;
