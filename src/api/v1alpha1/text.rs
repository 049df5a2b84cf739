//! Amounts as people write them: `512Mi`, `500m`, `1h30m`, `5%`.
//!
//! Each type keeps its text, accepts a bare number as `kubectl` does, and reads itself on demand. Nothing here
//! fails on deserialization: a wrong amount is a problem with a field path, found by [`crate::validate`].

use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// Longest text of any amount.
pub const MAX_LENGTH: u32 = 32;

macro_rules! amount {
    ($(#[$doc:meta])* $name:ident, int_or_string: $int:expr, pattern: $pattern:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// What the API server accepts.
            pub const PATTERN: &'static str = $pattern;

            /// The text as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(NumberOrText).map(Self)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                if $int {
                    json_schema!({
                        "x-kubernetes-int-or-string": true,
                        "pattern": Self::PATTERN,
                        "maxLength": MAX_LENGTH,
                    })
                } else {
                    json_schema!({ "type": "string", "pattern": Self::PATTERN, "maxLength": MAX_LENGTH })
                }
            }
        }
    };
}

amount! {
    /// Bytes as a Kubernetes quantity: `512Mi`, `2G`, `1073741824`.
    Bytes, int_or_string: true, pattern: r"^[0-9]{1,15}(\.[0-9]{1,3})?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$"
}
amount! {
    /// Processor cores as a Kubernetes quantity: `1`, `500m`, `0.5`.
    Cores, int_or_string: true, pattern: r"^[0-9]{1,6}(\.[0-9]{1,3}|m)?$"
}
amount! {
    /// A span of time as Kubernetes writes it: `90s`, `10m`, `1h30m`.
    TimeSpan, int_or_string: false, pattern: r"^([0-9]{1,9}(\.[0-9]{1,3})?(ms|s|m|h))+$"
}
amount! {
    /// A number, or a percentage of a whole: `3`, `5%`.
    Share, int_or_string: true, pattern: r"^([0-9]{1,9}|(100|[0-9]{1,2})%)$"
}

/// A share of a whole, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareOf {
    /// So many, whatever the whole is.
    Number(u64),
    /// So many in a hundred, 0 to 100.
    Percent(u8),
}

impl ShareOf {
    /// How many of `total` this is, rounded down: 5% of 30 genomes is 1.
    pub fn of(self, total: u64) -> u64 {
        match self {
            Self::Number(number) => number,
            Self::Percent(percent) => total.saturating_mul(u64::from(percent)) / 100,
        }
    }
}

impl Bytes {
    /// The bytes, rounded up to a whole one; `None` where the text is no such quantity or exceeds 8 EiB.
    pub fn bytes(&self) -> Option<u64> {
        let digits = self
            .0
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(self.0.len());
        let (number, suffix) = self.0.split_at(digits);
        let unit: u64 = match suffix {
            "" => 1,
            "k" => 1_000,
            "M" => 1_000_000,
            "G" => 1_000_000_000,
            "T" => 1_000_000_000_000,
            "P" => 1_000_000_000_000_000,
            "Ki" => 1 << 10,
            "Mi" => 1 << 20,
            "Gi" => 1 << 30,
            "Ti" => 1 << 40,
            "Pi" => 1 << 50,
            _ => return None,
        };
        let thousandths = u128::from(thousandths(number)?) * u128::from(unit);
        u64::try_from(thousandths.div_ceil(1000))
            .ok()
            .filter(|bytes| i64::try_from(*bytes).is_ok())
    }
}

impl Cores {
    /// Thousandths of a core; `None` where the text is no such quantity.
    pub fn millicores(&self) -> Option<u64> {
        match self.0.strip_suffix('m') {
            Some(number) if !number.contains('.') => thousandths(number).map(|value| value / 1000),
            Some(_) => None,
            None => thousandths(&self.0),
        }
    }
}

/// Milliseconds that no analysis lasts.
const HUNDRED_YEARS: u64 = 100 * 366 * 24 * 3_600_000;

