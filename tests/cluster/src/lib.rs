//! What the tests in `tests/` stand on: a real Kubernetes of their own, a namespace for each test, and what to print when
//! one fails. Nothing here knows the operator.

mod cluster;
mod diagnosis;
mod namespace;
mod probe;
mod waiting;

pub use cluster::{Cluster, Level};
pub use namespace::in_namespace;
pub use probe::{PROBE_IMAGE, probe_job, probe_pod_spec};
pub use waiting::{eventually, within};
