//! Contigs and genes as readers find them → a [`Genome`]: in order, with unique ids, and refused where it holds nothing.

use std::collections::HashMap;

use genome_contract::request::GeneCalling;

use super::ReadOptions;
use super::error::{Position, ReadError};
use super::feature::SetAsideAs;
use crate::genetic_code::GeneticCode;
use crate::prediction::{self, Sequences};
use crate::record::{Contig, Gene, Genome};

/// A genome that is being read.
#[derive(Debug)]
pub(crate) struct Assembly {
    genome: Genome,
    default_code: &'static GeneticCode,
    keeps_protein: bool,
    empty_record: Option<Position>,
    gene_calling: GeneCalling,
    prediction_limit: usize,
    /// Kept where genes are to be predicted.
    sequences: Option<Sequences>,
}

impl Assembly {
    pub(crate) fn new(options: &ReadOptions) -> Result<Self, ReadError> {
        let table = options.genetic_code;
        let gene_calling = options.gene_calling;
        let predicts = gene_calling == GeneCalling::Predicted;
        if predicts && !prediction::IS_BUILT_IN {
            return Err(ReadError::NoGeneCaller);
        }
        Ok(Self {
            genome: Genome::default(),
            default_code: GeneticCode::by_id(table).ok_or(ReadError::GeneticCode(table))?,
            keeps_protein: options.keeps_proteins,
            empty_record: None,
            gene_calling,
            prediction_limit: options.prediction_limit,
            sequences: predicts.then(|| Sequences::up_to(options.prediction_limit)),
        })
    }

    pub(crate) const fn default_code(&self) -> &'static GeneticCode {
        self.default_code
    }

    pub(crate) const fn keeps_protein(&self) -> bool {
        self.keeps_protein
    }

    /// Whether genes are predicted, whatever the input says of them.
    pub(crate) fn ignores_annotation(&self) -> bool {
        self.gene_calling == GeneCalling::Predicted
    }

    /// The input has no annotation: from here on its sequence is kept, if genes may be predicted.
    pub(crate) fn expect_no_annotation(&mut self) {
        if self.gene_calling == GeneCalling::Auto && prediction::IS_BUILT_IN {
            self.sequences = Some(Sequences::up_to(self.prediction_limit));
        }
    }

    /// Keeps what is new of the contig in hand, where genes are to be predicted.
    pub(crate) fn keep(
        &mut self,
        codes: &[u8],
        position: impl FnOnce() -> Position,
    ) -> Result<(), ReadError> {
        let Some(sequences) = &mut self.sequences else {
            return Ok(());
        };
        sequences
            .push(codes)
            .map_err(|prediction::TooLong| ReadError::TooLongToCall(position()))
    }

    /// Calls genes on the sequences that were kept; whether there were any.
    pub(crate) fn predict(&mut self) -> Result<bool, ReadError> {
        let Some(sequences) = self.sequences.take() else {
            return Ok(false);
        };
        prediction::call(&sequences, self)?;
        Ok(true)
    }

    pub(crate) const fn genome_mut(&mut self) -> &mut Genome {
        &mut self.genome
    }

    /// Index of the contig that is added next.
    pub(crate) fn next_contig(&self) -> u32 {
        u32::try_from(self.genome.contigs.len()).expect("2^32 contigs do not fit into memory")
    }

    /// Index of the contig added.
    pub(crate) fn add_contig(&mut self, contig: Contig) -> u32 {
        let index = self.next_contig();
        self.genome.contigs.push(contig);
        if let Some(sequences) = &mut self.sequences {
            sequences.end_contig();
        }
        index
    }

    pub(crate) fn add(&mut self, outcome: Result<Gene, SetAsideAs>) {
        let set_aside = &mut self.genome.set_aside;
        match outcome {
            Ok(gene) => self.genome.genes.push(gene),
            Err(SetAsideAs::Pseudogene) => set_aside.pseudogenes += 1,
            Err(SetAsideAs::WithoutSequence) => set_aside.without_sequence += 1,
            Err(SetAsideAs::WithoutCodons) => set_aside.without_codons += 1,
        }
    }

    /// Remembers the first record without a base, in case no other has one.
    pub(crate) fn note_empty_record(&mut self, position: Position) {
        self.empty_record.get_or_insert(position);
    }

    /// The genome, its genes in order and uniquely named.
    pub(crate) fn finish(self) -> Result<Genome, ReadError> {
        let mut genome = self.genome;
        if genome.contigs.iter().all(|contig| contig.length == 0) {
            return Err(self.empty_record.map_or(ReadError::Empty, ReadError::NoSequence));
        }
        let place = |gene: &Gene| (gene.location.contig, gene.location.start, gene.location.end);
        if !genome.genes.is_sorted_by_key(place) {
            genome.genes.sort_by_key(place);
        }
        genome.renamed_genes = make_unique(&mut genome.genes);
        Ok(genome)
    }
}

/// Appends `#2`, `#3` … to ids met before; how many.
fn make_unique(genes: &mut [Gene]) -> u64 {
    let mut met: HashMap<String, u64> = HashMap::with_capacity(genes.len());
    let mut renamed = 0;
    for gene in genes {
        let times = met.entry(gene.id.clone()).or_default();
        *times += 1;
        if *times == 1 {
            continue;
        }
        // `x#2` may be a name of its own in the input.
        let mut number = *times;
        let mut id = format!("{}#{number}", gene.id);
        while met.contains_key(&id) {
            number += 1;
            id = format!("{}#{number}", gene.id);
        }
        met.insert(id.clone(), 1);
        met.insert(std::mem::replace(&mut gene.id, id), number);
        renamed += 1;
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_met_again_gets_the_next_free_number() {
        let gene = |id: &str| Gene {
            id: id.to_owned(),
            ..Gene::default()
        };
        let mut genes = ["a", "a#2", "a", "a", "b"].map(gene);
        assert_eq!(make_unique(&mut genes), 2);
        assert_eq!(genes.map(|gene| gene.id), ["a", "a#2", "a#3", "a#4", "b"]);
    }
}
