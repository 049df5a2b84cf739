//! The trait panel: JSON `{"traits": [{"name", "description", "associated_genes", "known_sequences"}]}` or a bare list.

use serde_json::{Map, Value};

/// The panels that ship with the analyzer.
const BUILTIN: [(&str, &str); 1] = [("bacteria", include_str!("../../panels/bacteria.json"))];

/// A trait and what is known of its genes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trait {
    /// Unique in the panel.
    pub name: String,
    /// In words.
    pub description: String,
    /// Gene names, synonyms or locus tags, compared without regard to case.
    pub associated_genes: Vec<String>,
    /// Protein sequences that find the genes where names do not.
    pub known_sequences: Vec<String>,
}

/// The traits of an analysis, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Panel(Vec<Trait>);

/// Why a panel is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PanelError {
    /// Not JSON.
    #[error("line {line}, column {column}: not JSON: {problem}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the parser says.
        problem: String,
    },
    /// JSON of another shape.
    #[error(
        "{0}: expected {1}, found {2}; hint: a panel is `{{\"traits\": [{{\"name\", \"associated_genes\"}}]}}`"
    )]
    Shape(String, &'static str, &'static str),
    /// A field that must be there.
    #[error("{0}: `{1}` is missing")]
    Missing(String, &'static str),
    /// A trait without a gene and without a sequence.
    #[error("{0}: neither `associated_genes` nor `known_sequences` lists anything")]
    Empty(String),
    /// Two traits of one name.
    #[error("{0}: the name `{1}` is already taken by an earlier trait")]
    Duplicate(String, String),
    /// No panel of that name ships with the analyzer.
    #[error("no built-in panel `{0}`; hint: there is `bacteria`")]
    Unknown(String),
}

impl Panel {
    /// The panel in `json`.
    ///
    /// ```
    /// use genomic_pleiotropy::traits::Panel;
    ///
    /// let panel = Panel::parse(br#"[{"name": "motility", "associated_genes": ["fliC", "cheY"]}]"#).unwrap();
    /// assert_eq!(panel.traits()[0].name, "motility");
    /// let error = Panel::parse(br#"{"traits": [{"name": "motility", "associated_genes": 7}]}"#).unwrap_err();
    /// assert!(error.to_string().starts_with("trait 1 (`motility`), `associated_genes`: expected a list of strings"));
    /// ```
    pub fn parse(json: &[u8]) -> Result<Self, PanelError> {
        let value: Value = serde_json::from_slice(json).map_err(|error| PanelError::Syntax {
            line: error.line(),
            column: error.column(),
            problem: without_position(&error.to_string()),
        })?;
        let traits = match &value {
            Value::Object(fields) => fields
                .get("traits")
                .ok_or_else(|| PanelError::Missing("the panel".into(), "traits"))?,
            bare => bare,
        };
        let traits = traits
            .as_array()
            .ok_or_else(|| shape("`traits`", "a list of traits", traits))?;
        let mut panel = Vec::with_capacity(traits.len());
        for (index, value) in traits.iter().enumerate() {
            let parsed = parse_trait(value, index + 1)?;
            if panel.iter().any(|earlier: &Trait| earlier.name == parsed.name) {
                return Err(PanelError::Duplicate(format!("trait {}", index + 1), parsed.name));
            }
            panel.push(parsed);
        }
        Ok(Self(panel))
    }

    /// A panel that ships with the analyzer.
    ///
    /// ```
    /// use genomic_pleiotropy::traits::Panel;
    ///
    /// assert!(Panel::builtin("bacteria").unwrap().traits().iter().all(|set| set.associated_genes.len() >= 8));
    /// assert!(Panel::builtin("archaea").is_err());
    /// ```
    pub fn builtin(name: &str) -> Result<Self, PanelError> {
        let (_, json) = BUILTIN
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| PanelError::Unknown(name.into()))?;
        Self::parse(json.as_bytes())
    }

    /// The traits, in the order of the file; none for an analysis of indices only.
    pub fn traits(&self) -> &[Trait] {
        &self.0
    }

    /// Whether readers must keep protein sequences for this panel.
    pub fn needs_proteins(&self) -> bool {
        self.0.iter().any(|set| !set.known_sequences.is_empty())
    }
}

