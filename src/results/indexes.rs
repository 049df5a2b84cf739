//! Sets of Job indexes and task numbers as Kubernetes writes them: `0-3,7,9-12`.

use std::collections::BTreeSet;

/// A set of indexes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Indexes(BTreeSet<u32>);

/// No Job of ours has more indexes; a larger number in a forged text is not expanded.
const MAX_INDEX: u32 = 1_000_000;

impl Indexes {
    /// Reads `text`; parts that are no number or range are skipped.
    pub fn parse(text: &str) -> Self {
        let mut indexes = BTreeSet::new();
        for part in text.split(',').map(str::trim) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            if let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>())
                && last <= MAX_INDEX
            {
                indexes.extend(first..=last);
            }
        }
        Self(indexes)
    }

    /// Whether `index` is in the set.
    pub fn contains(&self, index: u32) -> bool {
        self.0.contains(&index)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The indexes in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }

    /// The set as Kubernetes writes it.
    pub fn to_text(&self) -> String {
        let mut parts = Vec::new();
        let mut run: Option<(u32, u32)> = None;
        for index in self.iter() {
            match run {
                Some((first, last)) if last + 1 == index => run = Some((first, index)),
                _ => {
                    parts.extend(run.map(range_text));
                    run = Some((index, index));
                }
            }
        }
        parts.extend(run.map(range_text));
        parts.join(",")
    }
}

impl FromIterator<u32> for Indexes {
    fn from_iter<I: IntoIterator<Item = u32>>(indexes: I) -> Self {
        Self(indexes.into_iter().collect())
    }
}

fn range_text((first, last): (u32, u32)) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_as_ranges_and_read_again() {
        for text in ["", "0", "0-1", "0-3,7,9-12"] {
            assert_eq!(Indexes::parse(text).to_text(), text);
        }
        assert_eq!(Indexes::parse("3,1,2").to_text(), "1-3");
    }

    #[test]
    fn a_forged_text_is_harmless() {
        assert!(Indexes::parse("a,-,0-4294967295,9-2,,1.5").is_empty());
    }
}
