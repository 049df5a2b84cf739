//! Golden files: compared always, rewritten by `make bless` only.

use std::fs;
use std::path::Path;

/// Demands that `path` holds `found`; with BLESS=1 it is written.
#[track_caller]
pub fn assert_golden(path: &Path, found: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, found).unwrap();
        return;
    }
    let wanted = fs::read_to_string(path).unwrap_or_default();
    assert!(
        wanted == found,
        "`{}` differs; hint: `make bless`, and read the difference\n{}",
        path.display(),
        difference(&wanted, found)
    );
}

/// The lines that differ, in order; the golden file's first.
fn difference(wanted: &str, found: &str) -> String {
    let (wanted, found): (Vec<_>, Vec<_>) = (wanted.lines().collect(), found.lines().collect());
    let alike = wanted
        .iter()
        .zip(&found)
        .take_while(|(one, other)| one == other)
        .count();
    let from = alike.saturating_sub(2);
    let shown = |sign: &str, lines: &[&str]| -> String {
        lines
            .iter()
            .skip(from)
            .take(30)
            .map(|line| format!("{sign} {line}\n"))
            .collect()
    };
    format!(
        "from line {}:\n{}{}",
        from + 1,
        shown("-", &wanted),
        shown("+", &found)
    )
}
