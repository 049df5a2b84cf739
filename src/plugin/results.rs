//! What an analysis found, and where it is.

use std::process::{Command, Stdio};

use super::Error;
use super::arguments::{Connection, Format};
use super::cluster::Cluster;
use super::format;

pub(super) async fn show(
    connection: &Connection,
    name: &str,
    open: bool,
    output: Option<Format>,
) -> Result<(), Error> {
    let cluster = Cluster::connect(connection, None).await?;
    let status = cluster.get(name).await?.status.unwrap_or_default();
    let Some(results) = status.results else {
        let phase = status
            .phase
            .map_or_else(|| "not begun".to_owned(), |phase| phase.to_string());
        return Err(Error::NotThere(format!(
            "`{name}` has no results yet: it is {phase}"
        )));
    };
    if let Some(format) = output {
        return format::print(&results, format);
    }
    let report = results
        .report
        .as_deref()
        .map(|report| format!("{}{report}", results.uri));
    println!("output  {}", results.uri);
    println!("report  {}", report.as_deref().unwrap_or("none"));
    if let Some(traits) = results.detectable_traits {
        println!("traits  {traits} with a detectable signature");
    }
    if let Some(genes) = results.pleiotropic_genes {
        println!("genes   {genes} candidates for pleiotropy");
    }
    match report {
        Some(report) if open => open_in_browser(&report),
        _ => Ok(()),
    }
}

/// Only what a browser can reach: an object store's address is none, and a claim's path is another machine's.
fn open_in_browser(uri: &str) -> Result<(), Error> {
    if !uri.starts_with("https://") && !uri.starts_with("http://") {
        let text =
            format!("`{uri}` can't be opened from here; hint: copy it with the store's own tool first");
        return Err(Error::NotThere(text));
    }
    let program = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let started = Command::new(program)
        .arg(uri)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    match started {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Error::NotThere(format!("`{program}` could not open `{uri}`"))),
    }
}
