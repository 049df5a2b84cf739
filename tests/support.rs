//! Fluent makers and a fake cluster: a Job controller in two hundred lines, with a clock that only tests move.

pub mod cluster;
pub mod make;

pub use cluster::{Cluster, End};
