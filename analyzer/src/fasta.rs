//! FASTA: whole sequences, of which length and composition are kept, or coding sequences, which are counted.
//!
//! Which of the two a file is, its first header tells (NCBI's `[locus_tag=…]`, Prodigal's ` # 337 # 2799 # 1 # `), else
//! its first records: in-frame sequences without inner stops are coding. Only those are held in memory meanwhile.

mod coding;
mod header;

use std::io::Read;

use crate::read::FastaKind;
use crate::read::assembly::Assembly;
use crate::read::bases;
use crate::read::error::{Position, ReadError};
use crate::read::feature::Composition;
use crate::read::lines::Lines;
use crate::record::{Contig, Format};

use self::coding::Coding;
pub(crate) use self::header::Header;

/// The longest known proteins have some 36,000 residues: what is longer is no coding sequence.
const LONGEST_CODING: usize = 300_000;

/// Records looked at before a file without telling headers is judged.
const JUDGED_RECORDS: usize = 64;

/// Bases read before they are handed on.
const CHUNK: usize = 1 << 16;

/// Reads all records into `assembly`.
pub(crate) fn read<R: Read>(
    lines: &mut Lines<R>,
    assembly: &mut Assembly,
    kind: Option<FastaKind>,
) -> Result<Format, ReadError> {
    let mut records = Records::new(lines);
    let mut pending: Vec<(Header, Vec<u8>)> = Vec::new();
    let mut kind = kind;
    while kind.is_none() {
        let Some(header) = records.next_header()? else {
            break;
        };
        if header.tells_coding() {
            kind = Some(FastaKind::Coding);
        }
        let is_whole = records.read_chunk(&header, LONGEST_CODING)?;
        let codes = std::mem::take(&mut records.codes);
        pending.push((header, codes));
        if !is_whole {
            return finish_genome(records, pending, assembly);
        }
        if pending.len() == JUDGED_RECORDS {
            break;
        }
    }
    match kind.unwrap_or_else(|| coding::judge(&pending, assembly.default_code())) {
        FastaKind::Genome => finish_genome(records, pending, assembly),
        FastaKind::Coding => {
            let mut coding = Coding::default();
            for (header, codes) in pending {
                coding.add(&header, &codes, assembly);
            }
            while let Some(header) = records.next_header()? {
                records.codes.clear();
                if !records.read_chunk(&header, LONGEST_CODING)? {
                    return Err(records.too_long(&header));
                }
                coding.add(&header, &records.codes, assembly);
            }
            Ok(Format::FastaCds)
        }
    }
}

/// Whole sequences: the last of `pending` may still go on.
fn finish_genome<R: Read>(
    mut records: Records<'_, R>,
    pending: Vec<(Header, Vec<u8>)>,
    assembly: &mut Assembly,
) -> Result<Format, ReadError> {
    assembly.expect_no_annotation();
    let mut open: Option<(Header, Composition)> = None;
    for (header, codes) in pending {
        close(open.take(), assembly);
        let mut composition = Composition::default();
        composition.add(&codes);
        assembly.keep(&codes, || header.position(header.line))?;
        open = Some((header, composition));
    }
    loop {
        if let Some((header, composition)) = &mut open {
            loop {
                records.codes.clear();
                let is_whole = records.read_chunk(header, CHUNK)?;
                composition.add(&records.codes);
                assembly.keep(&records.codes, || header.position(header.line))?;
                if is_whole {
                    break;
                }
            }
        }
        close(open.take(), assembly);
        match records.next_header()? {
            Some(header) => open = Some((header, Composition::default())),
            None => return Ok(Format::FastaGenome),
        }
    }
}

fn close(record: Option<(Header, Composition)>, assembly: &mut Assembly) {
    let Some((
        header,
        Composition {
            length,
            gc_bases,
            unambiguous_bases,
        },
    )) = record
    else {
        return;
    };
    if length == 0 {
        assembly.note_empty_record(header.position(header.line));
    }
    let is_circular = header.is_circular();
    assembly.add_contig(Contig {
        id: header.id,
        length,
        gc_bases,
        unambiguous_bases,
        is_circular,
    });
}

/// Reads header, sequence, header, sequence …
pub(crate) struct Records<'a, R> {
    lines: &'a mut Lines<R>,
    /// Base codes of the sequence in hand.
    pub(crate) codes: Vec<u8>,
}

impl<'a, R: Read> Records<'a, R> {
    pub(crate) const fn new(lines: &'a mut Lines<R>) -> Self {
        Self {
            lines,
            codes: Vec::new(),
        }
    }

    /// The last line read.
    pub(crate) const fn line(&self) -> u64 {
        self.lines.number()
    }

    /// The next header; `None` at the end.
    pub(crate) fn next_header(&mut self) -> Result<Option<Header>, ReadError> {
        let Some(line) = self.lines.next()? else {
            return Ok(None);
        };
        let number = line.number;
        let [b'>', text @ ..] = line.bytes else {
            let position = Position {
                line: number,
                record: None,
            };
            return Err(ReadError::malformed(
                position,
                line.bytes,
                "a header, which begins with `>`",
            ));
        };
        if !line.ends {
            let position = Position {
                line: number,
                record: None,
            };
            return Err(ReadError::too_long(position, "a header"));
        }
        Ok(Some(Header::parse(text, number)))
    }

    /// Appends sequence to `codes` until the record ends (true) or `codes` holds more than `most` (false).
    pub(crate) fn read_chunk(&mut self, header: &Header, most: usize) -> Result<bool, ReadError> {
        while let Some(line) = self.lines.next()? {
            if line.begins && line.bytes.first() == Some(&b'>') {
                self.lines.unread();
                return Ok(true);
            }
            let number = line.number;
            bases::append(&mut self.codes, line.bytes)
                .map_err(|not_a_base| ReadError::not_a_base(header.position(number), not_a_base))?;
            if self.codes.len() > most {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn too_long(&self, header: &Header) -> ReadError {
        let position = header.position(self.lines.number());
        ReadError::TooLong {
            position,
            what: "a coding sequence",
            limit: LONGEST_CODING as u64,
        }
    }
}
