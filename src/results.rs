//! What Jobs and pods say, in our own words: the API's objects in, [`JobState`] and [`PodState`] out, and from the
//! pods' termination messages the counts of the status.
//!
//! ```text
//!  Job + its pods ──► JobState { stage, tasks, succeeded, failed, pods: [PodState { exit, message, … }] }
//!                                                                   └──► counts ──► status
//! ```
//!
//! Reads only what is given; a malformed annotation or message on an object of ours is ignored, never a panic.
#![deny(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod counts;
pub mod indexes;
pub mod job_state;
pub mod pod_state;

pub use counts::Counts;
pub use indexes::Indexes;
pub use job_state::{Finish, JobState};
pub use pod_state::{Death, PodState};
