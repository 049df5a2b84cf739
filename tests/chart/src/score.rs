//! kube-score over everything the chart can render.

use std::env;
use std::fs;

use crate::chart::{program, run, template};

/// What we leave, with the reason.
const IGNORED: [(&str, &str); 4] = [
    (
        "container-image-pull-policy",
        "a tag is never moved; Always would need the registry to start",
    ),
    (
        "deployment-has-poddisruptionbudget",
        "one replica: a budget would only block draining its node",
    ),
    ("deployment-has-host-podantiaffinity", "one replica"),
    (
        "deployment-replicas",
        "one replica works; a second waits for the lease",
    ),
];

#[test]
#[ignore = "needs helm and kube-score"]
fn kube_score_finds_nothing_critical() {
    let (rendered, text) = template(&["--api-versions", "monitoring.coreos.com/v1"]);
    assert!(rendered, "{text}");
    let file = env::temp_dir().join(format!("genome-operator-chart-{}.yaml", std::process::id()));
    fs::write(&file, text).unwrap();
    let mut command = program("KUBE_SCORE", "kube-score");
    command.args([
        "score",
        "--output-format",
        "ci",
        "--enable-optional-test",
        "container-seccomp-profile",
    ]);
    for (test, _reason) in IGNORED {
        command.args(["--ignore-test", test]);
    }
    let (passed, text) = run(command.arg(&file));
    fs::remove_file(&file).unwrap();
    let findings: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("[OK]") && !line.starts_with("[SKIPPED]"))
        .collect();
    assert!(passed && findings.is_empty(), "{}", findings.join("\n"));
}
