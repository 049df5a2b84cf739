//! The conformance suite with the local executor. The cluster's runs the same folders in `tests/cluster`.

use std::fs;
use std::path::Path;

use crate::support::conformance::{Executor, cases, compared};
use crate::support::golden::assert_golden;
use crate::support::programs::{analyzer, plugin, repository};

/// `kubectl genome run --local`.
struct Local;

impl Executor for Local {
    fn run(&self, manifest: &Path, data: &Path) -> i32 {
        let mut command = plugin(data);
        command.args(["run", "--local", "-f"]).arg(manifest);
        command.arg("--mount").arg(format!("data={}", data.display()));
        let output = command.output().unwrap();
        output
            .status
            .code()
            .unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    }
}

#[test]
fn each_case_ends_locally_as_expected_and_a_second_run_changes_nothing() {
    let cases = cases(&repository().join("tests/conformance"));
    assert!(cases.len() >= 6);
    for case in cases {
        let data = tempfile::tempdir().unwrap();
        case.prepare(&analyzer(), data.path());
        let code = Local.run(&case.manifest(), data.path());
        assert_golden(&case.expected_file(), &case.outcome(code, data.path()));
        let once = compared(data.path());
        assert_eq!(Local.run(&case.manifest(), data.path()), code, "{}", case.name);
        assert_eq!(compared(data.path()), once, "{}", case.name);
    }
}

#[test]
fn a_result_whose_file_was_changed_is_not_taken_for_good() {
    let cases = cases(&repository().join("tests/conformance"));
    let case = cases.iter().find(|case| case.name == "one-genome").unwrap();
    let data = tempfile::tempdir().unwrap();
    case.prepare(&analyzer(), data.path());
    let code = Local.run(&case.manifest(), data.path());
    fs::write(data.path().join("results/report.html"), "nothing").unwrap();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case.outcome(code, data.path())));
    assert!(outcome.is_err());
}