impl TimeSpan {
    /// The duration; `None` where the text is none, or longer than a hundred years.
    pub fn duration(&self) -> Option<Duration> {
        let mut rest = self.0.as_str();
        let mut milliseconds: u128 = 0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
            let (number, after) = rest.split_at(digits);
            let (unit, length) = match after.as_bytes() {
                [b'm', b's', ..] => (1, 2),
                [b's', ..] => (1_000, 1),
                [b'm', ..] => (60_000, 1),
                [b'h', ..] => (3_600_000, 1),
                _ => return None,
            };
            milliseconds += u128::from(thousandths(number)?) * unit / 1000;
            rest = &after[length..];
        }
        let milliseconds = u64::try_from(milliseconds).ok()?;
        (!self.0.is_empty() && milliseconds <= HUNDRED_YEARS).then(|| Duration::from_millis(milliseconds))
    }
}

impl Share {
    /// The share; `None` where the text is neither a number nor a percentage up to 100.
    pub fn share(&self) -> Option<ShareOf> {
        match self.0.strip_suffix('%') {
            Some(percent) => percent
                .parse()
                .ok()
                .filter(|percent| *percent <= 100)
                .map(ShareOf::Percent),
            None => self.0.parse().ok().map(ShareOf::Number),
        }
    }
}

/// `1.25` as 1250; at most three decimals.
fn thousandths(number: &str) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if fraction.is_empty() || fraction.len() > 3 || whole.len() > 15 {
        return None;
    }
    let scale = 10_u64.pow(3 - u32::try_from(fraction.len()).ok()?);
    Some(whole.parse::<u64>().ok()?.checked_mul(1000)? + fraction.parse::<u64>().ok()? * scale)
}

/// Takes what YAML makes of `1`, `0.5` and `500m`.
struct NumberOrText;

impl Visitor<'_> for NumberOrText {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number or a text such as `512Mi`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_kubernetes_reads_them() {
        let cases = [
            ("0", Some(0)),
            ("512Mi", Some(512 << 20)),
            ("2G", Some(2_000_000_000)),
            ("1.5Gi", Some(3 << 29)),
            ("0.001", Some(1)),
            ("512mb", None),
            ("-1", None),
            ("", None),
            ("1.", None),
            ("99999999P", None),
        ];
        for (text, bytes) in cases {
            assert_eq!(Bytes::from(text).bytes(), bytes, "{text}");
        }
    }

    #[test]
    fn cores_are_read_in_thousandths() {
        let cases = [
            ("1", Some(1000)),
            ("500m", Some(500)),
            ("0.25", Some(250)),
            ("0.5m", None),
            ("1k", None),
        ];
        for (text, millicores) in cases {
            assert_eq!(Cores::from(text).millicores(), millicores, "{text}");
        }
    }

    #[test]
    fn spans_of_time_add_up() {
        let cases = [
            ("10m", Some(600_000)),
            ("1h30m", Some(5_400_000)),
            ("1.5s", Some(1_500)),
            ("250ms", Some(250)),
            ("0s", Some(0)),
            ("10", None),
            ("1d", None),
            ("", None),
            ("999999999h", None),
        ];
        for (text, milliseconds) in cases {
            assert_eq!(
                TimeSpan::from(text).duration(),
                milliseconds.map(Duration::from_millis),
                "{text}"
            );
        }
    }

    #[test]
    fn a_share_is_a_number_or_a_percentage_rounded_down() {
        assert_eq!(Share::from("5%").share().unwrap().of(30), 1);
        assert_eq!(Share::from("100%").share().unwrap().of(30), 30);
        assert_eq!(Share::from("3").share().unwrap().of(2), 3);
        assert_eq!(Share::from("101%").share(), None);
        assert_eq!(Share::from("few").share(), None);
    }

    #[test]
    fn a_bare_number_is_an_amount_too() {
        assert_eq!(
            serde_json::from_str::<Cores>("2").unwrap().millicores(),
            Some(2000)
        );
        assert_eq!(
            serde_json::from_str::<Cores>("0.5").unwrap().millicores(),
            Some(500)
        );
    }
}
