//! What several genomes say together: `family_phenotype.tsv`, and `cohort.json` for programs.

use std::fmt::Write as _;

use super::codon_map::SHOWN;
use super::documents::{
    CalledFamily, Cohort, CohortMap, CohortMaps, ConservedSignature, Phenotypes, SetAside, TestedPhenotype,
};
use super::results::bytes;
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
    bytes(&Cohort {
        schema_version: genome_contract::SCHEMA_VERSION,
        maps: CohortMaps {
            genomes: map(&maps.genomes),
            families: map(&maps.genes),
        },
        signatures: facts.collected.traits.iter().map(conservation).collect(),
        phenotypes: facts
            .associations
            .map(|associations| phenotypes(associations, facts)),
    })
}

fn map(map: &CodonMap) -> CohortMap {
    let first = |values: &[f64]| values.iter().take(SHOWN).copied().map(rounded).collect();
    CohortMap {
        points: map.places.iter().filter(|place| !place.axes.is_empty()).count() as u64,
        share_of_inertia: first(&map.inertia),
        share_of_variance: first(&map.variance),
    }
}

fn conservation(summary: &TraitSummary) -> ConservedSignature {
    ConservedSignature {
        trait_name: summary.name.clone(),
        genomes: summary.conservation.genomes(),
        mean_correlation: summary.conservation.mean_correlation().map(rounded),
    }
}

fn phenotypes(associations: &Associations, facts: &Facts) -> Phenotypes {
    let set_aside = associations.set_aside.iter().map(|(name, reason)| SetAside {
        name: name.clone(),
        reason: reason.clone(),
    });
    Phenotypes {
        claim: Claims::PHENOTYPES.to_owned(),
        tested: associations
            .phenotypes
            .iter()
            .map(|tested| phenotype(tested, facts))
            .collect(),
        set_aside: set_aside.collect(),
        genomes_not_in_this_analysis: associations.elsewhere,
    }
}

fn phenotype(tested: &Tested, facts: &Facts) -> TestedPhenotype {
    let rate = facts.method.false_discovery_rate;
    let called = || tested.families.iter().filter(|row| row.contrast.q < rate);
    TestedPhenotype {
        name: tested.name.clone(),
        with_means: tested.meaning.clone(),
        genomes_with: tested.with,
        genomes_without: tested.without,
        pairs: tested.pairs.len() as u64,
        shift: rounded(tested.shift),
        families_tested: tested.families.len() as u64,
        families_called: called().count() as u64,
        called: called().take(LISTED).map(family).collect(),
    }
}

fn family(row: &FamilyRow) -> CalledFamily {
    CalledFamily {
        family: row.family.clone(),
        product: row.product.clone(),
        pairs: row.contrast.pairs.into(),
        pairs_higher: row.contrast.higher.into(),
        contrast: rounded(row.contrast.mean),
        p: row.contrast.p,
        q: row.contrast.q,
    }
}

/// Six decimals: what differs beyond is rounding.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
