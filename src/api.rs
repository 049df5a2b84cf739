//! What a user writes and reads: the custom resource, its names, and the CRD that carries it.
//!
//! Types hold the text as it was written (`512Mi`, `1h30m`); only [`crate::validate`] turns it into numbers,
//! so that a manifest with several mistakes can report all of them.

pub mod crd;
pub mod names;
pub mod reference;
pub mod v1alpha1;

pub use v1alpha1::{GenomeAnalysis, GenomeAnalysisSpec, GenomeAnalysisStatus, Phase};
