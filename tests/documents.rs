//! The documents are held to the programs: every manifest in them is valid, every command, flag, file and link exists, and the
//! start page and the README run as written.

mod blocks;
mod commands;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use genome_operator::api::Phase;
use genome_operator::api::names::{conditions, reasons};
use genome_operator::local::manifest;
use genome_operator::validate::Settings;

use crate::support::programs::{analyzer, plugin, repository, said};
use blocks::{Block, blocks};

/// Every page that people read, but for the generated reference.
fn pages() -> Vec<PathBuf> {
    fn add(folder: &Path, pages: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, pages);
            } else if path.extension().is_some_and(|end| end == "md") {
                pages.push(path);
            }
        }
    }
    let mut pages = Vec::new();
    add(&repository().join("docs"), &mut pages);
    for name in [
        "README.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "SECURITY.md",
        "tests/cluster/README.md",
    ] {
        pages.push(repository().join(name));
    }
    pages.sort();
    pages
}

fn read(page: &Path) -> String {
    fs::read_to_string(page).unwrap()
}

fn all_blocks() -> Vec<(PathBuf, Block)> {
    let pages = pages().into_iter();
    pages
        .flat_map(|page| {
            blocks(&read(&page))
                .into_iter()
                .map(move |block| (page.clone(), block))
        })
        .collect()
}

/// Fields of `spec` that a fragment may begin with.
const FIELDS: [&str; 14] = [
    "genomes",
    "traits",
    "phenotypes",
    "method",
    "output",
    "storage",
    "resources",
    "scaling",
    "tasks",
    "retries",
    "timeouts",
    "cache",
    "alerts",
    "scheduling",
];

#[test]
fn every_manifest_in_the_documents_is_valid() {
    let mut seen = 0;
    for (page, block) in all_blocks() {
        let first = block.text.lines().next().unwrap_or_default();
        let is_fragment = FIELDS.iter().any(|field| {
            first.split('#').next().unwrap().trim_end() == format!("{field}:")
                || first.starts_with(&format!("{field}: "))
        });
        // At the margin: an autoscaler names the kind as well.
        let text = if block.text.lines().any(|line| line == "kind: GenomeAnalysis") {
            block.text.clone()
        } else if is_fragment {
            completed(&block.text)
        } else {
            continue;
        };
        seen += 1;
        let place = format!("{}:{}", page.display(), block.line);
        if let Err(bad) = manifest::parse(&text, &place, &Settings::local()) {
            panic!("{bad}\n{text}");
        }
    }
    assert!(seen >= 8, "only {seen} manifests were found");
}

/// A fragment of `spec` with what is required beside it.
fn completed(fragment: &str) -> String {
    let mut text = "apiVersion: genomics.pleiotropy.io/v1alpha1\nkind: GenomeAnalysis\nmetadata: {name: fragment}\nspec:\n".to_owned();
    for line in fragment.lines() {
        text += &format!("  {line}\n");
    }
    let has = |field: &str| fragment.lines().any(|line| line.starts_with(field));
    if !has("genomes:") {
        text += "  genomes: [{uri: 's3://genomes/all/'}]\n";
    }
    if !has("output:") {
        text += "  output: {uri: 's3://results/mine/'}\n";
    }
    let volumes: BTreeSet<&str> = ["genomes", "more", "lists", "results", "data"].into();
    if fragment.contains("file:///") && !has("storage:") {
        text += "  storage:\n    volumes:\n";
        for volume in volumes {
            text += &format!("      - {{claim: {volume}, mountPath: /{volume}}}\n");
        }
    }
    text
}

