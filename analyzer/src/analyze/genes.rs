//! One row a gene: who it is, where it lies, and its indices.

use rayon::prelude::*;

use crate::codons::CodonCounts;
use crate::indices::families::Families;
use crate::indices::reference::Reference;
use crate::indices::{cai, cbi, counts, enc, fop, frequencies, gc, melp, milc, reference, scuo};
use crate::record::{Gene, Genome, Strand};
use crate::rows::GeneRow;
use crate::traits::SHORTEST_SCORED;

/// The rows of all genes, in genome order.
pub(super) fn rows(genome: &Genome) -> Vec<GeneRow> {
    let is_reference = reference::find(&genome.genes);
    let wholes: Vec<CodonCounts> = genome.genes.iter().map(counts::whole).collect();
    let standards = Standards::of(&genome.genes, &wholes, &is_reference);
    let row = |index: usize| {
        let gene = &genome.genes[index];
        let mut row = identity(genome, gene);
        row.reference = is_reference[index];
        fill(
            &mut row,
            &gene.codons,
            &wholes[index],
            standards.of_code(gene.genetic_code),
        );
        row
    };
    (0..genome.genes.len()).into_par_iter().map(row).collect()
}

/// Only what scores are corrected for (expression, GC3, length), of genes known to be reference genes or not.
pub(super) fn confounders(genome: &Genome, is_reference: &[bool]) -> Vec<GeneRow> {
    let wholes: Vec<CodonCounts> = genome.genes.iter().map(counts::whole).collect();
    let standards = Standards::of(&genome.genes, &wholes, is_reference);
    let row = |index: usize| {
        let whole = &wholes[index];
        let standard = standards.of_code(genome.genes[index].genetic_code);
        GeneRow {
            reference: is_reference[index],
            length: whole.total(),
            gc3: gc::gc(whole).map(|content| content.by_position[2]),
            melp: standard.distances(whole).1,
            ..GeneRow::default()
        }
    };
    (0..genome.genes.len()).into_par_iter().map(row).collect()
}

/// What the genes of one genetic code are measured against.
struct Standard {
    code: u8,
    families: Families,
    /// ln of the genome's frequencies, and of the reference's.
    logarithms: [[f64; 64]; 2],
    reference: Option<Reference>,
}

impl Standard {
    /// MILC against the genome, and MELP.
    fn distances(&self, whole: &CodonCounts) -> (Option<f64>, Option<f64>) {
        let [genome, reference] = &self.logarithms;
        let from = |expected| milc::by_logarithms(whole, &self.families, expected);
        let from_genome = from(genome);
        let from_reference = self.reference.as_ref().and_then(|_| from(reference));
        (from_genome, melp::ratio(from_genome, from_reference))
    }
}

struct Standards(Vec<Standard>);

impl Standards {
    fn of(genes: &[Gene], wholes: &[CodonCounts], is_reference: &[bool]) -> Self {
        let mut codes: Vec<u8> = genes.iter().map(|gene| gene.genetic_code).collect();
        codes.sort_unstable();
        codes.dedup();
        let standard = |code: u8| {
            let of_code = |index: &usize| genes[*index].genetic_code == code;
            let all = || (0..genes.len()).filter(of_code);
            let families = Families::by_id(code);
            let pooled = counts::pooled(all().map(|index| &wholes[index]));
            let reference_counts =
                counts::pooled(all().filter(|&i| is_reference[i]).map(|index| &wholes[index]));
            let genome = frequencies::synonymous(&pooled, &families, 0.0);
            let reference =
                (reference_counts.total() > 0).then(|| Reference::from_counts(&reference_counts, &families));
            let of_reference = reference
                .as_ref()
                .map_or([0.0; 64], |reference| reference.frequencies);
            Standard {
                code,
                logarithms: [genome, of_reference].map(|frequencies| frequencies.map(f64::ln)),
                reference,
                families,
            }
        };
        Self(codes.into_iter().map(standard).collect())
    }

    fn of_code(&self, code: u8) -> &Standard {
        let place = self.0.partition_point(|standard| standard.code < code);
        &self.0[place]
    }
}

fn identity(genome: &Genome, gene: &Gene) -> GeneRow {
    let contig = genome.contigs.get(gene.location.contig as usize);
    GeneRow {
        gene: gene.id.clone(),
        name: gene.name.clone(),
        locus_tag: gene.locus_tag.clone(),
        protein_id: gene.protein_id.clone(),
        product: gene.product.clone(),
        family: gene.name.as_ref().map(|name| name.to_lowercase()),
        contig: contig.map(|contig| contig.id.clone()).unwrap_or_default(),
        start: gene.location.start + 1,
        end: gene.location.end,
        strand: match gene.location.strand {
            Strand::Forward => "+".to_owned(),
            Strand::Reverse => "-".to_owned(),
        },
        genetic_code: gene.genetic_code,
        ..GeneRow::default()
    }
}

fn fill(row: &mut GeneRow, inner: &CodonCounts, whole: &CodonCounts, standard: &Standard) {
    let Standard {
        families, reference, ..
    } = standard;
    row.informative_codons = counts::informative(inner, families);
    row.too_short = row.informative_codons < SHORTEST_SCORED;
    row.length = whole.total();
    row.codons = whole.as_array().iter().map(|&count| count.into()).collect();
    if let Some(content) = gc::gc(whole) {
        row.gc = Some(content.gc);
        [row.gc1, row.gc2, row.gc3] = content.by_position.map(Some);
    }
    row.gc3s = gc::gc3s(whole, families);
    row.enc = enc::enc(whole, families);
    row.scuo = scuo::scuo(whole, families);
    (row.milc, row.melp) = standard.distances(whole);
    if let Some(reference) = reference {
        row.cai = cai::cai(whole, families, reference);
        row.fop = fop::fop(whole, families, reference);
        row.cbi = cbi::cbi(whole, families, reference);
    }
}
