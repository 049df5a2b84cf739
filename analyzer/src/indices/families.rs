//! Synonymous codons of a genetic code: the families within which every index of this folder compares.

use crate::codons::Codon;
use crate::genetic_code::GeneticCode;

/// The codons of one amino acid. Six-fold families (Leu, Ser, Arg) are whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// One letter.
    pub amino_acid: u8,
    /// Its codons, ascending.
    pub codons: Vec<Codon>,
}

/// The families of one genetic code, stops left out.
///
/// ```
/// use genomic_pleiotropy::{genetic_code::GeneticCode, indices::families::Families};
///
/// let families = Families::of(GeneticCode::by_id(11).unwrap());
/// assert_eq!(families.informative().count(), 18);
/// assert_eq!(families.informative_codons().count(), 59);
/// // Mycoplasmas read TGA as tryptophan: a family of two.
/// assert_eq!(Families::of(GeneticCode::by_id(4).unwrap()).informative_codons().count(), 61);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Families(Vec<Family>);

impl Families {
    /// The families of `code`, by their first codon.
    pub fn of(code: &GeneticCode) -> Self {
        let mut families: Vec<Family> = Vec::new();
        for codon in Codon::all().filter(|&codon| !code.is_stop(codon)) {
            let amino_acid = code.amino_acid(codon);
            match families.iter_mut().find(|family| family.amino_acid == amino_acid) {
                Some(family) => family.codons.push(codon),
                None => families.push(Family {
                    amino_acid,
                    codons: vec![codon],
                }),
            }
        }
        Self(families)
    }

    /// The families of NCBI's table `id`; of the standard code where there is no such table, which readers do not let
    /// through.
    pub fn by_id(id: u8) -> Self {
        Self::of(GeneticCode::by_id(id).unwrap_or(&GeneticCode::all()[0]))
    }

    /// All of them, Met and Trp included.
    pub fn all(&self) -> &[Family] {
        &self.0
    }

    /// Those with a choice: more than one codon.
    pub fn informative(&self) -> impl Iterator<Item = &Family> + Clone {
        self.0.iter().filter(|family| family.codons.len() > 1)
    }

    /// The codons of [`Self::informative`], family by family.
    pub fn informative_codons(&self) -> impl Iterator<Item = Codon> + Clone {
        self.informative()
            .flat_map(|family| family.codons.iter().copied())
    }
}
