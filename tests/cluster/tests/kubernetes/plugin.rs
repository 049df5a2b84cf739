//! `kubectl genome` against a real node: what it prints, what it changes, how it ends.

use std::{
    process::{Command, Output},
    time::{Duration, Instant},
};

use cluster_tests::{Cluster, eventually, in_namespace};
use k8s_openapi::api::batch::v1::Job;
use kube::{Api, Client, api::PostParams};
use serde_json::{Value, json};

use crate::{
    data::Data,
    operator::{SPREAD, manifest},
    support::{apply, program, status, text, wait_until_complete},
};

struct Plugin<'a> {
    cluster: &'a Cluster,
    namespace: &'a str,
}

impl Plugin<'_> {
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(program("kubectl-genome"))
            .args(["--namespace", self.namespace])
            .args(arguments)
            .env("KUBECONFIG", self.cluster.kubeconfig().unwrap())
            .output()
            .unwrap()
    }

    /// What it prints, where it must succeed.
    fn say(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        text(&output)
    }
}

pub(crate) async fn the_plugin_watches_explains_and_repairs(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        let data = Data::of(&namespace, 12, 100);
        let whole = data.whole();
        let damaged = data.damage_one();
        data.bind(&client, &namespace).await;
        let plugin = Plugin {
            cluster,
            namespace: &namespace,
        };
        let file = data.folder.join("analysis.yaml");
        std::fs::write(&file, manifest("watched", SPREAD)).unwrap();
        let file = file.to_string_lossy();

        let watched = plugin.run(&["run", "-f", &file, "--watch"]);
        let said = text(&watched);
        println!("{said}");
        assert_eq!(
            watched.status.code(),
            Some(3),
            "{}",
            String::from_utf8_lossy(&watched.stderr)
        );
        assert!(
            said.contains("PartiallySucceeded") && said.contains(&damaged),
            "{said}"
        );

        let object: Value = serde_json::from_str(&plugin.say(&["status", "watched", "-o", "json"])).unwrap();
        assert_eq!(object["status"]["genomes"]["failed"], 1, "{object}");
        assert!(
            plugin
                .say(&["logs", "watched", "--stage", "map"])
                .contains("committed")
        );
        assert!(plugin.say(&["logs", "watched"]).contains("TruncatedInput"));
        assert!(
            plugin
                .say(&["results", "watched"])
                .contains("file:///data/results")
        );

        whole.restore();
        data.give_to_pods();
        plugin.say(&["retry", "watched"]);
        eventually("the repaired genome is done", async || {
            let status = status(&client, &namespace, "watched").await;
            (status["phase"] == "Succeeded" && status["genomes"]["analyzed"] == 12).then_some(())
        })
        .await;
        let absent = plugin.run(&["status", "nothing"]);
        let complaint = String::from_utf8_lossy(&absent.stderr).into_owned();
        assert!(
            !absent.status.success() && complaint.contains("nothing"),
            "{complaint}"
        );
    })
    .await;
}

pub(crate) async fn the_plugin_suspends_resumes_and_cancels(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        let data = Data::of(&namespace, 30, 100);
        data.bind(&client, &namespace).await;
        let plugin = Plugin {
            cluster,
            namespace: &namespace,
        };
        let phase = async |phase: &str| {
            eventually(&format!("phase {phase}"), async || {
                (status(&client, &namespace, "moody").await["phase"] == phase).then_some(())
            })
            .await;
        };
        apply(cluster, &namespace, &manifest("moody", SPREAD));
        phase("Running").await;
        plugin.say(&["suspend", "moody"]);
        phase("Suspended").await;
        plugin.say(&["resume", "moody"]);
        phase("Running").await;
        plugin.say(&["cancel", "moody"]);
        phase("Cancelled").await;
    })
    .await;
}

/// For one genome: from apply to Complete, beside a bare Job that does the same with the same limits.
pub(crate) async fn the_operator_adds_little_to_a_bare_job(cluster: &Cluster) {
    in_namespace(cluster, async |client, namespace| {
        let data = Data::of(&namespace, 1, 1_000);
        data.bind(&client, &namespace).await;
        let mut seconds = Vec::new();
        for round in 0..3 {
            let begin = Instant::now();
            bare_job(&client, &namespace, round).await;
            let bare = begin.elapsed();
            let name = format!("one-{round}");
            let own_place = manifest(&name, "").replace("/data/results/", &format!("/data/results/{name}/"));
            let begin = Instant::now();
            apply(cluster, &namespace, &own_place);
            wait_until_complete(cluster, &namespace, &name);
            seconds.push((begin.elapsed().saturating_sub(bare), bare));
        }
        seconds.sort();
        let (more, bare) = seconds[1];
        println!("one genome: a bare Job {bare:.1?}, an analysis {more:.1?} more");
        assert!(more < Duration::from_secs(1), "{seconds:?}");
    })
    .await;
}

async fn bare_job(client: &Client, namespace: &str, round: u32) {
    let job: Job = serde_json::from_value(json!({
        "metadata": {"name": format!("bare-{round}")},
        "spec": {"template": {"spec": {
            "restartPolicy": "Never",
            "securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "analyzer", "image": "genome-analyzer:dev",
                "args": ["--input", "/data/genomes/genome_001.gbk.gz", "--output", format!("/data/results/bare-{round}")],
                "resources": {"limits": {"cpu": "250m", "memory": "512Mi"}},
                "securityContext": {
                    "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
                },
                "volumeMounts": [{"name": "data", "mountPath": "/data"}],
            }],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "genomes"}}],
        }}},
    }))
    .unwrap();
    let jobs = Api::<Job>::namespaced(client.clone(), namespace);
    jobs.create(&PostParams::default(), &job).await.unwrap();
    eventually("the bare Job is complete", async || {
        let job = jobs.get(&format!("bare-{round}")).await.unwrap();
        job.status?.completion_time
    })
    .await;
}
