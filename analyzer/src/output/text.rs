//! Names made safe for where they go: HTML, SVG, TSV, Markdown, terminals.

use std::fmt::Write as _;
use std::io;

/// For text and attribute values of HTML and SVG.
pub(super) fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' | '\n' => safe.push(' '),
            other if other.is_control() => safe.push('\u{FFFD}'),
            other => safe.push(other),
        }
    }
    safe
}

/// For a cell of a TSV: one line, no tab, and nothing that a spreadsheet takes for a formula.
pub(super) fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 1);
    push_cell(&mut safe, text);
    safe
}

/// Appends the same.
pub(super) fn push_cell(safe: &mut String, text: &str) {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) {
        safe.push('\'');
    }
    let may_be_control = |byte: u8| !matches!(byte, b' '..=b'~');
    if text.bytes().any(may_be_control) {
        safe.extend(
            text.chars()
                .map(|character| if character.is_control() { ' ' } else { character }),
        );
    } else {
        safe.push_str(text);
    }
}

/// For Markdown: no link, no emphasis, no table cell, no HTML.
pub(super) fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' => safe.extend(['\\', character]),
            other if other.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

/// For a terminal: no control characters, so no escape sequences.
pub(super) fn terminal(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                '\u{FFFD}'
            } else {
                character
            }
        })
        .collect()
}

/// For JSON inside a `script` element: nothing in it may end the element or begin a comment.
pub(super) struct JsonInHtml;

impl serde_json::ser::Formatter for JsonInHtml {
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(place) = rest.find(['<', '>', '&']) {
            let (before, from) = rest.split_at(place);
            writer.write_all(before.as_bytes())?;
            write!(writer, "\\u{:04x}", from.as_bytes()[0])?;
            rest = &from[1..];
        }
        writer.write_all(rest.as_bytes())
    }
}

/// At most `letters` characters of a name, the last of which are `ending` where there are more.
pub(super) fn shortened(name: &str, letters: usize, ending: &str) -> String {
    if name.chars().count() <= letters {
        return name.to_owned();
    }
    let kept = letters.saturating_sub(ending.chars().count());
    name.chars().take(kept).chain(ending.chars()).collect()
}

/// A number with `digits` decimals, or nothing where it is undefined.
pub(super) fn number(value: Option<f64>, digits: usize) -> String {
    let mut text = String::new();
    push_number(&mut text, value, digits);
    text
}

/// Appends the same. The library's decimals are those of the exact binary value, which takes long; ours are those of the
/// nearest multiple, which is the same but for a half that no binary value hits.
pub(super) fn push_number(text: &mut String, value: Option<f64>, digits: usize) {
    const POWERS: [f64; 7] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];
    /// Below it, multiples of a millionth are whole numbers that a double holds.
    const LARGE: f64 = 1e9;
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return;
    };
    let Some(power) = POWERS.get(digits).filter(|_| value.abs() < LARGE) else {
        _ = write!(text, "{value:.digits$}");
        return;
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "below 10¹⁵, and not negative"
    )]
    let mut multiple = (value.abs() * power).round() as u64;
    if value < 0.0 && multiple > 0 {
        text.push('-');
    }
    // 15 digits and a point at most, from the last one
    let mut written = [b'0'; 24];
    let (end, mut begin, mut count) = (written.len(), written.len(), 0);
    while count <= digits || multiple > 0 {
        if count == digits && digits > 0 {
            begin -= 1;
            written[begin] = b'.';
        }
        begin -= 1;
        written[begin] = b'0' + u8::try_from(multiple % 10).unwrap_or_default();
        multiple /= 10;
        count += 1;
    }
    text.push_str(str::from_utf8(&written[begin..end]).unwrap_or_default());
}

/// A count with its thousands told apart.
pub(super) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202F}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde::Serialize as _;

    use super::*;

    #[test]
    fn no_name_gets_out_of_its_place() {
        assert_eq!(
            html("<svg onload=\"x\">'&"),
            "&lt;svg onload=&quot;x&quot;&gt;&#39;&amp;"
        );
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\0x"] {
            assert!(cell(formula).starts_with('\''), "{formula:?}");
        }
        assert_eq!(cell("a\tb\nc"), "a b c");
        let mut json = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut json, JsonInHtml);
        ["</script><!--", "a&\n\"é"].serialize(&mut serializer).unwrap();
        let shown = r#"["\u003c/script\u003e\u003c!--","a\u0026\n\"é"]"#;
        assert_eq!(str::from_utf8(&json).unwrap(), shown);
        assert!(!terminal("\u{1b}[31mred").contains('\u{1b}'));
        assert_eq!(markdown("[x](y)|`"), "\\[x\\](y)\\|\\`");
        assert_eq!(
            ["naïveté", "naïvetés"].map(|name| shortened(name, 7, "…")),
            ["naïveté", "naïvet…"]
        );
        assert_eq!(shortened("naïvetés", 7, ".."), "naïve..");
        assert_eq!(thousands(4_641_652), "4\u{202F}641\u{202F}652");
    }
}
