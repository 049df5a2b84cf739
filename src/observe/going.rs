//! Whether a namespace is being deleted. The operator may not read namespaces; it is told so when it asks to make something,
//! and asks without making it.
//!
//! It matters where a pod has ended, is told to go, and stays: the Job controller holds the last failed pod of an index
//! until there is a next one, a namespace that goes lets no pod be made, and deletes Jobs only after all pods are gone.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client, api::PostParams, core::ObjectMeta};
use tokio::time::{Instant, timeout};

use crate::{
    apply::refusal,
    decide::{Refusal, RefusalKind},
    results::JobState,
};

/// How long an answer is believed.
const MEMORY: Duration = Duration::from_secs(5);
/// Longest that is waited for one.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was answered last, by namespace.
#[derive(Default)]
pub(super) struct Going(Mutex<HashMap<String, Answer>>);

#[derive(Clone)]
struct Answer {
    refusal: Option<Refusal>,
    asked: Instant,
}

impl Going {
    /// The API server's words, where `namespace` is going and that keeps `jobs` from going with it.
    pub(super) async fn holds(&self, client: &Client, namespace: &str, jobs: &[JobState]) -> Option<Refusal> {
        if !jobs.iter().any(holds_a_pod) {
            return None;
        }
        if let Some(answer) = self.remembered(namespace) {
            return answer.refusal;
        }
        let refusal = asked(client, namespace).await;
        let answer = Answer {
            refusal: refusal.clone(),
            asked: Instant::now(),
        };
        let mut all = self.lock();
        all.retain(|_, answer| answer.asked.elapsed() < MEMORY);
        all.insert(namespace.to_owned(), answer);
        refusal
    }

    fn remembered(&self, namespace: &str) -> Option<Answer> {
        let answer = self.lock().get(namespace).cloned();
        answer.filter(|answer| answer.asked.elapsed() < MEMORY)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Answer>> {
        self.0.lock().expect("no thread panics with this lock")
    }
}

/// Whether a pod of `job` has ended and been told to go, and is still there.
pub(super) fn holds_a_pod(job: &JobState) -> bool {
    let is_held = |pod: &crate::results::PodState| pod.overdue_since.is_some() && !pod.is_live();
    job.is_live() && job.pods.iter().any(is_held)
}

async fn asked(client: &Client, namespace: &str) -> Option<Refusal> {
    let nothing = ConfigMap {
        metadata: ObjectMeta {
            generate_name: Some("asked-".to_owned()),
            ..ObjectMeta::default()
        },
        ..ConfigMap::default()
    };
    let parameters = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let all = Api::<ConfigMap>::namespaced(client.clone(), namespace);
    match timeout(PATIENCE, all.create(&parameters, &nothing)).await {
        Ok(Err(kube::Error::Api(status))) => {
            Some(refusal(&status)).filter(|refusal| refusal.kind == RefusalKind::NamespaceTerminating)
        }
        Ok(Ok(_) | Err(_)) | Err(_) => None,
    }
}
