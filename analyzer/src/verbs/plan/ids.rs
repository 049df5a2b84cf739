//! Listed objects → genomes with ids: pairs found, suffixes cut, names met twice told apart, sorted by id bytes.

use std::collections::{BTreeMap, HashMap};

use genome_contract::plan::PlannedGenome;

/// An object that a source listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Which source.
    pub source: usize,
    /// Path after the last `/` before the first wildcard.
    pub name: String,
    /// Where it is.
    pub uri: String,
    /// Stored bytes.
    pub size: u64,
    /// Its version.
    pub etag: Option<String>,
}

const COMPRESSION: [&str; 7] = [".gz", ".bgz", ".bgzf", ".zst", ".zstd", ".bz2", ".xz"];
const SEQUENCE: [&str; 13] = [
    ".fasta", ".fa", ".fna", ".ffn", ".fas", ".fsa", ".faa", ".gb", ".gbk", ".gbff", ".genbank", ".seq",
    ".txt",
];
const ANNOTATION: [&str; 3] = [".gff3", ".gff", ".gtf"];

/// The compression suffix that `name` ends with.
pub(super) fn compression_suffix(name: &str) -> Option<&'static str> {
    suffix(name, &COMPRESSION)
}

fn suffix(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    known
        .iter()
        .copied()
        .filter(|suffix| lower.ends_with(suffix))
        .max_by_key(|suffix| suffix.len())
}

fn without_compression(name: &str) -> &str {
    compression_suffix(name).map_or(name, |found| &name[..name.len() - found.len()])
}

/// The name without sequence (or annotation) and compression suffixes.
fn stem(name: &str) -> &str {
    let plain = without_compression(name);
    let found = suffix(plain, &SEQUENCE).or_else(|| suffix(plain, &ANNOTATION));
    match found {
        Some(found) if plain.len() > found.len() => &plain[..plain.len() - found.len()],
        _ => plain,
    }
}

fn is_annotation(name: &str) -> bool {
    suffix(without_compression(name), &ANNOTATION).is_some()
}

/// Whether the name looks like a genome's: only such objects of a prefix are taken.
pub(super) fn is_sequence_name(name: &str) -> bool {
    let plain = without_compression(name);
    suffix(plain, &SEQUENCE).is_some_and(|found| found != ".txt" && found != ".faa") || is_annotation(name)
}

/// The genomes of `listed`, unique ids, sorted by their bytes.
pub(super) fn assign(mut listed: Vec<Listed>) -> Vec<PlannedGenome> {
    listed.sort_by(|a, b| (a.source, &a.uri).cmp(&(b.source, &b.uri)));
    listed.dedup_by(|a, b| (a.source, &a.uri) == (b.source, &b.uri));
    let mut annotations: HashMap<(usize, String), Listed> = HashMap::new();
    let (gffs, sequences): (Vec<_>, Vec<_>) =
        listed.into_iter().partition(|object| is_annotation(&object.name));
    // In the order of their URIs: of a GFF3 and a GTF with one name, the GFF3.
    for gff in gffs {
        annotations
            .entry((gff.source, stem(&gff.name).to_owned()))
            .or_insert(gff);
    }
    let mut genomes: Vec<(Listed, Option<Listed>)> = Vec::new();
    for object in sequences {
        let pair = annotations.remove(&(object.source, stem(&object.name).to_owned()));
        genomes.push((object, pair));
    }
    // An annotation without a sequence file may hold its sequence itself (`##FASTA`).
    genomes.extend(annotations.into_values().map(|gff| (gff, None)));
    genomes.sort_by(|(a, _), (b, _)| (a.source, &a.uri).cmp(&(b.source, &b.uri)));
    named(genomes)
}

