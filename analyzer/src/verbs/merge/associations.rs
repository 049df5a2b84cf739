//! Gene families × phenotypes over all genomes. Reads the genes once more for as many families as fit into memory.

use std::collections::HashMap;

use genome_contract::names::ChunkFile;
use genome_contract::plan::Plan;

use super::collect::Collected;
use super::families::{Families, Family};
use crate::cohort::adaptation::{Adaptation, Gathering};
use crate::cohort::associations::{
    Contrast, Differences, FEWEST_PAIRS, Scores, Whole, adjust, differences, shift,
};
use crate::cohort::maps::neighbourhood;
use crate::cohort::pairs::{Neighbours, Pair};
use crate::cohort::phenotypes::Phenotypes;
use crate::indices::counts;
use crate::indices::families::Families as Synonyms;
use crate::output::chunk::genes;
use crate::verbs::{Session, Stop, phenotypes};

/// Scores that are in memory at a time: 32 MiB, and the differences of a phenotype at most 64 MiB.
const MOST_SCORES: usize = 8 << 20;

/// The most widespread families, by which the shift is told that most families share: the same ones however many are in
/// memory at a time. The median of so many is known to a thirtieth of their spread.
const SHARED: usize = 2_000;

const COLUMNS: [&str; 4] = ["family", "melp", "too_short", "reference"];

/// What the cohort says of its phenotypes.
#[derive(Debug, Default)]
pub(crate) struct Associations {
    /// In the table's order.
    pub phenotypes: Vec<Tested>,
    /// Name and reason of columns that can't be tested.
    pub set_aside: Vec<(String, String)>,
    /// Genomes of the table that are not in this analysis.
    pub elsewhere: u64,
}

/// One phenotype.
#[derive(Debug, Default)]
pub(crate) struct Tested {
    /// Name in the table.
    pub name: String,
    /// What counts as having it.
    pub meaning: String,
    /// Analyzed genomes that have it.
    pub with: u64,
    /// Analyzed genomes that do not.
    pub without: u64,
    /// Neighbours that differ in it.
    pub pairs: Vec<Pair>,
    /// Shift that most families share, in ln MELP.
    pub shift: f64,
    /// One a tested family, the smallest q first.
    pub families: Vec<FamilyRow>,
}

/// A family's row.
#[derive(Clone, Debug)]
pub(crate) struct FamilyRow {
    /// Its name.
    pub family: String,
    /// What it makes.
    pub product: Option<String>,
    /// Genomes with the phenotype, and without, that have a score, and their mean ln MELP.
    pub means: [(u32, f64); 2],
    /// The test.
    pub contrast: Contrast,
}

/// One phenotype while genes are read.
struct Asked {
    labels: Vec<Option<bool>>,
    /// In places of [`Readings::slots`].
    pairs: Vec<Pair>,
}

/// Where scores of some families go.
struct Readings<'a> {
    genomes: HashMap<&'a str, usize>,
    /// Place of each genome that is in a pair.
    slots: Vec<Option<usize>>,
    families: HashMap<&'a str, usize>,
    scores: Scores,
    wholes: Vec<Option<Whole>>,
    /// Sum and number of scores, by phenotype, family, and with or without.
    sums: Vec<Vec<[(f64, u32); 2]>>,
}

/// Tests every family in every phenotype; `None` where the request names no table.
pub(super) async fn collect(
    session: &Session,
    plan: &Plan,
    collected: &Collected,
    families: &Families,
) -> Result<Option<Associations>, Stop> {
    collect_in_slabs(session, plan, collected, families, MOST_SCORES).await
}

