//! What an analysis found, and where it is.

use std::process::{Command, Stdio};

use super::arguments::{Connection, Results};
use super::cluster::Cluster;
use super::{Error, format};

pub(super) async fn show(connection: &Connection, arguments: &Results) -> Result<(), Error> {
    let Results { name, open, output } = arguments;
    let cluster = Cluster::connect(connection, None).await?;
    let status = cluster.get(name).await?.status.unwrap_or_default();
    let Some(results) = status.results else {
        let phase = status
            .phase
            .map_or_else(|| "not begun".to_owned(), |phase| phase.to_string());
        let text = format!("`{name}` has no results: it is {phase}; hint: `kubectl genome status {name}`");
        return Err(Error::NotThere(text));
    };
    if let Some(format) = output.format {
        return format::print(&results, format);
    }
    let report = results
        .report
        .as_deref()
        .map(|report| format!("{}{report}", results.uri));
    if let Some(genomes) = status.genomes {
        let done = genomes.analyzed + genomes.cached;
        println!(
            "genomes  {done} of {} with results, {} failed",
            genomes.total, genomes.failed
        );
    }
    if let Some(traits) = results.detectable_traits {
        println!("traits   {traits} with a detectable signature");
    }
    if let Some(genes) = results.pleiotropic_genes {
        println!("genes    {genes} candidates for pleiotropy");
    }
    println!("output   {}", results.uri);
    if let Some(report) = &report {
        println!("report   {report}");
    }
    if let Some(command) = copy(&results.uri) {
        println!("copy     {command}");
    }
    match report {
        Some(report) if *open => open_report(&report),
        _ => Ok(()),
    }
}

/// The store's own tool, which has the caller's own rights.
fn copy(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    match scheme {
        "s3" => Some(format!("aws s3 cp --recursive {uri} results/")),
        "gs" => Some(format!("gcloud storage cp --recursive {uri} results/")),
        "az" => {
            let container = rest.split('/').next()?;
            Some(format!(
                "az storage blob download-batch --source {container} --destination results/"
            ))
        }
        _ => None,
    }
}

/// The command that copies one object of a store to a file.
fn fetching(uri: &str, file: &str) -> Option<Vec<String>> {
    let (scheme, rest) = uri.split_once("://")?;
    let words: Vec<&str> = match scheme {
        "s3" => vec!["aws", "s3", "cp", uri, file],
        "gs" => vec!["gcloud", "storage", "cp", uri, file],
        "az" => {
            let (container, name) = rest.split_once('/')?;
            vec![
                "az",
                "storage",
                "blob",
                "download",
                "--container-name",
                container,
                "--name",
                name,
                "--file",
                file,
            ]
        }
        _ => return None,
    };
    Some(words.into_iter().map(str::to_owned).collect())
}

/// Fetches the report into a file of its own, which stays for the browser.
fn open_report(uri: &str) -> Result<(), Error> {
    let file = std::env::temp_dir().join(format!("genome-report-{}.html", std::process::id()));
    let Some(words) = fetching(uri, &file.display().to_string()) else {
        let text = format!(
            "`{uri}` lies on a claim of the cluster, which only pods reach; hint: mount the claim elsewhere"
        );
        return Err(Error::NotThere(text));
    };
    run(&words)?;
    let program = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    run(&[program.to_owned(), file.display().to_string()])
}

fn run(words: &[String]) -> Result<(), Error> {
    let ended = Command::new(&words[0])
        .args(&words[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Error::NotThere(format!(
            "`{}` ended with {status}",
            words.join(" ")
        ))),
        Err(error) => Err(Error::NotThere(format!("starting `{}`: {error}", words[0]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stores_own_tool_fetches_the_report() {
        let words = fetching("s3://b/r/report.html", "/tmp/x.html").unwrap();
        assert_eq!(words.join(" "), "aws s3 cp s3://b/r/report.html /tmp/x.html");
        let words = fetching("az://box/r/report.html", "/tmp/x.html").unwrap();
        assert!(
            words
                .join(" ")
                .contains("--container-name box --name r/report.html"),
            "{words:?}"
        );
        assert_eq!(fetching("file:///results/report.html", "/tmp/x.html"), None);
    }
}