#[test]
fn every_command_flag_and_file_in_the_documents_exists() {
    let known = commands::Known::ask(&plugin, &analyzer());
    let mut problems = Vec::new();
    let mut seen = 0;
    for (page, block) in all_blocks() {
        for line in block.commands() {
            seen += 1;
            if let Some(problem) = known.problem(&line) {
                problems.push(format!("{}: `{line}`: {problem}", page.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(seen >= 60, "only {seen} commands were found");
}

#[test]
fn a_command_that_does_not_exist_is_found() {
    let known = commands::Known::ask(&plugin, &analyzer());
    for line in [
        "kubectl genome statsu demo",
        "kubectl genome run --lokal -f a.yaml",
        "genomic_pleiotropy --imput x",
        "make tets",
        "kubectl apply -f examples/nothing.yaml",
        "helm install x charts/genome-operator --set limits.maxWorker=3",
    ] {
        assert!(known.problem(line).is_some(), "{line}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        for target in blocks::links(&read(&page)) {
            let target = target.split('#').next().unwrap();
            if !target.is_empty() && !target.contains("://") && !page.parent().unwrap().join(target).exists()
            {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_page_is_listed_by_its_shelf() {
    for shelf in ["guides", "concepts", "decisions"] {
        let folder = repository().join("docs").join(shelf);
        let index = read(&folder.join("README.md"));
        for entry in fs::read_dir(&folder).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            assert!(
                name == "README.md" || index.contains(&name),
                "docs/{shelf}/README.md does not list {name}"
            );
        }
    }
}

#[test]
fn the_page_of_states_has_every_phase_and_condition_and_no_other() {
    let page = read(&repository().join("docs/concepts/states.md"));
    for phase in Phase::ALL {
        assert!(page.contains(phase.as_str()), "{phase}");
    }
    for (condition, _) in conditions::ALL {
        assert!(page.contains(condition), "{condition}");
    }
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| condition"));
    for row in rows {
        let names = row.split('|').nth(1).unwrap();
        for name in names.split(',').map(str::trim) {
            assert!(
                conditions::ALL.iter().any(|(condition, _)| *condition == name),
                "`{name}` is no condition"
            );
        }
    }
}

/// The lines of our own programs in a page's first block of each, one after the other in a folder with the repository's files.
fn run_as_written(page: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    for name in ["examples", "docs", "charts"] {
        std::os::unix::fs::symlink(repository().join(name), folder.path().join(name)).unwrap();
    }
    let programs = folder.path().join("target/debug");
    fs::create_dir_all(&programs).unwrap();
    for program in [analyzer(), analyzer().with_file_name("kubectl-genome")] {
        std::os::unix::fs::symlink(&program, programs.join(program.file_name().unwrap())).unwrap();
    }
    let path = format!(
        "{}:{}",
        programs.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut ran = 0;
    for block in blocks(&read(&repository().join(page))) {
        for line in block.commands() {
            let line = line.replace("kubectl genome ", "kubectl-genome ");
            let is_ours = [
                "kubectl-genome run --local",
                "kubectl-genome validate",
                "kubectl-genome plan",
                "kubectl-genome explain -f",
                "genomic_pleiotropy",
                "target/debug/",
            ];
            if !is_ours.iter().any(|begin| line.starts_with(begin)) || line.contains("genome.gbk") {
                continue;
            }
            let mut shell = std::process::Command::new("sh");
            shell
                .args(["-ec", &line])
                .current_dir(folder.path())
                .env("PATH", &path);
            shell
                .env("HOME", folder.path())
                .env("XDG_CACHE_HOME", folder.path().join("cache"));
            said(&mut shell, 0);
            ran += 1;
        }
    }
    ran
}

#[test]
fn the_start_page_runs_as_written() {
    assert!(run_as_written("docs/start/README.md") >= 5);
}

#[test]
fn the_readme_runs_as_written() {
    assert!(run_as_written("README.md") >= 1);
}

#[test]
fn every_reason_is_in_the_guide_to_troubleshooting() {
    let page = read(&repository().join("docs/guides/troubleshooting.md"));
    let others = [
        reasons::INVALID_SPEC,
        reasons::NOT_ALLOWED,
        reasons::NOTHING_ANALYZED,
        reasons::TOO_MANY_FAILED,
        reasons::STAGE_FAILED,
        reasons::TIMED_OUT,
        reasons::CANCELLED,
    ];
    let of_genomes = genome_contract::Reason::ALL.map(genome_contract::Reason::as_str);
    for reason in reasons::OBSTACLES.into_iter().chain(others).chain(of_genomes) {
        assert!(
            page.contains(&format!("`{reason}`")),
            "`{reason}` is not in the guide"
        );
    }
}
