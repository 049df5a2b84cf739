//! The output location: whole objects written once, nothing half-written visible.
//!
//! A local put is a temporary file that is renamed (or hard-linked, for create-if-absent) when it is complete; cloud
//! stores show an object only when all of it has arrived.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt as _;
use genome_contract::Reason;
use genome_contract::manifest::FileEntry;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, UpdateVersion};

use crate::input::Stores;
use crate::verbs::Stop;

/// A prefix in a store.
#[derive(Clone, Debug)]
pub struct Location {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    uri: String,
}

/// What a create-if-absent found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Creation {
    /// Nothing: the object is ours.
    Created,
    /// An object of that name, which stays as it is.
    Existed,
}

impl Location {
    /// The location at `uri`.
    pub fn open(stores: &Stores, uri: &str) -> Result<Self, Stop> {
        let opened = stores.open(uri).map_err(|error| match error.reason() {
            // To no input's charge: the request itself asks for what it may not have.
            Reason::FileNotAllowed => {
                Stop::new(Reason::BadRequest, format!("cannot write to `{uri}`: {error}"))
            }
            _ => error.into(),
        });
        let (store, prefix) = opened?;
        Ok(Self {
            store,
            prefix,
            uri: uri.trim_end_matches('/').to_owned(),
        })
    }

    /// Where it is.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    fn at(&self, path: &str) -> Path {
        path.split('/').fold(self.prefix.clone(), Path::join)
    }

    fn named(&self, path: &str) -> String {
        format!("{}/{path}", self.uri)
    }

    /// Writes `path` unless it is there.
    pub async fn create(&self, path: &str, bytes: Bytes) -> Result<Creation, Stop> {
        let options = PutOptions::from(PutMode::Create);
        match self.store.put_opts(&self.at(path), bytes.into(), options).await {
            Ok(_) => Ok(Creation::Created),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                Ok(Creation::Existed)
            }
            Err(error) => Err(Stop::writing(&self.named(path), &error)),
        }
    }

    /// Writes `path`, whatever was there, and says what was written.
    pub async fn put(&self, path: &str, bytes: Bytes) -> Result<FileEntry, Stop> {
        let entry = entry(path, &bytes);
        let written = self.store.put(&self.at(path), bytes.into()).await;
        written.map_err(|error| Stop::writing(&self.named(path), &error))?;
        Ok(entry)
    }

    /// Replaces `path` if it is still the `version` that was read; false if it is another by now.
    pub async fn replace(&self, path: &str, bytes: Bytes, version: UpdateVersion) -> Result<bool, Stop> {
        let options = PutOptions::from(PutMode::Update(version));
        match self
            .store
            .put_opts(&self.at(path), bytes.clone().into(), options)
            .await
        {
            Ok(_) => Ok(true),
            Err(object_store::Error::Precondition { .. } | object_store::Error::NotFound { .. }) => Ok(false),
            // Folders have no conditional replace. Only plans of one owner ever get here, so the rename is enough.
            Err(object_store::Error::NotImplemented { .. } | object_store::Error::NotSupported { .. }) => {
                self.put(path, bytes).await.map(|_| true)
            }
            Err(error) => Err(Stop::writing(&self.named(path), &error)),
        }
    }

    /// The bytes of `path` and their version, `None` if there is no such object.
    pub async fn get(&self, path: &str) -> Result<Option<(Bytes, UpdateVersion)>, Stop> {
        let stop = |error: &object_store::Error| Stop::reading(&self.named(path), error);
        match self.store.get(&self.at(path)).await {
            Ok(found) => {
                let version = UpdateVersion {
                    e_tag: found.meta.e_tag.clone(),
                    version: found.meta.version.clone(),
                };
                let bytes = found.bytes().await.map_err(|error| stop(&error))?;
                Ok(Some((bytes, version)))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(stop(&error)),
        }
    }

    /// A part of `path`.
    pub async fn range(&self, path: &str, range: Range<u64>) -> Result<Bytes, Stop> {
        let read = self.store.get_range(&self.at(path), range).await;
        read.map_err(|error| Stop::reading(&self.named(path), &error))
    }

    /// Names of the objects below `folder`, ascending.
    pub async fn list(&self, folder: &str) -> Result<Vec<String>, Stop> {
        let below = self.at(folder);
        let found: Vec<_> = match self.store.list(Some(&below)).try_collect().await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => Vec::new(),
            Err(error) => return Err(Stop::reading(&self.named(folder), &error)),
        };
        let mut names: Vec<_> = found
            .iter()
            .filter_map(|object| object.location.filename().map(str::to_owned))
            .collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Removes `path`; an absent one is fine.
    pub async fn remove(&self, path: &str) -> Result<(), Stop> {
        match self.store.delete(&self.at(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Stop::writing(&self.named(path), &error)),
        }
    }
}

/// Path, size and checksum of `bytes`.
pub fn entry(path: &str, bytes: &[u8]) -> FileEntry {
    FileEntry {
        path: path.to_owned(),
        size: bytes.len() as u64,
        blake3: blake3::hash(bytes).to_hex().to_string(),
    }
}
