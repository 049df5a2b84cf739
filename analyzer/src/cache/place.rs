//! Where entries lie: a prefix of a store (a folder is one too), or a Redis server.

use std::time::Duration;

use bytes::Bytes;

use super::redis_server::RedisServer;
use crate::input::Stores;
use crate::output::Location;

/// Entries by key.
#[derive(Debug)]
pub(super) enum Place {
    Store(Location),
    Redis(Box<RedisServer>),
}

impl Place {
    pub(super) fn open(stores: &Stores, uri: &str) -> Result<Self, String> {
        if uri.starts_with("redis://") || uri.starts_with("rediss://") {
            return RedisServer::open(uri).map(|server| Self::Redis(Box::new(server)));
        }
        Location::open(stores, uri)
            .map(Self::Store)
            .map_err(|stop| stop.text)
    }

    /// The entry, `None` where there is none. An error is the place's own, not the entry's.
    pub(super) async fn get(&self, key: &Key) -> Result<Option<Bytes>, String> {
        match self {
            Self::Store(location) => {
                let found = location.get(&key.as_path()).await;
                Ok(found.map_err(|stop| stop.text)?.map(|(bytes, _)| bytes))
            }
            Self::Redis(server) => server.get(&key.as_redis_key()).await,
        }
    }

    /// Writes the entry; a server forgets it after `ttl`.
    pub(super) async fn put(&self, key: &Key, bytes: Vec<u8>, ttl: Duration) -> Result<(), String> {
        match self {
            Self::Store(location) => {
                let written = location.put(&key.as_path(), bytes.into()).await;
                written.map(|_| ()).map_err(|stop| stop.text)
            }
            Self::Redis(server) => server.put(&key.as_redis_key(), bytes, ttl).await,
        }
    }
}

/// What an entry is of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Key {
    pub(super) namespace: String,
    pub(super) kind: Kind,
}

/// Rows, by the hashes of genome and method; or the hash of a genome, by the hash of what names its object.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Analysis { genome: String, method: String },
    Object { hash: String },
}

impl Key {
    /// In a store: spread over folders by the first two digits of the hash.
    fn as_path(&self) -> String {
        let namespace = &self.namespace;
        match &self.kind {
            Kind::Analysis { genome, method } => {
                format!("{namespace}/analysis/{}/{genome}-{method}", &genome[..2])
            }
            Kind::Object { hash } => format!("{namespace}/object/{}/{hash}", &hash[..2]),
        }
    }

    fn as_redis_key(&self) -> String {
        let namespace = &self.namespace;
        match &self.kind {
            Kind::Analysis { genome, method } => format!("{namespace}:analysis:{genome}:{method}"),
            Kind::Object { hash } => format!("{namespace}:object:{hash}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_namespace_genome_and_method() {
        let key = Key {
            namespace: "team".to_owned(),
            kind: Kind::Analysis {
                genome: "ab12".to_owned(),
                method: "cd34".to_owned(),
            },
        };
        assert_eq!(key.as_path(), "team/analysis/ab/ab12-cd34");
        assert_eq!(key.as_redis_key(), "team:analysis:ab12:cd34");
    }
}
