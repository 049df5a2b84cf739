//! Objects for programs.

use serde::Serialize;

use super::Error;
use super::arguments::Format;

/// Prints `object` on standard output.
pub(super) fn print(object: &impl Serialize, format: Format) -> Result<(), Error> {
    let text = match format {
        Format::Json => serde_json::to_string_pretty(object)
            .map(|text| text + "\n")
            .map_err(|e| e.to_string()),
        Format::Yaml => serde_saphyr::to_string(object).map_err(|e| e.to_string()),
    };
    print!("{}", text.map_err(Error::Print)?);
    Ok(())
}
