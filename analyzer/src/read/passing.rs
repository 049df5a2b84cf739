//! A contig's bases on their way past its features: each is counted once its last base is there, and bases that none
//! waits for are dropped. Memory depends on the longest features, not on the contig.
//!
//! ```text
//!  ▇▇▇··························├─── window ───┤ to come
//!  kept: the head of a circle,  near features   kept: parts of features that
//!  where genes may run over     wait here       are far apart, or run over the origin
//! ```
//!
//! The bases lie in the reader's own buffer, so that nothing is copied a line.

use std::ops::Range;

use rayon::prelude::*;

use super::assembly::Assembly;
use super::feature::{CodingFeature, Composition, CountingContext, SetAsideAs, Span};
use crate::genetic_code::GeneticCode;
use crate::record::{Contig, Gene};

/// Bases between a feature's ends up to which it waits in the window: twice the longest gene of a bacterium.
const NEAR: u64 = 1 << 18;

/// New bases that are worth a look at what is ready.
const BATCH: usize = 1 << 20;

/// The same where no feature waits.
const CHUNK: usize = 1 << 16;

/// Fewer features are counted faster than handed to other threads.
const WORTH_SHARING: usize = 64;

type Outcome = Result<Gene, SetAsideAs>;

/// Features of a contig, and the bases they need.
#[derive(Debug)]
pub(crate) struct Passing {
    features: Vec<CodingFeature>,
    /// One a feature, in the order of the input.
    outcomes: Vec<Option<Outcome>>,
    /// By their ends; those before `next` are counted.
    near: Vec<Near>,
    next: usize,
    /// Counted at the end.
    far: Vec<usize>,
    kept: Vec<Stretch>,
    /// Where on the contig the reader's buffer begins, and how much of it was looked at.
    window: u64,
    settled: usize,
    composition: Composition,
    contig: u32,
    is_circular: bool,
    default_code: &'static GeneticCode,
    keeps_protein: bool,
    batch: usize,
}

/// A feature whose parts lie together.
#[derive(Clone, Copy, Debug)]
struct Near {
    end: u64,
    index: usize,
    /// Where the first of this one and all behind it begins.
    from: u64,
}

/// Bases that stay in memory.
#[derive(Clone, Debug)]
struct Stretch {
    range: Range<u64>,
    codes: Vec<u8>,
}

/// The bases of a contig that are in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bases<'a> {
    codes: &'a [u8],
    window: u64,
    kept: &'a [Stretch],
}

impl<'a> Bases<'a> {
    /// All of a contig.
    pub(crate) const fn whole(codes: &'a [u8]) -> Self {
        Self {
            codes,
            window: 0,
            kept: &[],
        }
    }

    /// Those of a range, if they are there.
    pub(crate) fn get(self, start: u64, end: u64) -> Option<&'a [u8]> {
        slice(self.codes, self.window, start, end).or_else(|| {
            let after = self.kept.partition_point(|stretch| stretch.range.start <= start);
            let stretch = self.kept.get(after.checked_sub(1)?)?;
            slice(&stretch.codes, stretch.range.start, start, end)
        })
    }
}

fn slice(codes: &[u8], begin: u64, start: u64, end: u64) -> Option<&[u8]> {
    let start = usize::try_from(start.checked_sub(begin)?).ok()?;
    let end = usize::try_from(end.checked_sub(begin)?).ok()?;
    codes.get(start..end)
}

impl Passing {
    /// The features of the contig that `assembly` gets next; none where its genes are predicted.
    pub(crate) fn new(features: Vec<CodingFeature>, is_circular: bool, assembly: &Assembly) -> Self {
        let features = if assembly.ignores_annotation() {
            Vec::new()
        } else {
            features
        };
        Self::with_sizes(features, is_circular, assembly, NEAR, BATCH)
    }

