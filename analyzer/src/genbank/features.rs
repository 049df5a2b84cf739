//! The feature table: the CDS features of a record, all others skipped line by line.

use std::io::Read;

use super::location;
use super::qualifiers::Qualifiers;
use super::{Record, keyword};
use crate::read::error::ReadError;
use crate::read::feature::CodingFeature;
use crate::read::lines::Lines;

/// Columns before a location or a qualifier.
const QUALIFIER_COLUMN: usize = 21;

/// Reads up to the first line that begins in the first column, which is left for the caller.
pub(super) fn read<R: Read>(lines: &mut Lines<R>, record: &mut Record) -> Result<(), ReadError> {
    let mut open: Option<Feature> = None;
    while let Some(line) = lines.next()? {
        let indent = line.bytes.iter().take_while(|&&byte| byte == b' ').count();
        if indent == line.bytes.len() {
            continue;
        }
        if !line.ends {
            return Err(ReadError::too_long(
                record.position(line.number),
                "a line of the feature table",
            ));
        }
        if indent == 0 {
            break;
        }
        let text = line.bytes[indent..].trim_ascii_end();
        if indent < QUALIFIER_COLUMN {
            if let Some(feature) = open.take() {
                feature.finish(record)?;
            }
            open = Feature::begin(text, line.number);
        } else if let Some(feature) = &mut open {
            feature.add(text, line.number);
        }
    }
    lines.unread();
    match open {
        Some(feature) => feature.finish(record),
        None => Ok(()),
    }
}

/// A CDS whose lines are being collected.
struct Feature {
    line: u64,
    location: Vec<u8>,
    qualifiers: Qualifiers,
}

impl Feature {
    /// `None` for features other than CDS.
    fn begin(text: &[u8], line: u64) -> Option<Self> {
        let key = keyword(text);
        (key == b"CDS").then(|| Self {
            line,
            location: text[key.len()..].trim_ascii_start().to_vec(),
            qualifiers: Qualifiers::default(),
        })
    }

    fn add(&mut self, text: &[u8], line: u64) {
        if !self.qualifiers.add(text, line) {
            self.location.extend_from_slice(text);
        }
    }

    fn finish(self, record: &mut Record) -> Result<(), ReadError> {
        let place = location::parse(&self.location, record.id()).ok_or_else(|| {
            ReadError::malformed(
                record.position(self.line),
                &self.location,
                "a location such as `complement(join(1..9,20..31))`",
            )
        })?;
        let mut feature = CodingFeature {
            place,
            ..CodingFeature::default()
        };
        self.qualifiers
            .apply(&mut feature, record.id())
            .map_err(|problem| {
                ReadError::malformed(record.position(problem.line), &problem.found, problem.expected)
            })?;
        record.features.push(feature);
        Ok(())
    }
}
