//! `--input`: a request made of arguments, then plan, map and merge in this process, then a summary.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use genome_contract::message::GenomeCounts;
use genome_contract::request::{
    AnalysisId, Cache, CacheMode, GenomeSource, Method, Output, Request, Tasks, TraitSource,
};
use genome_contract::{ExitCode, Reason, SCHEMA_VERSION, Verb};
use url::Url;

use super::{Laptop, run, run::printable};
use crate::input::Stores;
use crate::memory::Limit;
use crate::progress::Progress;
use crate::telemetry;
use crate::verbs::{Ending, Session, Stop, plan};

/// Analyzes the inputs, prints what was found and where it lies.
pub(super) fn run(args: &Laptop) -> ExitCode {
    telemetry::start(args.log_format, "warn");
    run::threads(args.threads);
    let opened =
        request(args).and_then(|request| Session::open(request, Stores::default(), Progress::new(true)));
    let mut session = match opened {
        Ok(session) => Session {
            memory: Limit::of(args.memory_limit, false),
            ..session
        },
        Err(stop) => {
            eprintln!("error: {}", printable(&stop.text));
            return stop.reason.exit_code();
        }
    };
    session.settings.permutations = args.permutations;
    session.genes_table = args.genes_table;
    session.messenger.begin(Verb::Plan, None);
    let code = run::supervised(&mut session, everything);
    if code == ExitCode::Success {
        return settle(&session);
    }
    code
}

async fn everything(session: &mut Session) -> Result<Ending, Stop> {
    let (plan, _) = plan::plan(session).await?;
    session
        .messenger
        .update(|message| message.genomes.total = plan.genomes);
    let nothing = plan::Settled::default();
    plan::everything(session, &plan, &nothing)
        .await
        .map(|_| Ending::Done)
}

/// Prints the outcome. A single bad genome ends with its own code, several with 3 (some failed) or 1 (all failed).
fn settle(session: &Session) -> ExitCode {
    let message = session.messenger.message();
    let GenomeCounts {
        total,
        analyzed,
        cached,
        failed,
    } = message.genomes;
    if let Some(failure) = &message.failure {
        let genome = failure.genome.as_deref().unwrap_or_default();
        eprintln!(
            "error: genome `{}`: {}: {}",
            printable(genome),
            failure.reason,
            printable(&failure.text)
        );
    }
    if analyzed + cached > 0 {
        print!("{}", session.summary);
    }
    match (analyzed + cached, failed) {
        (_, 0) => ExitCode::Success,
        (0, 1) if total == 1 => message
            .failure
            .as_ref()
            .map_or(ExitCode::Failed, |failure| failure.reason.exit_code()),
        (0, _) => ExitCode::Failed,
        _ => ExitCode::Partial,
    }
}

fn request(args: &Laptop) -> Result<Request, Stop> {
    let genomes = args
        .input
        .iter()
        .map(|input| source(input))
        .collect::<Result<_, _>>()?;
    let method = Method {
        genetic_code: args.genetic_code,
        gene_calling: args.genes.into(),
        false_discovery_rate: args.fdr,
        min_traits: args.min_traits,
        seed: args.seed,
    };
    let output = if is_uri(&args.output) {
        args.output.clone()
    } else {
        folder_uri(Path::new(&args.output))?
    };
    Ok(Request {
        schema_version: SCHEMA_VERSION,
        analysis: owner(),
        genomes,
        traits: traits(args),
        phenotypes: phenotypes(args)?,
        method,
        // A person who names a folder twice means the newer results.
        output: Output {
            uri: output,
            overwrite: true,
            associations: args.associations.into(),
        },
        tasks: Tasks {
            target_size: u64::MAX,
            max_workers: 1,
        },
        genome_timeout_seconds: 24 * 60 * 60,
        volumes: Vec::new(),
        cache: cache(args),
        round: 0,
        attempt: None,
    })
}

/// A folder under the user's cache folder, where there is one.
fn cache(args: &Laptop) -> Cache {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    let folder = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let folder = folder
        .or_else(home)
        .map(|folder| folder.join("genomic_pleiotropy"));
    let uri = folder
        .filter(|_| !args.no_cache)
        .and_then(|folder| folder_uri(&folder).ok());
    let mode = if uri.is_some() {
        CacheMode::ReadWrite
    } else {
        CacheMode::Off
    };
    Cache {
        mode,
        uri,
        ttl_seconds: 3600,
    }
}

/// Every run has a uid of its own, so that a later one takes the folder over.
fn owner() -> AnalysisId {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    let uid = format!("{now:x}-{:x}", std::process::id());
    AnalysisId {
        cluster: "local".into(),
        namespace: String::new(),
        name: "command-line".into(),
        uid,
    }
}

fn traits(args: &Laptop) -> TraitSource {
    match &args.traits {
        _ if args.no_traits => TraitSource::None,
        name if is_uri(name) => TraitSource::Uri(name.clone()),
        name if !name.contains(['/', '.']) && !Path::new(name).exists() => TraitSource::Builtin(name.clone()),
        path => TraitSource::File(path.clone()),
    }
}

fn phenotypes(args: &Laptop) -> Result<Option<String>, Stop> {
    let table = args.phenotypes.as_deref();
    let uri = |table: &str| {
        if is_uri(table) {
            Ok(table.to_owned())
        } else {
            file_uri(table)
        }
    };
    table.map(uri).transpose()
}

fn source(input: &str) -> Result<GenomeSource, Stop> {
    let uri = match input {
        "-" => plan::STDIN.to_owned(),
        uri if is_uri(uri) => uri.to_owned(),
        path => file_uri(path)?,
    };
    Ok(GenomeSource {
        uri: Some(uri),
        list_uri: None,
        include: Vec::new(),
        exclude: Vec::new(),
    })
}

fn is_uri(text: &str) -> bool {
    text.contains("://")
}

fn file_uri(path: &str) -> Result<String, Stop> {
    let shown = path.escape_debug();
    let metadata = std::fs::metadata(path).map_err(|error| {
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => Reason::InputNotFound,
            std::io::ErrorKind::PermissionDenied => Reason::AccessDenied,
            _ => Reason::StoreUnavailable,
        };
        let problem = if reason == Reason::InputNotFound {
            "it does not exist".to_owned()
        } else {
            error.to_string()
        };
        Stop::new(reason, format!("cannot read input `{shown}`: {problem}"))
    })?;
    if metadata.is_dir() {
        return folder_uri(Path::new(path)).map(|uri| format!("{}/", uri.trim_end_matches('/')));
    }
    let absolute = absolute(Path::new(path))?;
    let url = Url::from_file_path(&absolute)
        .map_err(|()| Stop::new(Reason::BadRequest, format!("`{shown}` is no path")))?;
    Ok(url.into())
}

fn folder_uri(path: &Path) -> Result<String, Stop> {
    let absolute = absolute(path)?;
    let url = Url::from_file_path(&absolute)
        .map_err(|()| Stop::new(Reason::BadRequest, format!("`{}` is no path", path.display())))?;
    Ok(url.into())
}

fn absolute(path: &Path) -> Result<PathBuf, Stop> {
    std::path::absolute(path)
        .map_err(|error| Stop::new(Reason::BadRequest, format!("`{}`: {error}", path.display())))
}