async fn collect_in_slabs(
    session: &Session,
    plan: &Plan,
    collected: &Collected,
    families: &Families,
    most_scores: usize,
) -> Result<Option<Associations>, Stop> {
    let Some(table) = phenotypes::copied(session).await? else {
        return Ok(None);
    };
    let rows: Vec<Option<usize>> = collected.table.iter().map(|line| table.row(&line.id)).collect();
    let known = rows.iter().flatten().count();
    let mut associations = Associations {
        set_aside: table.set_aside.clone(),
        elsewhere: (table.genomes() - known) as u64,
        ..Associations::default()
    };
    let (slots, asked) = ask(
        &table,
        &rows,
        &neighbours(session, collected, families),
        collected,
    );
    for (phenotype, asked) in table.columns.iter().zip(&asked) {
        let count = |wanted| {
            asked
                .labels
                .iter()
                .filter(|label| **label == Some(wanted))
                .count() as u64
        };
        associations.phenotypes.push(Tested {
            name: phenotype.name.clone(),
            meaning: phenotype.with.clone(),
            with: count(true),
            without: count(false),
            pairs: asked.pairs.clone(),
            ..Tested::default()
        });
    }
    let used = slots.iter().flatten().count();
    if plan.genomes < 2 || used < 2 * FEWEST_PAIRS {
        return Ok(Some(associations));
    }
    let widespread: Vec<_> = families
        .widespread()
        .into_iter()
        .take_while(|(_, family)| family.genomes as usize >= 2 * FEWEST_PAIRS)
        .collect();
    let shared = widespread.len().min(SHARED);
    let slab_size = (most_scores / used).max(1);
    let mut shifts: Vec<Option<f64>> = vec![None; asked.len()];
    if slab_size < shared {
        shifts = shared_shifts(
            session,
            collected,
            &slots,
            &widespread[..shared],
            &asked,
            slab_size,
        )
        .await?;
    }
    for slab in widespread.chunks(slab_size) {
        let names: Vec<&str> = slab.iter().map(|(name, _)| *name).collect();
        let readings = read(session, collected, &slots, &names, &asked).await?;
        for (index, tested) in associations.phenotypes.iter_mut().enumerate() {
            let differences = differences(&readings.scores, &readings.wholes, &asked[index].pairs);
            tested.shift = *shifts[index].get_or_insert_with(|| {
                shift(differences.iter().take(shared).filter_map(Differences::intercept))
            });
            for ((place, (name, family)), differences) in slab.iter().enumerate().zip(&differences) {
                let found = differences.contrast(tested.shift);
                tested.families.extend(
                    found.map(|contrast| FamilyRow {
                        family: (*name).to_owned(),
                        product: family.product.clone(),
                        means: readings.sums[index][place]
                            .map(|(sum, count)| (count, sum / f64::from(count.max(1)))),
                        contrast,
                    }),
                );
            }
        }
    }
    for tested in &mut associations.phenotypes {
        adjust(tested.families.iter_mut().map(|row| &mut row.contrast));
        tested.families.sort_by(|a, b| {
            let by = |row: &FamilyRow| (row.contrast.q, row.contrast.p);
            let ((a_q, a_p), (b_q, b_p)) = (by(a), by(b));
            a_q.total_cmp(&b_q)
                .then(a_p.total_cmp(&b_p))
                .then(a.family.cmp(&b.family))
        });
    }
    Ok(Some(associations))
}

/// The shift of each phenotype, from families that are more than fit into memory at a time.
async fn shared_shifts(
    session: &Session,
    collected: &Collected,
    slots: &[Option<usize>],
    families: &[(&str, &Family)],
    asked: &[Asked],
    slab_size: usize,
) -> Result<Vec<Option<f64>>, Stop> {
    let mut contrasts: Vec<Vec<f64>> = vec![Vec::new(); asked.len()];
    for slab in families.chunks(slab_size) {
        let names: Vec<&str> = slab.iter().map(|(name, _)| *name).collect();
        let readings = read(session, collected, slots, &names, asked).await?;
        for (contrasts, asked) in contrasts.iter_mut().zip(asked) {
            let differences = differences(&readings.scores, &readings.wholes, &asked.pairs);
            contrasts.extend(differences.iter().filter_map(Differences::intercept));
        }
    }
    Ok(contrasts
        .into_iter()
        .map(|contrasts| Some(shift(contrasts)))
        .collect())
}

