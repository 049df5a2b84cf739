//! What the tests in `tests/` stand on: a real Kubernetes of their own, a namespace for each test, and what to print when
//! one fails. Of the operator they know the contract and how to start it.

mod cluster;
mod diagnosis;
mod last_words;
mod namespace;
mod operator_process;
mod player;
mod probe;
mod waiting;

pub use cluster::{Cluster, Level};
pub use last_words::Work;
pub use namespace::in_namespace;
pub use operator_process::{OperatorProcess, resident_memory};
pub use player::{Act, End, Figures, Player, Role};
pub use probe::{PROBE_IMAGE, probe_job, probe_pod_spec};
pub use waiting::eventually;
