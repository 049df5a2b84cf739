//! Qualifiers of a CDS (`/key="value"`, over several lines), of which a handful is kept.

use super::location;
use crate::genetic_code::GeneticCode;
use crate::read::feature::{CodingFeature, Exception};

/// Those that are kept; of the others only their end is looked for.
const KEPT: [&str; 11] = [
    "codon_start",
    "gene",
    "gene_synonym",
    "locus_tag",
    "old_locus_tag",
    "product",
    "protein_id",
    "pseudo",
    "pseudogene",
    "transl_except",
    "transl_table",
];

/// One qualifier.
#[derive(Debug)]
struct Qualifier {
    key: &'static str,
    value: Vec<u8>,
    line: u64,
}

/// The kept qualifiers of a feature, while its lines come in.
#[derive(Debug, Default)]
pub(super) struct Qualifiers {
    kept: Vec<Qualifier>,
    has_begun: bool,
    /// Whether the last one is kept, so that further lines belong to it.
    keeps_last: bool,
    /// Whether an odd number of quotation marks was met: a `/` is text then.
    is_quoted: bool,
}

/// A value that is against the rules.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) line: u64,
    pub(super) found: Vec<u8>,
    pub(super) expected: &'static str,
}

impl Qualifiers {
    /// Takes a line; false while it still belongs to the location.
    pub(super) fn add(&mut self, text: &[u8], line: u64) -> bool {
        if !self.is_quoted && text.first() == Some(&b'/') {
            self.begin(&text[1..], line);
        } else if !self.has_begun {
            return false;
        } else if self.keeps_last
            && let Some(last) = self.kept.last_mut()
        {
            last.value.push(b' ');
            last.value.extend_from_slice(text);
        }
        self.is_quoted ^= memchr::memchr_iter(b'"', text).count() % 2 == 1;
        true
    }

    fn begin(&mut self, text: &[u8], line: u64) {
        self.has_begun = true;
        let (key, value) = match memchr::memchr(b'=', text) {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => (text, &text[text.len()..]),
        };
        let kept = KEPT.iter().find(|kept| kept.as_bytes() == key);
        self.keeps_last = kept.is_some();
        self.kept.extend(kept.map(|key| Qualifier {
            key,
            value: value.to_vec(),
            line,
        }));
    }

    /// Writes what was found into `feature`, a feature of the record `own_id`.
    pub(super) fn apply(self, feature: &mut CodingFeature, own_id: &str) -> Result<(), Problem> {
        for qualifier in self.kept {
            let Qualifier { key, ref value, line } = qualifier;
            let problem = |expected| Problem {
                line,
                found: [format!("/{key}=").as_bytes(), value].concat(),
                expected,
            };
            let names = &mut feature.names;
            match key {
                "codon_start" => {
                    let start = number(value).filter(|start| (1..=3).contains(start));
                    feature.skip = start.ok_or_else(|| problem("a `codon_start` of 1, 2 or 3"))? - 1;
                }
                "transl_table" => {
                    let table = number(value).filter(|&table| GeneticCode::by_id(table).is_some());
                    feature.genetic_code =
                        Some(table.ok_or_else(|| problem("the number of an NCBI translation table"))?);
                }
                "transl_except" => {
                    let excepted =
                        exceptions(value, own_id).ok_or_else(|| problem("`(pos:LOCATION,aa:AMINO_ACID)`"))?;
                    feature.exceptions.extend(excepted);
                }
                "pseudo" | "pseudogene" => feature.is_pseudo = true,
                "gene" => keep_first(&mut names.gene, value),
                "locus_tag" => keep_first(&mut names.locus_tag, value),
                "protein_id" => keep_first(&mut names.protein_id, value),
                "product" => keep_first(&mut names.product, value),
                "gene_synonym" | "old_locus_tag" => names.synonyms.extend(synonyms(value)),
                _ => {}
            }
        }
        Ok(())
    }
}

fn keep_first(name: &mut Option<String>, value: &[u8]) {
    let value = unquoted(value);
    if name.is_none() && !value.is_empty() {
        *name = Some(value);
    }
}

/// Without the quotation marks around it; doubled ones inside are one.
fn unquoted(value: &[u8]) -> String {
    let value = value.trim_ascii();
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let value = value.strip_suffix(b"\"").unwrap_or(value);
    String::from_utf8_lossy(value).replace("\"\"", "\"")
}

fn synonyms(value: &[u8]) -> Vec<String> {
    let value = unquoted(value);
    value
        .split([';', ','])
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn number(value: &[u8]) -> Option<u8> {
    unquoted(value).trim().parse().ok()
}

/// What `(pos:complement(123..125),aa:Sec)` says.
pub(crate) fn exceptions(value: &[u8], own_id: &str) -> Option<Vec<Exception>> {
    let compact: Vec<u8> = unquoted(value)
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let inside = compact.strip_prefix(b"(pos:")?;
    let end = memchr::memmem::rfind(inside, b",aa:")?;
    let amino_acid = inside[end + b",aa:".len()..].trim_ascii_end();
    let is_stop = amino_acid
        .strip_suffix(b")")
        .unwrap_or(amino_acid)
        .eq_ignore_ascii_case(b"TERM");
    let spans = location::parse(&inside[..end], own_id)?.spans;
    Some(
        spans
            .into_iter()
            .map(|span| Exception { span, is_stop })
            .collect(),
    )
}
