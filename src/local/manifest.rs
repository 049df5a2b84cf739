//! Manifests as files: YAML or JSON, several documents, every problem with file, line and column.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use k8s_openapi::api::core::v1::ConfigMap;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

use crate::api::{GenomeAnalysis, names};
use crate::validate::{Problem, Problems, Settings, ValidAnalysis, structure, validate};

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// Its GenomeAnalyses, valid in form.
    pub analyses: Vec<Document>,
    /// Its ConfigMaps.
    pub config_maps: Vec<ConfigMap>,
}

/// One GenomeAnalysis and where it was written.
#[derive(Clone, Debug)]
pub struct Document {
    /// As typed, with the schema's defaults.
    pub analysis: GenomeAnalysis,
    /// As written, without defaults: what is sent to a server.
    pub written: Value,
    /// What it means.
    pub valid: ValidAnalysis,
}

/// A manifest that can't be used: one line a problem, each with file, line and column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadManifest(pub Vec<String>);

impl fmt::Display for BadManifest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for BadManifest {}

/// Reads the file at `path`; `-` is standard input.
pub fn read(path: &Path, settings: &Settings) -> Result<Manifest, BadManifest> {
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    let text =
        text.map_err(|error| BadManifest(vec![format!("{}: can't be read: {error}", path.display())]))?;
    parse(&text, &path.display().to_string(), settings)
}

/// Reads `text`, which came from `file`.
pub fn parse(text: &str, file: &str, settings: &Settings) -> Result<Manifest, BadManifest> {
    let documents: Vec<Spanned<Node>> = serde_saphyr::from_multiple(text).map_err(|error| {
        let place = error
            .location()
            .map(|at| format!(":{}:{}", at.line(), at.column()))
            .unwrap_or_default();
        let words = error.without_snippet().to_string();
        BadManifest(vec![format!(
            "{file}{place}: {}",
            words.lines().next().unwrap_or_default()
        )])
    })?;
    let mut manifest = Manifest::default();
    let mut lines = Vec::new();
    for document in documents.iter().filter(|document| !document.value.is_empty()) {
        let mut places = Places {
            file,
            known: BTreeMap::new(),
        };
        places.known.insert(String::new(), place(document.defined));
        let value = places.note("", &document.value);
        let problems = add(value, &mut manifest, settings);
        lines.extend(problems.iter().map(|problem| places.line(problem)));
    }
    if lines.is_empty() && manifest.analyses.is_empty() {
        lines.push(format!("{file}: contains no {}", names::KIND));
    }
    if lines.is_empty() {
        Ok(manifest)
    } else {
        Err(BadManifest(lines))
    }
}

/// Takes up one document, or says what is wrong with it.
fn add(value: Value, manifest: &mut Manifest, settings: &Settings) -> Problems {
    let text = |field: &str| {
        value
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let api_version = format!("{}/{}", names::GROUP, names::VERSION);
    let mut problems = Problems::default();
    match (text("apiVersion").as_str(), text("kind").as_str()) {
        (version, names::KIND) if version == api_version => return add_analysis(value, manifest, settings),
        (version, names::KIND) => {
            problems.add("apiVersion", format!("is `{version}`: `{api_version}` expected"));
        }
        ("v1", "ConfigMap") => match serde_json::from_value(value) {
            Ok(config_map) => manifest.config_maps.push(config_map),
            Err(error) => problems.add("data", format!("is no ConfigMap: {error}")),
        },
        (_, "") => problems.add(
            "kind",
            format!("is missing: `{}` or `ConfigMap` expected", names::KIND),
        ),
        // Namespaces, claims and Secrets beside an analysis are the cluster's business.
        _ => {}
    }
    problems
}

fn add_analysis(value: Value, manifest: &mut Manifest, settings: &Settings) -> Problems {
    let mut problems = structure::check(&value);
    let typed = serde_json::from_value::<GenomeAnalysis>(without_nulls(value.clone()));
    let analysis = match typed {
        Ok(analysis) => analysis,
        Err(error) if problems.is_empty() => {
            problems.add("spec", error.to_string());
            return problems;
        }
        // A wrong type hides the rest from us; the schema's words on it are there already.
        Err(_) => return problems,
    };
    match validate(&analysis, settings) {
        Ok(valid) if problems.is_empty() => manifest.analyses.push(Document {
            analysis,
            written: value,
            valid,
        }),
        Ok(_) => {}
        Err(more) => problems.merge(more),
    }
    problems
}

/// The server drops nulls before it fills in defaults.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

/// Line and column, from 1.
type Place = (u64, u64);

fn place(location: serde_saphyr::Location) -> Place {
    (location.line(), location.column())
}

/// Where each field of a document was written.
struct Places<'a> {
    file: &'a str,
    known: BTreeMap<String, Place>,
}

impl Places<'_> {
    /// The plain value of `node`, whose path is `path`; remembers where its parts are.
    fn note(&mut self, path: &str, node: &Node) -> Value {
        match node {
            Node::Scalar(value) => value.clone(),
            Node::List(items) => {
                let items = items.iter().enumerate().map(|(index, item)| {
                    let path = format!("{path}[{index}]");
                    self.known.insert(path.clone(), place(item.referenced));
                    self.note(&path, &item.value)
                });
                Value::Array(items.collect())
            }
            Node::Mapping(fields) => {
                let mut object = Map::new();
                for (key, field) in fields {
                    let path = if path.is_empty() {
                        key.value.clone()
                    } else {
                        format!("{path}.{}", key.value)
                    };
                    self.known.insert(path.clone(), place(key.referenced));
                    object.insert(key.value.clone(), self.note(&path, field));
                }
                Value::Object(object)
            }
        }
    }

    /// `file:line:column: path: text`; the place of the nearest field around what is missing.
    fn line(&self, problem: &Problem) -> String {
        let mut path = problem.path.as_str();
        let found = loop {
            match (self.known.get(path), path.rfind(['.', '['])) {
                (Some(place), _) => break Some(place),
                (None, Some(end)) => path = &path[..end],
                (None, None) => break self.known.get(""),
            }
        };
        let (line, column) = found.copied().unwrap_or((1, 1));
        format!("{}:{line}:{column}: {problem}", self.file)
    }
}

/// A YAML node that knows where its parts are.
enum Node {
    Scalar(Value),
    List(Vec<Spanned<Node>>),
    Mapping(Vec<(Spanned<String>, Node)>),
}

impl Node {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Scalar(Value::Null))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("YAML that is JSON in other words")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut mapping = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            mapping.push(entry);
        }
        Ok(Node::Mapping(mapping))
    }
}

#[cfg(test)]
mod tests;
