//! Gene × trait scores for the reports: the strongest, who belongs to which set, and what made a candidate one.

use std::collections::{BTreeMap, HashMap};

use genome_contract::names::ChunkFile;
use genome_contract::plan::Plan;

use super::collect::Collected;
use super::genes::GeneLists;
use crate::output::chunk::{NamedAssociation, associations};
use crate::verbs::{Session, Stop};

/// Genomes up to which scores are read: `associations-…` are the largest of the three tables.
pub(crate) const LOOKED_UP: u64 = 50;
/// Scores that reports list at most.
const MOST_SCORES: usize = 10_000;

/// The scores that reports name.
#[derive(Debug, Default)]
pub(crate) struct ScoreLists {
    /// The strongest first: by residual q, then empirical q, then z. Of several genomes only those with residual q below
    /// the false discovery rate.
    pub strongest: Vec<NamedAssociation>,
    /// How many there are in all.
    pub total: u64,
    /// Of a single genome and each trait in the panel's order: genes of its set, by their place among all genes.
    pub members: Vec<Vec<u32>>,
    /// The same for genes with residual q below the false discovery rate.
    pub called: Vec<Vec<u32>>,
}

/// Reads the scores of all chunks, a file at a time, and adds to the candidates the traits that made them so.
pub(super) async fn collect(
    session: &Session,
    plan: &Plan,
    collected: &Collected,
    genes: &mut GeneLists,
) -> Result<ScoreLists, Stop> {
    let mut lists = ScoreLists {
        members: vec![Vec::new(); plan.traits.len()],
        called: vec![Vec::new(); plan.traits.len()],
        ..ScoreLists::default()
    };
    if plan.genomes > LOOKED_UP || plan.traits.is_empty() {
        return Ok(lists);
    }
    let places = Places::of(plan, genes);
    let rate = session.request.method.false_discovery_rate;
    let mut traits: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for chunk in &collected.chunks {
        session.check_interrupt()?;
        let path = ChunkFile::Associations.path(chunk.id);
        let Some((bytes, _)) = session.output.get(&path).await? else {
            continue;
        };
        associations(&bytes, |found| {
            let is_called = found.row.q_residual.is_some_and(|q| q < rate);
            if is_called && let Some(candidate) = places.candidate(&found) {
                traits
                    .entry(candidate)
                    .or_default()
                    .push(found.trait_name.clone());
            }
            lists.light(&places, &found, is_called);
            if places.is_alone || is_called {
                lists.keep(found);
            }
        })?;
    }
    lists.shorten();
    for (candidate, traits) in traits {
        genes.candidates[candidate].traits = traits;
    }
    Ok(lists)
}

/// Where genes, candidates and traits stand in their lists.
struct Places {
    is_alone: bool,
    traits: HashMap<String, usize>,
    genes: HashMap<String, u32>,
    candidates: HashMap<(String, String), usize>,
}

impl Places {
    fn of(plan: &Plan, genes: &GeneLists) -> Self {
        let all = genes.all.iter().flatten().map(|row| row.gene.clone());
        let candidates = genes.candidates.iter().enumerate();
        Self {
            is_alone: plan.genomes == 1,
            traits: plan.traits.iter().cloned().zip(0..).collect(),
            genes: all.zip(0..).collect(),
            candidates: candidates
                .map(|(place, entry)| ((entry.genome.clone(), entry.row.gene.clone()), place))
                .collect(),
        }
    }

    fn candidate(&self, found: &NamedAssociation) -> Option<usize> {
        let key = (found.genome.clone(), found.gene.clone());
        self.candidates.get(&key).copied()
    }
}

impl ScoreLists {
    fn light(&mut self, places: &Places, found: &NamedAssociation, is_called: bool) {
        let gene = places.genes.get(&found.gene);
        let (Some(&gene), Some(&of)) = (gene, places.traits.get(&found.trait_name)) else {
            return;
        };
        if found.row.member {
            self.members[of].push(gene);
        }
        if is_called {
            self.called[of].push(gene);
        }
    }

    fn keep(&mut self, found: NamedAssociation) {
        self.total += 1;
        self.strongest.push(found);
        if self.strongest.len() >= 2 * MOST_SCORES {
            self.shorten();
        }
    }

    fn shorten(&mut self) {
        let q = |value: Option<f64>| value.unwrap_or(2.0);
        self.strongest.sort_by(|a, b| {
            q(a.row.q_residual)
                .total_cmp(&q(b.row.q_residual))
                .then(q(a.row.q_empirical).total_cmp(&q(b.row.q_empirical)))
                .then(b.row.z.total_cmp(&a.row.z))
                .then_with(|| (&a.genome, &a.gene, &a.trait_name).cmp(&(&b.genome, &b.gene, &b.trait_name)))
        });
        self.strongest.truncate(MOST_SCORES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::AssociationRow;

    fn found(gene: usize, q: Option<f64>, z: f64) -> NamedAssociation {
        NamedAssociation {
            genome: "g".to_owned(),
            gene: format!("gene{gene}"),
            name: None,
            trait_name: "t".to_owned(),
            row: AssociationRow {
                z,
                q_residual: q,
                ..AssociationRow::default()
            },
        }
    }

    #[test]
    fn the_strongest_are_kept_whatever_the_order_they_come_in() {
        let all: Vec<_> = (0..3 * MOST_SCORES)
            .map(|gene| found(gene, (gene % 3 == 0).then_some(gene as f64 * 1e-6), 1.0))
            .collect();
        let kept = |rows: Vec<NamedAssociation>| {
            let mut lists = ScoreLists::default();
            rows.into_iter().for_each(|row| lists.keep(row));
            lists.shorten();
            (lists.strongest, lists.total)
        };
        let (forward, total) = kept(all.clone());
        let (backward, _) = kept(all.into_iter().rev().collect());
        assert_eq!((forward.len(), total), (MOST_SCORES, 3 * MOST_SCORES as u64));
        assert!(forward == backward);
        assert!(forward.iter().all(|row| row.row.q_residual.is_some()));
        assert_eq!(forward[1].gene, "gene3");
    }

    #[test]
    fn a_score_without_q_stands_behind_all_that_have_one() {
        let mut lists = ScoreLists::default();
        lists.keep(found(0, None, 9.0));
        lists.keep(found(1, Some(0.9), 0.1));
        lists.shorten();
        assert_eq!(lists.strongest[0].gene, "gene1");
    }
}
