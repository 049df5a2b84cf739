//! `make calibrate`: METHOD's table for a genome of yours, its figures beside those measured. What must hold on any
//! genome fails the run where it does not; the other lines are what METHOD measured on E. coli K-12 with another panel.

use std::fs::File;

use genomic_pleiotropy::read::{ReadOptions, read_genome};
use genomic_pleiotropy::record::Genome;
use genomic_pleiotropy::rows::GenomeRows;
use genomic_pleiotropy::traits::Panel;
use genomic_pleiotropy::traits::auc::auc;
use genomic_pleiotropy::traits::robust::median;

use super::genomes;
use super::measure::{
    NOMINAL, SCORES_ONLY, Shuffled, TESTED, copies_to_know_tails_by, found_and_false, is_detectable_alone,
    over_seeds, run, share, shuffled,
};
use super::real::{mobile, ribosomal};

/// Copies with a call among 20, where each has one with probability .05: more are met in 1.6 % of tables.
const COPIES_WITH_CALLS: usize = 3;
/// Detectable sets among 40 random ones: more are met in 1.4 % of tables at a rate of .05.
const RANDOM_DETECTABLE: f64 = 5.0 / 40.0;
/// The global regulators of E. coli (Martínez-Antonio & Collado-Vides 2003, Current Opinion in Microbiology 6:482).
const REGULATORS: [&str; 9] = ["crp", "fnr", "ihfa", "ihfb", "fis", "arca", "narl", "lrp", "hns"];

/// The lines so far, and what did not hold.
#[derive(Default)]
struct Table {
    broken: Vec<String>,
}

impl Table {
    fn line(&self, what: &str, method: &str, measured: impl AsRef<str>) {
        println!("{what:<58} {method:<22} {}", measured.as_ref());
    }

    fn must(&mut self, holds: bool, what: &str, method: &str, measured: impl AsRef<str>) {
        let mark = if holds { "" } else { "   DOES NOT HOLD" };
        self.line(what, method, format!("{}{mark}", measured.as_ref()));
        if !holds {
            self.broken.push(what.trim().to_owned());
        }
    }
}

