//! Completion of `kubectl genome …`: kubectl starts `kubectl_complete-genome` with the words typed so far, and reads one
//! candidate a line, then a line `:DIRECTIVE`. That program is this one under another name (a link).

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use clap::{Arg, Command, CommandFactory};
use kube::ResourceExt;
use kube::api::ListParams;

use super::arguments::{Arguments, Connection};
use super::cluster::Cluster;

/// The name that kubectl looks for.
const NAME: &str = "kubectl_complete-genome";
/// kubectl's directives: complete file names, or not.
const FILES: &str = ":0\n";
const NO_FILES: &str = ":4\n";
/// Somebody has pressed a key and waits.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether this program was started to complete.
pub(super) fn is_asked(program: &OsStr) -> bool {
    Path::new(program).file_name() == Some(OsStr::new(NAME))
}

/// What may stand where the last of `words` stands.
pub(super) async fn answer(words: &[String]) -> String {
    let (candidates, directive) = match candidates(words) {
        Candidates::Words(words) => (words, NO_FILES),
        Candidates::Files => (Vec::new(), FILES),
        Candidates::Analyses(connection) => (names(&connection).await, NO_FILES),
    };
    let typed = words.last().map_or("", String::as_str);
    let fitting = candidates.iter().filter(|candidate| candidate.starts_with(typed));
    fitting
        .map(|candidate| format!("{candidate}\n"))
        .chain([directive.to_owned()])
        .collect()
}

enum Candidates {
    Words(Vec<String>),
    Files,
    Analyses(Connection),
}

fn candidates(words: &[String]) -> Candidates {
    let command = Arguments::command();
    let typed = words.last().map_or("", String::as_str);
    let before = &words[..words.len().saturating_sub(1)];
    let (mut sub, mut connection, mut wanted) = (None::<&Command>, Connection::default(), None::<&Arg>);
    for word in before {
        if let Some(flag) = wanted.take() {
            match flag.get_id().as_str() {
                "namespace" => connection.namespace = Some(word.clone()),
                "context" => connection.context = Some(word.clone()),
                _ => {}
            }
        } else if word.starts_with('-') {
            wanted = flag(&command, sub, word).filter(|flag| flag.get_action().takes_values());
        } else if sub.is_none() {
            sub = command.find_subcommand(word);
        }
    }
    if let Some(flag) = wanted {
        return values(flag);
    }
    let Some(sub) = sub else {
        return Candidates::Words(
            command
                .get_subcommands()
                .map(|sub| sub.get_name().to_owned())
                .collect(),
        );
    };
    if typed.starts_with('-') {
        let flags = sub.get_arguments().chain(command.get_arguments());
        return Candidates::Words(
            flags
                .filter_map(Arg::get_long)
                .map(|long| format!("--{long}"))
                .collect(),
        );
    }
    match sub.get_positionals().next() {
        Some(argument) if argument.get_id() == "shell" => values(argument),
        Some(_) => Candidates::Analyses(connection),
        None => Candidates::Words(Vec::new()),
    }
}

fn flag<'a>(command: &'a Command, sub: Option<&'a Command>, word: &str) -> Option<&'a Arg> {
    let known = sub
        .into_iter()
        .flat_map(Command::get_arguments)
        .chain(command.get_arguments());
    let matches = |flag: &&Arg| match word.strip_prefix("--") {
        Some(long) => flag.get_long() == Some(long),
        None => word
            .strip_prefix('-')
            .is_some_and(|short| flag.get_short().map(String::from).as_deref() == Some(short)),
    };
    known.into_iter().find(matches)
}

fn values(argument: &Arg) -> Candidates {
    let possible: Vec<String> = argument
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    match argument.get_id().as_str() {
        _ if !possible.is_empty() => Candidates::Words(possible),
        "file" | "results" | "analyzer" | "mount" => Candidates::Files,
        _ => Candidates::Words(Vec::new()),
    }
}

/// The analyses of the namespace; none where the cluster does not answer at once.
async fn names(connection: &Connection) -> Vec<String> {
    let listing = async {
        let cluster = Cluster::connect(connection, None).await.ok()?;
        cluster.analyses().list(&ListParams::default()).await.ok()
    };
    let found = tokio::time::timeout(PATIENCE, listing).await.ok().flatten();
    found.iter().flatten().map(ResourceExt::name_any).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(typed: &[&str]) -> Vec<String> {
        let typed: Vec<String> = typed.iter().map(|word| (*word).to_owned()).collect();
        match candidates(&typed) {
            Candidates::Words(words) => words,
            Candidates::Files => vec!["FILES".to_owned()],
            Candidates::Analyses(Connection { namespace, .. }) => {
                vec![format!("ANALYSES of {}", namespace.unwrap_or_default())]
            }
        }
    }

    #[test]
    fn subcommands_flags_values_files_and_analyses_are_told_apart() {
        assert!(words(&["st"]).contains(&"status".to_owned()));
        assert!(words(&["run", "--"]).contains(&"--watch".to_owned()));
        assert!(words(&["run", "--"]).contains(&"--namespace".to_owned()));
        assert_eq!(words(&["run", "-f", ""]), ["FILES"]);
        assert_eq!(words(&["status", "demo", "-o", ""]), ["json", "yaml"]);
        assert_eq!(words(&["-n", "lab", "status", ""]), ["ANALYSES of lab"]);
        assert_eq!(words(&["logs", "--failed", ""]), ["ANALYSES of "]);
        assert!(words(&["completion", ""]).contains(&"zsh".to_owned()));
    }

    #[tokio::test]
    async fn the_answer_is_in_kubectls_words() {
        assert_eq!(answer(&["canc".to_owned()]).await, "cancel\n:4\n");
        assert_eq!(
            answer(&["validate".to_owned(), "-f".to_owned(), String::new()]).await,
            ":0\n"
        );
        assert!(is_asked(OsStr::new("/usr/local/bin/kubectl_complete-genome")));
        assert!(!is_asked(OsStr::new("kubectl-genome")));
    }
}
