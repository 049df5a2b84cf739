//! URIs → stores. A `file://` URI may lie in the request's volumes only, and `--mount` says where those are here.

use std::path::PathBuf;
use std::sync::Arc;

use genome_contract::Reason;
use genome_contract::request::Volume;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, parse_url_opts};
use url::Url;

use super::Stop;
use crate::metrics::Measured;

/// Where a volume's mount path really is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Absolute path in the request.
    pub path: String,
    /// Folder of this machine.
    pub folder: PathBuf,
}

/// Opens the stores that URIs name.
#[derive(Clone, Debug, Default)]
pub struct Stores {
    mounts: Vec<Mount>,
    volumes: Vec<Volume>,
}

impl Stores {
    /// Stores of a request with `volumes`, of which some lie elsewhere.
    pub fn new(mounts: Vec<Mount>, volumes: Vec<Volume>) -> Self {
        Self { mounts, volumes }
    }

    /// The store of `uri`, and the path in it.
    pub fn open(&self, uri: &str) -> Result<(Arc<dyn ObjectStore>, Path), Stop> {
        let url = Url::parse(uri).map_err(|error| bad_uri(uri, &error.to_string()))?;
        if url.scheme() == "file" {
            let path = Path::from_absolute_path(self.local_path(uri)?)
                .map_err(|error| bad_uri(uri, &error.to_string()))?;
            return Ok((Measured::wrap(Arc::new(LocalFileSystem::new())), path));
        }
        let (store, path) =
            parse_url_opts(&url, std::env::vars()).map_err(|error| bad_uri(uri, &error.to_string()))?;
        Ok((Measured::wrap(Arc::from(store)), path))
    }

    /// The path on this machine of a `file://` URI.
    pub fn local_path(&self, uri: &str) -> Result<PathBuf, Stop> {
        let url = Url::parse(uri).map_err(|error| bad_uri(uri, &error.to_string()))?;
        let path = url
            .to_file_path()
            .map_err(|()| bad_uri(uri, "no absolute path"))?;
        let is_inside = |mount: &str| path.starts_with(mount);
        if !self.volumes.is_empty() && !self.volumes.iter().any(|volume| is_inside(&volume.mount_path)) {
            let mounts: Vec<_> = self
                .volumes
                .iter()
                .map(|volume| format!("`{}`", volume.mount_path))
                .collect();
            let text = format!("`{uri}` lies in none of the volumes ({})", mounts.join(", "));
            return Err(Stop::new(Reason::AddressNotAllowed, text));
        }
        let longest = self
            .mounts
            .iter()
            .filter(|mount| is_inside(&mount.path))
            .max_by_key(|mount| mount.path.len());
        Ok(longest.map_or_else(
            || path.clone(),
            |mount| mount.folder.join(path.strip_prefix(&mount.path).unwrap_or(&path)),
        ))
    }
}

fn bad_uri(uri: &str, problem: &str) -> Stop {
    let text =
        format!("`{uri}` is not a URI this program reads: {problem}; hint: s3, gs, az, https, http or file");
    Stop::new(Reason::BadRequest, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_uri_must_lie_in_a_volume_and_is_found_where_it_is_mounted() {
        let volume = |path: &str| Volume {
            mount_path: path.into(),
            read_only: false,
        };
        let mounts = vec![Mount {
            path: "/data".into(),
            folder: "/home/me/genomes".into(),
        }];
        let stores = Stores::new(mounts, vec![volume("/data"), volume("/out")]);
        assert_eq!(
            stores.local_path("file:///data/a/b.fa").unwrap(),
            PathBuf::from("/home/me/genomes/a/b.fa")
        );
        assert_eq!(
            stores.local_path("file:///out/x").unwrap(),
            PathBuf::from("/out/x")
        );
        assert_eq!(
            stores.local_path("file:///etc/passwd").unwrap_err().reason,
            Reason::AddressNotAllowed
        );
        assert_eq!(
            stores
                .local_path("file:///data/../etc/passwd")
                .unwrap_err()
                .reason,
            Reason::AddressNotAllowed
        );
        assert_eq!(
            stores.local_path("no uri").unwrap_err().reason,
            Reason::BadRequest
        );
    }
}
