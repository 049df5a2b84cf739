//! The operator against a real control plane, with simulated nodes whose pods end as each test says: scale, memory, evictions,
//! quotas, fairness, and operators that are killed.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use cluster_tests::{Cluster, Level, eventually, in_namespace};
use genome_contract::Verb;
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{ConfigMap, Pod, ResourceQuota},
};
use kube::{
    Api, Client, ResourceExt,
    api::{EvictParams, ListParams, PostParams},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::last_words::Work;
use crate::operator_process::OperatorProcess;
use crate::player::{Act, End, Player, Role};
use crate::support::{
    analysis, created_jobs, install_definition, kubectl, operator_program, status, try_kubectl,
};

/// An operator for one namespace, and a player for its pods.
pub(crate) struct World<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) client: Client,
    pub(crate) namespace: String,
    operator: OperatorProcess,
    pub(crate) player: Player,
}

type Script = fn(&Role) -> Act;

pub(crate) async fn in_world(
    work: &[(&str, Work)],
    flags: &[&str],
    script: impl Fn(&Role) -> Act + Send + Sync + 'static,
    test: impl AsyncFnOnce(World<'_>),
) {
    let cluster = Cluster::shared(Level::ControlPlane);
    install_definition(cluster);
    in_namespace(cluster, async |client, namespace| {
        let player = Player::start(&client, &namespace, work, script);
        let operator = operator(cluster, &namespace, flags).await;
        test(World {
            cluster,
            client,
            namespace,
            operator,
            player,
        })
        .await;
    })
    .await;
}

/// One that looks after `namespace` alone.
pub(crate) async fn operator(cluster: &Cluster, namespace: &str, flags: &[&str]) -> OperatorProcess {
    let mut arguments = vec![
        "--namespace",
        namespace,
        "--pod-namespace",
        namespace,
        "--leader-election",
        "false",
    ];
    arguments.extend(flags);
    OperatorProcess::start(&operator_program(), cluster, &arguments)
        .await
        .unwrap()
}

impl World<'_> {
    pub(crate) fn apply(&self, name: &str, more: &Value) {
        kubectl(
            self.cluster,
            &self.namespace,
            &["apply", "-f", &analysis(&self.namespace, name, more)],
        );
    }

    pub(crate) fn kubectl(&self, arguments: &[&str]) -> String {
        kubectl(self.cluster, &self.namespace, arguments)
    }

    pub(crate) fn patch(&self, name: &str, spec: &Value) {
        let change = json!({"spec": spec}).to_string();
        self.kubectl(&["patch", "ga", name, "--type", "merge", "--patch", &change]);
    }

    pub(crate) async fn status(&self, name: &str) -> Value {
        status(&self.client, &self.namespace, name).await
    }

    pub(crate) async fn phase(&self, name: &str, phase: &str) -> Value {
        eventually(&format!("`{name}` is {phase}"), async || {
            let status = self.status(name).await;
            (status["phase"] == phase).then_some(status)
        })
        .await
    }

    pub(crate) async fn condition(&self, name: &str, kind: &str, reason: &str) -> Value {
        eventually(&format!("{kind} says {reason}"), async || {
            let status = self.status(name).await;
            let found = status["conditions"]
                .as_array()?
                .iter()
                .find(|one| one["type"] == kind)?
                .clone();
            (found["reason"] == reason).then_some(found)
        })
        .await
    }

    pub(crate) fn jobs(&self) -> Api<Job> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    pub(crate) fn pods(&self) -> Api<Pod> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    pub(crate) fn assert_no_job_made_twice(&self) {
        let jobs = created_jobs(self.cluster, &self.namespace);
        assert!(
            !jobs.is_empty() && jobs.values().all(|&times| times == 1),
            "{jobs:?}"
        );
    }
}

