//! Sources → objects: a single object, a prefix, a glob, or a list of URIs, thinned by include and exclude.

use genome_contract::Reason;
use genome_contract::request::GenomeSource;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::ids::{Listed, is_sequence_name};
use crate::input::{Found, Stated};
use crate::verbs::{Session, Stop};

/// A sequence that arrives on standard input.
pub(crate) const STDIN: &str = "stdin:";

/// The objects of all sources.
pub(super) async fn list(session: &Session) -> Result<Vec<Listed>, Stop> {
    let mut listed = Vec::new();
    for (number, source) in session.request.genomes.iter().enumerate() {
        let filter = Filter::new(source)?;
        let found = match (&source.uri, &source.list_uri) {
            (Some(uri), None) if uri == STDIN => vec![stdin(number)],
            (Some(uri), None) => from_uri(session, number, uri).await?,
            (None, Some(list)) => from_list(session, number, list).await?,
            _ => {
                let text = format!("`genomes[{number}]` needs exactly one of `uri` and `listUri`");
                return Err(Stop::new(Reason::BadRequest, text));
            }
        };
        listed.extend(found.into_iter().filter(|object| filter.takes(&object.name)));
    }
    Ok(listed)
}

fn stdin(source: usize) -> Listed {
    Listed {
        source,
        name: "stdin".to_owned(),
        uri: STDIN.to_owned(),
        size: 0,
        etag: None,
    }
}

async fn from_uri(session: &Session, source: usize, uri: &str) -> Result<Vec<Listed>, Stop> {
    let pattern = Pattern::of(uri);
    if pattern.glob.is_none() && !uri.ends_with('/') {
        return one(session, source, uri).await.map(|object| vec![object]);
    }
    let glob = pattern
        .glob
        .map(|glob| matcher(glob).map(|glob| glob.compile_matcher()))
        .transpose()?;
    let found = session.stores.list(pattern.base).await;
    let found = found.map_err(|error| Stop::input(uri, &error))?;
    let is_wanted = |name: &str| {
        glob.as_ref()
            .map_or_else(|| is_sequence_name(name), |glob| glob.is_match(name))
    };
    let listed =
        found
            .into_iter()
            .filter(|object| is_wanted(&object.name))
            .map(|Found { name, size, etag }| Listed {
                source,
                uri: format!("{}{name}", pattern.base),
                name,
                size,
                etag,
            });
    Ok(listed.collect())
}

async fn one(session: &Session, source: usize, uri: &str) -> Result<Listed, Stop> {
    let name = uri.rsplit('/').next().unwrap_or(uri).to_owned();
    let stated = match session.stores.stat(uri).await {
        Ok(stated) => stated,
        // A genome that is not there, or may not be read, becomes a failed row: the others are analyzed.
        Err(error) if matches!(error.reason(), Reason::InputNotFound | Reason::FileNotAllowed) => {
            Stated::default()
        }
        Err(error) => return Err(Stop::input(uri, &error)),
    };
    Ok(Listed {
        source,
        name,
        uri: uri.to_owned(),
        size: stated.size,
        etag: stated.etag,
    })
}

async fn from_list(session: &Session, source: usize, list: &str) -> Result<Vec<Listed>, Stop> {
    let bytes = session.stores.read_all(list).await;
    let bytes = bytes.map_err(|error| Stop::input(list, &error))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        Stop::new(
            Reason::BadRequest,
            format!("`{list}` is not text: byte {}", error.valid_up_to()),
        )
    })?;
    let mut listed = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let at_line = |stop: Stop| Stop {
            text: format!("`{list}`, line {}: {}", number + 1, stop.text),
            ..stop
        };
        listed.push(one(session, source, line).await.map_err(at_line)?);
    }
    Ok(listed)
}

/// A URI split at the last `/` before the first wildcard.
struct Pattern<'a> {
    base: &'a str,
    glob: Option<&'a str>,
}

impl<'a> Pattern<'a> {
    fn of(uri: &'a str) -> Self {
        let wildcard = uri.find(['*', '?', '[', '{']);
        let cut = uri[..wildcard.unwrap_or(uri.len())]
            .rfind('/')
            .map_or(0, |slash| slash + 1);
        if wildcard.is_some() {
            Self {
                base: &uri[..cut],
                glob: Some(&uri[cut..]),
            }
        } else {
            Self {
                base: uri,
                glob: None,
            }
        }
    }
}

/// Include and exclude of a source.
struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl Filter {
    fn new(source: &GenomeSource) -> Result<Self, Stop> {
        let include = (!source.include.is_empty())
            .then(|| set(&source.include))
            .transpose()?;
        Ok(Self {
            include,
            exclude: set(&source.exclude)?,
        })
    }

    fn takes(&self, name: &str) -> bool {
        self.include.as_ref().is_none_or(|include| include.is_match(name)) && !self.exclude.is_match(name)
    }
}

fn set(globs: &[String]) -> Result<GlobSet, Stop> {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        builder.add(matcher(glob)?);
    }
    builder
        .build()
        .map_err(|error| Stop::new(Reason::BadRequest, error.to_string()))
}

/// `*` stays in a folder, `**` does not, also where more follows it: `**.fa` is `**/*.fa`, which globset has no word for.
fn matcher(glob: &str) -> Result<globset::Glob, Stop> {
    let parts = glob.split('/').map(|part| match part.strip_prefix("**") {
        Some(rest) if !rest.is_empty() => format!("**/*{rest}"),
        _ => part.to_owned(),
    });
    let built = GlobBuilder::new(&parts.collect::<Vec<_>>().join("/"))
        .literal_separator(true)
        .build();
    built.map_err(|error| Stop::new(Reason::BadRequest, format!("glob `{glob}`: {}", error.kind())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_split_before_its_first_wildcard() {
        let split = |uri| {
            let Pattern { base, glob } = Pattern::of(uri);
            (base, glob)
        };
        assert_eq!(split("s3://b/a/sub*/x/*.fa"), ("s3://b/a/", Some("sub*/x/*.fa")));
        assert_eq!(split("file:///a/b.fa"), ("file:///a/b.fa", None));
        assert_eq!(split("s3://b/a/"), ("s3://b/a/", None));
    }

    #[test]
    fn exclude_wins_and_a_star_stays_in_its_folder() {
        let source = GenomeSource {
            uri: None,
            list_uri: None,
            include: vec!["*.fa".into(), "deep/**".into(), "**.gz".into()],
            exclude: vec!["bad*".into()],
        };
        let filter = Filter::new(&source).unwrap();
        assert!(filter.takes("x.fa") && filter.takes("deep/er/y.gb"));
        assert!(!filter.takes("bad.fa") && !filter.takes("sub/x.fa"));
        assert!(filter.takes("z.gz") && filter.takes("very/deep/z.gz"));
    }
}
