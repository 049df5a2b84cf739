//! NCBI translation tables (<https://www.ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi>): which codon makes which amino acid.

use crate::codons::Codon;

/// One translation table.
///
/// ```
/// use genomic_pleiotropy::{codons::Codon, genetic_code::GeneticCode};
///
/// let tga = Codon::from_bases(b'T', b'G', b'A').unwrap();
/// let [bacteria, mycoplasmas] = [11, 4].map(|id| GeneticCode::by_id(id).unwrap());
/// assert!(bacteria.is_stop(tga) && !mycoplasmas.is_stop(tga));
/// assert_eq!(mycoplasmas.amino_acid(tga), b'W');
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct GeneticCode {
    /// NCBI's number.
    pub id: u8,
    /// NCBI's name.
    pub name: &'static str,
    /// Amino acids of the 64 codons, one letter each, `*` for a stop.
    amino_acids: [u8; 64],
    /// `M` where a codon may start, `*` where it may stop, `-` elsewhere.
    starts: [u8; 64],
}

impl GeneticCode {
    /// The table with NCBI's number `id`, `None` for numbers NCBI never gave or has withdrawn.
    pub fn by_id(id: u8) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.id == id)
    }

    /// All tables, by number.
    pub const fn all() -> &'static [Self] {
        TABLES
    }

    /// One letter, `*` for a stop.
    pub const fn amino_acid(&self, codon: Codon) -> u8 {
        self.amino_acids[codon.as_index()]
    }

    /// Whether translation ends there.
    pub const fn is_stop(&self, codon: Codon) -> bool {
        self.amino_acid(codon) == b'*'
    }

    /// Whether translation may end there. In tables 27, 28 and 31 some stops are amino acids inside of a gene.
    pub const fn may_stop(&self, codon: Codon) -> bool {
        self.starts[codon.as_index()] == b'*'
    }

    /// Whether translation may begin there.
    pub const fn is_start(&self, codon: Codon) -> bool {
        self.starts[codon.as_index()] == b'M'
    }

    /// Codons that make the same amino acid (or stop), this one included.
    pub fn degeneracy(&self, codon: Codon) -> usize {
        let amino_acid = self.amino_acid(codon);
        self.amino_acids
            .iter()
            .filter(|&&other| other == amino_acid)
            .count()
    }

    /// Whether the choice of this codon says anything: no stop, and its amino acid has another codon.
    pub fn is_informative(&self, codon: Codon) -> bool {
        !self.is_stop(codon) && self.degeneracy(codon) > 1
    }
}

/// The numbers of all tables, for messages.
pub(crate) fn list() -> String {
    let numbers: Vec<String> = TABLES.iter().map(|table| table.id.to_string()).collect();
    numbers.join(", ")
}

