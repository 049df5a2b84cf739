//! The one integration binary of the operator: scenarios and properties of `decide`, on a fake cluster.
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't go on should stop where it is"
)]
#![expect(unreachable_pub, reason = "what tests share is public in their binary")]

mod convergence;
mod course;
mod support;
