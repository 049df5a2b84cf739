//! The definition in the real API server: it fits the CEL budget, fills in defaults, refuses mistakes at admission with the
//! field's path, keeps what must not change, and shows what `kubectl get` and `kubectl explain` should.

use std::fs;

use cluster_tests::{Cluster, Level, eventually, in_namespace};
use serde_json::{Value, json};

use crate::support::{analysis, install_definition, kubectl, refusal, repository, try_kubectl};

#[tokio::test]
#[ignore = "needs the programs of a control plane"]
async fn a_small_manifest_is_filled_in_with_the_defaults() {
    let cluster = Cluster::shared(Level::ControlPlane);
    install_definition(cluster);
    in_namespace(cluster, async |_, namespace| {
        kubectl(
            cluster,
            &namespace,
            &["apply", "-f", &analysis(&namespace, "small", &json!({}))],
        );

        let text = kubectl(cluster, &namespace, &["get", "ga", "small", "-o", "json"]);
        let spec = serde_json::from_str::<Value>(&text).unwrap()["spec"].take();
        assert_eq!(spec["traits"], json!({"builtin": "bacteria"}));
        assert_eq!(spec["resources"]["memory"], "512Mi");
        assert_eq!(spec["scaling"], json!({"minWorkers": 1, "maxWorkers": 10}));
        assert_eq!(spec["retries"]["perTask"], 3);
        assert_eq!(spec["method"]["falseDiscoveryRate"], 0.05);
    })
    .await;
}

#[tokio::test]
#[ignore = "needs the programs of a control plane"]
async fn mistakes_are_refused_at_admission_with_their_fields() {
    let cluster = Cluster::shared(Level::ControlPlane);
    install_definition(cluster);
    in_namespace(cluster, async |_, namespace| {
        let three = json!({
            "genomes": [{"include": ["*.gb"]}], "scaling": {"minWorkers": 5, "maxWorkers": 2}, "resources": {"memory": "lots"},
        });
        let said = refusal(cluster, &namespace, &analysis(&namespace, "three", &three));
        for field in ["spec.genomes[0]", "spec.scaling", "spec.resources.memory"] {
            assert!(said.contains(field), "`{field}` is named in:\n{said}");
        }
        for (mistake, field) in [
            (json!({"genomes": []}), "spec.genomes"),
            (json!({"method": {"geneticCode": 7}}), "spec.method.geneticCode"),
            (json!({"method": {"falseDiscoveryRate": 1.5}}), "spec.method.falseDiscoveryRate"),
            (json!({"timeouts": {"genome": "soon"}}), "spec.timeouts.genome"),
            (json!({"podTemplate": {}}), "podTemplate"),
            (json!({"scheduling": {"hostNetwork": true}}), "hostNetwork"),
        ] {
            let said = refusal(cluster, &namespace, &analysis(&namespace, "one", &mistake));
            assert!(said.contains(field), "`{field}` is named in:\n{said}");
        }
        assert_eq!(kubectl(cluster, &namespace, &["get", "ga", "-o", "name"]), "");
    })
    .await;
}

#[tokio::test]
#[ignore = "needs the programs of a control plane"]
async fn what_may_not_change_is_kept_and_what_may_is_changed() {
    let cluster = Cluster::shared(Level::ControlPlane);
    install_definition(cluster);
    in_namespace(cluster, async |_, namespace| {
        kubectl(
            cluster,
            &namespace,
            &["apply", "-f", &analysis(&namespace, "kept", &json!({}))],
        );
        let patch = |change: &Value| {
            let change = change.to_string();
            try_kubectl(
                cluster,
                &namespace,
                &["patch", "ga", "kept", "--type", "merge", "--patch", &change],
            )
        };
        for (change, field) in [
            (json!({"genomes": [{"uri": "s3://other/"}]}), "genomes"),
            (json!({"output": {"uri": "s3://other/"}}), "output"),
            (
                json!({"phenotypes": {"uri": "s3://genomes/phenotypes.tsv"}}),
                "phenotypes",
            ),
            (json!({"resources": {"memory": "1Gi"}}), "resources"),
            (json!({"method": {"seed": 3}}), "method"),
            (json!({"tasks": {"targetSize": "1Gi"}}), "tasks"),
            (json!({"cache": {"mode": "Off"}}), "cache"),
            (json!({"scheduling": {"spot": true}}), "scheduling"),
        ] {
            let said = patch(&json!({"spec": change})).expect_err("a field that may not change");
            let expected = format!("`{field}` can't change. Delete this GenomeAnalysis");
            assert!(said.contains(&expected), "{said}");
        }
        for change in [
            json!({"scaling": {"maxWorkers": 20, "finishWithin": "1h"}}),
            json!({"retries": {"perTask": 5}}),
            json!({"timeouts": {"total": "2h"}}),
            json!({"alerts": {"duration": "10m", "memory": "1G"}}),
            json!({"suspend": true, "ttlSecondsAfterFinished": 60}),
            json!({"cancel": true}),
        ] {
            patch(&json!({"spec": change})).unwrap();
        }
        let said = patch(&json!({"spec": {"cancel": false}})).expect_err("a cancelled analysis stays so");
        assert!(
            said.contains("a cancelled analysis can't be taken up again"),
            "{said}"
        );
    })
    .await;
}

#[tokio::test]
#[ignore = "needs the programs of a control plane"]
async fn people_find_their_way_with_kubectl_alone() {
    let cluster = Cluster::shared(Level::ControlPlane);
    install_definition(cluster);
    in_namespace(cluster, async |_, namespace| {
        kubectl(
            cluster,
            &namespace,
            &["apply", "-f", &analysis(&namespace, "shown", &json!({}))],
        );

        let table = kubectl(cluster, &namespace, &["get", "genomeanalyses", "-o", "wide"]);
        let columns = [
            "NAME", "PHASE", "DONE", "RUNNING", "FAILED", "ETA", "AGE", "CACHED", "WORKERS", "MEMORY",
            "RATE", "OUTPUT", "MESSAGE",
        ];
        assert_eq!(
            table
                .lines()
                .next()
                .unwrap()
                .split_whitespace()
                .collect::<Vec<_>>(),
            columns
        );
        for field in [
            "scaling.finishWithin",
            "retries.maxFailedGenomes",
            "timeouts.total",
            "output.associations",
        ] {
            let path = format!("ga.spec.{field}");
            let text = eventually("the schema is published", async || {
                try_kubectl(cluster, &namespace, &["explain", &path]).ok()
            })
            .await;
            let description = text
                .split_once("DESCRIPTION:")
                .map(|(_, rest)| rest.trim())
                .unwrap_or_default();
            assert!(
                description.len() > 20 && !description.starts_with("<empty>"),
                "{text}"
            );
        }
        let size = fs::metadata(repository().join("crds/genomeanalyses.yaml"))
            .unwrap()
            .len();
        assert!(size < 100 << 10, "the definition is {size} bytes");
    })
    .await;
}

#[tokio::test]
#[ignore = "needs the programs of a control plane"]
async fn every_example_is_accepted() {
    let cluster = Cluster::shared(Level::ControlPlane);
    install_definition(cluster);
    in_namespace(cluster, async |_, namespace| {
        for entry in fs::read_dir(repository().join("examples")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|suffix| suffix == "yaml") {
                kubectl(
                    cluster,
                    &namespace,
                    &["apply", "--dry-run=server", "-f", &path.to_string_lossy()],
                );
            }
        }
    })
    .await;
}