pub(crate) fn seconds(count: f64) -> Duration {
    Duration::from_secs_f64(count)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn it_is_ready_in_a_second_and_idles_in_little_memory() {
    in_world(
        &[],
        &[],
        |_| Act::well(seconds(0.1)),
        async |world| {
            let ready = world.operator.until_ready.as_secs_f64();
            sleep(seconds(3.0)).await;
            let memory = world.operator.resident_memory().unwrap() as f64 / 1e6;
            println!(
                "operator: start to ready {:.0} ms, idle {memory:.1} MB",
                ready * 1000.0
            );
            assert!(ready < 1.0, "{ready} s until ready");
            assert!(memory < 30.0, "{memory} MB idle");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn a_hundred_evictions_among_a_thousand_tasks_cost_nothing() {
    in_world(&[("many", Work::tasks(1000))], &[], |_| Act::well(seconds(2.0)), async |world| {
        let begin = Instant::now();
        world.apply("many", &json!({"scaling": {"minWorkers": 100, "maxWorkers": 100}}));
        world.phase("many", "Running").await;
        let evicted = evict(&world, 100).await;
        let status = world.phase("many", "Succeeded").await;

        let figures = world.player.figures("many");
        let processor = world.operator.processor_seconds().await.unwrap();
        println!(
            "1000 tasks of 2 s on at most 100 workers, {evicted} evictions: {:.0} s, operator {processor:.1} s of CPU, {} bytes of status",
            begin.elapsed().as_secs_f64(),
            status.to_string().len(),
        );
        assert_eq!(status["genomes"]["analyzed"], 1000);
        assert_eq!(status["tasks"]["retried"], 0);
        assert_eq!(evicted, 100);
        assert!(figures.most <= 100, "{} pods at once", figures.most);
        assert!(status.to_string().len() < 16 << 10);
        world.assert_no_job_made_twice();
    })
    .await;
}

/// Through the eviction API, one running worker after the other.
async fn evict(world: &World<'_>, count: u32) -> u32 {
    let pods = world.pods();
    let workers = ListParams::default()
        .labels("genomics.pleiotropy.io/stage=map")
        .fields("status.phase=Running");
    let mut evicted = 0;
    for _ in 0..200 {
        for pod in pods
            .list(&workers)
            .await
            .unwrap()
            .items
            .iter()
            .filter(|pod| pod.metadata.deletion_timestamp.is_none())
            .take(10)
        {
            evicted += u32::from(pods.evict(&pod.name_any(), &EvictParams::default()).await.is_ok());
            if evicted == count {
                return evicted;
            }
        }
        sleep(seconds(0.2)).await;
    }
    evicted
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn five_hundred_victims_of_memory_share_few_jobs() {
    let script: Script = |role| {
        let is_greedy = role.verb == Verb::Map && role.task % 2 == 1 && role.memory_step == 0;
        let end = if is_greedy {
            End::OutOfMemory(format!("g{}", role.task))
        } else {
            End::Exit(0)
        };
        Act {
            time: seconds(0.5),
            end,
        }
    };
    in_world(&[("greedy", Work::tasks(1000))], &[], script, async |world| {
        world.apply(
            "greedy",
            &json!({"scaling": {"maxWorkers": 100, "minWorkers": 100}}),
        );
        let mut most = 0;
        let status = eventually("it has ended", async || {
            let jobs = world
                .jobs()
                .list(&ListParams::default().labels("genomics.pleiotropy.io/stage=map"))
                .await
                .unwrap();
            most = most.max(jobs.items.iter().filter(|job| is_live(job)).count());
            let status = world.status("greedy").await;
            (status["phase"] == "Succeeded").then_some(status)
        })
        .await;

        let started = world.player.figures("greedy").started;
        let needed = |task: u32| 1 + task % 2;
        let twice = started
            .iter()
            .filter(|((verb, task), pods)| *verb == "map" && **pods > needed(*task))
            .count();
        println!(
            "500 of 1000 tasks out of memory: at most {most} map Jobs at once, {} in all; {twice} tasks were begun once too often",
            created_jobs(world.cluster, &world.namespace).len() - 2
        );
        assert!(most <= 3, "{most} map Jobs at once");
        assert_eq!(status["genomes"]["analyzed"], 1000);
        assert_eq!(status["tasks"]["outOfMemory"], 500);
        // Only a pod that has ended makes room for a victim; the Job controller may have filled its place at that moment.
        assert!(twice <= 20, "{twice} of 1000");
    })
    .await;
}

fn is_live(job: &Job) -> bool {
    let conditions = job.status.as_ref().and_then(|status| status.conditions.as_ref());
    !conditions
        .into_iter()
        .flatten()
        .any(|one| one.type_ == "Complete" || one.type_ == "Failed")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn a_genome_that_never_fits_is_given_up_and_the_others_are_done() {
    let script: Script = |role| {
        let never_fits = role.verb == Verb::Map && role.task == 2 && role.given_up.is_empty();
        let end = if never_fits {
            End::OutOfMemory("giant".to_owned())
        } else {
            End::Exit(0)
        };
        Act {
            time: seconds(0.3),
            end,
        }
    };
    let work = Work {
        tasks: 4,
        genomes_a_task: 3,
    };
    in_world(&[("giant", work)], &[], script, async |world| {
        world.apply(
            "giant",
            &json!({"resources": {"memory": "64Mi", "maxMemory": "256Mi"}}),
        );
        let status = world.phase("giant", "PartiallySucceeded").await;

        let expected = json!({"total": 12, "analyzed": 11, "cached": 0, "failed": 1, "remaining": 0});
        assert_eq!(status["genomes"], expected);
        assert_eq!(status["firstFailure"]["genome"], "giant");
        let started = world.player.figures("giant").started;
        let pods = |task| started[&("map", task)];
        assert_eq!(
            [pods(0), pods(1), pods(2), pods(3)],
            [1, 1, 4, 1],
            "64, 128 and 256 MiB, then without it"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn what_the_cluster_refuses_is_said_in_its_words_and_clears_itself() {
    in_world(
        &[("held", Work::tasks(4))],
        &[],
        |_| Act::well(seconds(0.5)),
        async |world| {
            let quota: ResourceQuota = serde_json::from_value(json!({
                "metadata": {"name": "nothing"}, "spec": {"hard": {"pods": "0"}},
            }))
            .unwrap();
            let quotas = Api::<ResourceQuota>::namespaced(world.client.clone(), &world.namespace);
            quotas.create(&PostParams::default(), &quota).await.unwrap();
            world.apply("held", &json!({}));
            let begin = Instant::now();
            let condition = world.condition("held", "Progressing", "QuotaExceeded").await;
            let said = condition["message"].as_str().unwrap().to_owned();
            println!("quota: said after {:.1} s: {said}", begin.elapsed().as_secs_f64());
            assert!(begin.elapsed() < seconds(60.0));
            assert!(said.contains("exceeded quota: nothing"), "{said}");

            quotas
                .delete("nothing", &kube::api::DeleteParams::default())
                .await
                .unwrap();
            world.phase("held", "Succeeded").await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn what_no_node_can_take_is_said_in_the_schedulers_words() {
    in_world(
        &[("huge", Work::tasks(4))],
        &[],
        |_| Act::well(seconds(0.5)),
        async |world| {
            world.apply("huge", &json!({"resources": {"cpu": 900}}));
            let begin = Instant::now();
            let condition = world.condition("huge", "Progressing", "Unschedulable").await;
            let said = condition["message"].as_str().unwrap();
            println!(
                "unschedulable: said after {:.1} s: {said}",
                begin.elapsed().as_secs_f64()
            );
            assert!(begin.elapsed() < seconds(60.0));
            assert!(said.contains("Insufficient cpu"), "{said}");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn ten_analyses_share_the_operators_workers_and_a_late_small_one_starts_at_once() {
    let names: Vec<String> = (0..10).map(|number| format!("user-{number}")).collect();
    let mut work: Vec<(&str, Work)> = names
        .iter()
        .map(|name| (name.as_str(), Work::tasks(200)))
        .collect();
    work.push(("late", Work::tasks(2)));
    in_world(
        &work,
        &["--max-workers", "20"],
        |_| Act::well(seconds(2.0)),
        async |world| {
            for name in &names {
                world.apply(name, &json!({"scaling": {"maxWorkers": 20}}));
            }
            for name in &names {
                world.phase(name, "Running").await;
            }
            let started = |name: &String| -> u32 { world.player.figures(name).started.values().sum() };
            let before: Vec<u32> = names.iter().map(started).collect();
            let mut most = 0;
            for _ in 0..200 {
                sleep(seconds(0.1)).await;
                most = most.max(names.iter().map(|name| world.player.figures(name).running()).sum());
            }
            let tasks: Vec<u32> = names
                .iter()
                .zip(before)
                .map(|(name, before)| started(name) - before)
                .collect();
            println!(
                "ten analyses with 20 workers to share: tasks of each in 20 s {tasks:?}, at most {most} workers"
            );
            let mean = f64::from(tasks.iter().sum::<u32>()) / 10.0;
            assert!(
                tasks
                    .iter()
                    .all(|&count| (f64::from(count) / mean - 1.0).abs() <= 0.2),
                "{tasks:?}"
            );
            assert!(most <= 20, "{most} workers");

            let begin = Instant::now();
            world.apply("late", &json!({}));
            eventually("a worker of the late one runs", async || {
                world
                    .player
                    .figures("late")
                    .started
                    .keys()
                    .any(|(verb, _)| *verb == "map")
                    .then_some(())
            })
            .await;
            let waited = begin.elapsed().as_secs_f64();
            println!("a small analysis that came late: first worker after {waited:.1} s");
            assert!(waited < 10.0, "{waited} s");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn an_operator_killed_again_and_again_makes_no_job_twice() {
    let script: Script = |role| {
        let is_greedy = role.verb == Verb::Map && role.task % 7 == 3 && role.memory_step == 0;
        let end = if is_greedy {
            End::OutOfMemory("g".to_owned())
        } else {
            End::Exit(0)
        };
        Act {
            time: seconds(0.4),
            end,
        }
    };
    in_world(&[("killed", Work::tasks(60))], &[], script, async |mut world| {
        world.apply("killed", &json!({}));
        let mut kills = 0;
        for pause in (0..).map(|round: u32| u64::from(round * 37 % 11) * 60) {
            sleep(Duration::from_millis(pause)).await;
            world.operator.kill().unwrap();
            kills += 1;
            world.operator = operator(world.cluster, &world.namespace, &[]).await;
            if world.status("killed").await["phase"] == "Succeeded" || kills == 400 {
                break;
            }
        }
        let status = world.phase("killed", "Succeeded").await;
        println!("{kills} kills in one run");
        assert!(kills >= 10);
        assert_eq!(status["genomes"]["analyzed"], 60);
        world.assert_no_job_made_twice();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn a_standby_takes_over_from_a_killed_leader_and_a_woken_one_leaves() {
    let cluster = Cluster::shared(Level::ControlPlane);
    install_definition(cluster);
    in_namespace(cluster, async |client, namespace| {
        let _player = Player::start(
            &client,
            &namespace,
            &[("led", Work::tasks(3)), ("again", Work::tasks(3))],
            |_| Act::well(seconds(0.3)),
        );
        let flags = [
            "--namespace",
            namespace.as_str(),
            "--pod-namespace",
            namespace.as_str(),
        ];
        let start = async || {
            OperatorProcess::start(&operator_program(), cluster, &flags)
                .await
                .unwrap()
        };
        let mut first = start().await;
        let second = start().await;
        assert!(
            second.page("/readyz").await.unwrap().contains("200"),
            "a standby is ready"
        );

        first.kill().unwrap();
        let begin = Instant::now();
        kubectl(
            cluster,
            &namespace,
            &["apply", "-f", &analysis(&namespace, "led", &json!({}))],
        );
        let done = async |name: &str| {
            eventually(&format!("`{name}` is done"), async || {
                (status(&client, &namespace, name).await["phase"] == "Succeeded").then_some(())
            })
            .await;
        };
        done("led").await;
        println!(
            "leader killed: the next analysis was done {:.1} s later",
            begin.elapsed().as_secs_f64()
        );
        assert!(begin.elapsed() < seconds(30.0));

        // The leader sleeps past its lease; another leads; it wakes up, and must go without a write.
        let third = start().await;
        signal(second.id(), "STOP");
        kubectl(
            cluster,
            &namespace,
            &["apply", "-f", &analysis(&namespace, "again", &json!({}))],
        );
        done("again").await;
        signal(second.id(), "CONT");
        eventually("the woken one has left", async || {
            second.log().contains("leadership of lease").then_some(())
        })
        .await;
        assert!(third.page("/readyz").await.unwrap().contains("200"));
        let jobs = created_jobs(cluster, &namespace);
        assert!(jobs.values().all(|&times| times == 1), "{jobs:?}");
    })
    .await;
}

fn signal(process: u32, name: &str) {
    let status = std::process::Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn suspend_resume_scale_cancel_and_delete_are_obeyed() {
    let work = [("moody", Work::tasks(400)), ("ended", Work::tasks(400))];
    in_world(
        &work,
        &[],
        |_| Act::well(seconds(1.0)),
        async |world| {
            world.apply("moody", &json!({"scaling": {"maxWorkers": 20, "workers": 2}}));
            let running = async |wanted: std::ops::RangeInclusive<usize>| {
                eventually(&format!("{wanted:?} workers run"), async || {
                    wanted
                        .contains(&world.player.figures("moody").running())
                        .then_some(())
                })
                .await;
            };
            running(2..=2).await;
            world.kubectl(&["scale", "ga/moody", "--replicas=12"]);
            running(8..=12).await;
            world.patch("moody", &json!({"suspend": true}));
            world.phase("moody", "Suspended").await;
            running(0..=0).await;
            world.patch("moody", &json!({"suspend": false}));
            running(8..=12).await;
            assert!(world.player.figures("moody").most <= 12);

            world.apply("ended", &json!({}));
            world.phase("ended", "Running").await;
            world.patch("ended", &json!({"cancel": true}));
            let status = world.phase("ended", "Cancelled").await;
            let failed = status["conditions"]
                .as_array()
                .unwrap()
                .iter()
                .find(|one| one["type"] == "Failed")
                .unwrap();
            assert_eq!(
                (&failed["status"], &failed["reason"]),
                (&json!("True"), &json!("Cancelled"))
            );

            world.kubectl(&["delete", "ga", "moody", "ended", "--wait=false"]);
            let begin = Instant::now();
            eventually("nothing of theirs is left", async || {
                let left = world
                    .pods()
                    .list(&ListParams::default())
                    .await
                    .unwrap()
                    .items
                    .len()
                    + world
                        .jobs()
                        .list(&ListParams::default())
                        .await
                        .unwrap()
                        .items
                        .len()
                    + own_config_maps(&world).await;
                (left == 0).then_some(())
            })
            .await;
            println!(
                "deleted in the middle: nothing left after {:.1} s",
                begin.elapsed().as_secs_f64()
            );
            assert!(try_kubectl(world.cluster, &world.namespace, &["get", "ga", "moody"]).is_err());
        },
    )
    .await;
}

async fn own_config_maps(world: &World<'_>) -> usize {
    let maps = Api::<ConfigMap>::namespaced(world.client.clone(), &world.namespace);
    let all = maps.list(&ListParams::default()).await.unwrap();
    all.items
        .iter()
        .filter(|map| map.name_any() != "kube-root-ca.crt")
        .count()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn an_output_that_can_not_be_written_is_probed_by_one_pod_until_it_can() {
    static REFUSED: AtomicU32 = AtomicU32::new(0);
    let script: Script = |role| {
        let refused = role.verb == Verb::Map && REFUSED.fetch_add(1, Ordering::Relaxed) < 12;
        Act {
            time: seconds(0.3),
            end: End::Exit(if refused { 73 } else { 0 }),
        }
    };
    in_world(&[("full", Work::tasks(20))], &[], script, async |world| {
        world.apply("full", &json!({"scaling": {"maxWorkers": 10, "minWorkers": 10}}));
        world.condition("full", "Progressing", "OutputConflict").await;
        eventually("one probe at a time", async || {
            let jobs = world
                .jobs()
                .list(&ListParams::default().labels("genomics.pleiotropy.io/stage=map"))
                .await
                .unwrap();
            jobs.items
                .iter()
                .all(|job| job.spec.as_ref().unwrap().parallelism == Some(1))
                .then_some(())
        })
        .await;
        let status = world.phase("full", "Succeeded").await;
        assert_eq!(status["genomes"]["analyzed"], 20);
        assert_eq!(status["tasks"]["retried"], 0);
    })
    .await;
}