impl From<Vec<Trait>> for Panel {
    fn from(traits: Vec<Trait>) -> Self {
        Self(traits)
    }
}

fn parse_trait(value: &Value, number: usize) -> Result<Trait, PanelError> {
    let place = format!("trait {number}");
    let fields = value
        .as_object()
        .ok_or_else(|| shape(&place, "an object", value))?;
    let name = text(fields, "name", &place)?.ok_or_else(|| PanelError::Missing(place.clone(), "name"))?;
    let place = format!("{place} (`{name}`)");
    let parsed = Trait {
        description: text(fields, "description", &place)?.unwrap_or_default(),
        associated_genes: texts(fields, "associated_genes", &place)?,
        known_sequences: texts(fields, "known_sequences", &place)?,
        name,
    };
    if parsed.associated_genes.is_empty() && parsed.known_sequences.is_empty() {
        return Err(PanelError::Empty(place));
    }
    Ok(parsed)
}

fn text(fields: &Map<String, Value>, key: &'static str, place: &str) -> Result<Option<String>, PanelError> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if key != "name" || !text.trim().is_empty() => Ok(Some(text.clone())),
        Some(Value::String(_)) => Err(PanelError::Shape(
            format!("{place}, `{key}`"),
            "a text",
            "an empty text",
        )),
        Some(other) => Err(shape(&format!("{place}, `{key}`"), "a text", other)),
    }
}

fn texts(fields: &Map<String, Value>, key: &'static str, place: &str) -> Result<Vec<String>, PanelError> {
    let list = match fields.get(key) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(value) => value.as_array().and_then(|list| {
            list.iter()
                .map(|item| item.as_str().map(|text| text.trim().to_owned()))
                .collect::<Option<Vec<_>>>()
        }),
    };
    let wrong = || shape(&format!("{place}, `{key}`"), "a list of strings", &fields[key]);
    let mut list = list.ok_or_else(wrong)?;
    list.retain(|text| !text.is_empty());
    Ok(list)
}

fn shape(place: &str, expected: &'static str, found: &Value) -> PanelError {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list with something else in it",
        Value::Object(_) => "an object",
    };
    PanelError::Shape(place.to_owned(), expected, found)
}

fn without_position(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(json: &str) -> String {
        Panel::parse(json.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_broken_panel_is_refused_with_its_place() {
        assert!(
            error("{\n\"traits\": [").starts_with("line 2, column"),
            "{}",
            error("{\n\"traits\": [")
        );
        assert!(error("{}").contains("`traits` is missing"));
        assert!(error("7").starts_with("`traits`: expected a list of traits, found a number"));
        assert_eq!(
            error(r#"[{"associated_genes": ["a"]}]"#),
            "trait 1: `name` is missing"
        );
        assert!(error(r#"[{"name": " ", "associated_genes": ["a"]}]"#).contains("found an empty text"));
        assert!(error(r#"[{"name": "x", "associated_genes": []}]"#).starts_with("trait 1 (`x`): neither"));
        let twice = r#"[{"name": "x", "associated_genes": ["a"]}, {"name": "x", "associated_genes": ["b"]}]"#;
        assert_eq!(
            error(twice),
            "trait 2: the name `x` is already taken by an earlier trait"
        );
    }

    #[test]
    fn the_builtin_panel_has_ten_sets_of_eight_genes_or_more() {
        let panel = Panel::builtin("bacteria").unwrap();
        assert!(panel.traits().len() >= 10);
        for set in panel.traits() {
            let mut names: Vec<_> = set
                .associated_genes
                .iter()
                .map(|name| name.to_lowercase())
                .collect();
            names.sort();
            names.dedup();
            assert_eq!(
                names.len(),
                set.associated_genes.len(),
                "{} lists a gene twice",
                set.name
            );
            assert!(names.len() >= 8, "{}", set.name);
        }
    }
}
