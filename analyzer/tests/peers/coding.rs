//! Coding sequences drawn from a seed, with genes of every length and bias.

use genomic_pleiotropy::codons::Codon;
use genomic_pleiotropy::genetic_code::GeneticCode;
use genomic_pleiotropy::traits::random::Random;

/// So many genes, the first ones, are ribosomal proteins.
pub(crate) const REFERENCES: usize = 20;

/// A genome's coding sequences.
pub(crate) struct Specimen {
    pub(crate) name: &'static str,
    pub(crate) code: u8,
    sequences: Vec<String>,
}

/// Ordinary, rich in GC, poor in GC with table 4.
pub(crate) fn specimens() -> [Specimen; 3] {
    [
        ("ordinary", 11, 0.5),
        ("high GC", 11, 0.72),
        ("low GC, table 4", 4, 0.26),
    ]
    .map(|(name, code, gc)| Specimen {
        name,
        code,
        sequences: sequences(name, code, gc),
    })
}

impl Specimen {
    /// FASTA with plain ids.
    pub(crate) fn plain(&self) -> String {
        let record = |(index, sequence)| format!(">g{index:04}\n{sequence}\n");
        self.sequences.iter().enumerate().map(record).collect()
    }

    /// FASTA with headers that name genes: the first are ribosomal proteins.
    pub(crate) fn annotated(&self) -> String {
        let record = |(index, sequence): (usize, &String)| {
            let name = match u8::try_from(index) {
                Ok(index) if usize::from(index) < REFERENCES => {
                    format!("[gene=rpl{}] ", char::from(b'A' + index))
                }
                _ => String::new(),
            };
            format!(">g{index:04} {name}[locus_tag=g{index:04}]\n{sequence}\n")
        };
        self.sequences.iter().enumerate().map(record).collect()
    }
}

fn sequences(name: &str, code: u8, gc: f64) -> Vec<String> {
    let mut random = Random::new(1, name);
    let code = GeneticCode::by_id(code).unwrap();
    (0..400)
        .map(|index| sequence(&mut random, code, gc, index))
        .collect()
}

/// A gene of 3 to about 800 codons. The third base follows the gene's own GC, which scatters around the genome's; the
/// first twenty genes use half of the codons only.
fn sequence(random: &mut Random, code: &GeneticCode, gc: f64, index: usize) -> String {
    let length = 3 + random.below(20) * random.below(40);
    let third = (gc + (unit(random) - 0.5) * 0.3).clamp(0.02, 0.98);
    let mut sequence = String::from(["ATG", "GTG", "TTG"][random.below(3)]);
    let mut counted = 0;
    while counted < length {
        let bases = [base(random, 0.5), base(random, 0.45), base(random, third)];
        let codon = Codon::from_bases(bases[0], bases[1], bases[2]).unwrap();
        if !code.is_stop(codon) && (index >= REFERENCES || codon.as_index() % 3 != 1 || random.below(10) == 0)
        {
            sequence.extend(bases.map(char::from));
            counted += 1;
        }
    }
    sequence + "TAA"
}

fn base(random: &mut Random, gc: f64) -> u8 {
    let pair = if unit(random) < gc { *b"GC" } else { *b"AT" };
    pair[random.below(2)]
}

fn unit(random: &mut Random) -> f64 {
    random.below(1 << 30) as f64 / f64::from(1 << 30)
}
