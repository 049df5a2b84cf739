//! GFF3 annotation (<https://github.com/The-Sequence-Ontology/Specifications/blob/master/gff3.md>) and its sequence: below
//! `##FASTA` in the same file, or in a second one.
//!
//! ```text
//! ##gff-version 3
//! contig  RefSeq  gene  1  9  .  +  .  ID=gene-b1;gene=thrL;locus_tag=b1
//! contig  RefSeq  CDS   1  9  .  +  0  ID=cds-b1;Parent=gene-b1;product=peptide   lines of one ID are one CDS
//! ##FASTA
//! >contig
//! ATGAAATAA
//! ```

mod attributes;
mod table;

use std::io::Read;

use crate::fasta::Records;
use crate::read::assembly::Assembly;
use crate::read::error::{Position, ReadError};
use crate::read::lines::Lines;
use crate::read::passing::Passing;

pub(crate) use self::table::Annotation;

/// Reads FASTA records and counts the features that `annotation` places on them.
pub(crate) fn read_sequence<R: Read>(
    lines: &mut Lines<R>,
    mut annotation: Annotation,
    assembly: &mut Assembly,
) -> Result<(), ReadError> {
    let mut records = Records::new(lines);
    while let Some(header) = records.next_header()? {
        let contig = annotation.take(&header.id);
        let is_circular = contig.is_circular || header.is_circular();
        let mut passing = Passing::new(contig.features, is_circular, assembly);
        loop {
            let before = records.codes.len();
            let is_whole = records.read_chunk(&header, passing.due())?;
            assembly.keep(&records.codes[before..], || header.position(header.line))?;
            if is_whole {
                break;
            }
            passing.settle(&mut records.codes);
        }
        let position = header.position(header.line);
        if passing.finish(&mut records.codes, header.id, assembly) == 0 {
            assembly.note_empty_record(position);
        }
    }
    if assembly.genome_mut().contigs.is_empty() {
        let position = Position {
            line: records.line(),
            record: None,
        };
        let expected = "the sequence below `##FASTA`, or in a FASTA file beside the annotation";
        return Err(ReadError::Malformed {
            position,
            found: "the end of the file".to_owned(),
            expected: expected.to_owned(),
        });
    }
    if !assembly.ignores_annotation() {
        // Features on contigs that the sequence does not have.
        assembly.genome_mut().set_aside.without_sequence += annotation.features_left();
    }
    Ok(())
}
