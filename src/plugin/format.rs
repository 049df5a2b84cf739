//! Objects for programs; bytes and times for people.

use std::time::Duration;

use serde::Serialize;

use super::Error;
use super::arguments::Format;

/// Prints `object` on standard output.
pub(super) fn print(object: &impl Serialize, format: Format) -> Result<(), Error> {
    let text = match format {
        Format::Json => serde_json::to_string_pretty(object)
            .map(|text| text + "\n")
            .map_err(|e| e.to_string()),
        Format::Yaml => serde_saphyr::to_string(object).map_err(|e| e.to_string()),
    };
    print!("{}", text.map_err(Error::Print)?);
    Ok(())
}

/// As a quantity of Kubernetes: `512Mi`, and `1.4Gi` where it is not even.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(1 << 40, "Ti"), (1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];
    let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| bytes >= *unit) else {
        return bytes.to_string();
    };
    let tenths = (u128::from(bytes) * 10 + u128::from(unit / 2)) / u128::from(unit);
    match tenths % 10 {
        0 => format!("{}{name}", tenths / 10),
        rest => format!("{}.{rest}{name}", tenths / 10),
    }
}

/// The two largest units, as kubectl shows ages: `3h12m`, `45s`.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let pair = |large: u64, one: &str, small: u64, other: &str| {
        if small == 0 {
            format!("{large}{one}")
        } else {
            format!("{large}{one}{small}{other}")
        }
    };
    if days > 0 {
        pair(days, "d", hours, "h")
    } else if hours > 0 {
        pair(hours, "h", minutes, "m")
    } else if minutes > 0 {
        pair(minutes, "m", seconds % 60, "s")
    } else {
        format!("{seconds}s")
    }
}

/// `1 task`, `2 tasks`.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_spans_are_short() {
        assert_eq!(bytes(512 << 20), "512Mi");
        assert_eq!(bytes(1_500_000_000), "1.4Gi");
        assert_eq!((bytes(1023), bytes(0)), ("1023".to_owned(), "0".to_owned()));
        let texts = [0, 59, 60, 61, 3600, 11_520, 90_000].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(texts, ["0s", "59s", "1m", "1m1s", "1h", "3h12m", "1d1h"]);
    }
}
