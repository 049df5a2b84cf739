//! Local runs with a stand-in for the analyzer: a script that ends as its task says, so that policy and messages are
//! tested without a genome. The real analyzer is in `tests/conformance`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;

/// Says what it was started with in `calls`, then does what `behave` says; `say JSON` writes the message.
fn analyzer(folder: &Path, behave: &str) -> PathBuf {
    let path = folder.join("analyzer.sh");
    let text = format!(
        "#!/bin/sh\nverb=$1; shift\nwhile [ $# -gt 0 ]; do case $1 in --request) request=$2;; --message) message=$2;; \
         --mount) mount=$2;; esac; shift; done\n\
         say() {{ printf '%-4096s' \"{{\\\"schemaVersion\\\":1,\\\"verb\\\":\\\"$verb\\\",\\\"finished\\\":true,$1}}\" > \"$message\"; }}\n\
         echo \"$verb $JOB_COMPLETION_INDEX $mount\" >> {0}/calls\ncp \"$request\" {0}/request-$verb.json\n{behave}\n",
        folder.display()
    );
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

const PLAN_OF_TWO: &str =
    r#"plan) say '"plan":{"genomes":4,"tasks":2,"chunks":2,"bases":9,"cached":0,"allDone":false}';;"#;

fn merged(analyzed: u32, failed: u32) -> String {
    format!(
        r#"merge) say '"genomes":{{"total":4,"analyzed":{analyzed},"cached":0,"failed":{failed}}},"results":{{"pleiotropicGenes":3,"detectableTraits":2,"report":"report.html"}}';;"#
    )
}

/// Runs a small manifest with `behave` as the analyzer; what came out, and the calls in order of their text.
async fn run_with(behave: &str, spec: &str) -> (Result<Outcome, Error>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let file = folder.path().join("a.yaml");
    let manifest = format!(
        "apiVersion: genomics.pleiotropy.io/v1alpha1\nkind: GenomeAnalysis\nmetadata: {{name: demo}}\nspec:\n  \
         genomes: [{{uri: 'file:///data/genomes/'}}]\n  output: {{uri: 'file:///data/results/'}}\n  \
         storage: {{volumes: [{{claim: genomes, mountPath: /data}}]}}\n{spec}"
    );
    std::fs::write(&file, manifest).unwrap();
    let options = Options {
        file,
        mounts: vec![("genomes".into(), data)],
        analyzer: Some(analyzer(folder.path(), &format!("case $verb in {behave} esac"))),
        cache: None,
    };
    let (_sender, stop) = Stop::by_hand();
    let outcome = run(&options, stop).await;
    let calls = std::fs::read_to_string(folder.path().join("calls")).unwrap_or_default();
    let mut calls: Vec<String> = calls
        .lines()
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    calls.sort();
    (outcome, calls)
}

#[tokio::test]
async fn plan_map_and_merge_run_once_each() {
    let behave = format!("{PLAN_OF_TWO} map) exit 0;; {}", merged(4, 0));
    let (outcome, calls) = run_with(&behave, "").await;
    assert_eq!(outcome.unwrap(), Outcome::Done);
    assert_eq!(calls, ["map 0", "map 1", "merge 0", "plan 0"]);
}

#[tokio::test]
async fn a_plan_that_did_everything_is_enough() {
    let behave = r#"plan) say '"genomes":{"total":1,"analyzed":1,"cached":0,"failed":0},"plan":{"genomes":1,"tasks":1,"chunks":1,"bases":9,"cached":0,"allDone":true}';;"#;
    let (outcome, calls) = run_with(behave, "").await;
    assert_eq!(outcome.unwrap(), Outcome::Done);
    assert_eq!(calls, ["plan 0"]);
}

#[tokio::test]
async fn a_transient_fault_is_tried_again_as_index_0_of_a_retry() {
    let once = r#"map) if [ $JOB_COMPLETION_INDEX = 1 ]; then exit 75; fi;;"#;
    let (outcome, calls) = run_with(&format!("{PLAN_OF_TWO} {once} {}", merged(4, 0)), "").await;
    assert_eq!(outcome.unwrap(), Outcome::Done);
    assert_eq!(calls, ["map 0", "map 0", "map 1", "merge 0", "plan 0"]);
}

#[tokio::test]
async fn bad_genomes_make_the_outcome_partial_and_none_at_all_a_failure() {
    let behave = |analyzed, failed| format!("{PLAN_OF_TWO} map) exit 65;; {}", merged(analyzed, failed));
    assert_eq!(run_with(&behave(3, 1), "").await.0.unwrap(), Outcome::Partly);
    assert_eq!(run_with(&behave(0, 4), "").await.0.unwrap(), Outcome::Failed);
    let limit = "  retries: {maxFailedGenomes: 0}\n";
    assert_eq!(run_with(&behave(3, 1), limit).await.0.unwrap(), Outcome::Failed);
}

#[tokio::test]
async fn what_nothing_can_mend_stops_the_run_with_the_processes_words() {
    let behave = |code| {
        format!(
            r#"{PLAN_OF_TWO} map) say '"failure":{{"reason":"OutputConflict","text":"taken"}}'; exit {code};;"#
        )
    };
    let (outcome, _) = run_with(&behave(73), "").await;
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.exit_code()),
        ("map stopped with exit code 73: OutputConflict: taken", 1)
    );
    assert_eq!(run_with(&behave(64), "").await.0.unwrap_err().exit_code(), 64);
}

#[tokio::test]
async fn a_total_time_out_ends_the_run() {
    let (outcome, _) = run_with("plan) sleep 20;;", "  timeouts: {total: 1s}\n").await;
    assert!(matches!(outcome.unwrap_err(), Error::TimedOut(_)));
}

#[tokio::test]
async fn a_wish_to_stop_reaches_the_children() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.yaml");
    std::fs::write(&file, include_str!("../../examples/quickstart.yaml")).unwrap();
    let behave = format!(
        "trap 'echo stopped >> {}/calls; exit 75' TERM; sleep 30 & wait",
        folder.path().display()
    );
    let analyzer = Some(analyzer(folder.path(), &behave));
    let options = Options {
        file,
        mounts: vec![("genomes".into(), folder.path().into())],
        analyzer,
        cache: None,
    };
    let (sender, stop) = Stop::by_hand();
    let asking = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        sender.send(true).unwrap();
    };
    let (outcome, ()) = tokio::join!(run(&options, stop), asking);
    assert_eq!(outcome.unwrap(), Outcome::Interrupted);
    let calls = std::fs::read_to_string(folder.path().join("calls")).unwrap();
    assert!(calls.ends_with("stopped\n"), "{calls}");
}

#[test]
fn a_panel_comes_from_a_further_document() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.yaml");
    let text = include_str!("../../examples/own-traits.yaml");
    std::fs::write(&file, text).unwrap();
    let mounts = vec![
        ("genomes".into(), folder.path().into()),
        ("results".into(), folder.path().into()),
    ];
    let options = Options {
        file: file.clone(),
        mounts,
        analyzer: None,
        cache: None,
    };
    let prepared = prepare(&options).unwrap();
    let TraitSource::File(panel) = &prepared.request.traits else {
        panic!("{:?}", prepared.request.traits)
    };
    assert!(std::fs::read_to_string(panel).unwrap().contains("motility"));
    std::fs::write(&file, text.replace("key: traits.json", "key: other.json")).unwrap();
    let error = prepare(&options).err().unwrap();
    assert!(
        error
            .to_string()
            .contains("ConfigMap `my-traits` has no key `other.json`"),
        "{error}"
    );
}
