//! URIs → bytes. A `file://` URI may lie in the request's volumes only, and `--mount` says where those are here; what a
//! person names on the command line may lie anywhere.

use std::io::Read;
use std::path::{Component, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt as _;
use genome_contract::request::Volume;
use object_store::local::LocalFileSystem;
use object_store::path::{Path, PathPart};
use object_store::{
    GetOptions, GetResultPayload, ObjectMeta, ObjectStore, ObjectStoreExt as _, parse_url_opts,
};
use url::Url;

use super::InputError;
use super::place::{Place, Stated};
use super::stream::StoreReader;
use crate::metrics::{Measured, timed_here};

/// Where a volume's mount path really is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Absolute path in the request.
    pub path: String,
    /// Folder of this machine.
    pub folder: PathBuf,
}

/// Opens what URIs name.
#[derive(Clone, Debug, Default)]
pub struct Stores {
    mounts: Vec<Mount>,
    /// Absent on a laptop, where a person may name any file.
    volumes: Option<Vec<Volume>>,
}

/// An object that a listing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its path below what was listed.
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) etag: Option<String>,
}

/// Where a URI leads.
enum Target {
    Here(Place),
    Store(Arc<dyn ObjectStore>, Path),
}

impl Stores {
    /// Stores of a request with `volumes`, of which some lie elsewhere.
    pub fn new(mounts: Vec<Mount>, volumes: Vec<Volume>) -> Self {
        Self {
            mounts,
            volumes: Some(volumes),
        }
    }

    /// The store of `uri`, and the path in it: for what is written.
    pub fn open(&self, uri: &str) -> Result<(Arc<dyn ObjectStore>, Path), InputError> {
        match self.target(uri)? {
            Target::Here(place) => {
                let path = Path::from_absolute_path(place.to_path())
                    .map_err(|error| bad_uri(uri, error.to_string()))?;
                Ok((Measured::wrap(Arc::new(LocalFileSystem::new())), path))
            }
            Target::Store(store, path) => Ok((store, path)),
        }
    }

    /// The stored bytes at `uri`, if they are still those of `etag`.
    pub(crate) async fn read(
        &self,
        uri: &str,
        etag: Option<String>,
    ) -> Result<Box<dyn Read + Send>, InputError> {
        let (store, path) = match self.target(uri)? {
            Target::Here(place) => {
                let file = blocking("get", move || place.open(etag.as_deref())).await?;
                return Ok(Box::new(file));
            }
            Target::Store(store, path) => (store, path),
        };
        let options = GetOptions {
            if_match: etag,
            ..GetOptions::default()
        };
        Ok(match store.get_opts(&path, options).await?.payload {
            GetResultPayload::File(file, _) => Box::new(file),
            GetResultPayload::Stream(stream) => Box::new(StoreReader::new(stream)),
        })
    }

    /// All bytes at `uri`: for documents, not for genomes.
    pub(crate) async fn read_all(&self, uri: &str) -> Result<Bytes, InputError> {
        match self.target(uri)? {
            Target::Here(place) => {
                let read = move || {
                    let mut bytes = Vec::new();
                    place.open(None)?.read_to_end(&mut bytes)?;
                    Ok(bytes.into())
                };
                blocking("get", read).await
            }
            Target::Store(store, path) => Ok(store.get(&path).await?.bytes().await?),
        }
    }

    /// Size and version of what is at `uri`.
    pub(crate) async fn stat(&self, uri: &str) -> Result<Stated, InputError> {
        match self.target(uri)? {
            Target::Here(place) => blocking("head", move || place.stat()).await,
            Target::Store(store, path) => {
                let ObjectMeta {
                    size, e_tag: etag, ..
                } = store.head(&path).await?;
                Ok(Stated { size, etag })
            }
        }
    }

    /// Everything below `uri`; nothing where there is no such folder.
    pub(crate) async fn list(&self, uri: &str) -> Result<Vec<Found>, InputError> {
        let listed = match self.target(uri)? {
            Target::Here(place) => blocking("list", move || list_here(&place)).await,
            Target::Store(store, base) => list_store(&*store, &base).await,
        };
        match listed {
            Err(InputError::NotFound) => Ok(Vec::new()),
            other => other,
        }
    }

    fn target(&self, uri: &str) -> Result<Target, InputError> {
        let url = Url::parse(uri).map_err(|error| bad_uri(uri, error.to_string()))?;
        if url.scheme() == "file" {
            return self.place(uri, &url).map(Target::Here);
        }
        let (store, path) =
            parse_url_opts(&url, std::env::vars()).map_err(|error| bad_uri(uri, error.to_string()))?;
        Ok(Target::Store(Measured::wrap(Arc::from(store)), path))
    }

