//! Where translation starts: the motif before a gene that the ribosome binds to (Shine & Dalgarno 1974).

use super::genome::{PlacedGene, complement};
use super::random::Random;
use crate::record::Strand;

/// Parts of the complement of the end of 16S rRNA, whole ones as often as in E. coli.
const MOTIFS: [(&str, f64); 6] = [
    ("AGGAGG", 0.20),
    ("GGAGG", 0.15),
    ("AGGAG", 0.25),
    ("GGAG", 0.15),
    ("GAGG", 0.10),
    ("AGGA", 0.10),
];
/// Bases between motif and start codon.
const GAPS: std::ops::RangeInclusive<usize> = 5..=10;
/// Bases that the longest motif and gap take.
pub(super) const ROOM: usize = 16;

/// Writes one before nearly every gene of a circular chromosome; one gene in twenty has none.
pub(super) fn write(genes: &[PlacedGene], sequence: &mut [u8], random: &mut Random) {
    for gene in genes {
        let gap = GAPS.start() + random.below(GAPS.count());
        let Some(motif) = draw(random) else { continue };
        let total = sequence.len();
        for (at, base) in motif.bytes().rev().enumerate() {
            match gene.strand {
                Strand::Forward => sequence[(gene.start + total - gap - at - 1) % total] = base,
                Strand::Reverse => sequence[(gene.start + gene.length + gap + at) % total] = complement(base),
            }
        }
    }
}

fn draw(random: &mut Random) -> Option<&'static str> {
    let mut drawn = random.uniform();
    let motif = MOTIFS.iter().find(|(_, share)| {
        drawn -= share;
        drawn < 0.0
    });
    motif.map(|(motif, _)| *motif)
}
