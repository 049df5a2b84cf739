//! The lines of an annotation → coding features by contig.

use std::collections::HashMap;
use std::io::Read;

use super::attributes::Attributes;
use crate::genbank::parse_exceptions;
use crate::genetic_code::GeneticCode;
use crate::read::error::{Position, ReadError};
use crate::read::feature::{CodingFeature, Names, Span};
use crate::read::lines::Lines;
use crate::record::Strand;

/// What is annotated on one contig.
#[derive(Debug, Default)]
pub(crate) struct AnnotatedContig {
    pub(crate) features: Vec<CodingFeature>,
    pub(crate) is_circular: bool,
}

/// Everything annotated, by contig.
#[derive(Debug, Default)]
pub(crate) struct Annotation {
    contigs: HashMap<String, AnnotatedContig>,
}

/// A gene or transcript: CDS inherit its names.
#[derive(Debug, Default)]
struct Parent {
    names: Names,
    is_pseudo: bool,
    parent: Option<String>,
}

/// A CDS whose lines are being gathered.
#[derive(Debug)]
struct Coding {
    contig: String,
    parent: Option<String>,
    feature: CodingFeature,
    /// Phase of each span.
    phases: Vec<u8>,
    is_low_partial: bool,
    is_high_partial: bool,
}

/// The columns of a line.
struct Row<'a> {
    contig: String,
    kind: &'a [u8],
    span: Span,
    phase: u8,
    attributes: Attributes<'a>,
}

/// Lines gathered so far.
#[derive(Debug, Default)]
struct Table {
    coding: Vec<Coding>,
    by_id: HashMap<String, usize>,
    parents: HashMap<String, Parent>,
    circular: Vec<String>,
}

impl Annotation {
    /// Reads up to the sequence (the line after `##FASTA`, or the first header), or the end.
    pub(crate) fn read<R: Read>(lines: &mut Lines<R>) -> Result<Self, ReadError> {
        let mut table = Table::default();
        while let Some(line) = lines.next()? {
            let position = Position {
                line: line.number,
                record: None,
            };
            if !line.ends {
                return Err(ReadError::too_long(position, "a line of the annotation"));
            }
            match line.bytes {
                [b'>', ..] => {
                    lines.unread();
                    break;
                }
                bytes if bytes.starts_with(b"##FASTA") => break,
                [b'#', ..] => {}
                _ if line.is_blank() => {}
                bytes => table.add(row(bytes, &position)?, &position)?,
            }
        }
        Ok(table.into_annotation())
    }

    /// What is annotated on `contig`, which is then no longer there.
    pub(crate) fn take(&mut self, contig: &str) -> AnnotatedContig {
        self.contigs.remove(contig).unwrap_or_default()
    }

    pub(crate) fn features_left(&self) -> u64 {
        self.contigs
            .values()
            .map(|contig| contig.features.len() as u64)
            .sum()
    }
}

fn row<'a>(line: &'a [u8], position: &Position) -> Result<Row<'a>, ReadError> {
    let malformed = |found: &[u8], expected| ReadError::malformed(position.clone(), found, expected);
    let columns: Vec<&[u8]> = line.split(|&byte| byte == b'\t').collect();
    let [contig, _, kind, start, end, _, strand, phase, attributes] = columns[..] else {
        return Err(malformed(line, "nine columns between tabs"));
    };
    let number = |column: &[u8]| {
        std::str::from_utf8(column)
            .ok()
            .and_then(|text| text.trim().parse::<u64>().ok())
    };
    let first = number(start)
        .filter(|&start| start > 0)
        .ok_or_else(|| malformed(start, "a start, counted from 1"))?;
    let last = number(end)
        .filter(|&end| end >= first - 1)
        .ok_or_else(|| malformed(end, "an end that is not below the start"))?;
    let strand = if strand == b"-" {
        Strand::Reverse
    } else {
        Strand::Forward
    };
    let phase = match phase {
        b"0" | b"." => 0,
        b"1" => 1,
        b"2" => 2,
        other => return Err(malformed(other, "a phase of 0, 1, 2 or `.`")),
    };
    let contig = String::from_utf8_lossy(contig).into_owned();
    Ok(Row {
        contig,
        kind,
        span: Span {
            start: first - 1,
            end: last,
            strand,
        },
        phase,
        attributes: Attributes(attributes),
    })
}

impl Table {
    fn add(&mut self, row: Row<'_>, position: &Position) -> Result<(), ReadError> {
        let attributes = row.attributes;
        match row.kind {
            b"CDS" => return self.add_coding(row, position),
            b"region" | b"chromosome" | b"contig" if attributes.is_true("Is_circular") => {
                self.circular.push(row.contig);
            }
            b"gene" | b"pseudogene" | b"mRNA" | b"transcript" => {
                let Some(id) = attributes.get("ID") else {
                    return Ok(());
                };
                let mut names = names(attributes);
                names.gene = names
                    .gene
                    .or_else(|| attributes.get("Name"))
                    .filter(|name| names.locus_tag.as_ref() != Some(name));
                let is_pseudo = row.kind == b"pseudogene" || is_pseudo(attributes);
                self.parents.insert(
                    id,
                    Parent {
                        names,
                        is_pseudo,
                        parent: attributes.get("Parent"),
                    },
                );
            }
            _ => {}
        }
        Ok(())
    }

