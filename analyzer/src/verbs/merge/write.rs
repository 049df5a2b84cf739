//! Collected → files, in order of path. Each is a function of the collected results alone: no time, no place, no URI.

use bytes::Bytes;
use genome_contract::manifest::FileEntry;
use genome_contract::names;

use crate::output::{Facts, codon_map, codon_usage, cohort, correlation, heatmap, page, results, summary};
use crate::verbs::{Session, Stop};

/// Writes every report and table.
pub(super) async fn all(session: &Session, facts: &Facts<'_>) -> Result<Vec<FileEntry>, Stop> {
    let Facts { plan, genes, .. } = facts;
    let mut files: Vec<(&str, Vec<u8>)> = vec![
        (names::RESULTS, results::analysis_results(facts)),
        (names::CODON_USAGE, codon_usage::table(facts).into_bytes()),
        (names::CODON_MAP, codon_map::table(facts).into_bytes()),
        (names::PLEIOTROPIC_GENES, results::pleiotropic_genes(facts)),
        (names::REPORT, page::page(facts)),
        (names::SUMMARY, summary::markdown_report(facts).into_bytes()),
    ];
    if !plan.traits.is_empty() {
        files.push((names::TRAIT_CORRELATION, correlation::table(facts).into_bytes()));
        let picture = heatmap::Heatmap::of(facts);
        files.push((names::HEATMAP_SVG, heatmap::svg(&picture).into_bytes()));
        let png = heatmap::png(&picture).map_err(|error| Stop::internal(error.to_string()))?;
        files.push((names::HEATMAP_PNG, png));
    }
    if !facts.is_single() {
        files.push((names::COHORT, cohort::summary(facts)));
    }
    if let Some(associations) = facts.associations {
        files.push((names::FAMILY_PHENOTYPE, cohort::table(associations).into_bytes()));
    }
    let mut files: Vec<(&str, Bytes)> = files
        .into_iter()
        .map(|(path, bytes)| (path, bytes.into()))
        .collect();
    files.extend(genes.table.clone().map(|table| (names::GENES, table)));
    files.sort_by_key(|(path, _)| *path);
    let mut entries = Vec::with_capacity(files.len());
    for (path, bytes) in files {
        session.check_interrupt()?;
        entries.push(session.output.put(path, bytes).await?);
    }
    Ok(entries)
}
