//! `--mount CLAIM=DIR`: which folder of the laptop plays a claim.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::validate::{Problems, Volume};

/// A folder of the laptop and the path under which requests name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Path in the requests.
    pub mount_path: String,
    /// Folder of the laptop, absolute.
    pub folder: PathBuf,
}

/// Reads `CLAIM=DIR`; for the command line.
pub fn parse(argument: &str) -> Result<(String, PathBuf), String> {
    let (claim, folder) = argument.split_once('=').ok_or("`CLAIM=DIR` expected")?;
    if claim.is_empty() || folder.is_empty() {
        return Err("`CLAIM=DIR` expected".to_owned());
    }
    Ok((claim.to_owned(), PathBuf::from(folder)))
}

/// One mount a volume of the manifest; what is missing, unknown or no folder is said in full.
pub(super) fn resolve(volumes: &[Volume], folders: &[(String, PathBuf)]) -> Result<Vec<Mount>, Problems> {
    let mut problems = Problems::default();
    let folders: BTreeMap<&str, &Path> = folders
        .iter()
        .map(|(claim, folder)| (claim.as_str(), folder.as_path()))
        .collect();
    for claim in folders
        .keys()
        .filter(|claim| !volumes.iter().any(|volume| volume.claim == **claim))
    {
        problems.add(
            format!("--mount {claim}"),
            "no volume of the manifest has this claim",
        );
    }
    let mut mounts = Vec::new();
    for (index, volume) in volumes.iter().enumerate() {
        let path = format!("spec.storage.volumes[{index}].claim");
        match folders
            .get(volume.claim.as_str())
            .map(|folder| (folder, folder.canonicalize()))
        {
            None => problems.add(
                path,
                format!(
                    "`{0}` is a claim of a cluster; hint: `--mount {0}=DIR`",
                    volume.claim
                ),
            ),
            Some((_, Ok(folder))) if folder.is_dir() => {
                mounts.push(Mount {
                    mount_path: volume.mount_path.clone(),
                    folder,
                });
            }
            Some((folder, Ok(_))) => problems.add(path, format!("`{}` is no folder", folder.display())),
            Some((folder, Err(error))) => problems.add(path, format!("`{}`: {error}", folder.display())),
        }
    }
    if problems.is_empty() {
        Ok(mounts)
    } else {
        Err(problems)
    }
}

/// Where a `file://` URI of the manifest lies on the laptop; `None` for other schemes.
pub(super) fn local_path(uri: &str, mounts: &[Mount]) -> Option<PathBuf> {
    let path = uri.strip_prefix("file://")?;
    mounts.iter().find_map(|mount| {
        let rest = path.strip_prefix(mount.mount_path.as_str())?;
        (rest.is_empty() || rest.starts_with('/')).then(|| mount.folder.join(rest.trim_start_matches('/')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume(claim: &str, mount_path: &str) -> Volume {
        Volume {
            claim: claim.into(),
            mount_path: mount_path.into(),
            read_only: false,
        }
    }

    #[test]
    fn every_missing_claim_is_named_with_the_way_out() {
        let problems = resolve(&[volume("data", "/data"), volume("more", "/more")], &[]).unwrap_err();
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "spec.storage.volumes[0].claim: `data` is a claim of a cluster; hint: `--mount data=DIR`",
                "spec.storage.volumes[1].claim: `more` is a claim of a cluster; hint: `--mount more=DIR`",
            ]
        );
    }

    #[test]
    fn a_uri_is_found_on_the_laptop() {
        let folder = tempfile::tempdir().unwrap();
        let mounts = resolve(
            &[volume("data", "/data")],
            &[("data".into(), folder.path().into())],
        )
        .unwrap();
        let expected = folder.path().canonicalize().unwrap().join("results/");
        assert_eq!(local_path("file:///data/results/", &mounts), Some(expected));
        assert_eq!(local_path("file:///data2/x", &mounts), None);
        assert_eq!(local_path("s3://data/x", &mounts), None);
    }

    #[test]
    fn a_mount_nobody_asked_for_is_a_mistake() {
        let folder = tempfile::tempdir().unwrap();
        let problems = resolve(&[], &[("date".into(), folder.path().into())]).unwrap_err();
        assert_eq!(
            problems.to_string(),
            "--mount date: no volume of the manifest has this claim"
        );
    }
}
