//! `validate`: every mistake of every file at once.

use serde_json::json;

use super::arguments::Validate;
use super::{Error, format};
use crate::local::manifest::{self, BadManifest};
use crate::validate::Settings;

/// Says which analyses are valid, and what in them has no effect yet; 64 where a manifest is wrong.
pub(super) fn show(Validate { file, output }: &Validate) -> Result<u8, Error> {
    let (mut valid, mut problems) = (Vec::new(), Vec::new());
    for file in file {
        match manifest::read(file, &Settings::local()) {
            Ok(manifest) => valid.extend(
                manifest
                    .analyses
                    .into_iter()
                    .map(|analysis| (file, analysis.valid)),
            ),
            Err(BadManifest(lines)) => problems.extend(lines),
        }
    }
    let code = if problems.is_empty() { 0 } else { 64 };
    if let Some(format) = output.format {
        let analyses: Vec<_> = valid
            .iter()
            .map(|(file, valid)| json!({ "file": file, "name": valid.identity.name }))
            .collect();
        format::print(&json!({ "valid": analyses, "problems": problems }), format)?;
        return Ok(code);
    }
    for (file, valid) in valid {
        println!(
            "{}: GenomeAnalysis `{}` is valid",
            file.display(),
            valid.identity.name
        );
    }
    if problems.is_empty() {
        return Ok(0);
    }
    Err(BadManifest(problems).into())
}
