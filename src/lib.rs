//! The operator as a library, in the order data flows.
//!
//! ```text
//!  manifest ─► api ─► validate ─► plan ─┬─► (the cluster) ─► results ─► status
//!                                       └─► local: child processes
//! ```

#![forbid(unsafe_code)]

pub mod api;

pub mod validate;

pub mod plan;

pub mod observe;

pub mod decide;

pub mod objects;

pub mod apply;

pub mod results;

pub mod controller;

pub mod operator;

pub mod leader;

pub mod metrics;

pub mod telemetry;

pub mod server;

pub mod cli;

pub mod trim;

pub mod local;

pub mod plugin;
