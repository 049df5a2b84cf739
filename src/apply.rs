//! Decision → [`Applied`]: the only place that writes. POST with deterministic names, patches with preconditions,
//! server-side apply for the status; each call with a time-out, none repeated here.
//!
//! Before each write it asks whether this process still leads. A crash between two writes is harmless: deciding again
//! on what is there asks for the rest.

use std::{fmt::Debug, time::Duration};

use k8s_openapi::api::{batch::v1::Job, core::v1::ConfigMap};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams, Preconditions, PropagationPolicy},
    runtime::events::{Event, EventType, Recorder},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use crate::{
    api::{GenomeAnalysis, GenomeAnalysisStatus, names::FIELD_MANAGER},
    decide::{Decision, EventNote, ParallelismPatch, Refusal, RefusalKind},
    leader::Leadership,
    observe::{Expectation, version_of},
    results::counts::shortened,
};

mod answer;
mod budget;
mod undeclared;

pub use answer::CALL_TIMEOUT;
pub(crate) use answer::refusal;
use answer::{Answer, Made, call, is_namespace_gone, is_webhook_down};
use budget::EventBudget;
use undeclared::Undeclared;

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// What the caches must show before the next decision.
    pub expectations: Vec<Expectation>,
    /// What the API server refused to make.
    pub refusal: Option<Refusal>,
    /// Somebody else changed an object in the meantime: look again.
    pub conflict: bool,
    /// Jobs made.
    pub created: u32,
    /// The status, where it was written.
    pub status: Option<GenomeAnalysisStatus>,
    /// When to look again.
    pub next: Option<Duration>,
}

/// Why writing stopped.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Another replica leads now.
    #[error("this replica does not lead any more")]
    NotLeading,
    /// The API server did not answer in time.
    #[error("{doing}: no answer within {} s", CALL_TIMEOUT.as_secs())]
    TimedOut {
        /// What was being done.
        doing: &'static str,
    },
    /// The API server failed, or could not be reached.
    #[error("{doing}")]
    Api {
        /// What was being done.
        doing: &'static str,
        /// How it failed.
        #[source]
        source: kube::Error,
    },
}

/// Writes for one analysis.
pub struct Applier {
    client: Client,
    leadership: Leadership,
    recorder: Recorder,
    budget: EventBudget,
    undeclared: Undeclared,
}

impl Applier {
    /// Writes through `client`, which must not retry by itself, while `leadership` holds.
    pub fn new(client: Client, leadership: Leadership, recorder: Recorder) -> Self {
        Self {
            client,
            leadership,
            recorder,
            budget: EventBudget::default(),
            undeclared: Undeclared::default(),
        }
    }

    /// Carries `decision` out.
    pub async fn apply(&self, analysis: &GenomeAnalysis, decision: Decision) -> Result<Applied, ApplyError> {
        let Decision {
            create,
            patch,
            remove,
            status,
            events,
            next,
        } = decision;
        let mut applied = Applied {
            next,
            ..Applied::default()
        };
        for (config_map, job) in &create {
            self.create(analysis, config_map, job, &mut applied).await?;
        }
        for patch in &patch {
            self.patch(analysis, patch, &mut applied).await?;
        }
        if let Some(status) = status {
            self.write_status(analysis, status, &mut applied).await?;
        }
        if applied.status.is_some() {
            self.tell(analysis, events).await;
        }
        if remove {
            self.remove(analysis).await?;
        }
        Ok(applied)
    }

