//! URIs of genomes, outputs and caches: which schemes, which parts, on which claim.

use super::{Problems, Volume};

/// What may stand where a URI is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// One object, a prefix, or a glob.
    Source,
    /// One object.
    Object,
    /// A prefix to write below.
    Output,
    /// A cache, to be written or not.
    Cache {
        /// Whether entries are written.
        writes: bool,
    },
}

impl Purpose {
    fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::Source | Self::Object => &["s3", "gs", "az", "https", "http", "file"],
            Self::Output => &["s3", "gs", "az", "file"],
            Self::Cache { .. } => &["redis", "rediss", "s3", "gs", "az", "file"],
        }
    }

    fn writes(self) -> bool {
        matches!(self, Self::Output | Self::Cache { writes: true })
    }
}

/// Adds what is wrong with `uri`.
pub(super) fn check(path: &str, uri: &str, purpose: Purpose, volumes: &[Volume], problems: &mut Problems) {
    let Some((scheme, rest)) = uri.split_once("://") else {
        let hint = if uri.starts_with('/') {
            "; hint: `file://` before an absolute path"
        } else {
            ""
        };
        problems.add(path, format!("`{uri}` is no URI: `scheme://…` expected{hint}"));
        return;
    };
    if !purpose.schemes().contains(&scheme) {
        let schemes = purpose.schemes().join(", ");
        problems.add(
            path,
            format!("scheme `{scheme}` is not supported here: one of {schemes}"),
        );
        return;
    }
    if uri.chars().any(char::is_control) {
        problems.add(path, "contains control characters");
        return;
    }
    if rest.split('/').any(|part| part == "..") {
        problems.add(path, format!("`{uri}` contains `..`"));
        return;
    }
    let (authority, key) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.contains('@') && scheme != "az" {
        let text = "credentials don't belong in a manifest; hint: put them into the Secret that `spec.storage.secretName` names";
        problems.add(path, text);
        return;
    }
    match scheme {
        "file" => check_file(path, authority, &format!("/{key}"), purpose, volumes, problems),
        "http" | "https" => check_http(path, authority, key, purpose, problems),
        _ => problems.require(!authority.is_empty(), path, || {
            let what = if scheme.starts_with("redis") {
                "host"
            } else {
                "bucket"
            };
            format!("`{uri}` names no {what}")
        }),
    }
}

fn check_http(path: &str, authority: &str, key: &str, purpose: Purpose, problems: &mut Problems) {
    problems.require(!authority.is_empty(), path, || "names no host".to_owned());
    let lists = purpose == Purpose::Source && (key.is_empty() || key.ends_with('/') || has_wildcard(key));
    problems.require(!lists, path, || {
        "a web server can't be listed: name one object; hint: a `listUri` names many".to_owned()
    });
}

fn check_file(
    path: &str,
    host: &str,
    file: &str,
    purpose: Purpose,
    volumes: &[Volume],
    problems: &mut Problems,
) {
    if !host.is_empty() {
        problems.add(
            path,
            format!("`file://{host}…` names a host: a local path has three slashes, `file:///{host}…`"),
        );
        return;
    }
    match volume_of(file, volumes) {
        None => problems.add(
            path,
            format!("`{file}` lies on no volume; hint: add one to `spec.storage.volumes` whose `mountPath` contains it"),
        ),
        Some(volume) if purpose.writes() && volume.read_only => problems.add(
            path,
            format!("claim `{}` at `{}` is read-only", volume.claim, volume.mount_path),
        ),
        Some(_) => {}
    }
}

/// The volume that holds the file or folder `path`.
fn volume_of<'a>(path: &str, volumes: &'a [Volume]) -> Option<&'a Volume> {
    volumes.iter().find(|volume| lies_below(path, &volume.mount_path))
}

/// Whether `path` is `folder` or something in it.
pub(super) fn lies_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether the path is a glob.
pub(super) fn has_wildcard(path: &str) -> bool {
    path.contains(['*', '?', '[', '{'])
}
