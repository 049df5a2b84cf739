//! The rules, as the real Prometheus reads them.

use crate::chart::{folder, program, run};

fn promtool(arguments: &[&str]) {
    let mut command = program("PROMTOOL", "promtool");
    let (passed, text) = run(command.args(arguments).current_dir(folder()));
    assert!(passed, "{text}");
}

#[test]
#[ignore = "needs promtool"]
fn prometheus_accepts_the_rules() {
    promtool(&[
        "check",
        "rules",
        "--lint=all",
        "--lint-fatal",
        "alerts/genome-operator.rules.yaml",
    ]);
}

#[test]
#[ignore = "needs promtool"]
fn each_alert_fires_for_its_fault_and_for_no_other() {
    promtool(&["test", "rules", "tests/rules_test.yaml"]);
}