    async fn create(
        &self,
        analysis: &GenomeAnalysis,
        config_map: &ConfigMap,
        job: &Job,
        applied: &mut Applied,
    ) -> Result<(), ApplyError> {
        for made in [
            self.post(analysis, config_map).await?.map(|_| None),
            self.post_job(analysis, job).await?,
        ] {
            match made {
                Made::New(Some(expectation)) => {
                    applied.created += 1;
                    applied.expectations.push(expectation);
                }
                Made::Found(Some(expectation)) => applied.expectations.push(expectation),
                Made::New(None) | Made::Found(None) => {}
                Made::Again => applied.conflict = true,
                Made::Refused(refusal) => {
                    warn!(analysis = %analysis.name_any(), reason = %refusal.text, "refused");
                    applied.refusal = Some(refusal);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn post_job(
        &self,
        analysis: &GenomeAnalysis,
        job: &Job,
    ) -> Result<Made<Option<Expectation>>, ApplyError> {
        let made = self.post(analysis, job).await?;
        if let Made::New(job) = &made {
            info!(analysis = %analysis.name_any(), namespace = analysis.namespace(), job = %job.name_any(), "created");
        }
        Ok(made.map(|job| {
            Some(Expectation::Job {
                name: job.name_any(),
                version: version_of(&job),
            })
        }))
    }

    /// Makes `object`, or finds it made: of that name, and controlled by this very analysis.
    async fn post<K>(&self, analysis: &GenomeAnalysis, object: &K) -> Result<Made<K>, ApplyError>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
            + Clone
            + Debug
            + Serialize
            + DeserializeOwned,
    {
        let api = self.api::<K>(analysis);
        let parameters = PostParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PostParams::default()
        };
        match self
            .write("creating an object", api.create(&parameters, object))
            .await?
        {
            Answer::Written(made) => Ok(Made::New(made)),
            Answer::Refused(refusal) => Ok(Made::Refused(refusal)),
            Answer::Missing => Ok(Made::Again),
            Answer::Conflict => {
                let name = object.name_any();
                let Some(found) = call("reading an object", api.get_opt(&name)).await? else {
                    return Ok(Made::Again);
                };
                let ours = found.owner_references().iter().any(|owner| {
                    owner.controller == Some(true) && Some(&owner.uid) == analysis.metadata.uid.as_ref()
                });
                if ours {
                    return Ok(Made::Found(found));
                }
                let text = format!("`{name}` exists and belongs to somebody else; hint: delete it");
                Ok(Made::Refused(Refusal {
                    kind: RefusalKind::NameTaken,
                    text,
                }))
            }
        }
    }

    async fn patch(
        &self,
        analysis: &GenomeAnalysis,
        patch: &ParallelismPatch,
        applied: &mut Applied,
    ) -> Result<(), ApplyError> {
        let ParallelismPatch {
            job,
            uid,
            resource_version,
            from,
            to,
        } = patch;
        let body = json!({
            "metadata": { "uid": uid, "resourceVersion": resource_version },
            "spec": { "parallelism": to },
        });
        let parameters = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let api = self.api::<Job>(analysis);
        match self
            .write(
                "changing a Job's parallelism",
                api.patch(job, &parameters, &Patch::Merge(&body)),
            )
            .await?
        {
            Answer::Written(written) => {
                info!(analysis = %analysis.name_any(), namespace = analysis.namespace(), %job, from, to, "scaled");
                applied.expectations.push(Expectation::Job {
                    name: written.name_any(),
                    version: version_of(&written),
                });
            }
            Answer::Conflict | Answer::Missing => applied.conflict = true,
            Answer::Refused(refusal) => applied.refusal = Some(refusal),
        }
        Ok(())
    }

    async fn write_status(
        &self,
        analysis: &GenomeAnalysis,
        status: GenomeAnalysisStatus,
        applied: &mut Applied,
    ) -> Result<(), ApplyError> {
        let whole = json!({
            "apiVersion": GenomeAnalysis::api_version(&()),
            "kind": GenomeAnalysis::kind(&()),
            "metadata": {
                "name": analysis.name_any(),
                "uid": analysis.metadata.uid,
                "resourceVersion": analysis.metadata.resource_version,
            },
            "status": status,
        });
        let name = analysis.name_any();
        let answer = match self.apply_status(analysis, whole.clone()).await {
            Err(ApplyError::Api {
                source: kube::Error::Api(said),
                ..
            }) if self.undeclared.learn(&said.message, Instant::now()) => {
                self.apply_status(analysis, whole).await
            }
            answer => answer,
        };
        match answer? {
            Answer::Written(written) => {
                applied.expectations.push(Expectation::Analysis {
                    version: version_of(&written),
                });
                applied.status = Some(status);
            }
            Answer::Conflict => applied.conflict = true,
            Answer::Missing => {}
            Answer::Refused(refusal) => {
                warn!(analysis = %name, reason = %refusal.text, "status refused");
            }
        }
        Ok(())
    }

    async fn apply_status(
        &self,
        analysis: &GenomeAnalysis,
        mut document: Value,
    ) -> Result<Answer<GenomeAnalysis>, ApplyError> {
        self.undeclared.take_out(&mut document, Instant::now());
        let api = self.api::<GenomeAnalysis>(analysis);
        let parameters = PatchParams::apply(FIELD_MANAGER).force();
        let (name, patch) = (analysis.name_any(), Patch::Apply(&document));
        let call = api.patch_status(&name, &parameters, &patch);
        self.write("writing the status", call).await
    }

    /// Events are for people: one that is not written is not missed.
    async fn tell(&self, analysis: &GenomeAnalysis, notes: Vec<EventNote>) {
        for EventNote {
            warning,
            reason,
            note,
        } in notes
        {
            info!(analysis = %analysis.name_any(), namespace = analysis.namespace(), reason, "{note}");
            let event = Event {
                type_: if warning {
                    EventType::Warning
                } else {
                    EventType::Normal
                },
                reason: reason.to_owned(),
                note: Some(shortened(&note, 1000)),
                action: "Reconcile".to_owned(),
                secondary: None,
            };
            if !self.leadership.holds() {
                return;
            }
            if !self
                .budget
                .allows(&analysis.uid().unwrap_or_default(), Instant::now())
            {
                warn!(analysis = %analysis.name_any(), reason, "too many events; this one is not written");
                continue;
            }
            match timeout(
                CALL_TIMEOUT,
                self.recorder.publish(&event, &analysis.object_ref(&())),
            )
            .await
            {
                Ok(Ok(())) => {}
                Ok(Err(error)) => warn!(%error, reason, "an event was not written"),
                Err(_) => warn!(reason, "an event was not written in time"),
            }
        }
    }

    async fn remove(&self, analysis: &GenomeAnalysis) -> Result<(), ApplyError> {
        let parameters = DeleteParams {
            propagation_policy: Some(PropagationPolicy::Background),
            preconditions: Some(Preconditions {
                uid: analysis.metadata.uid.clone(),
                resource_version: analysis.metadata.resource_version.clone(),
            }),
            ..DeleteParams::default()
        };
        let name = analysis.name_any();
        info!(analysis = %name, namespace = analysis.namespace(), "its time to live has passed, or its namespace is going; deleting it");
        let api = self.api::<GenomeAnalysis>(analysis);
        self.write("deleting an analysis", api.delete(&name, &parameters))
            .await
            .map(|_| ())
    }

    fn api<K>(&self, analysis: &GenomeAnalysis) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &analysis.namespace().unwrap_or_default())
    }

    async fn write<T>(
        &self,
        doing: &'static str,
        request: impl Future<Output = Result<T, kube::Error>>,
    ) -> Result<Answer<T>, ApplyError> {
        if !self.leadership.holds() {
            return Err(ApplyError::NotLeading);
        }
        match call(doing, request).await {
            Ok(written) => Ok(Answer::Written(written)),
            Err(ApplyError::Api {
                source: kube::Error::Api(status),
                doing,
            }) => match status.code {
                404 if !is_namespace_gone(&status) => Ok(Answer::Missing),
                409 => Ok(Answer::Conflict),
                400 | 403 | 404 | 413 | 422 => Ok(Answer::Refused(refusal(&status))),
                500 if is_webhook_down(&status) => Ok(Answer::Refused(refusal(&status))),
                _ => Err(ApplyError::Api {
                    doing,
                    source: kube::Error::Api(status),
                }),
            },
            Err(error) => Err(error),
        }
    }
}
