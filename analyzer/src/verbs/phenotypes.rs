//! The phenotype table: fetched and checked by the plan, copied to the output, read from there by the merge.

use bytes::Bytes;
use genome_contract::{Reason, names};

use super::{Session, Stop, panel};
use crate::cohort::phenotypes::Phenotypes;

/// The bytes that become `phenotypes.tsv`, where the request names a table.
pub(crate) async fn fetch(session: &Session) -> Result<Option<Bytes>, Stop> {
    let Some(uri) = &session.request.phenotypes else {
        return Ok(None);
    };
    let bytes = panel::read(session, uri).await?;
    parse(uri, &bytes)?;
    Ok(Some(bytes))
}

/// The table in `phenotypes.tsv`, where the request names one.
pub(crate) async fn copied(session: &Session) -> Result<Option<Phenotypes>, Stop> {
    if session.request.phenotypes.is_none() {
        return Ok(None);
    }
    let found = session.output.get(names::PHENOTYPES).await?;
    let (bytes, _) = found.ok_or_else(|| Stop::internal(format!("`{}` is missing", names::PHENOTYPES)))?;
    parse(names::PHENOTYPES, &bytes).map(Some)
}

fn parse(what: &str, bytes: &[u8]) -> Result<Phenotypes, Stop> {
    let problem = |error| Stop::new(Reason::BadRequest, format!("phenotype table `{what}`: {error}"));
    Phenotypes::parse(bytes).map_err(problem)
}
