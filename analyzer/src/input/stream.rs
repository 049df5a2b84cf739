//! A store's stream as a reader.

use std::io::{self, Read};

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::runtime::Handle;

/// Reads a stream on a thread outside the runtime.
pub(super) struct StoreReader {
    stream: BoxStream<'static, object_store::Result<Bytes>>,
    current: Bytes,
    runtime: Handle,
}

impl StoreReader {
    /// Made on a thread of the runtime.
    pub(super) fn new(stream: BoxStream<'static, object_store::Result<Bytes>>) -> Self {
        Self {
            stream,
            current: Bytes::new(),
            runtime: Handle::current(),
        }
    }
}

impl Read for StoreReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.runtime.block_on(self.stream.next()) {
                None => return Ok(0),
                Some(bytes) => self.current = bytes.map_err(io::Error::other)?,
            }
        }
        let count = buffer.len().min(self.current.len());
        buffer[..count].copy_from_slice(&self.current.split_to(count));
        Ok(count)
    }
}
