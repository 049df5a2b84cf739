//! What the operator and the analyzer promise each other: the only crate both depend on.
//!
//! ```text
//!  operator ── Request ──► plan ──► Plan + TaskLine… ──► map ──► chunks (ChunkFooter) ──► merge ──► Manifest
//!     ▲                     │                             │                                │
//!     └─────────────────────┴──── Message, ExitCode ──────┴────────────────────────────────┘
//! ```
//!
//! Types, names and numbers only: nothing here writes or decides, and only [`process`] reads, its own process. Every document carries a
//! `schemaVersion`; JSON Schemas and a golden example of each are generated into `docs/reference`.

#![forbid(unsafe_code)]

pub mod chunk;
pub mod examples;
pub mod exit;
pub mod manifest;
pub mod message;
pub mod names;
pub mod plan;
pub mod process;
pub mod reason;
pub mod request;
pub mod schemas;

pub use chunk::{ChunkFooter, ChunkId};
pub use exit::ExitCode;
pub use manifest::Manifest;
pub use message::Message;
pub use plan::{Plan, TaskLine};
pub use reason::Reason;
pub use request::{Request, Verb};

/// Version of every document in this crate. A reader refuses any other.
///
/// What a release adds is a field that may be absent, and that is left out where it says what its absence says: whoever does
/// not use it has the document of the release before, byte for byte. That is how an operator goes on with the analyzer that
/// planned a run ([`request`] refuses what it does not know: a wish that is not understood must not be passed over).
pub const SCHEMA_VERSION: u32 = 1;
