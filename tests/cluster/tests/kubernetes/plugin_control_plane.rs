//! `kubectl genome` against a real API server, with pods that end as a test says: what it shows, changes, explains and refuses.

use std::{
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use cluster_tests::{Cluster, Level, eventually, in_namespace};
use genome_contract::Verb;
use kube::config::Kubeconfig;
use serde_json::{Value, json};

use crate::last_words::Work;
use crate::operator_process::OperatorProcess;
use crate::player::{Act, End, Player, Role};
use crate::support::{analysis, install_definition, kubectl, program, repository, run, status, text};

struct Plugin {
    kubeconfig: PathBuf,
    namespace: String,
}

impl Plugin {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("kubectl-genome"));
        command
            .args(["-n", &self.namespace])
            .args(arguments)
            .env("KUBECONFIG", &self.kubeconfig);
        command
    }

    /// Both outputs; it must end with `code`.
    #[track_caller]
    fn said(&self, code: i32, arguments: &[&str]) -> String {
        ended(&self.command(arguments).output().unwrap(), code)
    }

    /// The same cluster in the eyes of somebody else.
    fn as_user(&self, user: &str) -> Self {
        let mut config = Kubeconfig::read_from(&self.kubeconfig).unwrap();
        config.auth_infos[0].auth_info.as_mut().unwrap().impersonate = Some(user.to_owned());
        let kubeconfig = repository().join(format!("target/cluster-tests/{}-{user}.json", self.namespace));
        std::fs::write(&kubeconfig, serde_json::to_string(&config).unwrap()).unwrap();
        Self {
            kubeconfig,
            namespace: self.namespace.clone(),
        }
    }
}

