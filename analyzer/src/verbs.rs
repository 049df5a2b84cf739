//! What a pod does: `plan` lists and bundles, `map` analyzes a task chunk by chunk, `merge` writes the reports.
//!
//! ```text
//!  request ─► plan ─► _claim.json, traits.json, plan.tasks.jsonl, plan.json
//!             map  ─► parts/associations-… genes-… genomes-…      (the last one commits a chunk)
//!             merge ► reports, manifest.json                      (the manifest commits the analysis)
//! ```
//!
//! Every verb may be killed at any point and run again. On a laptop one process runs all three.

pub mod map;
pub mod merge;
pub mod panel;
mod phenotypes;
pub mod plan;
mod session;
mod stop;

pub use session::{Ending, Session};
pub use stop::Stop;
