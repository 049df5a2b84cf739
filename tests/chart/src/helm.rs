//! What the chart renders: least rights, a restricted pod, and nothing that a bare cluster does not know.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::chart::{folder, manifests, of_kind, program, run, strings, template};

const MONITORED: &[&str] = &["--api-versions", "monitoring.coreos.com/v1"];
const NAMESPACED: &[&str] = &["--set", "watchNamespace=lab"];

/// (group, resource, verb) of every rule in a list of roles.
fn rights<'a>(roles: &[&'a Value]) -> BTreeSet<(&'a str, &'a str, &'a str)> {
    let rules = roles.iter().flat_map(|role| role["rules"].as_array().unwrap());
    rules
        .flat_map(|rule| {
            let groups = strings(&rule["apiGroups"]);
            groups.into_iter().flat_map(move |group| {
                strings(&rule["resources"]).into_iter().flat_map(move |resource| {
                    strings(&rule["verbs"])
                        .into_iter()
                        .map(move |verb| (group, resource, verb))
                })
            })
        })
        .collect()
}

/// The roles bound to the operator, by the names their bindings give.
fn operator_roles(all: &[Value]) -> Vec<&Value> {
    let bindings = of_kind(all, "RoleBinding")
        .into_iter()
        .chain(of_kind(all, "ClusterRoleBinding"));
    bindings
        .map(|binding| {
            let (kind, name) = (&binding["roleRef"]["kind"], &binding["roleRef"]["name"]);
            all.iter()
                .find(|role| role["kind"] == *kind && role["metadata"]["name"] == *name)
                .unwrap()
        })
        .collect()
}

fn expected_rights() -> BTreeSet<(&'static str, &'static str, &'static str)> {
    let rows: [(&str, &str, &[&str]); 11] = [
        (
            "genomics.pleiotropy.io",
            "genomeanalyses",
            &["get", "list", "watch", "patch", "delete"],
        ),
        ("genomics.pleiotropy.io", "genomeanalyses/status", &["patch"]),
        ("genomics.pleiotropy.io", "genomeanalyses/finalizers", &["update"]),
        (
            "batch",
            "jobs",
            &["get", "list", "watch", "create", "patch", "delete"],
        ),
        ("", "pods", &["get", "list", "watch"]),
        ("", "events", &["list", "watch"]),
        ("events.k8s.io", "events", &["create", "patch"]),
        ("", "configmaps", &["get", "create", "delete"]),
        ("", "persistentvolumeclaims", &["get"]),
        ("coordination.k8s.io", "leases", &["create"]),
        ("coordination.k8s.io", "leases", &["get", "update"]),
    ];
    rows.iter()
        .flat_map(|(group, resource, verbs)| verbs.iter().map(|verb| (*group, *resource, *verb)))
        .collect()
}

#[test]
#[ignore = "needs helm"]
fn helm_lint_finds_nothing() {
    let mut command = program("HELM", "helm");
    let (passed, text) = run(command.args(["lint", "--strict"]).arg(folder()));
    assert!(passed, "{text}");
}

#[test]
#[ignore = "needs helm"]
fn the_operator_may_do_exactly_what_it_uses() {
    for mode in [&[][..], NAMESPACED] {
        let all = manifests(mode);
        assert_eq!(rights(&operator_roles(&all)), expected_rights());
    }
}

#[test]
#[ignore = "needs helm"]
fn no_role_reaches_for_what_nobody_here_needs() {
    for mode in [&[][..], NAMESPACED, MONITORED] {
        let all = manifests(mode);
        let roles: Vec<&Value> = of_kind(&all, "Role")
            .into_iter()
            .chain(of_kind(&all, "ClusterRole"))
            .collect();
        for (group, resource, verb) in rights(&roles) {
            let right = format!("{verb} {resource} of `{group}`");
            assert!(![group, resource, verb].contains(&"*"), "{right}");
            assert!(
                !["secrets", "nodes", "pods/exec", "pods/log", "pods/attach"].contains(&resource),
                "{right}"
            );
            assert!(!resource.ends_with("webhookconfigurations"), "{right}");
            assert!(!["escalate", "bind", "impersonate"].contains(&verb), "{right}");
            assert!(
                resource != "pods" || ["get", "list", "watch"].contains(&verb),
                "{right}"
            );
        }
    }
}

