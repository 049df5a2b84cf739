//! The trait × trait correlation of z-scores over genes: `trait_correlation.tsv`.

use super::Facts;
use super::text::{cell, number};

/// The matrix with the traits' names as header and first column; empty where a trait was not scored.
pub(crate) fn table(facts: &Facts) -> String {
    let names = &facts.plan.traits;
    let mut text = "trait".to_owned();
    names.iter().for_each(|name| text.extend(["\t", &cell(name)]));
    text.push('\n');
    for (row, name) in names.iter().enumerate() {
        text.push_str(&cell(name));
        for column in 0..names.len() {
            text.push('\t');
            text.push_str(&number(facts.collected.correlation(row, column), 6));
        }
        text.push('\n');
    }
    text
}
