//! The expression reference: the genes whose codons stand for translation under selection.
//!
//! Ribosomal proteins are the most highly expressed genes of nearly every growing cell; CAI, Fop, CBI and MELP measure
//! against them. They are found by name (`rplA` … `rpsU`, `rpmJ`) or, where a gene has no name, by product.

use crate::codons::{Codon, CodonCounts};
use crate::indices::families::Families;
use crate::record::Gene;

/// Fewer reference genes than this make no reference: their pooled counts say too little.
pub const SMALLEST_REFERENCE: usize = 8;

/// Whether a gene encodes a ribosomal protein: name `rpl`, `rps` or `rpm`, a letter, at most one digit; without a name,
/// product `50S ribosomal protein L1` and the like. Enzymes that modify such proteins are not meant.
///
/// ```
/// use genomic_pleiotropy::indices::reference::is_ribosomal;
///
/// assert!(is_ribosomal(Some("rplA"), None));
/// assert!(is_ribosomal(None, Some("30S ribosomal protein S12")));
/// assert!(!is_ribosomal(Some("rpoB"), None));
/// assert!(!is_ribosomal(None, Some("ribosomal protein S12 methylthiotransferase RimO")));
/// ```
pub fn is_ribosomal(name: Option<&str>, product: Option<&str>) -> bool {
    match name {
        Some(name) => is_ribosomal_name(name),
        None => product.is_some_and(is_ribosomal_product),
    }
}

fn is_ribosomal_name(name: &str) -> bool {
    let name = name.as_bytes();
    let (Some(stem), Some(rest)) = (name.get(..3), name.get(3..)) else {
        return false;
    };
    let is_stem = [b"rpl", b"rps", b"rpm"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(stem));
    is_stem
        && match rest {
            [letter] => letter.is_ascii_alphabetic(),
            [letter, copy] => letter.is_ascii_alphabetic() && copy.is_ascii_digit(),
            _ => false,
        }
}

fn is_ribosomal_product(product: &str) -> bool {
    let rest = ["50S ribosomal protein L", "30S ribosomal protein S"]
        .iter()
        .find_map(|start| product.strip_prefix(start))
        .unwrap_or_default();
    let number_ends = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    number_ends > 0 && matches!(&rest[number_ends..], "" | "/L12" | " type A" | " type B")
}

/// What the indices need to know of the reference genes.
///
/// ```
/// use genomic_pleiotropy::codons::{Codon, CodonCounts};
/// use genomic_pleiotropy::indices::{families::Families, reference::Reference};
///
/// let [aaa, aag] = [b"AAA", b"AAG"].map(|&[a, b, c]| Codon::from_bases(a, b, c).unwrap());
/// let mut counts = CodonCounts::default();
/// (counts[aaa], counts[aag]) = (9, 4);
/// let reference = Reference::from_counts(&counts, &Families::by_id(11));
/// assert_eq!(reference.adaptiveness[aag.as_index()], (4.0 + 1.0) / (9.0 + 1.0));
/// assert_eq!(reference.optimal().collect::<Vec<_>>(), [aaa]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Relative adaptiveness w = (n + 1) / max (n + 1) in the family; 1 for Met and Trp, 0 for stops.
    pub adaptiveness: [f64; 64],
    /// ln of the same; 0 for stops.
    pub logarithms: [f64; 64],
    /// The most frequent codon of each family with a choice (all of them where they are equal).
    pub is_optimal: [bool; 64],
    /// Synonymous frequencies with a pseudocount of 1.
    pub frequencies: [f64; 64],
}

impl Reference {
    /// The reference made by pooled counts, start codons included.
    pub fn from_counts(counts: &CodonCounts, families: &Families) -> Self {
        let (mut adaptiveness, mut logarithms) = ([0.0_f64; 64], [0.0; 64]);
        let mut is_optimal = [false; 64];
        for family in families.all() {
            let most = family
                .codons
                .iter()
                .map(|&codon| counts[codon])
                .max()
                .unwrap_or(0);
            for &codon in &family.codons {
                adaptiveness[codon.as_index()] = (f64::from(counts[codon]) + 1.0) / (f64::from(most) + 1.0);
                logarithms[codon.as_index()] = adaptiveness[codon.as_index()].ln();
                is_optimal[codon.as_index()] = family.codons.len() > 1 && most > 0 && counts[codon] == most;
            }
        }
        let frequencies = crate::indices::frequencies::synonymous(counts, families, 1.0);
        Self {
            adaptiveness,
            logarithms,
            is_optimal,
            frequencies,
        }
    }

    /// Codons that are optimal.
    pub fn optimal(&self) -> impl Iterator<Item = Codon> {
        Codon::all().filter(|codon| self.is_optimal[codon.as_index()])
    }
}

/// For each gene, whether it serves as reference: all ribosomal ones, or none where they are fewer than
/// [`SMALLEST_REFERENCE`].
///
/// ```
/// use genomic_pleiotropy::{indices::reference, record::Gene};
///
/// let named = |name: String| Gene { name: Some(name), ..Gene::default() };
/// let mut genes: Vec<Gene> = ('A'..='H').map(|letter| named(format!("rps{letter}"))).collect();
/// genes.push(named("thrL".to_owned()));
/// let is_reference = reference::find(&genes);
/// assert!(is_reference[..8].iter().all(|is| *is) && !is_reference[8]);
/// assert!(reference::find(&genes[1..]).iter().all(|is| !is));
/// ```
pub fn find(genes: &[Gene]) -> Vec<bool> {
    let found: Vec<bool> = genes
        .iter()
        .map(|gene| is_ribosomal(gene.name.as_deref(), gene.product.as_deref()))
        .collect();
    if found.iter().filter(|&&is| is).count() < SMALLEST_REFERENCE {
        vec![false; genes.len()]
    } else {
        found
    }
}
