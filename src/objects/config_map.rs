//! The immutable ConfigMap that carries a request. Its name holds the request's digest: another request is another
//! ConfigMap, never an edit.

use genome_contract::{Request, names::REQUEST_PATH};
use k8s_openapi::api::core::v1::ConfigMap;

use super::Owner;

/// Key of the request, and its file name in the pod.
pub const REQUEST_KEY: &str = "request.json";

/// The request as the bytes that are stored, and their digest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SealedRequest {
    /// JSON.
    pub text: String,
    /// BLAKE3 of `text`, hexadecimal.
    pub digest: String,
}

impl SealedRequest {
    /// The sealed form of `request`.
    ///
    /// # Panics
    /// Never: a request has only strings, numbers and lists.
    pub fn new(request: &Request) -> Self {
        debug_assert!(REQUEST_PATH.ends_with(REQUEST_KEY));
        let text = serde_json::to_string(request).expect("a request has only strings, numbers and lists");
        let digest = blake3::hash(text.as_bytes()).to_hex().to_string();
        Self { text, digest }
    }

    /// Name of the ConfigMap with this request.
    pub fn config_map_name(&self, owner: &Owner) -> String {
        owner.child_name(&format!("request/{}", self.digest))
    }
}

/// The ConfigMap with `request`.
pub fn config_map_for(owner: &Owner, request: &SealedRequest) -> ConfigMap {
    ConfigMap {
        metadata: owner.child_metadata(request.config_map_name(owner), [].into()),
        data: Some([(REQUEST_KEY.to_owned(), request.text.clone())].into()),
        immutable: Some(true),
        ..ConfigMap::default()
    }
}
