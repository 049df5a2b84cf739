//! A coding sequence as base codes → its codon counts, by METHOD's counting rules.

use std::sync::Arc;

use super::bases::AMBIGUOUS_BIT;
use crate::codons::{Codon, CodonCounts};
use crate::genetic_code::GeneticCode;
use crate::record::LeftOut;

/// How a coding sequence is to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    /// Its translation table.
    pub(crate) code: &'static GeneticCode,
    /// Bases before the first whole codon: 0, 1 or 2.
    pub(crate) skip: usize,
    /// Whether the first codon is where translation starts.
    pub(crate) has_start: bool,
    /// Codons that `transl_except` names; ascending.
    pub(crate) exceptions: &'a [Excepted],
    /// Whether to keep the protein.
    pub(crate) keeps_protein: bool,
}

/// A codon that is not read by the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Excepted {
    /// Counted from 0 after `skip`.
    pub(crate) codon: usize,
    /// Whether it is read as a stop.
    pub(crate) is_stop: bool,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) codons: CodonCounts,
    pub(crate) start_codon: Option<Codon>,
    pub(crate) stop_codon: Option<Codon>,
    pub(crate) left_out: LeftOut,
    pub(crate) set_aside: Vec<Codon>,
    pub(crate) protein: Option<Arc<[u8]>>,
}

/// The codon of three codes, `None` if one is ambiguous.
pub(crate) const fn codon_of(codes: &[u8]) -> Option<Codon> {
    let [first, second, third] = *codes else {
        return None;
    };
    if (first | second | third) & AMBIGUOUS_BIT != 0 {
        return None;
    }
    Some(Codon::from_index(
        (first as usize * 16 + second as usize * 4 + third as usize) & 63,
    ))
}

/// Counts the codons of `codes`.
pub(crate) fn count(codes: &[u8], reading: Reading<'_>) -> Counted {
    let Reading {
        code,
        skip,
        has_start,
        exceptions,
        keeps_protein,
    } = reading;
    let mut counted = Counted::default();
    counted.left_out.cut = u32::from(skip > 0);
    let codes = codes.get(skip..).unwrap_or_default();
    let (codons, rest) = codes.as_chunks::<3>();
    counted.left_out.cut += u32::from(!rest.is_empty());
    let mut inner = codons;
    let mut first = 0;
    if has_start && let [start, others @ ..] = inner {
        counted.start_codon = codon_of(start);
        counted.left_out.ambiguous += u32::from(counted.start_codon.is_none());
        (inner, first) = (others, 1);
    }
    if rest.is_empty()
        && let [others @ .., last] = inner
        && let Some(stop) = codon_of(last).filter(|&codon| code.may_stop(codon))
        && !is_sense(first + others.len(), exceptions)
    {
        counted.stop_codon = Some(stop);
        inner = others;
    }
    counted.count_inner(inner, first, code, exceptions);
    if keeps_protein {
        let sense = &codons[..first + inner.len()];
        counted.protein = Some(translate(sense, code, has_start));
    }
    counted
}

/// Whether an exception makes an amino acid of that codon.
fn is_sense(codon: usize, exceptions: &[Excepted]) -> bool {
    exceptions.contains(&Excepted {
        codon,
        is_stop: false,
    })
}

impl Counted {
    fn count_inner(&mut self, inner: &[[u8; 3]], first: usize, code: &GeneticCode, exceptions: &[Excepted]) {
        let mut counts = [0u32; 64];
        for codes in inner {
            match codon_of(codes) {
                Some(codon) => counts[codon.as_index()] += 1,
                None => self.left_out.ambiguous += 1,
            }
        }
        for codon in exceptions
            .iter()
            .filter_map(|excepted| codon_of(inner.get(excepted.codon.checked_sub(first)?)?))
        {
            counts[codon.as_index()] -= 1;
            self.left_out.exceptions += 1;
            self.set_aside.push(codon);
        }
        for stop in Codon::all().filter(|&codon| code.is_stop(codon)) {
            let stops = std::mem::take(&mut counts[stop.as_index()]);
            self.left_out.inner_stops += stops;
            self.set_aside.extend(std::iter::repeat_n(stop, stops as usize));
        }
        self.codons = counts.into();
    }
}

