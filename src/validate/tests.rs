//! Problems come all at once, with paths; what is right comes out with every default.

use serde_json::{Value, json};

use super::*;

fn manifest(spec: Value) -> GenomeAnalysis {
    let mut base = json!({
        "genomes": [{ "uri": "file:///data/genomes/" }],
        "output": { "uri": "file:///data/results" },
        "storage": { "volumes": [{ "claim": "data", "mountPath": "/data" }] },
    });
    for (field, value) in spec.as_object().unwrap() {
        base[field] = value.clone();
    }
    serde_json::from_value(json!({
        "apiVersion": "genomics.pleiotropy.io/v1alpha1", "kind": "GenomeAnalysis",
        "metadata": { "name": "demo", "namespace": "lab" }, "spec": base,
    }))
    .unwrap()
}

fn problems(spec: Value) -> Vec<String> {
    match validate(
        &manifest(spec),
        &Settings {
            cluster: "c".into(),
            ..Settings::default()
        },
    ) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_least_manifest_is_valid_and_gets_every_default() {
    let valid = validate(&manifest(json!({})), &Settings::local()).unwrap();
    assert_eq!(valid.output.uri, "file:///data/results/");
    assert_eq!(
        valid.resources,
        Resources {
            millicores: 1000,
            memory: 512 << 20,
            max_memory: 2 << 30
        }
    );
    assert_eq!(
        (valid.scaling.min_workers.get(), valid.scaling.max_workers.get()),
        (1, 10)
    );
    assert_eq!(valid.alerts.duration.as_secs(), 300);
    assert_eq!(valid.alerts.memory, 2_000_000_000);
    assert_eq!(valid.timeouts.genome.as_secs(), 600);
    assert_eq!(valid.cache.mode, genome_contract::request::CacheMode::Off);
}

#[test]
fn three_mistakes_are_reported_at_once() {
    let found = problems(json!({
        "genomes": [{ "uri": "ftp://host/genomes/" }],
        "resources": { "memory": "512mb" },
        "scaling": { "minWorkers": 5, "maxWorkers": 2 },
    }));
    let paths: Vec<&str> = found.iter().filter_map(|text| text.split(": ").next()).collect();
    assert_eq!(
        paths,
        [
            "spec.genomes[0].uri",
            "spec.resources.memory",
            "spec.scaling.minWorkers"
        ],
        "{found:#?}"
    );
}

#[test]
fn each_mistake_names_its_field() {
    let cases = [
        ("spec.genomes", json!({ "genomes": [] })),
        ("spec.genomes[0]", json!({ "genomes": [{}] })),
        (
            "spec.genomes[0]",
            json!({ "genomes": [{ "uri": "s3://b/a", "listUri": "s3://b/l" }] }),
        ),
        (
            "spec.genomes[0].uri",
            json!({ "genomes": [{ "uri": "/data/genomes" }] }),
        ),
        (
            "spec.genomes[0].uri",
            json!({ "genomes": [{ "uri": "file:///elsewhere/" }] }),
        ),
        (
            "spec.genomes[0].uri",
            json!({ "genomes": [{ "uri": "file://data/genomes/" }] }),
        ),
        (
            "spec.genomes[0].uri",
            json!({ "genomes": [{ "uri": "file:///data/../etc/passwd" }] }),
        ),
        (
            "spec.genomes[0].uri",
            json!({ "genomes": [{ "uri": "https://host/folder/" }] }),
        ),
        (
            "spec.genomes[0].uri",
            json!({ "genomes": [{ "uri": "s3://key:secret@bucket/a" }] }),
        ),
        (
            "spec.genomes[0].uri",
            json!({ "genomes": [{ "uri": "s3:///a" }] }),
        ),
        (
            "spec.genomes[0].uri",
            json!({ "genomes": [{ "uri": "s3://b/[a" }] }),
        ),
        (
            "spec.genomes[0].include[0]",
            json!({ "genomes": [{ "uri": "s3://b/", "include": ["{a"] }] }),
        ),
        ("spec.traits", json!({ "traits": {} })),
        (
            "spec.traits.builtin",
            json!({ "traits": { "builtin": "archaea" } }),
        ),
        (
            "spec.traits.configMapKeyRef.key",
            json!({ "traits": { "configMapKeyRef": { "name": "a", "key": "b/c" } } }),
        ),
        (
            "spec.method.geneticCode",
            json!({ "method": { "geneticCode": 8 } }),
        ),
        (
            "spec.method.falseDiscoveryRate",
            json!({ "method": { "falseDiscoveryRate": 5.0 } }),
        ),
        (
            "spec.output.uri",
            json!({ "output": { "uri": "https://host/results/" } }),
        ),
        (
            "spec.output.uri",
            json!({ "output": { "uri": "file:///data/genomes/results" } }),
        ),
        ("spec.output.uri", json!({ "output": { "uri": "s3://b/*/" } })),
        (
            "spec.storage.secretName",
            json!({ "storage": { "secretName": "No", "volumes": [{ "claim": "data", "mountPath": "/data" }] } }),
        ),
        ("spec.resources.cpu", json!({ "resources": { "cpu": "one" } })),
        (
            "spec.resources.memory",
            json!({ "resources": { "memory": "1Mi" } }),
        ),
        (
            "spec.resources.maxMemory",
            json!({ "resources": { "memory": "1Gi", "maxMemory": "512Mi" } }),
        ),
        (
            "spec.scaling.finishWithin",
            json!({ "scaling": { "finishWithin": "1d" } }),
        ),
        (
            "spec.retries.maxFailedGenomes",
            json!({ "retries": { "maxFailedGenomes": "101%" } }),
        ),
        ("spec.timeouts.genome", json!({ "timeouts": { "genome": "0s" } })),
        (
            "spec.cache.uri",
            json!({ "cache": { "uri": "memcached://host" } }),
        ),
        (
            "spec.cache.uri",
            json!({ "cache": { "uri": "redis://user:secret@host" } }),
        ),
        ("spec.alerts.memory", json!({ "alerts": { "memory": "lots" } })),
        (
            "spec.scheduling.priorityClassName",
            json!({ "scheduling": { "priorityClassName": "system-node-critical" } }),
        ),
        (
            "spec.scheduling.serviceAccountName",
            json!({ "scheduling": { "serviceAccountName": "admin" } }),
        ),
        (
            "spec.scheduling.tolerations[0].operator",
            json!({ "scheduling": { "tolerations": [{}] } }),
        ),
        (
            "spec.scheduling.nodeSelector[a]",
            json!({ "scheduling": { "nodeSelector": { "a": "b c" } } }),
        ),
    ];
    for (path, spec) in cases {
        let found = problems(spec.clone());
        assert!(
            found.len() == 1 && found[0].starts_with(&format!("{path}: ")),
            "{path}: {spec} → {found:#?}"
        );
    }
}

#[test]
fn claims_are_mounted_where_they_harm_nothing() {
    let mounted = |paths: &[&str]| {
        let volumes: Vec<Value> = paths
            .iter()
            .map(|path| json!({ "claim": "data", "mountPath": path }))
            .collect();
        let at = paths[0];
        problems(json!({
            "storage": { "volumes": volumes },
            "genomes": [{ "uri": format!("file://{at}/g/") }], "output": { "uri": format!("file://{at}/r") },
        }))
    };
    assert_eq!(mounted(&["/data", "/data2"]), Vec::<String>::new());
    for paths in [
        &["/etc/genome"][..],
        &["/data", "/data/more"],
        &["/data", "/data"],
        &["/a/../etc"],
        &["/"],
        &["/a/"],
    ] {
        assert!(!mounted(paths).is_empty(), "{paths:?}");
    }
}

#[test]
fn results_are_not_written_to_a_read_only_claim() {
    let found = problems(
        json!({ "storage": { "volumes": [{ "claim": "d", "mountPath": "/data", "readOnly": true }] } }),
    );
    assert_eq!(found, ["spec.output.uri: claim `d` at `/data` is read-only"]);
}

#[test]
fn allow_lists_let_through_what_they_name() {
    let settings = Settings {
        cluster: "c".into(),
        priority_classes: vec!["batch".into()],
        service_accounts: vec!["runner".into()],
        ..Settings::default()
    };
    let spec = json!({ "scheduling": { "priorityClassName": "batch", "serviceAccountName": "runner" } });
    assert!(validate(&manifest(spec), &settings).is_ok());
}

#[test]
fn the_operators_cache_serves_whoever_names_none() {
    let settings = Settings {
        cluster: "c".into(),
        cache_uri: Some("redis://cache".into()),
        ..Settings::default()
    };
    let cache = |spec| validate(&manifest(spec), &settings).unwrap().cache;
    assert_eq!(cache(json!({})).uri.as_deref(), Some("redis://cache"));
    assert_eq!(
        cache(json!({ "cache": { "uri": "redis://own" } })).uri.as_deref(),
        Some("redis://own")
    );
    assert_eq!(cache(json!({ "cache": { "mode": "Off" } })).uri, None);
}

#[test]
fn the_schema_is_applied_without_a_server() {
    let found = structure::check(&json!({
        "apiVersion": "genomics.pleiotropy.io/v1alpha1", "kind": "GenomeAnalysis", "metadata": { "name": "Demo" },
        "spec": {
            "genomes": [{ "uri": "s3://b/", "inclde": ["*.fa"] }],
            "output": { "associations": "Some" },
            "scaling": { "maxWorkers": "ten", "minWorkers": 0 },
            "resources": { "cpu": 2, "memory": null },
        },
        "sepc": 1,
    }));
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "sepc: unknown field",
            "metadata.name: `Demo` is no name: lower-case letters, digits, `-` and `.`, beginning and ending with a letter or digit",
            "spec.genomes[0].inclde: unknown field; hint: `include`",
            "spec.output.uri: is missing",
            "spec.output.associations: is `Some`: one of Top, All expected",
            "spec.scaling.maxWorkers: is the text `ten`: a whole number expected",
            "spec.scaling.minWorkers: is 0: 1 to 10000 expected",
        ]
    );
}