#[test]
#[ignore = "needs helm"]
fn a_lease_is_changed_by_name_only() {
    let all = manifests(&[]);
    let roles = of_kind(&all, "Role");
    let rules = roles.iter().flat_map(|role| role["rules"].as_array().unwrap());
    for rule in rules.filter(|rule| strings(&rule["resources"]).contains("leases")) {
        let is_creation = strings(&rule["verbs"]) == BTreeSet::from(["create"]);
        assert!(
            is_creation || strings(&rule["resourceNames"]).len() == 1,
            "{rule}"
        );
    }
}

#[test]
#[ignore = "needs helm"]
fn watching_one_namespace_needs_no_cluster_role() {
    let all = manifests(NAMESPACED);
    assert!(of_kind(&all, "ClusterRole").is_empty() && of_kind(&all, "ClusterRoleBinding").is_empty());
    let role = operator_roles(&all)
        .into_iter()
        .find(|role| role["metadata"]["name"] == "genome-operator");
    assert_eq!(role.unwrap()["metadata"]["namespace"], "lab");
}

#[test]
#[ignore = "needs helm"]
fn the_pod_is_what_pod_security_restricted_asks_for() {
    let all = manifests(&[]);
    let pod = &of_kind(&all, "Deployment")[0]["spec"]["template"]["spec"];
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    let container = &pod["containers"][0];
    let security = &container["securityContext"];
    assert_eq!(security["allowPrivilegeEscalation"], false);
    assert_eq!(security["readOnlyRootFilesystem"], true);
    assert_eq!(
        strings(&security["capabilities"]["drop"]),
        BTreeSet::from(["ALL"])
    );
    for limit in ["cpu", "memory", "ephemeral-storage"] {
        assert!(!container["resources"]["limits"][limit].is_null(), "{limit}");
    }
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        assert!(container[probe]["httpGet"]["path"].is_string(), "{probe}");
    }
}

#[test]
#[ignore = "needs helm"]
fn monitoring_comes_with_the_cluster_that_knows_it() {
    let monitoring = ["ServiceMonitor", "PodMonitor", "PrometheusRule"];
    let (bare, monitored) = (manifests(&[]), manifests(MONITORED));
    for kind in monitoring {
        assert!(of_kind(&bare, kind).is_empty(), "{kind}");
        assert_eq!(of_kind(&monitored, kind).len(), 1, "{kind}");
    }
    let wanted = "monitoring.prometheusRule.enabled=true";
    assert_eq!(of_kind(&manifests(&["--set", wanted]), "PrometheusRule").len(), 1);
    let monitor = of_kind(&monitored, "ServiceMonitor")[0];
    assert_eq!(monitor["spec"]["endpoints"][0]["honorLabels"], true);
    let pods = of_kind(&monitored, "PodMonitor")[0];
    assert_eq!(
        strings(&pods["spec"]["podTargetLabels"]),
        BTreeSet::from(["analysis"])
    );
}

#[test]
#[ignore = "needs helm"]
fn the_rules_in_the_cluster_are_those_of_the_plain_file() {
    let plain = crate::chart::read(&folder().join("alerts/genome-operator.rules.yaml"));
    let plain: Value = serde_saphyr::from_str(&plain).unwrap();
    let all = manifests(MONITORED);
    assert_eq!(of_kind(&all, "PrometheusRule")[0]["spec"], plain);

    let base = "monitoring.prometheusRule.runbookBaseUrl=https://example.org/books";
    let all = manifests(&[MONITORED, &["--set", base]].concat());
    let rule = &of_kind(&all, "PrometheusRule")[0]["spec"]["groups"][0]["rules"][0];
    assert_eq!(
        rule["annotations"]["runbook_url"],
        "https://example.org/books/HighLatency.md"
    );
}

