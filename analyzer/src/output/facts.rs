//! What every report is made of, and the words they share.

use genome_contract::plan::Plan;
use genome_contract::request::Method;

use crate::traits::Panel;
use crate::verbs::merge::{Associations, Collected, GeneLists, Maps, ScoreLists};

/// The results as reports see them.
pub(crate) struct Facts<'a> {
    /// What was planned.
    pub plan: &'a Plan,
    /// How it was counted and tested.
    pub method: &'a Method,
    /// What the chunks hold.
    pub collected: &'a Collected,
    /// The traits, as they were asked for.
    pub panel: &'a Panel,
    /// Genes worth a line.
    pub genes: &'a GeneLists,
    /// Gene × trait scores worth a line.
    pub scores: &'a ScoreLists,
    /// Where genomes and genes lie among each other.
    pub maps: &'a Maps,
    /// Gene families × phenotypes, where phenotypes are known.
    pub associations: Option<&'a Associations>,
}

impl Facts<'_> {
    /// What to call the whole: a single genome by its id.
    pub(crate) fn title(&self) -> String {
        match self.collected.table.as_slice() {
            [genome] => genome.id.clone(),
            genomes => format!("{} genomes", genomes.len()),
        }
    }

    /// Whether there is exactly one genome.
    pub(crate) const fn is_single(&self) -> bool {
        self.plan.genomes == 1
    }
}

/// What stands beside every list of genes.
pub(crate) struct Claims;

impl Claims {
    /// What a signature is and is not.
    pub(crate) const SIGNATURES: &str = "A signature says that a set of genes uses synonymous codons differently from \
        the rest of its genome. Where expression, base composition or gene length explain that, the verdict says so. \
        A signature is a statistical trace, not a cause: nothing here is a probability of a trait, and nothing is \
        claimed of sets with fewer than eight genes.";
    /// What the lists of genes are and are not.
    pub(crate) const GENES: &str = "Candidates are genes whose codons bear the signatures of several independent traits \
        after expression, composition and length are taken out. Codon signatures do not recover the known global \
        regulators: in E. coli K-12 they find none of nine, while the annotation, counted in its own column, does. Read a \
        candidate as a place to look, never as proof that one gene acts on several traits.";
    /// What the page says of itself, in two lists.
    pub(crate) const CLAIMED: [&str; 4] = [
        "For each trait, whether its genes use synonymous codons differently from the genome, by two tests that keep operons together \
         and compare like with like in expression, GC3 and length.",
        "How much of that is left after these three are taken out.",
        "For each gene, which signatures its codons bear, at a controlled rate of false discoveries, with what the same procedure finds \
         on shuffled copies of the genome.",
        "How many of the panel’s sets contain the gene, by annotation.",
    ];
    /// The second of them.
    pub(crate) const NOT_CLAIMED: [&str; 4] = [
        "Causal pleiotropy: no list here says that a gene acts on a trait.",
        "A probability that a genome or a gene has a trait.",
        "Anything about a set with fewer than eight genes.",
        "That codons name the regulators: in E. coli K-12 the signatures find none of nine known ones. Nothing is decrypted.",
    ];
    /// What an association across genomes is and is not.
    pub(crate) const PHENOTYPES: &str = "A gene family is called where its genes are better (or worse) adapted to the \
        ribosome's codons in genomes with a phenotype than in their nearest neighbours without it, after composition and \
        the strength of translational selection are taken out. Neighbours are told by codon usage, not by a tree. It \
        says which families change together with the phenotype, not that they cause it; a phenotype that coincides with \
        a clade has no neighbours to compare, and nothing is claimed of it.";
}

/// A verdict as a sentence's predicate.
pub(crate) fn verdict_in_words(verdict: &str) -> &'static str {
    match verdict {
        "detectable" => "a signature of its own, beyond expression and composition",
        "explained_by_expression_or_composition" => {
            "a signature, but expression, composition or length explain it"
        }
        "is_expression" => "this set is expression itself: half of it or more is the ribosomal reference",
        "not_detectable" => "no signature that these tests can see",
        "insufficient_genes" => "too few genes found (fewer than 8): nothing is claimed",
        "untested" => "scored, not tested",
        _ => "unknown",
    }
}
