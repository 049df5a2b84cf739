//! The trait panel: fetched by the plan, copied to the output, read from there by everybody else.

use bytes::Bytes;
use genome_contract::request::TraitSource;
use genome_contract::{Reason, names};

use super::{Session, Stop};
use crate::traits::Panel;

/// The bytes that become `traits.json`, and the panel in them.
pub(crate) async fn fetch(session: &Session) -> Result<(Bytes, Panel), Stop> {
    let (what, bytes) = match &session.request.traits {
        TraitSource::None => ("no traits".to_owned(), Bytes::from_static(b"{\"traits\": []}\n")),
        TraitSource::Builtin(name) => {
            let panel =
                Panel::builtin(name).map_err(|error| Stop::new(Reason::BadRequest, error.to_string()))?;
            (format!("built-in panel `{name}`"), to_json(&panel).into())
        }
        TraitSource::File(path) => {
            let bytes = std::fs::read(path).map_err(|error| {
                Stop::new(
                    Reason::BadRequest,
                    format!("cannot read trait panel `{path}`: {error}"),
                )
            })?;
            (format!("trait panel `{path}`"), bytes.into())
        }
        TraitSource::Uri(uri) => (format!("trait panel `{uri}`"), read(session, uri).await?),
    };
    let panel = parse(&what, &bytes)?;
    Ok((bytes, panel))
}

pub(super) async fn read(session: &Session, uri: &str) -> Result<Bytes, Stop> {
    let read = session.stores.read_all(uri).await;
    read.map_err(|error| Stop::input(uri, &error))
}

/// The panel in `traits.json`.
pub(crate) async fn copied(session: &Session) -> Result<Panel, Stop> {
    let found = session.output.get(names::TRAITS).await?;
    let (bytes, _) = found.ok_or_else(|| Stop::internal(format!("`{}` is missing", names::TRAITS)))?;
    parse(names::TRAITS, &bytes)
}

fn parse(what: &str, bytes: &[u8]) -> Result<Panel, Stop> {
    Panel::parse(bytes).map_err(|error| Stop::new(Reason::BadRequest, format!("{what}: {error}")))
}

/// The panel as a file.
fn to_json(panel: &Panel) -> Vec<u8> {
    let set = |set: &crate::traits::Trait| {
        serde_json::json!({
            "name": set.name,
            "description": set.description,
            "associated_genes": set.associated_genes,
            "known_sequences": set.known_sequences,
        })
    };
    let traits: Vec<_> = panel.traits().iter().map(set).collect();
    let mut json = serde_json::to_vec_pretty(&serde_json::json!({ "traits": traits })).unwrap_or_default();
    json.push(b'\n');
    json
}
