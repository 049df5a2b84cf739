//! Names made safe for where they go: HTML, SVG, TSV, Markdown, terminals.

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
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    let mut safe = String::with_capacity(text.len() + 1);
    if is_formula {
        safe.push('\'');
    }
    safe.extend(
        text.chars()
            .map(|character| if character.is_control() { ' ' } else { character }),
    );
    safe
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
pub(super) fn json_in_html(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace(['\u{2028}', '\u{2029}'], " ")
}

/// A number with `digits` decimals, or nothing where it is undefined.
pub(super) fn number(value: Option<f64>, digits: usize) -> String {
    value
        .filter(|value| value.is_finite())
        .map_or_else(String::new, |value| format!("{value:.digits$}"))
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
        assert_eq!(json_in_html("</script><!--"), "\\u003c/script\\u003e\\u003c!--");
        assert!(!terminal("\u{1b}[31mred").contains('\u{1b}'));
        assert_eq!(markdown("[x](y)|`"), "\\[x\\](y)\\|\\`");
        assert_eq!(thousands(4_641_652), "4\u{202F}641\u{202F}652");
    }
}
