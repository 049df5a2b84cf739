//! What several genomes say together: `family_phenotype.tsv`, and `cohort.json` for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::codon_map::SHOWN;
use super::text::cell;
use super::{Claims, Facts};
use crate::cohort::associations::Contrast;
use crate::cohort::maps::CodonMap;
use crate::verbs::merge::{Associations, FamilyRow, Tested, TraitSummary};

/// Families in `cohort.json` a phenotype; the table holds all.
const LISTED: usize = 100;

/// One row a tested family × phenotype: phenotypes in the table's order, the smallest q first.
pub(crate) fn table(associations: &Associations) -> String {
    let mut text =
        "phenotype\tfamily\tproduct\tgenomes_with\tgenomes_without\tmelp_with\tmelp_without\tpairs\t\
                    pairs_higher\tcontrast\tp\tq\n"
            .to_owned();
    for tested in &associations.phenotypes {
        for row in &tested.families {
            let [(with, mean_with), (without, mean_without)] = row.means;
            let Contrast {
                pairs,
                higher,
                mean,
                p,
                q,
            } = row.contrast;
            let _ = writeln!(
                text,
                "{}\t{}\t{}\t{with}\t{without}\t{:.4}\t{:.4}\t{pairs}\t{higher}\t{mean:.5}\t{p:.4e}\t{q:.4e}",
                cell(&tested.name),
                cell(&row.family),
                cell(row.product.as_deref().unwrap_or_default()),
                mean_with.exp(),
                mean_without.exp(),
            );
        }
    }
    text
}

/// Everything but the long tables.
pub(crate) fn summary(facts: &Facts) -> Vec<u8> {
    let maps = facts.maps;
    let phenotypes = facts.associations.map(|associations| {
        json!({
            "claim": Claims::PHENOTYPES,
            "tested": associations.phenotypes.iter().map(|tested| phenotype(tested, facts)).collect::<Vec<_>>(),
            "set_aside": associations.set_aside.iter()
                .map(|(name, reason)| json!({"name": name, "reason": reason})).collect::<Vec<_>>(),
            "genomes_not_in_this_analysis": associations.elsewhere,
        })
    });
    let json = json!({
        "schemaVersion": genome_contract::SCHEMA_VERSION,
        "maps": { "genomes": map(&maps.genomes), "families": map(&maps.genes) },
        "signatures": facts.collected.traits.iter().map(conservation).collect::<Vec<_>>(),
        "phenotypes": phenotypes,
    });
    let mut bytes = serde_json::to_vec_pretty(&json).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn map(map: &CodonMap) -> Value {
    let first = |values: &[f64]| {
        values
            .iter()
            .take(SHOWN)
            .copied()
            .map(rounded)
            .collect::<Vec<_>>()
    };
    json!({
        "points": map.places.iter().filter(|place| !place.axes.is_empty()).count(),
        "share_of_inertia": first(&map.inertia),
        "share_of_variance": first(&map.variance),
    })
}

fn conservation(summary: &TraitSummary) -> Value {
    json!({
        "trait": summary.name, "genomes": summary.conservation.genomes(),
        "mean_correlation": summary.conservation.mean_correlation().map(rounded),
    })
}

fn phenotype(tested: &Tested, facts: &Facts) -> Value {
    let rate = facts.method.false_discovery_rate;
    let called = || tested.families.iter().filter(|row| row.contrast.q < rate);
    json!({
        "name": tested.name, "with_means": tested.meaning,
        "genomes_with": tested.with, "genomes_without": tested.without,
        "pairs": tested.pairs.len(), "shift": rounded(tested.shift),
        "families_tested": tested.families.len(), "families_called": called().count(),
        "called": called().take(LISTED).map(family).collect::<Vec<_>>(),
    })
}

fn family(row: &FamilyRow) -> Value {
    json!({
        "family": row.family, "product": row.product, "pairs": row.contrast.pairs,
        "pairs_higher": row.contrast.higher, "contrast": rounded(row.contrast.mean),
        "p": row.contrast.p, "q": row.contrast.q,
    })
}

/// Six decimals: what differs beyond is rounding.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
