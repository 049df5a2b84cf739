//! Entries in a Redis (or Valkey) server. User and password come from the environment, `REDIS_USERNAME` and
//! `REDIS_PASSWORD`, which a cluster fills from the Secret of the analysis.
//!
//! A server that answers is used, whatever it answers: full (`OOM`), or a key that holds another type (`WRONGTYPE`), is a
//! miss. One that does not answer is an error, and its caller stops asking.

use std::env;
use std::time::Duration;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncCommands as _, AsyncConnectionConfig, Client, ConnectionInfo, IntoConnectionInfo as _, RedisError,
};
use tokio::sync::OnceCell;

/// Longest wait for a connection and for an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// More than any entry of ours, and little enough that a hostile value does no harm.
const LARGEST: isize = 64 << 20;

/// A server, connected to by the first request.
#[derive(Debug)]
pub(super) struct RedisServer {
    client: Client,
    connection: OnceCell<MultiplexedConnection>,
}

impl RedisServer {
    pub(super) fn open(uri: &str) -> Result<Self, String> {
        let wrong = |error: RedisError| format!("`{uri}` names no Redis server: {error}");
        let server: ConnectionInfo = uri.into_connection_info().map_err(wrong)?;
        let mut settings = server.redis_settings().clone();
        if let Ok(user) = env::var("REDIS_USERNAME") {
            settings = settings.set_username(user);
        }
        if let Ok(password) = env::var("REDIS_PASSWORD") {
            settings = settings.set_password(password);
        }
        let client = Client::open(server.set_redis_settings(settings)).map_err(wrong)?;
        Ok(Self {
            client,
            connection: OnceCell::new(),
        })
    }

    async fn connection(&self) -> Result<MultiplexedConnection, String> {
        let settings = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connect = || {
            self.client
                .get_multiplexed_async_connection_with_config(&settings)
        };
        let connection = self.connection.get_or_try_init(connect).await;
        connection.cloned().map_err(|error| said(&error))
    }

    /// The value, cut where it is longer than any of ours.
    pub(super) async fn get(&self, key: &str) -> Result<Option<Bytes>, String> {
        let answer: Result<Vec<u8>, RedisError> = self.connection().await?.getrange(key, 0, LARGEST).await;
        match answer {
            // A key that is not there is empty.
            Ok(value) => Ok(Some(value.into()).filter(|value: &Bytes| !value.is_empty())),
            Err(error) if is_an_answer(&error) => Ok(None),
            Err(error) => Err(said(&error)),
        }
    }

    pub(super) async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), String> {
        let seconds = ttl.as_secs().max(1);
        let answer: Result<(), RedisError> = self.connection().await?.set_ex(key, value, seconds).await;
        match answer {
            Err(error) if !is_an_answer(&error) => Err(said(&error)),
            Err(error) => {
                tracing::debug!(%error, "the cache did not keep an entry");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

/// The server is there and said no to this one request.
fn is_an_answer(error: &RedisError) -> bool {
    matches!(error.code(), Some("OOM" | "WRONGTYPE"))
}

/// Without the address, which may hold more than it should.
fn said(error: &RedisError) -> String {
    format!("Redis: {error}")
}
