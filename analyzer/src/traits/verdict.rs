//! What may be said of a trait in a genome, from the tests that ran. Never more than they carry.

use std::fmt;

/// The verdict a trait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Fewer than eight genes of the set could be scored.
    InsufficientGenes,
    /// The set's own signature does not tell it from others.
    NotDetectable,
    /// It does, but no longer once expression, composition and length are taken out.
    ExplainedByExpressionOrComposition,
    /// It does, and still does then.
    Detectable,
    /// Half of the set or more are the reference genes by which expression is measured.
    IsExpression,
    /// The tests did not run: no permutations asked for, or no reference genes to measure expression by.
    Untested,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::InsufficientGenes,
        Self::NotDetectable,
        Self::ExplainedByExpressionOrComposition,
        Self::Detectable,
        Self::IsExpression,
        Self::Untested,
    ];

    /// The verdict with that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }

    /// The word in rows and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InsufficientGenes => "insufficient_genes",
            Self::NotDetectable => "not_detectable",
            Self::ExplainedByExpressionOrComposition => "explained_by_expression_or_composition",
            Self::Detectable => "detectable",
            Self::IsExpression => "is_expression",
            Self::Untested => "untested",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What was measured of a trait of sufficient size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Half of the set or more lies in the expression reference.
    pub is_expression: bool,
    /// q over traits of the rotation test on the raw scores.
    pub q_rotation: Option<f64>,
    /// q over traits of the larger p of the rotation test on the residual scores and of the stratified permutation.
    pub q: Option<f64>,
    /// Lower 95 % bound of the AUC of the residual scores.
    pub residual_auc_low: Option<f64>,
}

/// The verdict that the evidence carries at a false discovery rate.
///
/// ```
/// use genomic_pleiotropy::traits::verdict::{Evidence, Verdict, verdict};
///
/// let evidence = Evidence { q_rotation: Some(0.01), q: Some(0.02), residual_auc_low: Some(0.55), ..Default::default() };
/// assert_eq!(verdict(evidence, 0.05), Verdict::Detectable);
/// let confounded = Evidence { residual_auc_low: Some(0.49), ..evidence };
/// assert_eq!(verdict(confounded, 0.05), Verdict::ExplainedByExpressionOrComposition);
/// assert_eq!(verdict(Evidence::default(), 0.05), Verdict::Untested);
/// ```
pub fn verdict(evidence: Evidence, rate: f64) -> Verdict {
    let Evidence {
        is_expression,
        q_rotation,
        q,
        residual_auc_low,
    } = evidence;
    let Some(q_rotation) = q_rotation else {
        return Verdict::Untested;
    };
    let passes_raw = q_rotation < rate;
    if is_expression {
        return if passes_raw {
            Verdict::IsExpression
        } else {
            Verdict::NotDetectable
        };
    }
    let (Some(q), Some(low)) = (q, residual_auc_low) else {
        return Verdict::Untested;
    };
    if q < rate && low > 0.5 {
        Verdict::Detectable
    } else if passes_raw {
        Verdict::ExplainedByExpressionOrComposition
    } else {
        Verdict::NotDetectable
    }
}