#[test]
#[ignore = "takes a genome: make calibrate GENOME=file [TRAITS=file]"]
fn calibrate() {
    let file = std::env::var("GENOME").expect("GENOME names an annotated genome");
    let input = File::open(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let genome = read_genome(input, None::<File>, &ReadOptions::default()).unwrap();
    let panel = std::env::var("TRAITS")
        .ok()
        .filter(|file| !file.is_empty())
        .map_or_else(
            || Panel::builtin("bacteria"),
            |file| Panel::parse(&std::fs::read(file).unwrap()),
        );
    let panel = panel.unwrap();
    let mut table = Table::default();
    println!(
        "{file}: {} genes, {} traits",
        genome.genes.len(),
        panel.traits().len()
    );
    table.line("", "METHOD", "measured");
    nulls(&mut table, &genome, &panel);
    planted(&mut table, &genome);
    random_sets(&mut table, &genome, &panel);
    as_it_is(&table, &genome, &panel);
    assert!(table.broken.is_empty(), "{}", table.broken.join("; "));
}

fn nulls(table: &mut Table, genome: &Genome, panel: &Panel) {
    let Shuffled {
        mut calls,
        tails,
        by_length,
    } = shuffled(genome, panel, copies_to_know_tails_by(genome, panel));
    calls.truncate(20);
    let with_calls = calls.iter().filter(|&&calls| calls > 0).count();
    table.must(
        with_calls <= COPIES_WITH_CALLS,
        "20 synonymous shuffles: copies with a call at q < .05",
        "0",
        format!("{with_calls} ({} calls)", calls.iter().sum::<u64>()),
    );
    for (rate, nominal) in NOMINAL.into_iter().enumerate() {
        let judged = if tails[rate] / nominal < 0.8 {
            " (conservative)"
        } else {
            ""
        };
        table.must(
            tails[rate] / nominal <= 1.2,
            &format!("  share of p < {nominal}"),
            &format!("{:.4} to {:.4}", nominal * 0.8, nominal * 1.2),
            format!("{:.5}{judged}", tails[rate]),
        );
        let largest = by_length.iter().map(|third| third[rate]).fold(0.0, f64::max);
        table.must(
            largest / nominal <= 1.2,
            "    largest of three classes of length",
            &format!("at most {:.4}", nominal * 1.2),
            format!("{largest:.5}"),
        );
    }
    let noise = run(&genomes::from_nucleotides(genome, 1), panel, TESTED)
        .genome
        .traits;
    let noisy = noise.iter().filter(|row| row.verdict == "detectable").count();
    table.must(
        noisy == 0,
        "nucleotides shuffled: traits detectable",
        "0",
        noisy.to_string(),
    );
}

fn planted(table: &mut Table, genome: &Genome) {
    let panel = super::planted_panel();
    let measured: Option<Vec<(f64, f64)>> = (0..20)
        .map(|seed| {
            genomes::planted_in(genome, seed).map(|copy| found_and_false(&run(&copy, &panel, SCORES_ONLY)))
        })
        .collect();
    let Some(measured) = measured else {
        table.line("planted trait", "28 of 30", "too few ribosomal proteins or genes");
        return;
    };
    let (found, wrong, error, largest) = over_seeds(&measured);
    table.line(
        "planted in shuffled copies, 20 seeds: found of 30",
        "at least 28",
        format!("{found:.2}"),
    );
    table.must(
        wrong <= 0.05 + 2.0 * error && largest <= 0.15,
        "  false share of the calls",
        ".05 + 2 SE, never .15",
        format!("{wrong:.4}, SE {error:.4}, at most {largest:.4}"),
    );
}

fn random_sets(table: &mut Table, genome: &Genome, panel: &Panel) {
    let sizes: Vec<usize> = panel
        .traits()
        .iter()
        .map(|set| set.associated_genes.len())
        .collect();
    let sets = genomes::random_sets(genome, &sizes, 40, 1);
    let rows = run(genome, &sets, TESTED).genome.traits;
    let alone = share(&rows, is_detectable_alone);
    table.must(
        alone <= RANDOM_DETECTABLE,
        "40 random sets of these sizes: detectable, each alone",
        ".05 (.00 to .075)",
        format!("{alone:.3}"),
    );
    let jointly = share(&rows, |row| row.verdict == "detectable");
    table.must(jointly <= 0.05, "  as a panel", "", format!("{jointly:.3}"));
}

fn as_it_is(table: &Table, genome: &Genome, panel: &Panel) {
    let rows = run(genome, panel, TESTED);
    let traits = &rows.genome.traits;
    let tested: Vec<_> = traits.iter().filter(|row| row.auc.is_some()).collect();
    let detectable = || tested.iter().filter(|row| row.verdict == "detectable");
    let strong = detectable()
        .filter(|row| row.residual_auc.is_some_and(|auc| auc >= 0.65))
        .count();
    table.line(
        "sets that pass the joint gate",
        "18 of 35",
        format!("{} of {}", detectable().count(), tested.len()),
    );
    table.line(
        "  of these with residual AUC of .65 or more",
        "4",
        strong.to_string(),
    );
    let middle = |values: Vec<f64>| median(&values).unwrap_or(f64::NAN);
    let auc = middle(tested.iter().filter_map(|row| row.auc).collect());
    let residual = middle(tested.iter().filter_map(|row| row.residual_auc).collect());
    table.line(
        "  median AUC, and without the three confounders",
        ".65, .54",
        format!("{auc:.3}, {residual:.3}"),
    );
    let lambda: Vec<f64> = tested.iter().filter_map(|row| row.overdispersion).collect();
    let (low, high) = (
        lambda.iter().copied().fold(f64::INFINITY, f64::min),
        lambda.iter().copied().fold(0.0, f64::max),
    );
    table.line(
        "  overdispersion of a trait's scores",
        "2 to 14",
        format!("{low:.1} to {high:.1}"),
    );
    let clusters = tested
        .iter()
        .filter_map(|row| row.cluster)
        .max()
        .map_or(0, |last| last + 1);
    table.line(
        "  sets, worth so many (Li and Ji); clusters",
        "25, 5",
        format!(
            "{}, {:.1}; {clusters}",
            tested.len(),
            rows.genome.effective_traits.unwrap_or_default()
        ),
    );
    for (what, method, set) in [
        ("ribosomal proteins, leave-one-out AUC", ".955", ribosomal(genome)),
        ("mobile elements, leave-one-out AUC", ".86", mobile(genome)),
    ] {
        let found = set.associated_genes.len();
        let row = run(genome, &Panel::from(vec![set]), SCORES_ONLY)
            .genome
            .traits
            .remove(0);
        let shown = row
            .auc
            .map_or_else(|| "too few".to_owned(), |auc| format!("{auc:.3}"));
        table.line(what, method, format!("{shown} ({found} genes)"));
    }
    regulators(table, &rows);
}

fn regulators(table: &Table, rows: &GenomeRows) {
    let is_regulator = |name: &Option<String>| {
        name.as_ref()
            .is_some_and(|name| REGULATORS.contains(&name.to_lowercase().as_str()))
    };
    let is: Vec<bool> = rows.genes.iter().map(|row| is_regulator(&row.name)).collect();
    let found = is.iter().filter(|&&is| is).count();
    let recovered = rows
        .genes
        .iter()
        .zip(&is)
        .filter(|(row, is)| **is && row.candidate)
        .count();
    table.line(
        "candidate pleiotropic genes",
        "",
        rows.genome.candidates.to_string(),
    );
    table.line(
        "  global regulators among them",
        "0 of 9",
        format!("{recovered} of {found}"),
    );
    let annotated: Vec<f64> = rows.genes.iter().map(|row| row.annotated_traits as f64).collect();
    let area = auc(&annotated, &is).map_or_else(|| "-".to_owned(), |auc| format!("{:.3}", auc.area));
    table.line(
        "  AUC of regulators by number of annotated sets",
        ".82 to .86",
        area,
    );
}
