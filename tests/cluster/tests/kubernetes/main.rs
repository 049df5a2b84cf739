//! The operator's ground, and the operator on it, against a real Kubernetes. All ignored by default: `make test` needs
//! neither root nor a cluster. `README.md` says how to run them.

mod control_plane;
mod crd;
mod data;
mod disturbed;
mod elasticity;
mod external_metric;
mod fairness;
mod last_words;
mod many;
mod node;
mod node_autoscaler;
mod operator;
mod operator_process;
mod outside;
mod player;
mod plugin;
mod plugin_control_plane;
mod refusals;
mod removal;
mod scale_subresource;
mod simulated;
mod support;
mod upgrade;
