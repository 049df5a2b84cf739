//! Which genes a synthetic species has: names, operons, and the traits planted in them.

use super::random::Random;
use crate::traits::Panel;

/// Ribosomal proteins come first among the names.
const RIBOSOME: &str = "ribosome";

/// Gene families that become translationally adapted in genomes with the phenotype.
const ADAPTED_FAMILIES: usize = 20;

/// What to make.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Genes a genome.
    pub genes: usize,
    /// Traits to plant.
    pub traits: usize,
    /// Genes a planted trait.
    pub trait_genes: usize,
    /// Strength of their signatures: 1 is as strong as that of ribosomal proteins.
    pub strength: f64,
    /// Share of the genes, ribosomal proteins aside, that have a name of the built-in panel: of planted ones as of others.
    pub named: f64,
    /// Lineages of the species.
    pub lineages: usize,
    /// Seed of everything.
    pub seed: u64,
}

/// A gene before it has a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Gene name, the same in each genome of the species.
    pub name: String,
    /// 1 for a ribosomal protein, near 0 for most genes.
    pub expression: f64,
    /// The planted trait it belongs to.
    pub planted: Option<usize>,
    /// Where it is better expressed.
    pub adapts: Option<Adapts>,
    /// Codons between start and stop.
    pub codons: usize,
}

/// What makes a gene better expressed in some genomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapts {
    /// The phenotype: these families are to be found.
    ToPhenotype,
    /// The lineage, in which the phenotype is common: these are not.
    ToLineage,
}

/// A trait with a signature of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Planted {
    /// Name in the panel.
    pub name: String,
    /// Names of its genes.
    pub genes: Vec<String>,
}

/// All genes of a species, by operon, in the order of the chromosome.
#[derive(Clone, Debug, PartialEq)]
pub struct Cast {
    /// Genes that are read together.
    pub operons: Vec<Vec<Member>>,
    /// The traits.
    pub planted: Vec<Planted>,
    /// Names of the ribosomal proteins.
    pub ribosomal: Vec<String>,
    /// Families adapted in genomes with the phenotype.
    pub adapted: Vec<String>,
    /// Families that differ between lineages.
    pub drifting: Vec<String>,
}

impl Cast {
    /// The cast of `recipe`.
    pub fn new(recipe: &Recipe) -> Self {
        let mut random = Random::new(recipe.seed, 1);
        let (ribosomal, others) = names_of_the_panel();
        // As in small genomes: up to 53 ribosomal proteins, but never most of the genes.
        let ribosomal: Vec<String> = ribosomal
            .into_iter()
            .take((recipe.genes / 12).max(recipe.genes.min(32) / 4))
            .collect();
        let trait_genes = recipe.trait_genes.min(recipe.genes / (4 * recipe.traits.max(1)));
        let left = recipe.genes.saturating_sub(ribosomal.len());
        let mut names = deal(others, left, recipe.named, &mut random).into_iter();
        let planted: Vec<Planted> = (1..=recipe.traits)
            .map(|number| Planted {
                name: format!("planted_{number}"),
                genes: names.by_ref().take(trait_genes).collect(),
            })
            .collect();
        let families = ADAPTED_FAMILIES.min(names.len() / 4);
        let adapted: Vec<String> = names.by_ref().take(families).collect();
        let drifting = if recipe.lineages > 1 { families } else { 0 };
        let drifting: Vec<String> = names.by_ref().take(drifting).collect();
        let rest: Vec<String> = names.collect();

        let mut operons = Vec::new();
        let high = |_: &mut Random| 1.0;
        let low = |random: &mut Random| 0.3 * random.uniform().powi(2);
        group(&ribosomal, 7, None, None, high, &mut operons, &mut random);
        for (index, planted) in planted.iter().enumerate() {
            group(
                &planted.genes,
                3,
                Some(index),
                None,
                low,
                &mut operons,
                &mut random,
            );
        }
        for (names, adapts) in [(&adapted, Adapts::ToPhenotype), (&drifting, Adapts::ToLineage)] {
            group(names, 2, None, Some(adapts), low, &mut operons, &mut random);
        }
        group(&rest, 4, None, None, low, &mut operons, &mut random);
        random.shuffle(&mut operons);
        Self {
            operons,
            planted,
            ribosomal,
            adapted,
            drifting,
        }
    }

    /// All genes.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.operons.iter().flatten()
    }
}

/// Names of `genes` genes, `share` of them from the panel, as far as it has so many. Neighbours in the panel stay
/// together, three at most, as in operons; what is dealt to planted and to other genes is chance, so that the panel's sets
/// are no likelier than any to be without what was planted.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a usize"
)]
fn deal(panel: Vec<String>, genes: usize, share: f64, random: &mut Random) -> Vec<String> {
    let wanted = (genes as f64 * share.clamp(0.0, 1.0)) as usize;
    let mut names: Vec<String> = panel.into_iter().take(wanted).collect();
    names.extend((0..genes - names.len()).map(anonymous_name));
    let mut runs = Vec::new();
    let mut rest = &names[..];
    while !rest.is_empty() {
        let (run, after) = rest.split_at((1 + random.below(3)).min(rest.len()));
        runs.push(run);
        rest = after;
    }
    random.shuffle(&mut runs);
    runs.concat()
}

/// Ribosomal proteins, and the names of all other traits, each once.
fn names_of_the_panel() -> (Vec<String>, Vec<String>) {
    let panel = Panel::builtin("bacteria").expect("the panel ships with the analyzer");
    let (mut ribosomal, mut others) = (Vec::new(), Vec::new());
    let mut met = std::collections::HashSet::new();
    for entry in panel.traits() {
        let names = if entry.name == RIBOSOME {
            &mut ribosomal
        } else {
            &mut others
        };
        names.extend(
            entry
                .associated_genes
                .iter()
                .filter(|name| met.insert(name.to_lowercase()))
                .cloned(),
        );
    }
    (ribosomal, others)
}

/// `yaaA`, `yabA` … as E. coli's genes of unknown function are called; `y` and a number after 17,576 of them.
fn anonymous_name(index: usize) -> String {
    let letter = |value: usize| char::from(b'a' + u8::try_from(value % 26).unwrap_or_default());
    let last = letter(index / 676).to_ascii_uppercase();
    match index {
        0..17_576 => format!("y{}{}{last}", letter(index / 26), letter(index)),
        _ => format!("y{index}"),
    }
}

fn group(
    names: &[String],
    longest: usize,
    planted: Option<usize>,
    adapts: Option<Adapts>,
    expression: impl Fn(&mut Random) -> f64,
    operons: &mut Vec<Vec<Member>>,
    random: &mut Random,
) {
    let mut rest = names;
    while !rest.is_empty() {
        let (operon, after) = rest.split_at((1 + random.below(longest)).min(rest.len()));
        rest = after;
        let member = |name: &String| {
            let expression = expression(random);
            let codons = length(expression >= 1.0, random);
            Member {
                name: name.clone(),
                expression,
                planted,
                adapts,
                codons,
            }
        };
        operons.push(operon.iter().map(member).collect());
    }
}

/// Log-normal, as in E. coli: median 280 codons, ribosomal proteins 130.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
fn length(is_ribosomal: bool, random: &mut Random) -> usize {
    let (median, spread) = if is_ribosomal {
        (130.0_f64, 0.4)
    } else {
        (280.0, 0.55)
    };
    (median.ln() + spread * random.normal())
        .exp()
        .clamp(55.0, 2_500.0) as usize
}
