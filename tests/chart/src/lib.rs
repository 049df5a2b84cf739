//! Tests of `charts/genome-operator`; nothing else is in this crate.
//!
//! `drift` needs no other program. `alerts` needs promtool, `helm` and `score` need helm (and kube-score): those are
//! marked as ignored, and `make test` runs them where the program is installed; in CI it has to be.
#![cfg(test)]

mod alerts;
mod chart;
mod drift;
mod helm;
mod score;