fn named(genomes: Vec<(Listed, Option<Listed>)>) -> Vec<PlannedGenome> {
    let met = count(genomes.iter().map(|(object, _)| stem(&object.name).to_owned()));
    let id_of = |object: &Listed| match stem(&object.name) {
        once if met[once] == 1 => once.to_owned(),
        twice => format!("{}-{twice}", object.source),
    };
    let again = count(genomes.iter().map(|(object, _)| id_of(object)));
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let mut planned: Vec<_> = genomes
        .into_iter()
        .map(|(object, pair)| {
            let mut id = id_of(&object);
            if again[&id] > 1 {
                let number = numbers.entry(id.clone()).or_default();
                *number += 1;
                id = format!("{id}#{number}");
            }
            let size = object.size + pair.as_ref().map_or(0, |pair| pair.size);
            let etag = match (&object.etag, pair.as_ref().and_then(|pair| pair.etag.as_ref())) {
                (Some(a), Some(b)) => Some(format!("{a} {b}")),
                (a, _) => a.clone(),
            };
            let annotation_uri = pair.map(|pair| pair.uri);
            PlannedGenome {
                id,
                uri: object.uri,
                annotation_uri,
                size,
                etag,
                content_hash: None,
            }
        })
        .collect();
    planned.sort_by(|a, b| a.id.as_bytes().cmp(b.id.as_bytes()));
    planned
}

fn count(names: impl Iterator<Item = String>) -> HashMap<String, usize> {
    let mut met = HashMap::new();
    names.for_each(|name| *met.entry(name).or_insert(0) += 1);
    met
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(source: usize, name: &str) -> Listed {
        let uri = format!("s3://b/{source}/{name}");
        Listed {
            source,
            name: name.into(),
            uri,
            size: 10,
            etag: Some(format!("\"{name}\"")),
        }
    }

    fn ids(names: &[(usize, &str)]) -> Vec<String> {
        assign(names.iter().map(|(source, name)| listed(*source, name)).collect())
            .into_iter()
            .map(|g| g.id)
            .collect()
    }

    #[test]
    fn suffixes_are_cut_and_folders_stay() {
        assert_eq!(
            ids(&[(0, "b/x.fna.gz"), (0, "a.GBFF"), (0, "GCF_1.1.fa")]),
            ["GCF_1.1", "a", "b/x"]
        );
        assert_eq!(ids(&[(0, ".fa"), (0, "plain")]), [".fa", "plain"]);
    }

    #[test]
    fn a_name_met_twice_is_told_apart_by_its_source() {
        assert_eq!(ids(&[(0, "x.fa"), (1, "x.fa"), (1, "y.fa")]), ["0-x", "1-x", "y"]);
        assert_eq!(ids(&[(0, "x.fa"), (0, "x.gb")]), ["0-x#1", "0-x#2"]);
        assert_eq!(ids(&[(0, "x.fa"), (0, "x.fa")]), ["x"]);
    }

    #[test]
    fn a_fasta_and_a_gff_of_one_name_are_one_genome() {
        let planned = assign(vec![
            listed(0, "x.gff3.gz"),
            listed(0, "x.fna"),
            listed(0, "y.gff"),
        ]);
        assert_eq!(planned.len(), 2);
        assert_eq!(planned[0].annotation_uri.as_deref(), Some("s3://b/0/x.gff3.gz"));
        assert_eq!(
            (planned[0].size, planned[1].annotation_uri.as_deref()),
            (20, None)
        );
        assert!(planned[1].uri.ends_with("y.gff"));
    }

    #[test]
    fn of_a_gff_and_a_gtf_of_one_name_the_gff_is_taken() {
        for names in [["x.gff", "x.gtf", "x.fna"], ["x.gtf.gz", "x.gff3.gz", "x.fna"]] {
            let planned = assign(names.map(|name| listed(0, name)).to_vec());
            assert_eq!(planned.len(), 1);
            let annotation = planned[0].annotation_uri.as_deref().unwrap();
            assert!(annotation.contains("x.gff"), "{annotation}");
        }
    }

    #[test]
    fn the_order_of_listing_does_not_matter() {
        let mut all = vec![
            listed(0, "x.fa"),
            listed(0, "x.gb"),
            listed(1, "x.fa"),
            listed(1, "a.fa"),
            listed(0, "x.gff"),
        ];
        let expected = assign(all.clone());
        all.reverse();
        assert_eq!(assign(all), expected);
    }
}
