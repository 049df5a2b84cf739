//! How much memory there may be, and whether a genome in hand keeps to it.

use genome_contract::names::MEMORY_LIMIT_VARIABLE;

use super::{control_group, resident};

/// Growth of a genome below this share of the limit is not its fault: what earlier genomes left is not given back at
/// once.
const OWN_SHARE: u64 = 16;

/// How much memory this process may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// In bytes.
    pub bytes: u64,
    /// Whether a genome that does not fit becomes a failed row. Where more memory may be had, as in the pods of an
    /// operator, which runs it again with twice as much, the kernel's word is awaited instead.
    pub is_final: bool,
}

/// A genome does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "does not fit into {}; hint: raise `--memory-limit`, or give this process more memory",
    super::quantity(*.limit)
)]
pub struct OutOfMemory {
    /// Bytes there are.
    pub limit: u64,
}

impl Limit {
    /// The limit a person `named`, else the pod's, else the control group's; `has_ladder` where a genome that does not
    /// fit is run again with more.
    pub fn of(named: Option<u64>, has_ladder: bool) -> Option<Self> {
        let told = || std::env::var(MEMORY_LIMIT_VARIABLE).ok()?.trim().parse().ok();
        let found = || {
            told()
                .filter(|&bytes| bytes > 0)
                .or_else(control_group::memory_limit)
        };
        let is_final = named.is_some() || !has_ladder;
        named.or_else(found).map(|bytes| Self { bytes, is_final })
    }

    /// Watches over the genome that is begun now; `None` where nobody does.
    pub fn guard(self) -> Option<Guard> {
        self.is_final.then(|| Guard {
            limit: self.bytes,
            begin: resident(),
        })
    }
}

/// Watches over one genome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    limit: u64,
    /// Resident bytes when it was begun.
    begin: u64,
}

impl Guard {
    /// Of a genome to which all memory of the process is put down.
    #[cfg(test)]
    pub(crate) const fn from_nothing(limit: u64) -> Self {
        Self { limit, begin: 0 }
    }

    /// Refuses nothing but decompression windows that are too much for `limit`.
    pub(crate) const fn of_windows(limit: u64) -> Self {
        Self {
            limit,
            begin: u64::MAX,
        }
    }

    /// Bytes there are.
    pub const fn limit(self) -> u64 {
        self.limit
    }

    /// What a genome is told that does not fit.
    pub const fn refusal(self) -> OutOfMemory {
        OutOfMemory { limit: self.limit }
    }

    /// Refuses `more` bytes than there are.
    pub fn check(self, more: u64) -> Result<(), OutOfMemory> {
        self.judge(resident().saturating_add(more))
    }

    const fn judge(self, needed: u64) -> Result<(), OutOfMemory> {
        let own = needed.saturating_sub(self.begin);
        if needed > self.limit && own > self.limit / OWN_SHARE {
            return Err(self.refusal());
        }
        Ok(())
    }
}

/// Bytes in words: a number, or one with a suffix as Kubernetes has them (`Ki`, `Mi`, `Gi`, `k`, `M`, `G`).
///
/// ```
/// use genomic_pleiotropy::memory::parse;
///
/// assert_eq!(parse("256Mi"), Ok(256 << 20));
/// assert_eq!(parse("1500M"), Ok(1_500_000_000));
/// assert!(parse("much").is_err());
/// ```
pub fn parse(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 9] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
        ("", 1),
    ];
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = UNITS.iter().find(|(suffix, _)| *suffix == &text[digits.len()..]);
    let bytes = digits.parse::<u64>().ok().zip(unit);
    bytes
        .and_then(|(number, (_, unit))| number.checked_mul(*unit))
        .filter(|&bytes| bytes > 0)
        .ok_or_else(|| "expected bytes, such as `512Mi`, `2Gi` or `300000000`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUARD: Guard = Guard {
        limit: 1600,
        begin: 300,
    };

    #[test]
    fn a_genome_is_refused_for_what_it_takes_itself() {
        assert_eq!(GUARD.judge(1600), Ok(()));
        assert_eq!(GUARD.judge(1601), Err(OutOfMemory { limit: 1600 }));
        let after_a_large_one = Guard { begin: 1590, ..GUARD };
        assert_eq!(after_a_large_one.judge(1690), Ok(()));
        assert!(after_a_large_one.judge(1691).is_err());
    }

    #[test]
    fn what_a_person_names_is_final_and_a_pod_has_a_ladder() {
        let named = Limit {
            bytes: 5,
            is_final: true,
        };
        assert_eq!(Limit::of(Some(5), true), Some(named));
        assert_eq!(Limit::of(Some(5), false), Some(named));
        assert!(Limit::of(None, true).is_none_or(|limit| !limit.is_final && limit.guard().is_none()));
    }

    #[test]
    fn sizes_are_read_as_kubernetes_writes_them() {
        for (text, bytes) in [
            ("7", 7),
            ("2Gi", 2 << 30),
            ("3k", 3_000),
            ("1T", 1_000_000_000_000),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "-1", "1.5Gi", "Gi", "1 Gi", "1GiB", "99999999999Ti", "ü"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
