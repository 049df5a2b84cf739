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

/// The traits that most genomes show, then those with the highest AUC; absent where the file is, or is another's.
fn traits(folder: &Path) -> Option<String> {
    let results: Value = serde_json::from_slice(&std::fs::read(folder.join(names::RESULTS)).ok()?).ok()?;
    let mut rows: Vec<(u64, Option<f64>, &str, u64)> = results["traits"]
        .as_array()?
        .iter()
        .filter_map(|row| {
            let detectable = row["genomes_by_verdict"]["detectable"].as_u64().unwrap_or(0);
            let auc = row["mean_auc"].as_f64();
            Some((
                detectable,
                auc,
                row["name"].as_str()?,
                row["genes_found"].as_u64().unwrap_or(0),
            ))
        })
        .collect();
    rows.sort_by(|one, other| {
        (other.0, other.1)
            .partial_cmp(&(one.0, one.1))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut table = format!(
        "\n{:<32} {:>10} {:>6} {:>8}\n",
        "trait", "detectable", "AUC", "members"
    );
    for (detectable, auc, name, members) in rows.iter().take(MOST_TRAITS) {
        let name: String = name.chars().filter(|c| !c.is_control()).take(32).collect();
        let auc = auc.map_or_else(|| "–".to_owned(), |auc| format!("{auc:.3}"));
        let _ = writeln!(table, "{name:<32} {detectable:>10} {auc:>6} {members:>8}");
    }
    if rows.len() > MOST_TRAITS {
        let _ = writeln!(table, "… and {} more in the report", rows.len() - MOST_TRAITS);
    }
    table.push('\n');
    Some(table)
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
            {"name":"stronger","genomes_by_verdict":{"absent":2},"genes_found":9,"mean_auc":null}]}"#;
        std::fs::write(folder.path().join(names::RESULTS), results).unwrap();
        let table = traits(folder.path()).unwrap();
        let names: Vec<&str> = table
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert_eq!(names, ["trait", "ribosome", "weak", "stronger"], "{table}");
        let stronger = table.lines().find(|line| line.starts_with("stronger")).unwrap();
        assert_eq!(stronger.split_whitespace().nth(2), Some("–"), "{table}");
        assert_eq!(traits(Path::new("/nowhere")), None);
    }
}
