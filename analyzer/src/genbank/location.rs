//! Locations of the feature table (<https://www.insdc.org/submitting-standards/feature-table/#3.4>).
//!
//! | form | becomes |
//! |---|---|
//! | `7`, `7..9` | a span |
//! | `<7..>9` | a span with its ends marked partial |
//! | `(7.8)..9` | from the outer base, marked partial |
//! | `7^8` | no base |
//! | `join(…)`, `order(…)`, `bond(…)`, `one-of(…)` | the spans one after the other (`one-of`: its first) |
//! | `complement(…)` | the spans in reverse order on the other strand |
//! | `J00194.1:7..9` | remote, unless it names the record itself |

use crate::read::feature::{Place, Span};
use crate::record::Strand;

/// Deeper nesting than any real location has.
const DEEPEST: u32 = 16;

/// Parses a location of the record `own_id`; `None` if it breaks the grammar.
pub(crate) fn parse(text: &[u8], own_id: &str) -> Option<Place> {
    let compact: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let mut parser = Parser {
        rest: &compact,
        own_id: own_id.as_bytes(),
        is_remote: false,
    };
    let parts = parser.location(0)?;
    if !parser.rest.is_empty() {
        return None;
    }
    let is_partial = |part: Option<&Part>, end: End| part.is_some_and(|part| part.is_partial(end));
    Some(Place {
        is_partial_start: is_partial(parts.first(), End::Five),
        is_partial_end: is_partial(parts.last(), End::Three),
        is_remote: parser.is_remote,
        spans: parts.into_iter().map(|part| part.span).collect(),
    })
}

#[derive(Clone, Copy, Debug)]
struct Part {
    span: Span,
    is_low_partial: bool,
    is_high_partial: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Five,
    Three,
}

impl Part {
    fn is_partial(&self, end: End) -> bool {
        match (self.span.strand, end) {
            (Strand::Forward, End::Five) | (Strand::Reverse, End::Three) => self.is_low_partial,
            (Strand::Forward, End::Three) | (Strand::Reverse, End::Five) => self.is_high_partial,
        }
    }
}

struct Parser<'a> {
    rest: &'a [u8],
    own_id: &'a [u8],
    is_remote: bool,
}

impl Parser<'_> {
    fn take(&mut self, expected: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(expected);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn location(&mut self, depth: u32) -> Option<Vec<Part>> {
        if depth > DEEPEST {
            return None;
        }
        if self.take(b"complement(") {
            let mut parts = self.list(depth)?;
            parts.reverse();
            for part in &mut parts {
                part.span.strand = match part.span.strand {
                    Strand::Forward => Strand::Reverse,
                    Strand::Reverse => Strand::Forward,
                };
            }
            return Some(parts);
        }
        if self.take(b"join(") || self.take(b"order(") || self.take(b"bond(") {
            return self.list(depth);
        }
        if self.take(b"one-of(") {
            return self.list(depth).map(|parts| parts.into_iter().take(1).collect());
        }
        self.simple()
    }

    /// Locations between commas, up to the closing parenthesis.
    fn list(&mut self, depth: u32) -> Option<Vec<Part>> {
        let mut parts = self.location(depth + 1)?;
        while self.take(b",") {
            parts.extend(self.location(depth + 1)?);
        }
        self.take(b")").then_some(parts)
    }

    fn simple(&mut self) -> Option<Vec<Part>> {
        self.skip_accession();
        let (low, mut is_low_partial) = self.bound(false)?;
        if self.take(b"^") {
            self.bound(false)?;
            return Some(Vec::new());
        }
        let (high, is_high_partial) = if self.take(b"..") {
            self.bound(true)?
        } else {
            (low, is_low_partial)
        };
        is_low_partial |= low == 0;
        let span = Span {
            start: low.saturating_sub(1),
            end: high,
            strand: Strand::Forward,
        };
        Some(vec![Part {
            span,
            is_low_partial,
            is_high_partial,
        }])
    }

    /// One end: `7`, `<7`, `>7`, `(7.8)`; of two, the outer.
    fn bound(&mut self, is_high: bool) -> Option<(u64, bool)> {
        if self.take(b"(") {
            let (first, _) = self.bound(is_high)?;
            let second = if self.take(b".") {
                self.bound(is_high)?.0
            } else {
                first
            };
            let outer = if is_high {
                first.max(second)
            } else {
                first.min(second)
            };
            return self.take(b")").then_some((outer, true));
        }
        let is_partial = self.take(b"<") || self.take(b">");
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        let number = std::str::from_utf8(number).ok()?.parse().ok()?;
        Some((number, is_partial))
    }

    fn skip_accession(&mut self) {
        let length = self
            .rest
            .iter()
            .take_while(|&&byte| byte.is_ascii_alphanumeric() || b"._-|".contains(&byte))
            .count();
        if length > 0 && self.rest.get(length) == Some(&b':') {
            self.is_remote |= &self.rest[..length] != self.own_id;
            self.rest = &self.rest[length + 1..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let Some(place) = parse(text.as_bytes(), "U00096.3") else {
            return "-".to_owned();
        };
        let spans: Vec<String> = place
            .spans
            .iter()
            .map(|span| {
                format!(
                    "{}{}-{}",
                    if span.strand == Strand::Forward { '+' } else { '-' },
                    span.start,
                    span.end
                )
            })
            .collect();
        let mark = |flag, mark| if flag { mark } else { "" };
        let (start, end) = (mark(place.is_partial_start, "<"), mark(place.is_partial_end, ">"));
        format!(
            "{start}{}{end}{}",
            spans.join(" "),
            mark(place.is_remote, " remote")
        )
    }

    #[test]
    fn locations_become_spans_in_the_order_of_translation() {
        for (text, expected) in [
            ("190..255", "+189-255"),
            ("7", "+6-7"),
            ("complement(190..255)", "-189-255"),
            ("join(1..9,20..31)", "+0-9 +19-31"),
            ("complement(join(1..9,20..31))", "-19-31 -0-9"),
            ("join(complement(20..31),complement(1..9))", "-19-31 -0-9"),
            ("order(1..9, 20..31)", "+0-9 +19-31"),
            ("<1..>9", "<+0-9>"),
            ("complement(<1..9)", "-0-9>"),
            ("complement(1..>9)", "<-0-9"),
            ("join(<1..9,20..31)", "<+0-9 +19-31"),
            ("(1.3)..(9.11)", "<+0-11>"),
            ("one-of(1..9,20..31)", "+0-9"),
            ("5^6", ""),
            ("J00194.1:100..202", "+99-202 remote"),
            ("join(1..9,J00194.1:100..202)", "+0-9 +99-202 remote"),
            ("U00096.3:1..9", "+0-9"),
            ("complement(complement(1..9))", "+0-9"),
            ("4641600..100", "+4641599-100"),
            ("", "-"),
            ("join(1..9", "-"),
            ("join()", "-"),
            ("1..", "-"),
            ("..9", "-"),
            ("1..9)", "-"),
            ("1...9", "-"),
            ("99999999999999999999999..9", "-"),
            ("kilroy", "-"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
        let deep = format!("{}1..9{}", "complement(".repeat(100), ")".repeat(100));
        assert_eq!(shown(&deep), "-");
    }
}
