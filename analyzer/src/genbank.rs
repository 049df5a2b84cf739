//! GenBank flat files: records with coding features and their sequence.
//!
//! ```text
//! LOCUS       NC_000913   4641652 bp   DNA   circular …      header: name, topology
//! VERSION     NC_000913.3
//! FEATURES             Location/Qualifiers                   features: only CDS are kept
//!      CDS             complement(join(1..9,20..>31))
//!                      /locus_tag="b0001"
//! ORIGIN
//!         1 agcttttcat tctgactgca                            sequence: counted as it passes, and dropped
//! //
//! ```

mod features;
mod location;
mod qualifiers;

pub(crate) use self::location::parse as parse_location;
pub(crate) use self::qualifiers::exceptions as parse_exceptions;

use std::io::Read;

use crate::read::assembly::Assembly;
use crate::read::bases;
use crate::read::error::{Position, ReadError};
use crate::read::feature::{CodingFeature, SetAsideAs};
use crate::read::lines::Lines;
use crate::read::passing::Passing;

/// What is known of the record in hand.
#[derive(Debug, Default)]
pub(crate) struct Record {
    name: String,
    version: Option<String>,
    is_circular: bool,
    first_line: u64,
    features: Vec<CodingFeature>,
    codes: Vec<u8>,
    /// Once the sequence has begun.
    passing: Option<Passing>,
}

impl Record {
    fn id(&self) -> &str {
        self.version.as_deref().unwrap_or(&self.name)
    }

    fn position(&self, line: u64) -> Position {
        Position {
            line,
            record: Some(self.id().to_owned()),
        }
    }

    /// The features collected so far, with the sequence to come.
    fn passing(&mut self, assembly: &Assembly) -> Passing {
        let begun = self.passing.take();
        begun.unwrap_or_else(|| Passing::new(std::mem::take(&mut self.features), self.is_circular, assembly))
    }
}

/// Reads all records into `assembly`.
pub(crate) fn read<R: Read>(lines: &mut Lines<R>, assembly: &mut Assembly) -> Result<(), ReadError> {
    let mut record: Option<Record> = None;
    while let Some(line) = lines.next()? {
        let number = line.number;
        match keyword(line.bytes) {
            b"LOCUS" => {
                if let Some(open) = &record {
                    return Err(ReadError::Truncated {
                        position: open.position(number),
                        expected: "its end `//`",
                    });
                }
                record = Some(locus(line.bytes, number));
            }
            b"//" => finish(record.take(), assembly),
            keyword => {
                let Some(record) = &mut record else {
                    if line.is_blank() {
                        continue;
                    }
                    let position = Position {
                        line: number,
                        record: None,
                    };
                    return Err(ReadError::malformed(position, line.bytes, "`LOCUS`"));
                };
                match keyword {
                    b"VERSION" => record.version = second_word(line.bytes).or(record.version.take()),
                    b"FEATURES" => features::read(lines, record)?,
                    b"ORIGIN" => read_sequence(lines, record, assembly)?,
                    _ => {}
                }
            }
        }
    }
    match record {
        Some(record) => Err(ReadError::Truncated {
            position: record.position(lines.number()),
            expected: "the record's end `//`",
        }),
        None => Ok(()),
    }
}

/// First word of a line that begins in the first column, else empty.
fn keyword(line: &[u8]) -> &[u8] {
    let end = line
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(line.len());
    &line[..end]
}

fn second_word(line: &[u8]) -> Option<String> {
    let word = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
        .nth(1)?;
    Some(String::from_utf8_lossy(word).into_owned())
}

fn locus(line: &[u8], number: u64) -> Record {
    let is_circular = line
        .split(u8::is_ascii_whitespace)
        .any(|word| word.eq_ignore_ascii_case(b"circular"));
    Record {
        name: second_word(line).unwrap_or_default(),
        is_circular,
        first_line: number,
        ..Record::default()
    }
}

/// Reads the lines below ORIGIN up to `//`, which is left for the caller.
fn read_sequence<R: Read>(
    lines: &mut Lines<R>,
    record: &mut Record,
    assembly: &mut Assembly,
) -> Result<(), ReadError> {
    let mut passing = record.passing(assembly);
    while let Some(line) = lines.next()? {
        if line.begins
            && line
                .bytes
                .first()
                .is_some_and(|byte| !byte.is_ascii_whitespace() && !byte.is_ascii_digit())
        {
            break;
        }
        let blanks = if line.begins {
            line.bytes
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace() || byte.is_ascii_digit())
                .count()
        } else {
            0
        };
        let number = line.number;
        let before = record.codes.len();
        if let Err(not_a_base) = append_blocks(&mut record.codes, &line.bytes[blanks..]) {
            let position = record.position(number);
            return Err(ReadError::not_a_base(position, not_a_base));
        }
        assembly.keep(&record.codes[before..], || record.position(number))?;
        if record.codes.len() >= passing.due() {
            passing.settle(&mut record.codes);
        }
    }
    record.passing = Some(passing);
    lines.unread();
    Ok(())
}

/// Blocks of ten bases between blanks. The layout is fixed, so blocks are taken by position, and only a line that
/// breaks the layout is taken byte by byte.
fn append_blocks(codes: &mut Vec<u8>, blocks: &[u8]) -> Result<(), bases::NotABase> {
    let before = codes.len();
    for block in blocks.chunks(11) {
        let (block, blank) = block.split_at(block.len().min(10));
        if !matches!(blank, b"" | b" ") || block.contains(&b' ') {
            codes.truncate(before);
            return bases::append(codes, blocks);
        }
        bases::append(codes, block)?;
    }
    Ok(())
}

fn finish(record: Option<Record>, assembly: &mut Assembly) {
    let Some(mut record) = record else { return };
    let (id, position) = (record.id().to_owned(), record.position(record.first_line));
    let passing = record.passing(assembly);
    if passing.finish(&mut record.codes, id, assembly) == 0 {
        assembly.note_empty_record(position);
    }
    if assembly.ignores_annotation() {
        return;
    }
    // A feature table behind its sequence.
    for feature in record.features {
        assembly.add(Err(if feature.is_pseudo {
            SetAsideAs::Pseudogene
        } else {
            SetAsideAs::WithoutSequence
        }));
    }
}
