//! Where results go and what pods may reach: output, Secret, claims, cache.

use genome_contract::request::{Cache, CacheMode, GenomeSource, Output};

use super::running::at_least_a_second;
use super::uri::{Purpose, check, has_wildcard, lies_below};
use super::{Problems, Settings, Volume, naming};
use crate::api::v1alpha1;

/// Folders of the image and of the kubelet; a claim over one of them would break the pod, or trick it.
const RESERVED: [&str; 8] = [
    "/etc", "/dev", "/proc", "/sys", "/usr", "/bin", "/lib", "/var/run",
];

pub(super) fn secret_name(storage: &v1alpha1::Storage, problems: &mut Problems) -> Option<String> {
    let name = storage.secret_name.as_ref()?;
    naming::subdomain("spec.storage.secretName", name, problems);
    Some(name.clone())
}

pub(super) fn volumes(storage: &v1alpha1::Storage, problems: &mut Problems) -> Vec<Volume> {
    for (index, volume) in storage.volumes.iter().enumerate() {
        let path = format!("spec.storage.volumes[{index}]");
        naming::subdomain(&format!("{path}.claim"), &volume.claim, problems);
        mount_path(&format!("{path}.mountPath"), &volume.mount_path, problems);
        for (other_index, other) in storage.volumes[..index].iter().enumerate() {
            let overlap = lies_below(&volume.mount_path, &other.mount_path)
                || lies_below(&other.mount_path, &volume.mount_path);
            problems.require(!overlap, &format!("{path}.mountPath"), || {
                format!(
                    "`{}` overlaps `spec.storage.volumes[{other_index}].mountPath`",
                    volume.mount_path
                )
            });
        }
    }
    storage.volumes.clone()
}

fn mount_path(path: &str, mount_path: &str, problems: &mut Problems) {
    let parts: Vec<&str> = mount_path.split('/').collect();
    let is_plain = parts.first() == Some(&"")
        && parts.len() > 1
        && parts[1..]
            .iter()
            .all(|part| !part.is_empty() && *part != "." && *part != "..")
        && !mount_path.contains([':', ',', '=', '\0', '\n']);
    problems.require(is_plain, path, || {
        format!("`{mount_path}` is no plain absolute path such as `/data` (no `.`, `..`, `:`, `,`, `=`, and no `/` at the end)")
    });
    let reserved = RESERVED.iter().find(|reserved| lies_below(mount_path, reserved));
    if let Some(reserved) = reserved {
        problems.add(
            path,
            format!("`{mount_path}` lies in `{reserved}`, which the pod needs for itself; hint: `/data`"),
        );
    }
}

pub(super) fn output(
    output: &v1alpha1::Output,
    genomes: &[GenomeSource],
    volumes: &[Volume],
    problems: &mut Problems,
) -> Output {
    let v1alpha1::Output {
        uri,
        overwrite,
        associations,
    } = output;
    let path = "spec.output.uri";
    check(path, uri, Purpose::Output, volumes, problems);
    problems.require(!uri.contains(['*', '?']), path, || {
        format!("`{uri}` contains a wildcard")
    });
    let uri = format!("{}/", uri.trim_end_matches('/'));
    for (index, source) in genomes.iter().enumerate() {
        let Some(source) = source
            .uri
            .as_deref()
            .filter(|source| source.ends_with('/') && !has_wildcard(source))
        else {
            continue;
        };
        problems.require(!uri.starts_with(source), path, || {
            format!("lies below `spec.genomes[{index}].uri`, whose listing would contain the results; hint: a prefix beside it")
        });
    }
    Output {
        uri,
        overwrite: *overwrite,
        associations: *associations,
    }
}

pub(super) fn cache(
    cache: &v1alpha1::Cache,
    settings: &Settings,
    volumes: &[Volume],
    problems: &mut Problems,
) -> Option<Cache> {
    let v1alpha1::Cache { mode, uri, ttl } = cache;
    if let Some(uri) = uri {
        let writes = *mode == CacheMode::ReadWrite;
        check(
            "spec.cache.uri",
            uri,
            Purpose::Cache { writes },
            volumes,
            problems,
        );
    }
    let ttl = at_least_a_second("spec.cache.ttl", ttl, problems)?;
    let uri = uri.clone().or_else(|| settings.cache_uri.clone());
    let (mode, uri) = match (*mode, uri) {
        (CacheMode::Off, _) | (_, None) => (CacheMode::Off, None),
        (mode, uri) => (mode, uri),
    };
    Some(Cache {
        mode,
        uri,
        ttl_seconds: ttl.as_secs(),
    })
}