    fn with_sizes(
        features: Vec<CodingFeature>,
        is_circular: bool,
        assembly: &Assembly,
        longest: u64,
        batch: usize,
    ) -> Self {
        let (mut near, mut far, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        for (index, feature) in features.iter().enumerate() {
            let spans = feature.needed();
            match envelope(spans).filter(|range| range.end - range.start <= longest) {
                Some(Range { start: from, end }) => near.push(Near { end, index, from }),
                None => {
                    far.push(index);
                    wanted.extend(spans.iter().flat_map(stretches));
                }
            }
            // A span that ends beyond the contig goes on at its beginning, by less than its length.
            if is_circular {
                wanted.extend(spans.iter().map(|span| 0..span.end.saturating_sub(span.start)));
            }
        }
        near.sort_by_key(|feature| feature.end);
        let mut from = u64::MAX;
        for feature in near.iter_mut().rev() {
            from = from.min(feature.from);
            feature.from = from;
        }
        Self {
            outcomes: vec![None; features.len()],
            features,
            near,
            next: 0,
            far,
            kept: merged(wanted),
            window: 0,
            settled: 0,
            composition: Composition::default(),
            contig: assembly.next_contig(),
            is_circular,
            default_code: assembly.default_code(),
            keeps_protein: assembly.keeps_protein(),
            batch,
        }
    }

    /// How many codes may lie in the buffer before [`Self::settle`] is worth it.
    pub(crate) fn due(&self) -> usize {
        let more = if self.next < self.near.len() {
            self.batch
        } else {
            self.batch.min(CHUNK)
        };
        self.settled + more
    }

    /// Counts what is ready, and drops from `codes`, the reader's buffer, what nothing waits for.
    pub(crate) fn settle(&mut self, codes: &mut Vec<u8>) {
        self.look_at(codes);
        let length = self.composition.length;
        let ready = self.near[self.next..].partition_point(|feature| feature.end <= length);
        let ready: Vec<usize> = self.near[self.next..][..ready]
            .iter()
            .map(|feature| feature.index)
            .collect();
        self.count(&ready, codes);
        self.next += ready.len();
        let needed = self.near.get(self.next).map_or(length, |feature| feature.from);
        let dropped = needed.clamp(self.window, length) - self.window;
        codes.drain(..usize::try_from(dropped).unwrap_or(codes.len()).min(codes.len()));
        self.window += dropped;
        self.settled = codes.len();
    }

    /// Adds up what is new in the buffer, and copies from it what must stay.
    fn look_at(&mut self, codes: &[u8]) {
        let new = &codes[self.settled..];
        let begin = self.composition.length;
        self.composition.add(new);
        let end = self.composition.length;
        let first = self.kept.partition_point(|stretch| stretch.range.end <= begin);
        for stretch in &mut self.kept[first..] {
            if stretch.range.start >= end {
                break;
            }
            let part = stretch.range.start.max(begin)..stretch.range.end.min(end);
            stretch
                .codes
                .extend_from_slice(slice(new, begin, part.start, part.end).unwrap_or_default());
        }
    }

    fn count(&mut self, features: &[usize], codes: &[u8]) {
        let context = CountingContext {
            bases: Bases {
                codes,
                window: self.window,
                kept: &self.kept,
            },
            length: self.composition.length,
            contig: self.contig,
            is_circular: self.is_circular,
            default_code: self.default_code,
            keeps_protein: self.keeps_protein,
        };
        let to_gene = |scratch: &mut Vec<u8>, &index: &usize| self.features[index].to_gene(context, scratch);
        let counted: Vec<Outcome> = if features.len() < WORTH_SHARING {
            let mut scratch = Vec::new();
            let one = |index| to_gene(&mut scratch, index);
            features.iter().map(one).collect()
        } else {
            features.par_iter().map_init(Vec::new, to_gene).collect()
        };
        for (&index, outcome) in features.iter().zip(counted) {
            self.outcomes[index] = Some(outcome);
        }
    }

    /// Counts what is left, and adds contig and genes to `assembly`; the contig's length.
    pub(crate) fn finish(mut self, codes: &mut Vec<u8>, id: String, assembly: &mut Assembly) -> u64 {
        self.settle(codes);
        let left: Vec<usize> = self.near[self.next..]
            .iter()
            .map(|feature| feature.index)
            .chain(self.far.iter().copied())
            .collect();
        self.count(&left, codes);
        codes.clear();
        let Composition {
            length,
            gc_bases,
            unambiguous_bases,
        } = self.composition;
        assembly.add_contig(Contig {
            id,
            length,
            gc_bases,
            unambiguous_bases,
            is_circular: self.is_circular,
        });
        for outcome in self.outcomes.into_iter().flatten() {
            assembly.add(outcome);
        }
        length
    }
}

impl CodingFeature {
    /// The spans whose bases are read.
    fn needed(&self) -> &[Span] {
        if self.is_pseudo || self.place.is_remote {
            &[]
        } else {
            &self.place.spans
        }
    }
}

/// From the first base to the last, where no span runs over the origin.
fn envelope(spans: &[Span]) -> Option<Range<u64>> {
    if spans.iter().any(|span| span.start >= span.end) {
        return None;
    }
    let start = spans.iter().map(|span| span.start).min()?;
    let end = spans.iter().map(|span| span.end).max()?;
    Some(start..end)
}

/// The bases of a span; of one over the origin, those at either end.
fn stretches(span: &Span) -> [Range<u64>; 2] {
    let Span { start, end, .. } = *span;
    if start < end {
        [start..end, 0..0]
    } else {
        [start..u64::MAX, 0..end]
    }
}

/// Sorted, and without a base in two of them.
fn merged(mut ranges: Vec<Range<u64>>) -> Vec<Stretch> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    let mut stretches: Vec<Stretch> = Vec::new();
    for range in ranges {
        match stretches.last_mut() {
            Some(last) if range.start <= last.range.end => last.range.end = last.range.end.max(range.end),
            _ => stretches.push(Stretch {
                range,
                codes: Vec::new(),
            }),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::read::ReadOptions;
    use crate::read::feature::Place;
    use crate::record::{Genome, Strand};

    fn features(places: &[Vec<(u64, u64, bool)>]) -> Vec<CodingFeature> {
        let span = |&(start, end, is_reverse): &(u64, u64, bool)| Span {
            start,
            end,
            strand: if is_reverse {
                Strand::Reverse
            } else {
                Strand::Forward
            },
        };
        let feature = |spans: &Vec<_>| CodingFeature {
            place: Place {
                spans: spans.iter().map(span).collect(),
                ..Place::default()
            },
            ..CodingFeature::default()
        };
        places.iter().map(feature).collect()
    }

    /// What is found, and the most bases that were in memory.
    fn counted(
        places: &[Vec<(u64, u64, bool)>],
        codes: &[u8],
        is_circular: bool,
        sizes: (u64, usize),
    ) -> (Genome, usize) {
        let options = ReadOptions {
            keeps_proteins: true,
            ..ReadOptions::default()
        };
        let mut assembly = Assembly::new(&options).unwrap();
        let mut passing = Passing::with_sizes(features(places), is_circular, &assembly, sizes.0, sizes.1);
        let (mut buffer, mut most) = (Vec::new(), 0);
        for chunk in codes.chunks(7) {
            buffer.extend_from_slice(chunk);
            if buffer.len() >= passing.due() {
                passing.settle(&mut buffer);
            }
            let kept: usize = passing.kept.iter().map(|stretch| stretch.codes.len()).sum();
            most = most.max(buffer.len() + kept);
        }
        passing.finish(&mut buffer, "c".to_owned(), &mut assembly);
        (assembly.finish().unwrap(), most)
    }

    proptest! {
        #[test]
        fn bases_that_are_dropped_are_missed_by_no_feature(
            codes in proptest::collection::vec(0..5u8, 1..400),
            places in proptest::collection::vec(
                proptest::collection::vec((0..450u64, 0..450u64, any::<bool>()), 0..4), 0..12),
            is_circular: bool,
            longest in 1..200u64,
            batch in 1..100usize,
        ) {
            let (whole, _) = counted(&places, &codes, is_circular, (u64::MAX, usize::MAX >> 1));
            let (passed, _) = counted(&places, &codes, is_circular, (longest, batch));
            prop_assert_eq!(whole, passed);
        }
    }

    #[test]
    fn memory_depends_on_the_features_and_not_on_the_contig() {
        let codes = vec![1; 1_000_000];
        let mut places: Vec<_> = (0..9_000)
            .map(|gene| vec![(gene * 100, gene * 100 + 99, gene % 2 == 0)])
            .collect();
        places.push(vec![(999_000, 300, false)]);
        places.push(vec![(500, 1_000, false), (800_000, 801_000, false)]);
        places.push(vec![(999_500, 1_000_100, true)]);
        let (genome, most) = counted(&places, &codes, true, (10_000, 5_000));
        assert_eq!(genome.genes.len(), 9_003);
        assert!(most < 30_000, "{most} bases in memory");
    }
}