static TABLES: &[GeneticCode] = &[
    GeneticCode {
        id: 1,
        name: "Standard",
        amino_acids: *b"FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"---M------**--*----M---------------M----------------------------",
    },
    GeneticCode {
        id: 2,
        name: "Vertebrate Mitochondrial",
        amino_acids: *b"FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
        starts: *b"----------**--------------------MMMM----------**---M------------",
    },
    GeneticCode {
        id: 3,
        name: "Yeast Mitochondrial",
        amino_acids: *b"FFLLSSSSYY**CCWWTTTTPPPPHHQQRRRRIIMMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"----------**----------------------MM---------------M------------",
    },
    GeneticCode {
        id: 4,
        name: "Mold, Protozoan, and Coelenterate Mitochondrial; Mycoplasma/Spiroplasma",
        amino_acids: *b"FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"--MM------**-------M------------MMMM---------------M------------",
    },
    GeneticCode {
        id: 5,
        name: "Invertebrate Mitochondrial",
        amino_acids: *b"FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSSSVVVVAAAADDEEGGGG",
        starts: *b"---M------**--------------------MMMM---------------M------------",
    },
    GeneticCode {
        id: 6,
        name: "Ciliate, Dasycladacean and Hexamita Nuclear",
        amino_acids: *b"FFLLSSSSYYQQCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"--------------*--------------------M----------------------------",
    },
    GeneticCode {
        id: 9,
        name: "Echinoderm and Flatworm Mitochondrial",
        amino_acids: *b"FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
        starts: *b"----------**-----------------------M---------------M------------",
    },
    GeneticCode {
        id: 10,
        name: "Euplotid Nuclear",
        amino_acids: *b"FFLLSSSSYY**CCCWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"----------**-----------------------M----------------------------",
    },
    GeneticCode {
        id: 11,
        name: "Bacterial, Archaeal and Plant Plastid",
        amino_acids: *b"FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"---M------**--*----M------------MMMM---------------M------------",
    },
    GeneticCode {
        id: 12,
        name: "Alternative Yeast Nuclear",
        amino_acids: *b"FFLLSSSSYY**CC*WLLLSPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"----------**--*----M---------------M----------------------------",
    },
    GeneticCode {
        id: 13,
        name: "Ascidian Mitochondrial",
        amino_acids: *b"FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSGGVVVVAAAADDEEGGGG",
        starts: *b"---M------**----------------------MM---------------M------------",
    },
    GeneticCode {
        id: 14,
        name: "Alternative Flatworm Mitochondrial",
        amino_acids: *b"FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
        starts: *b"-----------*-----------------------M----------------------------",
    },
    GeneticCode {
        id: 15,
        name: "Blepharisma Nuclear",
        amino_acids: *b"FFLLSSSSYY*QCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"----------*---*--------------------M----------------------------",
    },
    GeneticCode {
        id: 16,
        name: "Chlorophycean Mitochondrial",
        amino_acids: *b"FFLLSSSSYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"----------*---*--------------------M----------------------------",
    },
    GeneticCode {
        id: 21,
        name: "Trematode Mitochondrial",
        amino_acids: *b"FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
        starts: *b"----------**-----------------------M---------------M------------",
    },
    GeneticCode {
        id: 22,
        name: "Scenedesmus obliquus Mitochondrial",
        amino_acids: *b"FFLLSS*SYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"------*---*---*--------------------M----------------------------",
    },
    GeneticCode {
        id: 23,
        name: "Thraustochytrium Mitochondrial",
        amino_acids: *b"FF*LSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"--*-------**--*-----------------M--M---------------M------------",
    },
    GeneticCode {
        id: 24,
        name: "Rhabdopleuridae Mitochondrial",
        amino_acids: *b"FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG",
        starts: *b"---M------**-------M---------------M---------------M------------",
    },
    GeneticCode {
        id: 25,
        name: "Candidate Division SR1 and Gracilibacteria",
        amino_acids: *b"FFLLSSSSYY**CCGWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"---M------**-----------------------M---------------M------------",
    },
    GeneticCode {
        id: 26,
        name: "Pachysolen tannophilus Nuclear",
        amino_acids: *b"FFLLSSSSYY**CC*WLLLAPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"----------**--*----M---------------M----------------------------",
    },
    GeneticCode {
        id: 27,
        name: "Karyorelict Nuclear",
        amino_acids: *b"FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"--------------*--------------------M----------------------------",
    },
    GeneticCode {
        id: 28,
        name: "Condylostoma Nuclear",
        amino_acids: *b"FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"----------**--*--------------------M----------------------------",
    },
    GeneticCode {
        id: 29,
        name: "Mesodinium Nuclear",
        amino_acids: *b"FFLLSSSSYYYYCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"--------------*--------------------M----------------------------",
    },
    GeneticCode {
        id: 30,
        name: "Peritrich Nuclear",
        amino_acids: *b"FFLLSSSSYYEECC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"--------------*--------------------M----------------------------",
    },
    GeneticCode {
        id: 31,
        name: "Blastocrithidia Nuclear",
        amino_acids: *b"FFLLSSSSYYEECCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"----------**-----------------------M----------------------------",
    },
    GeneticCode {
        id: 32,
        name: "Balanophoraceae Plastid",
        amino_acids: *b"FFLLSSSSYY*WCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        starts: *b"---M------*---*----M------------MMMM---------------M------------",
    },
    GeneticCode {
        id: 33,
        name: "Cephalodiscidae Mitochondrial",
        amino_acids: *b"FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG",
        starts: *b"---M-------*-------M---------------M---------------M------------",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn codon(bases: &str) -> Codon {
        let [first, second, third] = bases.as_bytes() else {
            panic!("three bases")
        };
        Codon::from_bases(*first, *second, *third).unwrap()
    }

    #[test]
    fn the_numbers_are_those_that_ncbi_gave_and_kept() {
        let ids: Vec<u8> = GeneticCode::all().iter().map(|table| table.id).collect();
        let expected: Vec<u8> = (1..=6).chain(9..=16).chain(21..=33).collect();
        assert_eq!(ids, expected);
        assert_eq!(GeneticCode::by_id(7), None);
    }

    #[test]
    fn every_stop_is_where_translation_may_end_and_every_table_has_all_amino_acids() {
        for table in GeneticCode::all() {
            assert!(
                Codon::all().all(|codon| !table.is_stop(codon) || table.may_stop(codon)),
                "table {}",
                table.id
            );
            assert!(
                Codon::all().any(|codon| table.may_stop(codon)),
                "table {}",
                table.id
            );
            for letter in *b"ACDEFGHIKLMNPQRSTVWY" {
                assert!(
                    Codon::all().any(|codon| table.amino_acid(codon) == letter),
                    "table {}",
                    table.id
                );
            }
        }
    }

    #[test]
    fn tables_differ_from_the_standard_where_ncbi_says() {
        for (id, changes) in [
            (2, "AGA* AGG* ATAM TGAW"),
            (3, "CTTT CTCT CTAT CTGT ATAM TGAW"),
            (4, "TGAW"),
            (6, "TAAQ TAGQ"),
            (11, ""),
            (12, "CTGS"),
            (22, "TCA* TAGL"),
            (25, "TGAG"),
            (33, "TAAY TGAW AGAS AGGK"),
        ] {
            let (standard, table) = (GeneticCode::by_id(1).unwrap(), GeneticCode::by_id(id).unwrap());
            let mut expected: Vec<(Codon, u8)> = changes
                .split_whitespace()
                .map(|change| (codon(&change[..3]), change.as_bytes()[3]))
                .collect();
            expected.sort_unstable();
            let differs = |&codon: &Codon| table.amino_acid(codon) != standard.amino_acid(codon);
            let found: Vec<(Codon, u8)> = Codon::all()
                .filter(differs)
                .map(|codon| (codon, table.amino_acid(codon)))
                .collect();
            assert_eq!(found, expected, "table {id}");
        }
    }
}