#[track_caller]
fn ended(output: &Output, code: i32) -> String {
    let said = text(output) + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

#[track_caller]
fn contains(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
}

/// `greedy`: task 1 needs twice the memory. `bad`: the genomes of task 2 are bad until mended. `slow`: takes its time.
fn script(role: &Role) -> Act {
    let end = match (role.analysis.as_str(), role.verb, role.task) {
        ("greedy", Verb::Map, 1) if role.memory_step == 0 => End::OutOfMemory("g-big".to_owned()),
        ("bad", Verb::Map, 2) if role.earlier == 0 => End::Exit(65),
        _ => End::Exit(0),
    };
    let time = if role.analysis == "slow" { 1500 } else { 200 };
    Act {
        time: Duration::from_millis(time),
        end,
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn the_plugin_shows_changes_and_explains() {
    let begin = Instant::now();
    let cluster = Cluster::start(Level::ControlPlane).unwrap();
    let nowhere = Plugin {
        kubeconfig: cluster.kubeconfig().unwrap(),
        namespace: "default".to_owned(),
    };
    contains(
        &nowhere.said(1, &["status", "greedy"]),
        &["has no `genomeanalyses", "helm install"],
    );
    install_definition(&cluster);
    contains(
        &nowhere.said(1, &["status", "greedy"]),
        &["`default/greedy` does not exist", "-n NAMESPACE"],
    );

    in_namespace(&cluster, async |client, namespace| {
        let few = Work {
            tasks: 4,
            genomes_a_task: 3,
        };
        let work = [("greedy", few), ("bad", few), ("slow", Work::tasks(60))];
        let _player = Player::start(&client, &namespace, &work, script);
        let arguments = [
            "--namespace",
            &namespace,
            "--pod-namespace",
            &namespace,
            "--leader-election",
            "false",
        ];
        let _operator = OperatorProcess::start(&program("genome-operator"), &cluster, &arguments)
            .await
            .unwrap();
        let plugin = Plugin {
            kubeconfig: cluster.kubeconfig().unwrap(),
            namespace: namespace.clone(),
        };
        let phase = async |name: &str, phase: &str| {
            eventually(&format!("`{name}` is {phase}"), async || {
                (status(&client, &namespace, name).await["phase"] == phase).then_some(())
            })
            .await;
        };

        greedy(&plugin);
        names(&plugin, &nowhere);
        bad(&plugin);
        phase("bad", "Succeeded").await;
        contains(&plugin.said(1, &["retry", "bad"]), &["nothing to retry"]);

        let file = analysis(
            &namespace,
            "slow",
            &json!({"scaling": {"maxWorkers": 3, "minWorkers": 3}}),
        );
        interrupted(&plugin, &file);
        phase("slow", "Running").await;
        let object: Value =
            serde_json::from_str(&plugin.said(0, &["suspend", "slow", "-o", "json"])).unwrap();
        assert_eq!(object["spec"]["suspend"], true, "{object}");
        phase("slow", "Suspended").await;
        contains(
            &plugin.said(0, &["status", "slow"]),
            &["Suspended", "kubectl genome resume slow"],
        );
        contains(&plugin.said(1, &["retry", "slow"]), &["by themselves"]);
        contains(&plugin.said(0, &["resume", "ga/slow"]), &["goes on"]);
        phase("slow", "Running").await;
        contains(&plugin.said(0, &["cancel", "slow"]), &["stays in the output"]);
        phase("slow", "Cancelled").await;
        contains(
            &plugin.said(1, &["cancel", "slow"]),
            &["nothing to cancel", "Cancelled"],
        );

        rights(&cluster, &plugin);
        through_kubectl(&cluster, &plugin);
    })
    .await;
    println!(
        "the plugin on a control plane: {:.0} s, cluster included",
        begin.elapsed().as_secs_f64()
    );
}

/// Watched to the end: the victim's second attempt, and what is known of the genome it had in hand.
fn greedy(plugin: &Plugin) {
    let file = analysis(
        &plugin.namespace,
        "greedy",
        &json!({"resources": {"memory": "64Mi", "maxMemory": "256Mi"}}),
    );
    let text = plugin.said(0, &["run", "-f", &file, "--watch"]);
    println!("{text}");
    contains(
        &text,
        &[
            "greedy: Running",
            "Succeeded after",
            "100% of 12",
            "1 out of memory",
        ],
    );
    contains(
        &text,
        &[
            "0: 64Mi, 3 of 4 tasks done",
            "1: 128Mi, 1 of 1 tasks done",
            "kubectl genome results greedy",
        ],
    );
    contains(
        &plugin.said(0, &["results", "greedy"]),
        &["12 of 12 with results", "s3://results/", "aws s3 cp --recursive"],
    );
    let text = plugin.said(0, &["explain", "greedy", "g-big"]);
    println!("{text}");
    contains(
        &text,
        &[
            "g-big · analyzed",
            "ran out of memory",
            "ended well",
            "plan.tasks.jsonl",
        ],
    );
    let object: Value =
        serde_json::from_str(&plugin.said(0, &["explain", "greedy", "g-big", "-o", "json"])).unwrap();
    assert_eq!(
        (&object["task"], &object["state"]),
        (&json!(1), &json!("Analyzed")),
        "{object}"
    );
    contains(
        &plugin.said(0, &["explain", "greedy", "nobody"]),
        &["neither the status nor a pod names it"],
    );
    contains(
        &plugin.said(0, &["logs", "greedy", "--failed"]),
        &["OOMKilled (exit code 137)"],
    );
}

/// Who is meant by a wrong name, and by the right one in a wrong namespace.
fn names(plugin: &Plugin, nowhere: &Plugin) {
    contains(
        &plugin.said(1, &["status", "gredy"]),
        &["does not exist", "hint: `greedy`"],
    );
    let hint = format!("hint: `-n {}`", plugin.namespace);
    contains(&nowhere.said(1, &["status", "greedy"]), &[&hint]);
    contains(&plugin.said(64, &["status", "pod/greedy"]), &["`pod` is no kind"]);
    contains(&plugin.said(64, &["explain", "greedy"]), &["NAME GENOME"]);
}

fn bad(plugin: &Plugin) {
    let file = analysis(&plugin.namespace, "bad", &json!({}));
    let text = plugin.said(3, &["run", "-f", &file, "--watch"]);
    println!("{text}");
    contains(
        &text,
        &[
            "PartiallySucceeded",
            "3 failed",
            "kubectl genome logs bad --failed",
            "kubectl genome retry bad",
        ],
    );
    contains(&plugin.said(0, &["retry", "bad"]), &["round 1"]);
}

/// Ctrl-C ends the watching and nothing else.
fn interrupted(plugin: &Plugin, file: &str) {
    let mut command = plugin.command(&["run", "-f", file, "--watch"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    run(Command::new("kill").args(["-INT", &child.id().to_string()]));
    let said = ended(&child.wait_with_output().unwrap(), 130);
    contains(&said, &["`slow` goes on in the cluster"]);
}

/// Nothing for a stranger; the analysis without its pods for somebody who may see no more.
fn rights(cluster: &Cluster, plugin: &Plugin) {
    let said = plugin.as_user("eve").said(1, &["status", "greedy"]);
    contains(&said, &["\"eve\" cannot get", "`view`"]);
    let apply = |arguments: &[&str]| kubectl(cluster, &plugin.namespace, arguments);
    apply(&[
        "create",
        "role",
        "looker",
        "--verb=get",
        "--resource=genomeanalyses.genomics.pleiotropy.io",
    ]);
    apply(&["create", "rolebinding", "looker", "--role=looker", "--user=joe"]);
    let said = plugin.as_user("joe").said(0, &["status", "greedy"]);
    contains(
        &said,
        &[
            "Succeeded",
            "attempts and pods are not shown",
            "\"joe\" cannot list",
        ],
    );
    contains(
        &plugin.as_user("joe").said(1, &["cancel", "bad"]),
        &["nothing to cancel"],
    );
}

/// As `kubectl genome`, completion included.
fn through_kubectl(cluster: &Cluster, plugin: &Plugin) {
    let folder = repository().join(format!("target/cluster-tests/{}-path", plugin.namespace));
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["kubectl-genome", "kubectl_complete-genome"] {
        let _ = std::fs::remove_file(folder.join(name));
        symlink(program("kubectl-genome"), folder.join(name)).unwrap();
    }
    let said = |arguments: &[&str]| {
        let mut command = Command::new(cluster.kubectl().unwrap());
        command
            .args(arguments)
            .env("KUBECONFIG", &plugin.kubeconfig)
            .env("PATH", search_path(&folder));
        text(&run(&mut command))
    };
    contains(
        &said(&["genome", "status", "greedy", "-n", &plugin.namespace]),
        &["greedy · Succeeded"],
    );
    contains(
        &said(&["__complete", "genome", "status", "-n", &plugin.namespace, ""]),
        &["bad\ngreedy\nslow\n", ":4"],
    );
    contains(&said(&["__complete", "genome", "susp"]), &["suspend\n"]);
}

fn search_path(folder: &Path) -> String {
    format!(
        "{}:{}",
        folder.display(),
        std::env::var("PATH").unwrap_or_default()
    )
}