/// Amino acids, `X` for an ambiguous codon, `*` for an inner stop; a start codon makes `M`.
fn translate(codons: &[[u8; 3]], code: &GeneticCode, has_start: bool) -> Arc<[u8]> {
    let amino_acid = |(at, codes): (usize, &[u8; 3])| match codon_of(codes) {
        Some(codon) if at == 0 && has_start && code.is_start(codon) => b'M',
        Some(codon) => code.amino_acid(codon),
        None => b'X',
    };
    codons.iter().enumerate().map(amino_acid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::bases::append;

    fn counted(sequence: &str, skip: usize, has_start: bool, exceptions: &[Excepted]) -> Counted {
        let mut codes = Vec::new();
        append(&mut codes, sequence.as_bytes()).unwrap();
        let code = GeneticCode::by_id(11).unwrap();
        count(
            &codes,
            Reading {
                code,
                skip,
                has_start,
                exceptions,
                keeps_protein: true,
            },
        )
    }

    const fn sense(codon: usize) -> Excepted {
        Excepted {
            codon,
            is_stop: false,
        }
    }

    fn codon(bases: &str) -> Codon {
        let [first, second, third] = bases.as_bytes() else {
            panic!("three bases")
        };
        Codon::from_bases(*first, *second, *third).unwrap()
    }

    #[test]
    fn start_and_stop_stand_apart() {
        let gene = counted("GTGAAAAAATAA", 0, true, &[]);
        assert_eq!(
            (gene.start_codon, gene.stop_codon),
            (Some(codon("GTG")), Some(codon("TAA")))
        );
        assert_eq!((gene.codons[codon("AAA")], gene.codons.total()), (2, 2));
        assert_eq!(gene.protein.as_deref(), Some(&b"MKK"[..]));
        assert_eq!(gene.left_out, LeftOut::default());
    }

    #[test]
    fn what_is_left_out_is_reported() {
        let gene = counted("ATGTGANNATGAAAACTTAG", 0, true, &[sense(3)]);
        let left_out = LeftOut {
            inner_stops: 1,
            ambiguous: 1,
            exceptions: 1,
            cut: 1,
        };
        assert_eq!(gene.left_out, left_out);
        assert_eq!(gene.set_aside, [codon("TGA"), codon("TGA")]);
        assert_eq!(gene.codons.total(), 2);
        assert_eq!(gene.stop_codon, None);
    }

    #[test]
    fn an_exception_on_the_last_codon_is_an_amino_acid_unless_it_says_that_it_is_the_stop() {
        let selenocysteine = counted("ATGAAATGA", 0, true, &[sense(2)]);
        assert_eq!(selenocysteine.stop_codon, None);
        assert_eq!(
            (selenocysteine.left_out.exceptions, selenocysteine.codons.total()),
            (1, 1)
        );
        let stop = Excepted {
            codon: 2,
            is_stop: true,
        };
        let terminated = counted("ATGAAATGA", 0, true, &[stop]);
        assert_eq!(
            (terminated.stop_codon, terminated.left_out.exceptions),
            (Some(codon("TGA")), 0)
        );
    }

    #[test]
    fn a_partial_start_is_cut_and_its_first_whole_codon_is_counted() {
        let gene = counted("GAAATAA", 1, false, &[]);
        assert_eq!(
            (gene.start_codon, gene.codons[codon("AAA")], gene.left_out.cut),
            (None, 1, 1)
        );
    }

    #[test]
    fn nothing_is_counted_in_nothing() {
        for sequence in ["", "A", "AC", "ATG", "TAA"] {
            for skip in 0..3 {
                assert_eq!(
                    counted(sequence, skip, true, &[0, 1, 7].map(sense))
                        .codons
                        .total(),
                    0
                );
            }
        }
    }
}
