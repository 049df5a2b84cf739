//! Workers follow the nodes that there are, and a deadline, without waste. `SCALE=full` runs the full size.

use std::time::{Duration, Instant};

use cluster_tests::within;
use genome_contract::Verb;
use serde_json::{Value, json};

use crate::{
    last_words::Work,
    node_autoscaler::{Habits, NodeAutoscaler, ROOM, Record},
    player::{Act, Role},
    simulated::{World, in_world, seconds},
};

/// How much, and how fast.
#[derive(Clone, Copy)]
struct Size {
    tasks: u32,
    /// What one of them takes.
    task: f64,
    /// From pods that are unschedulable to nodes for them.
    delay: f64,
    max_workers: u32,
}

fn size() -> Size {
    if std::env::var("SCALE").is_ok_and(|scale| scale == "full") {
        Size {
            tasks: 2000,
            task: 30.0,
            delay: 60.0,
            max_workers: 100,
        }
    } else {
        Size {
            tasks: 200,
            task: 6.0,
            delay: 12.0,
            max_workers: 40,
        }
    }
}

/// What a plan or a merge takes.
const SINGLE: f64 = 1.0;

fn script(size: Size) -> impl Fn(&Role) -> Act {
    move |role| {
        let time = if role.verb == Verb::Map { size.task } else { SINGLE };
        Act::well(seconds(time))
    }
}

async fn end(world: &World<'_>, name: &str) -> Value {
    within(
        Duration::from_mins(40),
        &format!("`{name}` succeeds"),
        async || {
            let status = world.status(name).await;
            (status["phase"] == "Succeeded").then_some(status)
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn workers_follow_a_node_autoscaler_and_waste_neither_time_nor_workers() {
    let size = size();
    in_world(&[("elastic", Work::tasks(size.tasks))], &[], script(size), async |world| {
        let habits = Habits {
            delay: seconds(size.delay),
            // A third of what is wanted, so that room comes in waves.
            at_once: (size.max_workers as usize / ROOM).div_ceil(3),
            patience: seconds(size.delay / 4.0),
        };
        let autoscaler = NodeAutoscaler::start(&world.client, &world.namespace, habits);
        let begin = Instant::now();
        world.apply("elastic", &json!({
            "scaling": {"maxWorkers": size.max_workers}, "scheduling": {"nodeSelector": {"pool": world.namespace}},
        }));
        let status = end(&world, "elastic").await;
        let took = begin.elapsed().as_secs_f64();

        let record = autoscaler.record();
        let ideal = ideal(size, begin, &record);
        let figures = world.player.figures("elastic");
        let idle = 1.0 - figures.worked.as_secs_f64() / figures.ran.as_secs_f64();
        println!(
            "{} tasks of {} s, nodes {} s after they are wanted: {} nodes of {ROOM} came, {} went; {took:.1} s, ideal {ideal:.1} s, ratio {:.3}; \
             running pods without a task {:.2} % of their time; at most {} pods, {} running, of {}",
            size.tasks, size.task, size.delay, record.arrivals.len(), record.departures.len(), took / ideal, idle * 100.0,
            record.most_pods, figures.most, size.max_workers,
        );
        assert_eq!(status["genomes"]["analyzed"], size.tasks);
        assert!(took <= ideal * 1.15, "{took} s, ideal {ideal} s");
        assert!(idle < 0.05, "{idle}");
        assert!(record.most_pods <= size.max_workers as usize, "{} pods", record.most_pods);
        assert_eq!(figures.started.values().sum::<u32>(), size.tasks + 2, "no pod for nothing");
        autoscaler.stop().await;
    })
    .await;
}

/// Seconds until all would be done if every place had a task from the moment its node takes pods, with nothing between two
/// tasks, and `maxWorkers` places at most.
fn ideal(size: Size, begin: Instant, record: &Record) -> f64 {
    let arrivals = record
        .arrivals
        .iter()
        .map(|arrival| (*arrival - begin).as_secs_f64());
    let mut free: Vec<f64> = arrivals.flat_map(|arrival| [arrival; ROOM]).collect();
    free.sort_by(f64::total_cmp);
    let planned = free[0] + SINGLE;
    free.truncate(size.max_workers as usize);
    for place in &mut free {
        *place = place.max(planned);
    }
    let mut last = planned;
    for _ in 0..size.tasks {
        let next = free.iter_mut().min_by(|one, other| one.total_cmp(other)).unwrap();
        *next += size.task;
        last = f64::max(last, *next);
    }
    last + SINGLE
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of a control plane"]
async fn a_deadline_is_met_with_no_more_workers_than_it_needs() {
    let (size, limit) = match size() {
        full @ Size { tasks: 2000, .. } => (full, 1200.0),
        small => (
            Size {
                tasks: 100,
                task: 5.0,
                ..small
            },
            60.0,
        ),
    };
    // In full, tasks take half of what the plan aims at; here, where few of them fit into the time, all of it.
    let guess = if size.tasks == 2000 { "60s" } else { "5s" };
    let flags = ["--expected-task", guess];
    in_world(&[("due", Work::tasks(size.tasks))], &flags, script(size), async |world| {
        let begin = Instant::now();
        world.apply("due", &json!({"scaling": {"maxWorkers": 100, "finishWithin": format!("{limit}s")}}));
        let mut most = 0;
        within(Duration::from_mins(40), "it succeeds", async || {
            let status = world.status("due").await;
            most = most.max(status["workers"]["desired"].as_u64().unwrap_or(0));
            (status["phase"] == "Succeeded").then_some(())
        })
        .await;
        let took = begin.elapsed().as_secs_f64();
        let figures = world.player.figures("due");
        // Whole tasks one after the other, with the second that lies between two pods of a Job.
        let rounds = |task: f64| ((limit - 2.0 * (SINGLE + 1.0)) / task).floor();
        let fewest = |task: f64| (f64::from(size.tasks) / rounds(task)).ceil();
        let needed = fewest(size.task + 1.0);
        println!(
            "{} tasks of {} s within {limit} s: {took:.1} s with at most {most} workers ({} at once), {needed} needed, {} if pods took no time to start",
            size.tasks, size.task, figures.most, fewest(size.task),
        );
        assert!(took <= limit * 1.1, "{took} s");
        assert!(most as f64 <= needed * 1.1, "{most} workers, {needed} needed");
    })
    .await;
}