    fn place(&self, uri: &str, url: &Url) -> Result<Place, InputError> {
        let path = url
            .to_file_path()
            .map_err(|()| bad_uri(uri, "no absolute path".to_owned()))?;
        // `Url` resolves `..`, but not one that comes with an encoded slash.
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(InputError::NotAllowed("has `..` in its path"));
        }
        let Some(volumes) = &self.volumes else {
            return Ok(Place::Own(path));
        };
        let outside =
            || InputError::OutsideVolumes(volumes.iter().map(|volume| volume.mount_path.clone()).collect());
        if !volumes.iter().any(|volume| path.starts_with(&volume.mount_path)) {
            return Err(outside());
        }
        let mounts = self
            .mounts
            .iter()
            .map(|mount| (mount.path.as_str(), mount.folder.clone()));
        let volumes = volumes
            .iter()
            .map(|volume| (volume.mount_path.as_str(), PathBuf::from(&volume.mount_path)));
        // The longest path that holds it; of a mount and a volume of one path, the mount, which says where it is.
        let (root, folder) = volumes
            .chain(mounts)
            .filter(|(root, _)| path.starts_with(root))
            .max_by_key(|(root, _)| root.trim_end_matches('/').len())
            .ok_or_else(outside)?;
        let inside = path.strip_prefix(root).unwrap_or(&path).to_owned();
        Ok(Place::Volume { folder, inside })
    }
}

/// Runs `work` on a thread that may wait for a disk.
async fn blocking<T: Send + 'static>(
    operation: &'static str,
    work: impl FnOnce() -> Result<T, InputError> + Send + 'static,
) -> Result<T, InputError> {
    let work = async {
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|error| InputError::Io(std::io::Error::other(error)))?
    };
    timed_here(operation, work).await
}

fn list_here(place: &Place) -> Result<Vec<Found>, InputError> {
    let found = place
        .list()?
        .into_iter()
        .map(|(path, Stated { size, etag })| Found {
            name: name_of(&path),
            size,
            etag,
        });
    Ok(found.collect())
}

/// The path as it stands in a URI.
fn name_of(path: &std::path::Path) -> String {
    let parts: Vec<_> = path
        .iter()
        .map(|part| {
            PathPart::from(part.to_string_lossy().as_ref())
                .as_ref()
                .to_owned()
        })
        .collect();
    parts.join("/")
}

async fn list_store(store: &dyn ObjectStore, base: &Path) -> Result<Vec<Found>, InputError> {
    let objects: Vec<ObjectMeta> = store.list(Some(base)).try_collect().await?;
    let found = objects.into_iter().filter_map(|object| {
        let name = below(base, &object.location)?;
        Some(Found {
            name,
            size: object.size,
            etag: object.e_tag,
        })
    });
    Ok(found.collect())
}

/// The path of `object` below `base`.
fn below(base: &Path, object: &Path) -> Option<String> {
    let parts: Vec<_> = object
        .prefix_match(base)?
        .map(|part| part.as_ref().to_owned())
        .collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn bad_uri(uri: &str, problem: String) -> InputError {
    InputError::Uri {
        uri: uri.to_owned(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use genome_contract::Reason;

    use super::*;

    fn stores() -> Stores {
        let volume = |path: &str| Volume {
            mount_path: path.into(),
            read_only: false,
        };
        let mounts = vec![Mount {
            path: "/data".into(),
            folder: "/home/me/genomes".into(),
        }];
        Stores::new(mounts, vec![volume("/data"), volume("/out")])
    }

    fn place(stores: &Stores, uri: &str) -> Result<Place, InputError> {
        match stores.target(uri)? {
            Target::Here(place) => Ok(place),
            Target::Store(..) => panic!("`{uri}` is no file"),
        }
    }

    #[test]
    fn a_file_uri_must_lie_in_a_volume_and_is_found_where_it_is_mounted() {
        let found = place(&stores(), "file:///data/a/b.fa").unwrap();
        assert_eq!(found.to_path(), PathBuf::from("/home/me/genomes/a/b.fa"));
        assert_eq!(
            place(&stores(), "file:///out/x").unwrap(),
            Place::Volume {
                folder: "/out".into(),
                inside: "x".into()
            }
        );
        for uri in [
            "file:///etc/passwd",
            "file:///data/../etc/passwd",
            "file:///data/%2e%2e/etc/passwd",
            "file:///data/..%2fetc/passwd",
            "file:///database/x",
            "file:///proc/self/environ",
        ] {
            let error = place(&stores(), uri).unwrap_err();
            assert_eq!(error.reason(), Reason::FileNotAllowed, "{uri}: {error}");
        }
        let error = place(&stores(), "no uri").unwrap_err();
        assert_eq!(error.reason(), Reason::BadRequest);
    }

    #[test]
    fn without_volumes_a_request_reads_no_file_and_a_person_reads_any() {
        let uri = "file:///etc/hostname";
        let error = place(&Stores::new(Vec::new(), Vec::new()), uri).unwrap_err();
        assert_eq!(error.reason(), Reason::FileNotAllowed);
        assert_eq!(
            place(&Stores::default(), uri).unwrap(),
            Place::Own("/etc/hostname".into())
        );
    }
}
