//! What commands there are: asked of the programs themselves, of the Makefile and of the chart.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::programs::{repository, said};

/// Flags by subcommand; the empty name is the program itself.
type Flags = BTreeMap<String, BTreeSet<String>>;

/// What is known to exist.
pub struct Known {
    plugin: Flags,
    analyzer: Flags,
    targets: BTreeSet<String>,
    values: Value,
}

/// kubectl's own verbs and flags that the documents use.
const KUBECTL: [&str; 17] = [
    "apply",
    "get",
    "describe",
    "wait",
    "create",
    "delete",
    "explain",
    "scale",
    "patch",
    "logs",
    "rollout",
    "port-forward",
    "annotate",
    "label",
    "autoscale",
    "config",
    "edit",
];

impl Known {
    pub fn ask(plugin: &dyn Fn(&Path) -> Command, analyzer: &Path) -> Self {
        let help = |make: &dyn Fn() -> Command| {
            let mut flags = Flags::new();
            let text = said(make().arg("--help"), 0);
            for name in subcommands(&text) {
                flags.insert(name.clone(), flags_in(&said(make().args([&name, "--help"]), 0)));
            }
            flags.insert(String::new(), flags_in(&text));
            flags
        };
        let makefile = fs::read_to_string(repository().join("Makefile")).unwrap();
        let targets = makefile
            .lines()
            .filter_map(|line| Some(line.split_once(':')?.0.to_owned()));
        let values = fs::read_to_string(repository().join("charts/genome-operator/values.yaml")).unwrap();
        Self {
            plugin: help(&|| plugin(Path::new("/nonexistent"))),
            analyzer: help(&|| Command::new(analyzer)),
            targets: targets.collect(),
            values: serde_saphyr::from_str(&values).unwrap(),
        }
    }

    /// What is wrong with a command line.
    pub fn problem(&self, line: &str) -> Option<String> {
        let line = line.split([';', '|', '&']).next().unwrap().trim();
        let words: Vec<&str> = line.split(' ').collect();
        let program = words[0].rsplit('/').next().unwrap();
        let problem = match (program, words.get(1)) {
            ("kubectl", Some(&"genome")) => checked(&self.plugin, &words[2..], true),
            ("kubectl-genome", _) => checked(&self.plugin, &words[1..], true),
            ("genomic_pleiotropy", _) => checked(&self.analyzer, &words[1..], false),
            ("make", _) => self.target(&words[1..]),
            ("helm", _) => self.set(&words[1..]),
            ("kubectl", _) => verb(&words[1..]),
            _ => None,
        };
        problem.or_else(|| missing_file(&words))
    }

    fn target(&self, words: &[&str]) -> Option<String> {
        let mut targets = words.iter().filter(|word| !word.contains('='));
        let unknown = targets.find(|target| !self.targets.contains(**target))?;
        Some(format!("no target `{unknown}`"))
    }

    fn set(&self, words: &[&str]) -> Option<String> {
        let pairs = words
            .iter()
            .skip_while(|word| **word != "--set")
            .filter_map(|word| word.split_once('='));
        for (path, _) in pairs {
            let pointer = format!("/{}", path.split(['[', '{']).next().unwrap().replace('.', "/"));
            if self.values.pointer(&pointer).is_none() {
                return Some(format!("the chart has no value `{path}`"));
            }
        }
        None
    }
}

fn verb(words: &[&str]) -> Option<String> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "-n" | "--namespace" => drop(words.next()),
            verb => return (!KUBECTL.contains(&verb)).then(|| format!("no verb `{verb}`")),
        }
    }
    None
}

fn checked(flags: &Flags, words: &[&str], needs_subcommand: bool) -> Option<String> {
    let first = words
        .iter()
        .find(|word| !word.starts_with('-'))
        .copied()
        .unwrap_or_default();
    let subcommand = match flags.contains_key(first) {
        true => first,
        false if needs_subcommand => return Some(format!("no subcommand `{first}`")),
        false => "",
    };
    let known = &flags[subcommand];
    let used = words
        .iter()
        .filter(|word| word.starts_with('-') && word.len() > 1);
    let unknown = used
        .map(|word| word.split('=').next().unwrap())
        .find(|flag| !known.contains(*flag))?;
    Some(format!("`{subcommand}` has no flag `{unknown}`"))
}

/// Files of the repository that a command names.
fn missing_file(words: &[&str]) -> Option<String> {
    let ours = ["examples/", "charts/", "docs/", "crds/", "tests/"];
    let mut files = words
        .iter()
        .filter(|word| ours.iter().any(|folder| word.starts_with(folder)));
    let missing = files.find(|file| !repository().join(file).exists())?;
    Some(format!("there is no `{missing}`"))
}

fn subcommands(help: &str) -> Vec<String> {
    let lines = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1);
    let names = lines.take_while(|line| !line.is_empty()).filter_map(|line| {
        let is_name = line.starts_with("  ") && !line.starts_with("   ");
        is_name.then(|| line.split_whitespace().next().unwrap().to_owned())
    });
    names.filter(|name| name != "help").collect()
}

fn flags_in(help: &str) -> BTreeSet<String> {
    let mut flags = BTreeSet::new();
    for line in help
        .lines()
        .map(str::trim_start)
        .filter(|line| line.starts_with('-'))
    {
        let words = line
            .split([' ', ','])
            .take_while(|word| word.is_empty() || word.starts_with('-') || word.starts_with('<'));
        flags.extend(words.filter(|word| word.starts_with('-')).map(str::to_owned));
    }
    flags
}