#[test]
#[ignore = "needs helm"]
fn analyzer_pods_may_not_reach_metadata_services() {
    let all = manifests(&[
        "--set",
        "networkPolicy.analyzer.enabled=true",
        "--set",
        "networkPolicy.analyzer.namespaces={lab}",
    ]);
    let policies = of_kind(&all, "NetworkPolicy");
    let policy = policies
        .iter()
        .find(|policy| policy["metadata"]["namespace"] == "lab")
        .unwrap();
    assert_eq!(
        strings(&policy["spec"]["policyTypes"]),
        BTreeSet::from(["Ingress", "Egress"])
    );
    let blocks = policy["spec"]["egress"][1]["to"].as_array().unwrap();
    assert!(strings(&blocks[0]["ipBlock"]["except"]).contains("169.254.0.0/16"));
    assert!(strings(&blocks[1]["ipBlock"]["except"]).contains("fd00:ec2::/32"));
}

#[test]
#[ignore = "needs helm"]
fn the_definition_stays_when_the_release_goes() {
    let all = manifests(&[]);
    let definition = of_kind(&all, "CustomResourceDefinition")[0];
    assert_eq!(
        definition["metadata"]["name"],
        "genomeanalyses.genomics.pleiotropy.io"
    );
    assert_eq!(
        definition["metadata"]["annotations"]["helm.sh/resource-policy"],
        "keep"
    );
    let generated = crate::chart::read(&folder().join("files/genomeanalyses.yaml"));
    assert_eq!(
        definition["spec"],
        serde_saphyr::from_str::<Value>(&generated).unwrap()["spec"]
    );
    assert!(
        of_kind(
            &manifests(&["--set", "crds.install=false"]),
            "CustomResourceDefinition"
        )
        .is_empty()
    );
}

#[test]
#[ignore = "needs helm"]
fn a_misspelled_or_impossible_value_is_refused() {
    for (values, named) in [
        ("limits.maxWorker=3", "maxWorker"),
        ("limits.maxWorkers=0", "maxWorkers"),
        ("logFormat=xml", "logFormat"),
        ("metrics.port=80", "port"),
        ("watchNamespace=Lab", "watchNamespace"),
        ("image.digest=abc", "digest"),
        ("replicas=2,leaderElection.enabled=false", "enabled"),
        (
            "networkPolicy.analyzer.enabled=true",
            "networkPolicy.analyzer.namespaces",
        ),
    ] {
        let (rendered, text) = template(&["--set", values]);
        assert!(!rendered && text.contains(named), "{values}: {text}");
    }
}

#[test]
#[ignore = "needs helm"]
fn the_operator_is_configured_by_its_environment() {
    let all = manifests(&[
        "--set",
        "limits.priorityClasses={low,batch}",
        "--set",
        "limits.maxWorkers=100000",
    ]);
    let container = &of_kind(&all, "Deployment")[0]["spec"]["template"]["spec"]["containers"][0];
    let variable = |name: &str| {
        let all = container["env"].as_array().unwrap();
        all.iter().find(|variable| variable["name"] == name).unwrap()["value"].clone()
    };
    assert_eq!(variable("ANALYZER_IMAGE"), "genome-analyzer:dev");
    assert_eq!(variable("WATCH_NAMESPACE"), "");
    assert_eq!(variable("MAX_WORKERS"), "100000");
    assert_eq!(variable("ALLOWED_PRIORITY_CLASSES"), "low,batch");
    assert_eq!(variable("ALLOWED_SERVICE_ACCOUNTS"), "");
    assert_eq!(variable("CLUSTER_NAME"), "default");
    assert_eq!(variable("LOG_FORMAT"), "json");
    assert_eq!(variable("METRICS_ADDRESS"), "0.0.0.0:8080");
    assert_eq!(variable("LEADER_ELECTION"), "true");
}
