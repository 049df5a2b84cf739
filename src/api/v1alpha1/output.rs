//! Where results go, and what the pods may reach: output, storage, cache.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use genome_contract::request::{Associations, CacheMode};

use super::text::TimeSpan;

/// Where the results go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Output {
    /// A prefix of this analysis's own. Schemes: s3, gs, az, file.
    #[schemars(length(min = 1, max = 1024), regex(pattern = r"^(s3|gs|az|file)://.+$"))]
    pub uri: String,
    /// Whether results of an earlier analysis of this name with another plan may be replaced. Default: false.
    #[serde(default)]
    pub overwrite: bool,
    /// Which rows of gene × trait are kept: members, discoveries and the 50 highest z a trait (Top), or every
    /// pair (All). Default: Top.
    #[serde(default)]
    #[schemars(with = "AssociationsNames")]
    pub associations: Associations,
}

/// What the pods get to reach their data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct Storage {
    /// A Secret of the same namespace whose keys become environment variables of the pods: what the object stores
    /// expect (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL, …). An endpoint comes from here only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub secret_name: Option<String>,
    /// Claims that `file://` URIs lie on. Default: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub volumes: Vec<Volume>,
}

/// A claim and where the pods see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Volume {
    /// Name of a PersistentVolumeClaim of the same namespace.
    #[schemars(length(min = 1, max = 253))]
    pub claim: String,
    /// Absolute path in the pods, such as /data.
    #[schemars(length(min = 2, max = 255), regex(pattern = r"^/[^:]+$"))]
    pub mount_path: String,
    /// Whether nothing may be written there. Default: false.
    #[serde(default)]
    pub read_only: bool,
}

/// The cache of results a genome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct Cache {
    /// ReadWrite, ReadOnly or Off. Default: ReadWrite, which is Off where neither `uri` nor the operator's
    /// configuration names a cache.
    #[schemars(with = "CacheModeNames")]
    pub mode: CacheMode,
    /// redis://host:port/db, an object-store prefix, or a folder. Default: the operator's. Redis' user and password are
    /// `REDIS_USERNAME` and `REDIS_PASSWORD` of the Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 1024),
        regex(pattern = r"^(redis|rediss|s3|gs|az|file)://.+$")
    )]
    pub uri: Option<String>,
    /// How long an entry lives. Default: 1h.
    pub ttl: TimeSpan,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            mode: CacheMode::ReadWrite,
            uri: None,
            ttl: TimeSpan::from("1h"),
        }
    }
}

/// The contract's words for [`Associations`].
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "only its schema is used")]
enum AssociationsNames {
    Top,
    All,
}

/// The contract's words for [`CacheMode`].
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "only its schema is used")]
enum CacheModeNames {
    ReadWrite,
    ReadOnly,
    Off,
}
