//! How well the genes of a family are adapted to the ribosome's codons, genome by genome: ln MELP, the mean over the
//! family's genes of a genome. Genes that are too short, or of a genome without expression reference, have no score.

use std::collections::BTreeMap;

use crate::rows::GeneRow;

/// Gathers the genes of one genome.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    all: Vec<f64>,
    reference: (f64, u32),
    families: BTreeMap<String, (f64, u32)>,
}

/// What a genome's genes say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adaptation {
    /// Strength of translational selection: mean ln MELP of the ribosomal proteins above the median of all genes.
    pub strength: f64,
    /// Score of each gene family, in the order of their names.
    pub families: Vec<(String, f64)>,
}

impl Gathering {
    /// Takes another gene into account.
    pub fn add(&mut self, row: &GeneRow) {
        let Some(score) = row.melp.filter(|melp| *melp > 0.0 && !row.too_short).map(f64::ln) else {
            return;
        };
        self.all.push(score);
        if row.reference {
            self.reference = (self.reference.0 + score, self.reference.1 + 1);
        }
        if let Some(family) = &row.family {
            let (sum, count) = self.families.entry(family.clone()).or_default();
            (*sum, *count) = (*sum + score, *count + 1);
        }
    }

    /// The genome's scores; `None` where nothing tells its strength of selection.
    ///
    /// ```
    /// use genomic_pleiotropy::{cohort::adaptation::Gathering, rows::GeneRow};
    ///
    /// let mut genes = Gathering::default();
    /// let gene = |family: &str, melp: f64| GeneRow { family: Some(family.into()), melp: Some(melp), ..GeneRow::default() };
    /// genes.add(&GeneRow { reference: true, ..gene("rpla", 2.0) });
    /// for melp in [1.0, 1.0, 0.5] { genes.add(&gene("flia", melp)); }
    /// let genome = genes.finish().unwrap();
    /// assert_eq!(genome.strength, 2.0_f64.ln());
    /// assert_eq!(genome.families[0], ("flia".into(), 0.5_f64.ln() / 3.0));
    /// ```
    pub fn finish(self) -> Option<Adaptation> {
        let median = crate::traits::robust::median(&self.all)?;
        let (sum, count) = self.reference;
        let mean = |(family, (sum, count)): (String, (f64, u32))| (family, sum / f64::from(count));
        (count > 0).then(|| Adaptation {
            strength: sum / f64::from(count) - median,
            families: self.families.into_iter().map(mean).collect(),
        })
    }
}
