//! What is analyzed, and how: genomes, traits, phenotypes, method.

use genome_contract::request::GeneCalling;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One source of genomes: exactly one of `uri` and `listUri`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline, extend("x-kubernetes-validations" = [{
    "rule": "has(self.uri) != has(self.listUri)",
    "message": "give exactly one of `uri` and `listUri`",
}]))]
pub struct Genomes {
    /// An object, a prefix ending in `/`, or a glob (`*` within a folder, `**` across folders). Schemes: s3, gs,
    /// az, https, http, file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 1024),
        regex(pattern = r"^(s3|gs|az|https|http|file)://.+$")
    )]
    pub uri: Option<String>,
    /// A text object with one URI a line; empty lines and lines starting with `#` are skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 1024),
        regex(pattern = r"^(s3|gs|az|https|http|file)://.+$")
    )]
    pub list_uri: Option<String>,
    /// Globs over the path below the prefix. Default: everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(min = 1, max = 256)))]
    pub include: Vec<String>,
    /// Globs that leave genomes out again. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(min = 1, max = 256)))]
    pub exclude: Vec<String>,
}

/// The trait panel: at most one of `builtin`, `configMapKeyRef`, `uri`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline, extend("x-kubernetes-validations" = [{
    "rule": "[has(self.builtin), has(self.configMapKeyRef), has(self.uri)].filter(x, x).size() == 1",
    "message": "give exactly one of `builtin`, `configMapKeyRef` and `uri`",
}]))]
pub struct Traits {
    /// A panel that ships with the analyzer: `bacteria`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63), extend("enum" = ["bacteria"]))]
    pub builtin: Option<String>,
    /// A key of a ConfigMap in the same namespace that holds the panel as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<ConfigMapKey>,
    /// An object that holds the panel as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 1024),
        regex(pattern = r"^(s3|gs|az|https|http|file)://.+$")
    )]
    pub uri: Option<String>,
}

impl Traits {
    /// The panel that ships with the analyzer.
    pub fn bacteria() -> Self {
        Self {
            builtin: Some("bacteria".to_owned()),
            ..Self::default()
        }
    }
}

/// A key of a ConfigMap in the namespace of the analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ConfigMapKey {
    /// Name of the ConfigMap.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Key in its `data`.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// Properties of organisms, for the cohort.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Phenotypes {
    /// A tab-separated table: genome id, then one column a phenotype.
    #[schemars(
        length(min = 1, max = 1024),
        regex(pattern = r"^(s3|gs|az|https|http|file)://.+$")
    )]
    pub uri: String,
}

/// How to count and to test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(inline)]
pub struct Method {
    /// NCBI translation table of coding sequences that name none themselves. Default: 11 (bacteria).
    #[schemars(extend("enum" = crate::validate::GENETIC_CODES))]
    pub genetic_code: u8,
    /// Where genes come from: the annotation where there is one and prediction elsewhere (Auto), the annotation
    /// only (Annotated), prediction always (Predicted). Default: Auto.
    #[schemars(with = "GeneCallingNames")]
    pub gene_calling: GeneCalling,
    /// Rate at which false discoveries are controlled, between 0 and 1. Default: 0.05.
    #[schemars(range(min = 0.000_001, max = 0.5))]
    pub false_discovery_rate: f64,
    /// Different signature clusters that a candidate pleiotropic gene belongs to at least. Default: 2.
    #[schemars(range(min = 2, max = 100))]
    pub min_traits: u32,
    /// Seed of every random choice: the same seed gives the same bytes. Default: 0.
    #[schemars(range(max = 9_007_199_254_740_991_u64))]
    pub seed: u64,
}

impl Default for Method {
    fn default() -> Self {
        let genome_contract::request::Method {
            genetic_code,
            gene_calling,
            false_discovery_rate,
            min_traits,
            seed,
        } = genome_contract::request::Method::default();
        Self {
            genetic_code,
            gene_calling,
            false_discovery_rate,
            min_traits,
            seed,
        }
    }
}

/// The contract's words for [`GeneCalling`], as an enumeration without descriptions a value.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "only its schema is used")]
enum GeneCallingNames {
    Auto,
    Annotated,
    Predicted,
}
