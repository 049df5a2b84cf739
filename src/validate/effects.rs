//! What is accepted and stored, but not acted on yet: the status says so, so that nobody waits for it.

use crate::api::GenomeAnalysisSpec;

/// One sentence a field without effect.
pub(super) fn without_effect(spec: &GenomeAnalysisSpec) -> Vec<String> {
    let fields = [
        ("scaling.finishWithin", spec.scaling.finish_within.is_some()),
        ("retries.round", spec.retries.round > 0),
    ];
    fields
        .into_iter()
        .filter(|(_, is_used)| *is_used)
        .map(|(field, _)| format!("`spec.{field}` has no effect yet"))
        .collect()
}
