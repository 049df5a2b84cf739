//! The JSON Schemas of the contract, as generated into `docs/reference`.

use schemars::{Schema, schema_for};

use crate::{ChunkFooter, Manifest, Message, Plan, Request, TaskLine, plan::Claim};

/// Name and schema of every document.
pub fn all() -> Vec<(&'static str, Schema)> {
    vec![
        ("request", schema_for!(Request)),
        ("plan", schema_for!(Plan)),
        ("task-line", schema_for!(TaskLine)),
        ("claim", schema_for!(Claim)),
        ("chunk-footer", schema_for!(ChunkFooter)),
        ("message", schema_for!(Message)),
        ("manifest", schema_for!(Manifest)),
    ]
}
