//! The cache of a laptop: the folder that the analyzer uses when it is run by hand.

use std::env;
use std::path::PathBuf;

use genome_contract::request::{Request, Volume};

use super::mounts::Mount;

/// Its address in requests, where the manifest names no other.
pub(super) const URI: &str = "file:///genome-cache/";
const MOUNT_PATH: &str = "/genome-cache";

/// A folder below the user's cache directory; none where there is no such directory.
pub fn folder() -> Option<PathBuf> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let caches = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    Some(caches?.join("genomic_pleiotropy"))
}

/// Lets `folder` play the cache of a request that asks for ours.
pub(super) fn mount(request: &mut Request, folder: Option<PathBuf>) -> Option<Mount> {
    let folder = folder.filter(|_| request.cache.uri.as_deref() == Some(URI))?;
    request.volumes.push(Volume {
        mount_path: MOUNT_PATH.to_owned(),
        read_only: false,
    });
    Some(Mount {
        mount_path: MOUNT_PATH.to_owned(),
        folder,
    })
}
