//! Plays a node autoscaler: nodes appear some time after pods are unschedulable, a few at a time, and those that stay empty
//! go again. It keeps a record of when there was room.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use k8s_openapi::api::core::v1::{Node, Pod};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, PostParams},
};
use tokio::{task::JoinHandle, time::sleep};

use crate::outside::node;

/// Workers that fit on one of its nodes.
pub(crate) const ROOM: usize = 4;

/// How it behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    /// From pods that are unschedulable to the node for them.
    pub(crate) delay: Duration,
    /// Nodes under way at once.
    pub(crate) at_once: usize,
    /// A node that has been empty for so long goes.
    pub(crate) patience: Duration,
}

/// What it has seen and done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// When each node began to take pods.
    pub(crate) arrivals: Vec<Instant>,
    /// When nodes went.
    pub(crate) departures: Vec<Instant>,
    /// Most pods at once that had not ended, waiting ones included.
    pub(crate) most_pods: usize,
}

/// Plays until it is dropped; its nodes have the label `pool` with the namespace as its value.
pub(crate) struct NodeAutoscaler {
    client: Client,
    pool: String,
    record: Arc<Mutex<Record>>,
    task: JoinHandle<()>,
}

impl Drop for NodeAutoscaler {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl NodeAutoscaler {
    pub(crate) fn start(client: &Client, namespace: &str, habits: Habits) -> Self {
        let record = Arc::new(Mutex::new(Record::default()));
        let group = NodeGroup {
            nodes: Api::all(client.clone()),
            pods: Api::namespaced(client.clone(), namespace),
            pool: namespace.to_owned(),
            habits,
            record: record.clone(),
            made: 0,
            under_way: Vec::new(),
            arriving: Vec::new(),
            empty_since: BTreeMap::new(),
        };
        Self {
            client: client.clone(),
            pool: namespace.to_owned(),
            record,
            task: tokio::spawn(group.live()),
        }
    }

    pub(crate) fn record(&self) -> Record {
        self.record.lock().unwrap().clone()
    }

    /// Its nodes go with it.
    pub(crate) async fn stop(self) {
        self.task.abort();
        let nodes = Api::<Node>::all(self.client.clone());
        let of_pool = ListParams::default().labels(&format!("pool={}", self.pool));
        nodes
            .delete_collection(&DeleteParams::default(), &of_pool)
            .await
            .unwrap();
    }
}

struct NodeGroup {
    nodes: Api<Node>,
    pods: Api<Pod>,
    pool: String,
    habits: Habits,
    record: Arc<Mutex<Record>>,
    made: usize,
    /// When each of those that were asked for will be there.
    under_way: Vec<Instant>,
    /// Made, and not ready for pods yet.
    arriving: Vec<String>,
    empty_since: BTreeMap<String, Instant>,
}

impl NodeGroup {
    async fn live(mut self) {
        loop {
            self.look().await;
            sleep(Duration::from_millis(200)).await;
        }
    }

    async fn look(&mut self) {
        let Ok(pods) = self.pods.list(&ListParams::default()).await else {
            return;
        };
        let live: Vec<&Pod> = pods.items.iter().filter(|pod| !has_ended(pod)).collect();
        {
            let mut record = self.record.lock().unwrap();
            record.most_pods = record.most_pods.max(live.len());
        }
        let waiting = live.iter().filter(|pod| is_unschedulable(pod)).count();
        self.order(waiting);
        self.deliver().await;
        self.notice_arrivals().await;
        self.remove_empty(&live).await;
    }

    /// Room for those that wait, unless it is under way.
    fn order(&mut self, waiting: usize) {
        let wanted = waiting.div_ceil(ROOM).min(self.habits.at_once);
        let coming = self.under_way.len() + self.arriving.len();
        let due = Instant::now() + self.habits.delay;
        self.under_way.extend((coming..wanted).map(|_| due));
    }

    async fn deliver(&mut self) {
        let now = Instant::now();
        let before = self.under_way.len();
        self.under_way.retain(|due| *due > now);
        for _ in self.under_way.len()..before {
            let name = format!("{}-{}", self.pool, self.made);
            self.made += 1;
            self.nodes
                .create(&PostParams::default(), &node(&name, &self.pool))
                .await
                .unwrap();
            self.arriving.push(name);
        }
    }

    /// A node takes pods once its taint is gone.
    async fn notice_arrivals(&mut self) {
        for name in std::mem::take(&mut self.arriving) {
            let taints = self
                .nodes
                .get(&name)
                .await
                .ok()
                .and_then(|node| node.spec?.taints);
            if taints.is_some_and(|taints| !taints.is_empty()) {
                self.arriving.push(name);
            } else {
                self.record.lock().unwrap().arrivals.push(Instant::now());
                self.empty_since.insert(name, Instant::now());
            }
        }
    }

    async fn remove_empty(&mut self, live: &[&Pod]) {
        let mut used = HashMap::<&str, usize>::new();
        for node in live
            .iter()
            .filter_map(|pod| pod.spec.as_ref()?.node_name.as_deref())
        {
            *used.entry(node).or_default() += 1;
        }
        for (name, since) in &mut self.empty_since {
            if used.contains_key(name.as_str()) {
                *since = Instant::now();
            }
        }
        let patience = self.habits.patience;
        let is_over = |since: &Instant| since.elapsed() > patience;
        let over: Vec<String> = self
            .empty_since
            .iter()
            .filter(|(_, since)| is_over(since))
            .map(|(name, _)| name.clone())
            .collect();
        for name in over {
            self.empty_since.remove(&name);
            drop(self.nodes.delete(&name, &DeleteParams::default()).await);
            self.record.lock().unwrap().departures.push(Instant::now());
        }
    }
}

fn has_ended(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}

fn is_unschedulable(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    let says_so = conditions.into_iter().flatten().any(|one| {
        one.type_ == "PodScheduled" && one.status == "False" && one.reason.as_deref() == Some("Unschedulable")
    });
    says_so && !pod.name_any().is_empty() && pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_none())
}
