//! What is analyzed, and how: sources, panel, phenotypes, method.

use genome_contract::request::{GenomeSource, Method};
use globset::Glob;

use super::uri::{Purpose, check};
use super::{Panel, Problems, Volume, naming};
use crate::api::v1alpha1;

/// Sources of genomes a specification has at most.
const MAX_SOURCES: usize = 64;

/// NCBI's translation tables (7, 8 and 17 to 20 were withdrawn; 32 is in use in a lineage of yeasts).
pub(crate) const GENETIC_CODES: [u8; 27] = [
    1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33,
];

pub(super) fn sources(
    genomes: &[v1alpha1::Genomes],
    volumes: &[Volume],
    problems: &mut Problems,
) -> Vec<GenomeSource> {
    problems.require(!genomes.is_empty(), "spec.genomes", || {
        "is empty: at least one source expected".to_owned()
    });
    problems.require(genomes.len() <= MAX_SOURCES, "spec.genomes", || {
        format!(
            "has {} sources, {MAX_SOURCES} at most; hint: a `listUri` names any number of objects",
            genomes.len()
        )
    });
    genomes
        .iter()
        .enumerate()
        .map(|(index, genomes)| source(index, genomes, volumes, problems))
        .collect()
}

fn source(
    index: usize,
    genomes: &v1alpha1::Genomes,
    volumes: &[Volume],
    problems: &mut Problems,
) -> GenomeSource {
    let v1alpha1::Genomes {
        uri,
        list_uri,
        include,
        exclude,
    } = genomes;
    let path = format!("spec.genomes[{index}]");
    match (uri, list_uri) {
        (Some(uri), None) => {
            check(&format!("{path}.uri"), uri, Purpose::Source, volumes, problems);
            if let Err(error) = Glob::new(uri) {
                problems.add(
                    format!("{path}.uri"),
                    format!("`{uri}` is no glob: {}", error.kind()),
                );
            }
        }
        (None, Some(uri)) => check(
            &format!("{path}.listUri"),
            uri,
            Purpose::Object,
            volumes,
            problems,
        ),
        (Some(_), Some(_)) => problems.add(&path, "has both `uri` and `listUri`: exactly one expected"),
        (None, None) => problems.add(&path, "has neither `uri` nor `listUri`: exactly one expected"),
    }
    for (field, globs) in [("include", include), ("exclude", exclude)] {
        for (position, glob) in globs.iter().enumerate() {
            if let Err(error) = Glob::new(glob) {
                let text = format!("`{glob}` is no glob: {}", error.kind());
                problems.add(format!("{path}.{field}[{position}]"), text);
            }
        }
    }
    let (uri, list_uri, include, exclude) = (uri.clone(), list_uri.clone(), include.clone(), exclude.clone());
    GenomeSource {
        uri,
        list_uri,
        include,
        exclude,
    }
}

pub(super) fn panel(traits: &v1alpha1::Traits, volumes: &[Volume], problems: &mut Problems) -> Option<Panel> {
    let v1alpha1::Traits {
        builtin,
        config_map_key_ref,
        uri,
    } = traits;
    match (builtin, config_map_key_ref, uri) {
        (Some(name), None, None) => {
            problems.require(name == "bacteria", "spec.traits.builtin", || {
                format!("`{name}` is no panel that ships with the analyzer: `bacteria` is")
            });
            Some(Panel::Builtin(name.clone()))
        }
        (None, Some(v1alpha1::ConfigMapKey { name, key }), None) => {
            naming::subdomain("spec.traits.configMapKeyRef.name", name, problems);
            naming::key("spec.traits.configMapKeyRef.key", key, problems);
            Some(Panel::ConfigMapKey {
                name: name.clone(),
                key: key.clone(),
            })
        }
        (None, None, Some(uri)) => {
            check("spec.traits.uri", uri, Purpose::Object, volumes, problems);
            Some(Panel::Uri(uri.clone()))
        }
        _ => {
            problems.add(
                "spec.traits",
                "exactly one of `builtin`, `configMapKeyRef` and `uri` expected",
            );
            None
        }
    }
}

pub(super) fn phenotypes(
    phenotypes: Option<&v1alpha1::Phenotypes>,
    volumes: &[Volume],
    problems: &mut Problems,
) -> Option<String> {
    let v1alpha1::Phenotypes { uri } = phenotypes?;
    check("spec.phenotypes.uri", uri, Purpose::Object, volumes, problems);
    Some(uri.clone())
}

pub(super) fn method(method: &v1alpha1::Method, problems: &mut Problems) -> Method {
    let v1alpha1::Method {
        genetic_code,
        gene_calling,
        false_discovery_rate,
        min_traits,
        seed,
    } = *method;
    problems.require(
        GENETIC_CODES.contains(&genetic_code),
        "spec.method.geneticCode",
        || format!("`{genetic_code}` is no NCBI translation table"),
    );
    let rate = false_discovery_rate;
    problems.require(
        rate > 0.0 && rate <= 0.5,
        "spec.method.falseDiscoveryRate",
        || format!("is `{rate}`: above 0 and at most 0.5 expected; hint: 0.05 is 5 %"),
    );
    problems.require((2..=100).contains(&min_traits), "spec.method.minTraits", || {
        format!("is `{min_traits}`: 2 to 100 expected")
    });
    Method {
        genetic_code,
        gene_calling,
        false_discovery_rate,
        min_traits,
        seed,
    }
}
