//! What is accepted and stored, but not acted on yet: the status says so, so that nobody waits for it.

use crate::api::GenomeAnalysisSpec;

/// One sentence a field without effect; there is none.
pub(super) fn without_effect(_: &GenomeAnalysisSpec) -> Vec<String> {
    Vec::new()
}
