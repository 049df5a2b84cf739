//! Names, labels and the owner reference of everything we own.

use std::collections::BTreeMap;

use genome_contract::Verb;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

use crate::api::names::{self, labels};

/// Longest part of the analysis's name in the name of a child.
const KEPT: usize = 40;

/// The analysis that owns what we make.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Owner {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid: an analysis that is deleted and made again owns other objects.
    pub uid: String,
}

/// A step of the run that has objects of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, PartialOrd, Ord)]
pub struct Stage {
    /// `retries.round`.
    pub round: u32,
    /// Plan, map or merge.
    pub verb: VerbOrder,
    /// Number of the attempt, from 0.
    pub attempt: u32,
}

/// [`Verb`] in the order the verbs run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, PartialOrd, Ord)]
pub enum VerbOrder {
    /// [`Verb::Plan`]
    Plan,
    /// [`Verb::Map`]
    Map,
    /// [`Verb::Merge`]
    Merge,
}

impl Stage {
    /// The stage of `verb`.
    pub fn new(round: u32, verb: Verb, attempt: u32) -> Self {
        let verb = match verb {
            Verb::Plan => VerbOrder::Plan,
            Verb::Map => VerbOrder::Map,
            Verb::Merge => VerbOrder::Merge,
        };
        Self { round, verb, attempt }
    }

    /// The verb.
    pub fn verb(self) -> Verb {
        match self.verb {
            VerbOrder::Plan => Verb::Plan,
            VerbOrder::Map => Verb::Map,
            VerbOrder::Merge => Verb::Merge,
        }
    }
}

impl Owner {
    /// The name of the child called `part`: as much of the analysis's name as people need, then a hash over uid and
    /// part, 16 hexadecimal digits. At most 63 characters, of which a pod's name adds none that a label carries.
    pub fn child_name(&self, part: &str) -> String {
        let kept = self.name[..self.name.floor_char_boundary(KEPT)].replace('.', "-");
        let kept = kept.trim_matches('-');
        let hash = blake3::hash(format!("{}\n{part}", self.uid).as_bytes()).to_hex();
        format!("{kept}-{}", &hash[..16])
    }

    /// The name of the Job of `stage`.
    pub fn job_name(&self, stage: Stage) -> String {
        let Stage { round, attempt, .. } = stage;
        self.child_name(&format!("job/{round}/{}/{attempt}", stage.verb().as_str()))
    }

    /// Metadata of a child called `name`.
    pub fn child_metadata(&self, name: String, further_labels: BTreeMap<String, String>) -> ObjectMeta {
        let mut all_labels = self.labels();
        all_labels.extend(further_labels);
        ObjectMeta {
            name: Some(name),
            namespace: Some(self.namespace.clone()),
            labels: Some(all_labels),
            owner_references: Some(vec![self.reference()]),
            ..ObjectMeta::default()
        }
    }

    /// Labels of everything that belongs to the analysis.
    pub fn labels(&self) -> BTreeMap<String, String> {
        let analysis = names::analysis_label(&self.name);
        [
            (labels::ANALYSIS, analysis.clone()),
            (labels::METRICS_ANALYSIS, analysis),
            (labels::ANALYSIS_UID, self.uid.clone()),
            (labels::APP_NAME, labels::APP_NAME_VALUE.to_owned()),
            (labels::MANAGED_BY, names::FIELD_MANAGER.to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
    }

    fn reference(&self) -> OwnerReference {
        OwnerReference {
            api_version: format!("{}/{}", names::GROUP, names::VERSION),
            kind: names::KIND.to_owned(),
            name: self.name.clone(),
            uid: self.uid.clone(),
            controller: Some(true),
            block_owner_deletion: Some(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn owner(name: &str, uid: &str) -> Owner {
        Owner {
            namespace: "lab".into(),
            name: name.into(),
            uid: uid.into(),
        }
    }

    fn is_dns_label(name: &str) -> bool {
        let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        name.len() <= 63
            && name.starts_with(alphanumeric)
            && name.ends_with(alphanumeric)
            && name.chars().all(|c| alphanumeric(c) || c == '-')
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn every_name_the_api_takes_gives_a_name_it_takes(
            name in "[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?){0,6}",
        ) {
            let job = owner(&name, "u").job_name(Stage::new(0, Verb::Map, 3));
            prop_assert!(is_dns_label(&job), "{}", job);
            for value in owner(&name, "u").labels().values() {
                prop_assert!(value.len() <= 63, "{}", value);
            }
        }
    }

    /// A name that the API takes, of 1 to 253 characters, from a number (splitmix64).
    fn random_name(seed: u64) -> String {
        let mut state = seed;
        let mut next = |below: usize| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            usize::try_from(mixed >> 33).unwrap() % below
        };
        let (ends, middle) = (b"abcxyz0189", b"abcxyz0189abcxyz0189-.");
        let length = 1 + next(253);
        let mut name: String = (0..length)
            .map(|_| char::from(middle[next(middle.len())]))
            .collect();
        // Parts between dots begin and end with a letter or digit.
        name = name.replace(".-", ".a").replace("-.", "a.").replace("..", ".b");
        name = name.replace("..", "cd").replace(".-", ".a").replace("-.", "a.");
        let last = char::from(ends[next(ends.len())]);
        name.replace_range(..1, "a");
        name.truncate(name.len() - 1);
        name.push(last);
        name
    }

    fn is_label_value(value: &str) -> bool {
        value.len() <= 63
            && value.starts_with(|c: char| c.is_ascii_alphanumeric())
            && value.ends_with(|c: char| c.is_ascii_alphanumeric())
            && value
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    }

    #[test]
    fn of_a_hundred_thousand_names_none_collides_and_none_is_refused() {
        let (mut jobs, mut labels) = (HashSet::new(), HashSet::new());
        let mut analyses = HashSet::new();
        for number in 0..100_000 {
            // Every other one begins like many others.
            let random = random_name(number);
            let name = if number % 2 == 0 {
                random
            } else {
                format!("{}{number}", "a".repeat(60))
            };
            let owner = owner(&name, &format!("uid-{number}"));
            let job = owner.job_name(Stage::new(0, Verb::Plan, 0));
            assert!(is_dns_label(&job), "`{job}` of `{name}`");
            assert!(jobs.insert(job), "two Jobs of a name, one of `{name}`");
            assert!(
                owner.labels().values().all(|value| is_label_value(value)),
                "{:?}",
                owner.labels()
            );
            if analyses.insert(name.clone()) {
                assert!(
                    labels.insert(names::analysis_label(&name)),
                    "two analyses of a label, one `{name}`"
                );
            }
        }
    }

    #[test]
    fn stages_rounds_and_attempts_have_names_of_their_own() {
        let owner = owner("ecoli", "1");
        let mut names = HashSet::new();
        for verb in [Verb::Plan, Verb::Map, Verb::Merge] {
            for round in 0..12 {
                for attempt in 0..12 {
                    assert!(names.insert(owner.job_name(Stage::new(round, verb, attempt))));
                }
            }
        }
    }
}
