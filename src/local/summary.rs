//! What a run found, in a screenful: from the merge's message, and from the results where they lie on this machine.

use std::fmt::Write;
use std::path::Path;

use genome_contract::message::{GenomeCounts, Message};
use genome_contract::names;
use serde_json::Value;

use super::mounts::{Mount, local_path};
use crate::validate::ValidAnalysis;

/// The summary, lines with their ends.
pub(super) fn text(
    message: &Message,
    given_up: &[String],
    analysis: &ValidAnalysis,
    mounts: &[Mount],
) -> String {
    let mut text = String::new();
    let GenomeCounts {
        total,
        analyzed,
        cached,
        failed,
    } = message.genomes;
    let from_cache = if cached > 0 {
        format!(", {cached} of them from the cache")
    } else {
        String::new()
    };
    line(
        &mut text,
        "genomes",
        &format!("{}/{total} done{from_cache}, {failed} failed", analyzed + cached),
    );
    if let Some(failure) = &message.failure {
        let genome = failure.genome.as_deref().unwrap_or("?");
        line(
            &mut text,
            "first failure",
            &format!("{genome}: {}: {}", failure.reason, failure.text),
        );
    }
    if message.failures_by_reason.len() > 1 {
        let counts = message
            .failures_by_reason
            .iter()
            .map(|one| format!("{} × {}", one.count, one.reason));
        line(&mut text, "failures", &counts.collect::<Vec<_>>().join(", "));
    }
    for task in given_up {
        line(&mut text, "given up", task);
    }
    if let Some(results) = &message.results {
        line(
            &mut text,
            "traits",
            &format!("{} with a detectable signature", results.detectable_traits),
        );
        line(
            &mut text,
            "genes",
            &format!("{} candidates for pleiotropy", results.pleiotropic_genes),
        );
    }
    let folder = local_path(&analysis.output.uri, mounts);
    text.push_str(&folder.as_deref().and_then(traits).unwrap_or_default());
    let output = &analysis.output.uri;
    let report = message
        .results
        .as_ref()
        .map_or(names::REPORT, |results| results.report.as_str());
    let place = match folder {
        Some(folder) => folder.join(report).display().to_string(),
        None => format!("{output}{report}"),
    };
    line(&mut text, "report", &place);
    text
}

/// Rows of the table at most; the report has all of them.
const MOST_TRAITS: usize = 12;

/// One line of the table.
struct Row<'a> {
    name: &'a str,
    detectable: u64,
    auc: f64,
    members: u64,
}

/// The traits that most genomes show, then those with the highest AUC; absent where the file is, or is another's.
fn traits(folder: &Path) -> Option<String> {
    let results: Value = serde_json::from_slice(&std::fs::read(folder.join(names::RESULTS)).ok()?).ok()?;
    let all = results["traits"].as_array()?;
    let mut rows: Vec<Row<'_>> = all.iter().filter_map(row).collect();
    rows.sort_by(|one, other| {
        other
            .detectable
            .cmp(&one.detectable)
            .then(other.auc.total_cmp(&one.auc))
    });
    let mut table = "\n".to_owned();
    if !rows.is_empty() {
        let _ = writeln!(
            table,
            "{:<32} {:>10} {:>6} {:>8}",
            "trait", "detectable", "AUC", "members"
        );
    }
    for Row {
        name,
        detectable,
        auc,
        members,
    } in rows.iter().take(MOST_TRAITS)
    {
        let name: String = name.chars().filter(|c| !c.is_control()).take(32).collect();
        let _ = writeln!(table, "{name:<32} {detectable:>10} {auc:>6.3} {members:>8}");
    }
    let (more, unscored) = (rows.len().saturating_sub(MOST_TRAITS), all.len() - rows.len());
    if more > 0 {
        let _ = writeln!(table, "… and {more} more in the report");
    }
    match (unscored, rows.is_empty()) {
        (0, _) => {}
        (_, true) => table.push_str("no trait of the panel has enough genes in these genomes to be tested\n"),
        (_, false) => {
            let _ = writeln!(table, "not tested, too few of their genes found: {unscored}");
        }
    }
    table.push('\n');
    Some(table)
}

/// `None` for a trait without a score.
fn row(trait_: &Value) -> Option<Row<'_>> {
    Some(Row {
        name: trait_["name"].as_str()?,
        detectable: trait_["genomes_by_verdict"]["detectable"].as_u64().unwrap_or(0),
        auc: trait_["mean_auc"].as_f64()?,
        members: trait_["genes_found"].as_u64().unwrap_or(0),
    })
}

fn line(text: &mut String, what: &str, value: &str) {
    let _ = writeln!(text, "{what:<14} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_traits_that_most_genomes_show_come_first() {
        let folder = tempfile::tempdir().unwrap();
        let results = r#"{"traits":[
            {"name":"weak","genomes_by_verdict":{},"genes_found":4,"mean_auc":0.61},
            {"name":"ribosome","genomes_by_verdict":{"detectable":2},"genes_found":108,"mean_auc":0.951},
            {"name":"unscored","genomes_by_verdict":{"absent":2},"genes_found":4,"mean_auc":null}]}"#;
        std::fs::write(folder.path().join(names::RESULTS), results).unwrap();
        let table = traits(folder.path()).unwrap();
        let words: Vec<&str> = table
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert_eq!(words, ["trait", "ribosome", "weak", "not"], "{table}");
        assert!(table.contains("too few of their genes found: 1"), "{table}");
        assert_eq!(traits(Path::new("/nowhere")), None);
    }

    #[test]
    fn a_panel_that_matches_nothing_is_said_to() {
        let folder = tempfile::tempdir().unwrap();
        let results =
            r#"{"traits":[{"name":"other","genomes_by_verdict":{},"genes_found":0,"mean_auc":null}]}"#;
        std::fs::write(folder.path().join(names::RESULTS), results).unwrap();
        let text = traits(folder.path()).unwrap();
        assert_eq!(
            text,
            "\nno trait of the panel has enough genes in these genomes to be tested\n\n"
        );
    }
}
