//! A table genome id → phenotypes, as yes or no: tab-separated, the ids in the first column, a header line with names.
//!
//! | values of a column | yes | no |
//! |---|---|---|
//! | `1`/`0`, `yes`/`no`, `true`/`false`, `+`/`-` (any case) | the first of each | the second |
//! | other numbers | above the median | the median or below |
//! | two different texts | the second in byte order | the first |
//!
//! Empty cells, `NA`, `N/A`, `NaN`, `null`, `unknown` and `?` are unknown. Any other column is set aside with a reason.

use std::collections::{BTreeMap, BTreeSet};

/// More than this is no table of phenotypes.
const LARGEST: usize = 64 << 20;

/// Phenotypes of genomes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phenotypes {
    /// Columns that can be tested, in the table's order.
    pub columns: Vec<Phenotype>,
    /// Name and reason of each column that can't.
    pub set_aside: Vec<(String, String)>,
    rows: BTreeMap<String, usize>,
}

/// One phenotype.
#[derive(Clone, Debug, PartialEq)]
pub struct Phenotype {
    /// Name in the header.
    pub name: String,
    /// What counts as having it, in words.
    pub with: String,
    /// By row of the table.
    values: Vec<Option<bool>>,
}

/// Why a table can't be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PhenotypesError {
    /// Not text.
    #[error("it is not UTF-8 text")]
    NotText,
    /// Too much.
    #[error("it has {0} bytes, more than 64 MiB")]
    TooLarge(usize),
    /// No column but ids.
    #[error("line 1: expected tab-separated names, of the id column and of at least one phenotype")]
    Header,
    /// A name that is missing or stands twice.
    #[error("line 1: column {0} has no name, or the name of another column")]
    Name(usize),
    /// A row that fits no header.
    #[error("line {line}: {found} cells, where the header has {expected}")]
    Cells {
        /// From 1.
        line: usize,
        /// In this line.
        found: usize,
        /// In the header.
        expected: usize,
    },
    /// An id that stands twice.
    #[error("line {line}: genome `{id}` was in line {first} already")]
    Repeated {
        /// From 1.
        line: usize,
        /// The id.
        id: String,
        /// Where it stood first.
        first: usize,
    },
}

impl Phenotypes {
    /// Reads a table.
    ///
    /// ```
    /// use genomic_pleiotropy::cohort::phenotypes::Phenotypes;
    ///
    /// let table = Phenotypes::parse(b"genome\tmotile\tdoubling_h\ng1\tyes\t0.5\ng2\tno\t9\n").unwrap();
    /// assert_eq!(table.columns[0].of(table.row("g1")), Some(true));
    /// assert_eq!(table.columns[1].of(table.row("g1")), Some(false));
    /// assert_eq!(table.columns[1].of(table.row("absent")), None);
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, PhenotypesError> {
        if bytes.len() > LARGEST {
            return Err(PhenotypesError::TooLarge(bytes.len()));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| PhenotypesError::NotText)?;
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mut lines = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .filter(|(_, line)| !line.trim().is_empty());
        let (_, header) = lines.next().ok_or(PhenotypesError::Header)?;
        let names = header_names(header)?;
        let mut cells: Vec<Vec<&str>> = vec![Vec::new(); names.len()];
        let mut rows: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (line, text) in lines {
            let found: Vec<&str> = text.split('\t').map(str::trim).collect();
            if found.len() > names.len() + 1 {
                return Err(PhenotypesError::Cells {
                    line,
                    found: found.len(),
                    expected: names.len() + 1,
                });
            }
            let (id, row) = (found[0].to_owned(), rows.len());
            if let Some(&(_, first)) = rows.get(&id) {
                return Err(PhenotypesError::Repeated { line, id, first });
            }
            rows.insert(id, (row, line));
            for (column, cells) in cells.iter_mut().enumerate() {
                cells.push(found.get(column + 1).copied().unwrap_or_default());
            }
        }
        let mut table = Self {
            rows: rows.into_iter().map(|(id, (row, _))| (id, row)).collect(),
            ..Self::default()
        };
        for (name, cells) in names.into_iter().zip(cells) {
            match read_column(&cells) {
                Ok((with, values)) => table.columns.push(Phenotype { name, with, values }),
                Err(reason) => table.set_aside.push((name, reason)),
            }
        }
        Ok(table)
    }

    /// The row of a genome.
    pub fn row(&self, genome: &str) -> Option<usize> {
        self.rows.get(genome).copied()
    }

    /// Genomes in the table.
    pub fn genomes(&self) -> usize {
        self.rows.len()
    }
}

impl Phenotype {
    /// Whether the genome of `row` has it; `None` where that is unknown.
    pub fn of(&self, row: Option<usize>) -> Option<bool> {
        *self.values.get(row?)?
    }
}

