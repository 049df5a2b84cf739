//! FASTA headers: NCBI's `[key=value]` pairs, Prodigal's ` # `-separated fields, plain ids.

use crate::read::error::Position;

/// Pairs of one key that are read: each may be looked through to the end of the header.
const MOST_PAIRS: usize = 64;

/// The line after `>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// First word.
    pub(crate) id: String,
    /// Everything after it.
    pub(super) description: String,
    /// Where it stands.
    pub(crate) line: u64,
}

impl Header {
    pub(super) fn parse(text: &[u8], line: u64) -> Self {
        let text = text.trim_ascii();
        let end = text
            .iter()
            .position(u8::is_ascii_whitespace)
            .unwrap_or(text.len());
        let (id, description) = text.split_at(end);
        let owned = |part: &[u8]| String::from_utf8_lossy(part.trim_ascii()).into_owned();
        Self {
            id: owned(id),
            description: owned(description),
            line,
        }
    }

    pub(crate) fn position(&self, line: u64) -> Position {
        Position {
            line,
            record: Some(self.id.clone()),
        }
    }

    /// Whether it says that a coding sequence follows.
    pub(super) fn tells_coding(&self) -> bool {
        let pairs = ["gbkey", "locus_tag", "protein_id", "protein"];
        pairs.into_iter().any(|key| self.pair(key).is_some()) || self.prodigal().is_some()
    }

    /// Whether it says that the sequence is circular, as assemblers write it.
    pub(crate) fn is_circular(&self) -> bool {
        let description = self.description.to_ascii_lowercase();
        ["circular=true", "circular=y", "[topology=circular]"]
            .into_iter()
            .any(|mark| description.contains(mark))
    }

    /// The value of `[key=value]`.
    pub(super) fn pair(&self, key: &str) -> Option<&str> {
        self.pairs(key).next().filter(|value| !value.is_empty())
    }

    /// The values of the first [`MOST_PAIRS`] `[key=value]` of that key, which may be empty.
    pub(super) fn pairs<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        let value = move |at: usize| {
            let after = self.description[at + 1..].strip_prefix(key)?.strip_prefix('=')?;
            Some(after[..closing(after)].trim())
        };
        memchr::memchr_iter(b'[', self.description.as_bytes())
            .filter_map(value)
            .take(MOST_PAIRS)
    }

    /// Whether it says how the sequence is translated.
    pub(super) fn tells_translation(&self) -> bool {
        memchr::memmem::find(self.description.as_bytes(), b"[transl_").is_some()
    }

    /// Start, end and strand (1 or −1) of a Prodigal header, and its `partial=` digits.
    pub(super) fn prodigal(&self) -> Option<Prodigal<'_>> {
        let mut fields = self.description.strip_prefix("# ")?.split(" # ");
        let start = fields.next()?.trim().parse().ok()?;
        let end = fields.next()?.trim().parse().ok()?;
        let is_reverse = match fields.next()?.trim() {
            "1" => false,
            "-1" => true,
            _ => return None,
        };
        let attributes = fields.next().unwrap_or_default();
        let partial = attributes
            .split(';')
            .find_map(|pair| pair.strip_prefix("partial="))
            .unwrap_or("00");
        Some(Prodigal {
            start,
            end,
            is_reverse,
            partial,
        })
    }
}

/// What a Prodigal header says; bases counted from 1, end included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prodigal<'a> {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) is_reverse: bool,
    /// Two digits: `1` where the left or right end runs off the contig.
    pub(super) partial: &'a str,
}

/// Where the bracket that encloses `value` closes: values may hold brackets of their own (`[protein=citrate [Si]-synthase]`).
fn closing(value: &str) -> usize {
    let mut depth = 0u32;
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 0 => return at,
            b']' => depth -= 1,
            _ => {}
        }
    }
    value.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_found_and_may_hold_brackets() {
        let header = Header::parse(
            b"lcl|X_cds_1 [gene=gltA] [protein=citrate [Si]-synthase] [location=1..9]",
            1,
        );
        assert_eq!(header.id, "lcl|X_cds_1");
        assert_eq!(header.pair("protein"), Some("citrate [Si]-synthase"));
        assert_eq!(header.pair("location"), Some("1..9"));
        assert_eq!(header.pair("locus_tag"), None);
        assert!(header.tells_coding());
    }

    #[test]
    fn a_prodigal_header_has_its_place() {
        let header = Header::parse(b"NC_1_2 # 337 # 2799 # -1 # ID=1_2;partial=10;start_type=ATG", 1);
        let expected = Prodigal {
            start: 337,
            end: 2799,
            is_reverse: true,
            partial: "10",
        };
        assert_eq!(header.prodigal(), Some(expected));
        assert_eq!(Header::parse(b"x # not prodigal", 1).prodigal(), None);
    }

    #[test]
    fn damaged_headers_are_plain_ids() {
        for text in [
            "",
            " ",
            "[",
            "[gene=",
            "a [gene=x",
            "a [[[[",
            "a ]]]",
            "a # 1 # 2",
        ] {
            let header = Header::parse(text.as_bytes(), 1);
            assert_eq!(
                (header.pair("locus_tag"), header.prodigal()),
                (None, None),
                "{text}"
            );
        }
    }
}
