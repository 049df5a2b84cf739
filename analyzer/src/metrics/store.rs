//! A store whose requests are timed and counted by operation and outcome.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use super::{METRICS, Request};
use crate::input::InputError;

/// `inner`, measured.
#[derive(Debug)]
pub(crate) struct Measured {
    inner: Arc<dyn ObjectStore>,
}

impl Measured {
    pub(crate) fn wrap(inner: Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore> {
        Arc::new(Self { inner })
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(formatter)
    }
}

/// What we ask for in vain, or find changed or there already, is an answer; all else is the store's fault or the network's.
trait Answer {
    fn outcome(&self) -> &'static str;
}

impl<T> Answer for Result<T> {
    fn outcome(&self) -> &'static str {
        match self {
            Ok(_) => "ok",
            Err(
                Error::NotFound { .. }
                | Error::AlreadyExists { .. }
                | Error::Precondition { .. }
                | Error::NotModified { .. },
            ) => "answered",
            Err(_) => "error",
        }
    }
}

impl<T> Answer for Result<T, InputError> {
    fn outcome(&self) -> &'static str {
        match self {
            Ok(_) => "ok",
            Err(InputError::NotFound | InputError::Changed | InputError::NotAllowed(_)) => "answered",
            Err(_) => "error",
        }
    }
}

fn count(operation: &'static str, begin: Instant, answer: &impl Answer) {
    let request = Request {
        operation,
        outcome: answer.outcome(),
    };
    METRICS
        .store_request_seconds
        .get_or_create(&request)
        .observe(begin.elapsed().as_secs_f64());
}

async fn timed<A: Answer>(operation: &'static str, request: impl Future<Output = A>) -> A {
    let begin = Instant::now();
    let answer = request.await;
    count(operation, begin, &answer);
    answer
}

/// A request for files of this machine that goes past every store.
pub(crate) async fn timed_here<T>(
    operation: &'static str,
    request: impl Future<Output = Result<T, InputError>>,
) -> Result<T, InputError> {
    timed(operation, request).await
}

/// Counts a stream once, at its first item: what comes after is the same request.
fn counted<T: Send + 'static>(
    operation: &'static str,
    stream: BoxStream<'static, Result<T>>,
) -> BoxStream<'static, Result<T>> {
    let begin = Instant::now();
    let mut is_first = true;
    let count_first = move |item: &Result<T>| {
        if std::mem::take(&mut is_first) {
            count(operation, begin, item);
        }
    };
    stream.inspect(count_first).boxed()
}

#[async_trait]
impl ObjectStore for Measured {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        timed("put", self.inner.put_opts(location, payload, options)).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        timed("put", self.inner.put_multipart_opts(location, options)).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let operation = if options.head { "head" } else { "get" };
        timed(operation, self.inner.get_opts(location, options)).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        timed("get", self.inner.get_ranges(location, ranges)).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        counted("delete", self.inner.delete_stream(locations))
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        counted("list", self.inner.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        counted("list", self.inner.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        timed("list", self.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        timed("copy", self.inner.copy_opts(from, to, options)).await
    }
}

#[cfg(test)]
mod tests {
    use object_store::ObjectStoreExt as _;
    use object_store::memory::InMemory;

    use super::*;

    #[tokio::test]
    async fn requests_are_told_apart_by_operation_and_outcome() {
        let store = Measured::wrap(Arc::new(InMemory::new()));
        let path = Path::from("a");
        store.put(&path, "x".into()).await.unwrap();
        store.get(&Path::from("none")).await.unwrap_err();
        let counts = |operation, outcome| {
            let text = METRICS.encode().unwrap();
            text.contains(&format!(
                "store_request_seconds_count{{operation=\"{operation}\",outcome=\"{outcome}\"}}"
            ))
        };
        assert!(counts("put", "ok") && counts("get", "answered"));
    }
}
