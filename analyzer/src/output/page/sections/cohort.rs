//! What only several genomes have: their table, and their phenotypes.

use std::fmt::Write as _;

use super::super::super::text::{html, thousands};
use super::super::super::{Claims, Facts};
use super::long_table;
use crate::verbs::merge::{Associations, Tested};

pub(super) fn genomes() -> String {
    long_table("genomes", "analysis_results.json")
}

pub(super) fn phenotypes(facts: &Facts, associations: &Associations) -> String {
    let mut body = format!(
        "<p class=\"claim\">{}</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"phenotypes\"><table><thead><tr>\
         <th scope=\"col\">Phenotype</th><th scope=\"col\" class=\"n\">Genomes with</th><th scope=\"col\" class=\"n\">without</th>\
         <th scope=\"col\" class=\"n\">Pairs</th><th scope=\"col\" class=\"n\">Families tested</th><th scope=\"col\" class=\"n\">called</th></tr></thead><tbody>",
        html(Claims::PHENOTYPES)
    );
    for tested in &associations.phenotypes {
        body.push_str(&phenotype(tested, facts.method.false_discovery_rate));
    }
    body.push_str("</tbody></table></div>\n");
    for (name, reason) in &associations.set_aside {
        let _ = writeln!(
            body,
            "<p class=\"note\">Set aside: <b>{}</b>, {}</p>",
            html(name),
            html(reason)
        );
    }
    if associations.elsewhere > 0 {
        let _ = writeln!(
            body,
            "<p class=\"note\">Genomes of the table that are not in this analysis: {}.</p>",
            thousands(associations.elsewhere)
        );
    }
    body + &long_table("families", "family_phenotype.tsv")
}

fn phenotype(tested: &Tested, rate: f64) -> String {
    let called = tested.families.iter().filter(|row| row.contrast.q < rate).count();
    format!(
        "<tr><th scope=\"row\">{}<small>has it: {}</small></th><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
         <td class=\"n\">{}</td><td class=\"n\">{called}</td></tr>",
        html(&tested.name),
        html(&tested.meaning),
        tested.with,
        tested.without,
        tested.pairs.len(),
        tested.families.len(),
    )
}