/// Who is near whom.
fn neighbours(session: &Session, collected: &Collected, families: &Families) -> Neighbours {
    let synonyms = Synonyms::by_id(session.request.method.genetic_code);
    let all = counts::pooled(&collected.usage);
    let places = neighbourhood(&collected.usage, &all, &families.reference, &synonyms);
    Neighbours::of(&places)
}

/// Labels and pairs of each phenotype, and a slot for each genome that is in a pair.
fn ask(
    table: &Phenotypes,
    rows: &[Option<usize>],
    neighbours: &Neighbours,
    collected: &Collected,
) -> (Vec<Option<usize>>, Vec<Asked>) {
    let mut slots = vec![None; rows.len()];
    let mut used = 0;
    let mut asked = Vec::new();
    for phenotype in &table.columns {
        let is_analyzed = |at: usize| collected.table[at].failure.is_none();
        let label = |(at, row): (usize, &Option<usize>)| phenotype.of(*row).filter(|_| is_analyzed(at));
        let labels: Vec<Option<bool>> = rows.iter().enumerate().map(label).collect();
        let mut pairs = neighbours.pairs(&labels);
        for genome in pairs
            .iter_mut()
            .flat_map(|pair| [&mut pair.with, &mut pair.without])
        {
            let slot = *slots[*genome].get_or_insert_with(|| {
                used += 1;
                used - 1
            });
            *genome = slot;
        }
        asked.push(Asked { labels, pairs });
    }
    (slots, asked)
}

/// The scores of the families `names`.
async fn read<'a>(
    session: &Session,
    collected: &'a Collected,
    slots: &[Option<usize>],
    names: &[&'a str],
    asked: &[Asked],
) -> Result<Readings<'a>, Stop> {
    let used = slots.iter().flatten().count();
    let lines = collected.table.iter().enumerate();
    let mut readings = Readings {
        genomes: lines.map(|(at, line)| (line.id.as_str(), at)).collect(),
        slots: slots.to_vec(),
        families: names.iter().enumerate().map(|(at, name)| (*name, at)).collect(),
        scores: Scores::new(names.len(), used),
        wholes: vec![None; used],
        sums: vec![vec![[(0.0, 0); 2]; names.len()]; asked.len()],
    };
    for chunk in &collected.chunks {
        session.check_interrupt()?;
        let Some((bytes, _)) = session.output.get(&ChunkFile::Genes.path(chunk.id)).await? else {
            continue;
        };
        let mut open: Option<(String, Gathering)> = None;
        genes(&bytes, Some(&COLUMNS), |genome, row| {
            if open.as_ref().is_none_or(|(id, _)| id != genome) {
                let before = open.replace((genome.to_owned(), Gathering::default()));
                readings.close(before, collected, asked);
            }
            if let Some((_, genes)) = &mut open {
                genes.add(&row);
            }
        })?;
        readings.close(open, collected, asked);
    }
    Ok(readings)
}

impl Readings<'_> {
    /// Files what a genome's genes say.
    fn close(&mut self, genome: Option<(String, Gathering)>, collected: &Collected, asked: &[Asked]) {
        let Some((id, genes)) = genome else { return };
        let (Some(&at), Some(adaptation)) = (self.genomes.get(id.as_str()), genes.finish()) else {
            return;
        };
        let Adaptation { strength, families } = adaptation;
        let slot = self.slots[at];
        if let (Some(slot), Some(gc3s)) = (slot, collected.table[at].gc3s) {
            self.wholes[slot] = Some(Whole { gc3s, strength });
        }
        for (family, score) in families {
            let Some(&place) = self.families.get(family.as_str()) else {
                continue;
            };
            if let Some(slot) = slot {
                self.scores.set(place, slot, score);
            }
            for (asked, sums) in asked.iter().zip(&mut self.sums) {
                if let Some(has) = asked.labels[at] {
                    let (sum, count) = &mut sums[place][usize::from(!has)];
                    (*sum, *count) = (*sum + score, *count + 1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