    fn add_coding(&mut self, row: Row<'_>, position: &Position) -> Result<(), ReadError> {
        let attributes = row.attributes;
        if attributes.are_of_gtf() {
            return Err(ReadError::Gtf(position.clone()));
        }
        let (id, parent) = (attributes.get("ID"), attributes.get("Parent"));
        // Spans of one CDS share an ID; without IDs, a parent.
        let key = id
            .clone()
            .or_else(|| parent.clone())
            .map(|key| format!("{}\t{key}", row.contig));
        let index = key
            .as_ref()
            .and_then(|key| self.by_id.get(key))
            .copied()
            .unwrap_or(self.coding.len());
        if index == self.coding.len() {
            let mut names = names(attributes);
            names.fallback = id;
            let feature = CodingFeature {
                names,
                genetic_code: table_of(attributes, position)?,
                is_pseudo: is_pseudo(attributes),
                ..CodingFeature::default()
            };
            self.coding.push(Coding {
                contig: row.contig,
                parent,
                feature,
                phases: Vec::new(),
                is_low_partial: false,
                is_high_partial: false,
            });
            self.by_id.extend(key.map(|key| (key, index)));
        }
        let coding = &mut self.coding[index];
        coding.feature.place.spans.push(row.span);
        coding.phases.push(row.phase);
        coding.is_low_partial |= !attributes.list("start_range").is_empty();
        coding.is_high_partial |= !attributes.list("end_range").is_empty();
        if let Some(exception) = attributes.get("transl_except") {
            let excepted = parse_exceptions(exception.as_bytes(), "").ok_or_else(|| {
                ReadError::malformed(
                    position.clone(),
                    exception.as_bytes(),
                    "`(pos:LOCATION,aa:AMINO_ACID)`",
                )
            })?;
            coding.feature.exceptions.extend(excepted);
        }
        Ok(())
    }

    fn into_annotation(self) -> Annotation {
        let Self {
            coding,
            parents,
            circular,
            ..
        } = self;
        let mut annotation = Annotation::default();
        for contig in circular {
            annotation.contigs.entry(contig).or_default().is_circular = true;
        }
        for coding in coding {
            let contig = coding.contig.clone();
            annotation
                .contigs
                .entry(contig)
                .or_default()
                .features
                .push(coding.into_feature(&parents));
        }
        annotation
    }
}

impl Coding {
    fn into_feature(self, parents: &HashMap<String, Parent>) -> CodingFeature {
        let Self {
            mut feature,
            parent,
            phases,
            is_low_partial,
            is_high_partial,
            ..
        } = self;
        inherit(&mut feature, parent, parents);
        let is_reverse = feature.place.spans[0].strand == Strand::Reverse;
        let mut spans: Vec<(Span, u8)> = std::mem::take(&mut feature.place.spans)
            .into_iter()
            .zip(phases)
            .collect();
        spans.sort_by_key(|(span, _)| (span.start, span.end));
        if is_reverse {
            spans.reverse();
        }
        feature.skip = spans[0].1;
        feature.place.spans = spans.into_iter().map(|(span, _)| span).collect();
        (feature.place.is_partial_start, feature.place.is_partial_end) = if is_reverse {
            (is_high_partial, is_low_partial)
        } else {
            (is_low_partial, is_high_partial)
        };
        feature
    }
}

/// Takes what the feature itself does not say from its transcript and gene.
fn inherit(feature: &mut CodingFeature, parent: Option<String>, parents: &HashMap<String, Parent>) {
    let mut next = parent;
    // CDS, transcript, gene: deeper nesting, or a circle, is not followed.
    for _ in 0..3 {
        let Some(parent) = next.as_ref().and_then(|id| parents.get(id)) else {
            return;
        };
        let names = &mut feature.names;
        let inherited = &parent.names;
        names.gene = names.gene.take().or_else(|| inherited.gene.clone());
        names.locus_tag = names.locus_tag.take().or_else(|| inherited.locus_tag.clone());
        names.product = names.product.take().or_else(|| inherited.product.clone());
        names.synonyms.extend(
            inherited
                .synonyms
                .iter()
                .filter(|name| !names.synonyms.contains(name))
                .cloned()
                .collect::<Vec<_>>(),
        );
        feature.is_pseudo |= parent.is_pseudo;
        next = parent.parent.clone();
    }
}

fn names(attributes: Attributes<'_>) -> Names {
    let mut synonyms = attributes.list("gene_synonym");
    synonyms.extend(attributes.list("old_locus_tag"));
    Names {
        gene: attributes.get("gene"),
        locus_tag: attributes.get("locus_tag"),
        synonyms,
        protein_id: attributes.get("protein_id"),
        product: attributes.get("product"),
        fallback: None,
    }
}

fn is_pseudo(attributes: Attributes<'_>) -> bool {
    attributes.is_true("pseudo") || attributes.get("pseudogene").is_some()
}

fn table_of(attributes: Attributes<'_>, position: &Position) -> Result<Option<u8>, ReadError> {
    let Some(text) = attributes.get("transl_table") else {
        return Ok(None);
    };
    let table = text
        .parse()
        .ok()
        .filter(|&table| GeneticCode::by_id(table).is_some());
    let malformed = || {
        ReadError::malformed(
            position.clone(),
            text.as_bytes(),
            "the number of an NCBI translation table",
        )
    };
    table.map(Some).ok_or_else(malformed)
}
