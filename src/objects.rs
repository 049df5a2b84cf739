//! The objects we own: Jobs and the ConfigMaps with their requests, one kind a file.
//!
//! Pure: the same analysis gives the same objects, whoever asks and however often. Names are deterministic, so that
//! a create that was committed and not answered is found again (409) and never made twice.
#![deny(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod config_map;
pub mod job;
pub mod naming;
pub mod pod;
mod scheduling;

pub use job::{JobOrder, job_for};
pub use naming::{Owner, Stage};
pub use pod::PodTerms;
