//! The one integration binary of the operator and the plugin: scenarios and properties of `decide` on a fake cluster, and the
//! programs as a user runs them without one.
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't go on should stop where it is"
)]
#![expect(unreachable_pub, reason = "what tests share is public in their binary")]

mod conformance;
mod convergence;
mod course;
mod documents;
mod elastic;
mod examples;
mod laptop;
mod obstacles;
mod scenarios;
mod support;
mod transitions;
mod worlds;
