//! Fluent makers, a fake cluster (a Job controller in two hundred lines, with a clock that only tests move), scenes for
//! scenarios, golden files, and our programs as a user has them.

pub mod cluster;
pub mod conformance;
pub mod golden;
pub mod make;
pub mod programs;
pub mod s3;
pub mod scene;

pub use cluster::{Cluster, End};