fn header_names(header: &str) -> Result<Vec<String>, PhenotypesError> {
    let names: Vec<String> = header
        .split('\t')
        .skip(1)
        .map(|name| name.trim().to_owned())
        .collect();
    if names.is_empty() {
        return Err(PhenotypesError::Header);
    }
    let mut met = BTreeSet::new();
    match names.iter().position(|name| name.is_empty() || !met.insert(name)) {
        Some(column) => Err(PhenotypesError::Name(column + 2)),
        None => Ok(names),
    }
}

type Values = Vec<Option<bool>>;

/// What counts as having the phenotype, and who has it; or why nobody can say.
fn read_column(cells: &[&str]) -> Result<(String, Values), String> {
    let known: Vec<&str> = cells.iter().copied().filter(|cell| !is_unknown(cell)).collect();
    let levels: BTreeSet<&str> = known.iter().copied().collect();
    let decide = |decide: &dyn Fn(&str) -> Option<bool>| -> Values {
        cells
            .iter()
            .map(|cell| if is_unknown(cell) { None } else { decide(cell) })
            .collect()
    };
    let (with, values) = if known.iter().all(|cell| yes_or_no(cell).is_some()) {
        ("yes".to_owned(), decide(&yes_or_no))
    } else if let Some(numbers) = known
        .iter()
        .map(|cell| number(cell))
        .collect::<Option<Vec<f64>>>()
    {
        let median = crate::traits::robust::median(&numbers).unwrap_or_default();
        let is_above = |cell: &str| number(cell).map(|value| value > median);
        (format!("above {median}"), decide(&is_above))
    } else if let (2, Some(&second)) = (levels.len(), levels.iter().nth(1)) {
        (second.to_owned(), decide(&|cell| Some(cell == second)))
    } else {
        return Err(format!(
            "{} different texts; yes and no, numbers, or two texts expected",
            levels.len()
        ));
    };
    let has = |wanted: bool| values.contains(&Some(wanted));
    if has(true) && has(false) {
        Ok((with, values))
    } else {
        Err("the same for all genomes".to_owned())
    }
}

fn is_unknown(cell: &str) -> bool {
    ["", "na", "n/a", "nan", "null", "unknown", "?"]
        .iter()
        .any(|word| cell.eq_ignore_ascii_case(word))
}

fn yes_or_no(cell: &str) -> Option<bool> {
    let is = |words: [&str; 4]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
    if is(["1", "yes", "true", "+"]) {
        Some(true)
    } else {
        is(["0", "no", "false", "-"]).then_some(false)
    }
}

fn number(cell: &str) -> Option<f64> {
    cell.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(table: &str) -> Vec<Option<bool>> {
        Phenotypes::parse(table.as_bytes()).unwrap().columns[0]
            .values
            .clone()
    }

    #[test]
    fn words_numbers_and_two_texts_are_understood() {
        assert_eq!(
            values("id\tx\na\tYes\nb\tNO\nc\t\nd\tna\ne\t+\nf\t-\n"),
            [Some(true), Some(false), None, None, Some(true), Some(false)]
        );
        assert_eq!(
            values("id\tx\r\na\t1\r\nb\t5\r\nc\t30\r\n"),
            [Some(false), Some(false), Some(true)]
        );
        let table = Phenotypes::parse("\u{FEFF}id\tx\na\tanaerobe\nb\taerobe\nc\n".as_bytes()).unwrap();
        assert_eq!(table.columns[0].values, [Some(true), Some(false), None]);
        assert_eq!(table.columns[0].with, "anaerobe");
    }

    #[test]
    fn what_no_test_could_use_is_set_aside_with_its_reason() {
        let table = Phenotypes::parse(b"id\tspecies\tsame\nA\tx\t1\nB\ty\t1\nC\tz\t1\n").unwrap();
        assert!(table.columns.is_empty());
        assert_eq!(table.set_aside[0].0, "species");
        assert!(table.set_aside[0].1.starts_with("3 different texts"));
        assert_eq!(table.set_aside[1].1, "the same for all genomes");
    }

    #[test]
    fn a_broken_table_is_refused_where_it_breaks() {
        let error = |table: &[u8]| Phenotypes::parse(table).unwrap_err().to_string();
        assert_eq!(
            error(b"id\tx\na\t1\n\na\t0\n"),
            "line 4: genome `a` was in line 2 already"
        );
        assert_eq!(
            error(b"id\tx\na\t1\t2\n"),
            "line 2: 3 cells, where the header has 2"
        );
        assert_eq!(
            error(b"id\tx\tx\n"),
            "line 1: column 3 has no name, or the name of another column"
        );
        assert!(error(b"id\n").starts_with("line 1: expected"));
        assert!(error(b"").starts_with("line 1: expected"));
        assert_eq!(error(b"id\t\xff\n"), "it is not UTF-8 text");
    }
}
