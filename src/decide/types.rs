//! What is observed, and what is decided.

use std::{sync::Arc, time::Duration};

use k8s_openapi::{
    api::{batch::v1::Job, core::v1::ConfigMap},
    jiff::Timestamp,
};

use super::share::Demand;
use crate::{
    api::{GenomeAnalysis, GenomeAnalysisStatus},
    results::JobState,
    validate,
};

/// The operator's own configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperatorSettings {
    /// What adds to every specification.
    pub validation: validate::Settings,
    /// The analyzer's image.
    pub analyzer_image: String,
    /// Workers of all analyses together; absent: no limit.
    pub max_workers: Option<u32>,
    /// How long things are waited for.
    pub timing: Timing,
}

/// How long things are waited for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// A pod that should have been gone for so long is on a lost node.
    pub lost_node: Duration,
    /// Pods wait so long for a node before the analysis asks for fewer: a node autoscaler needs them to stay.
    pub unschedulable: Duration,
    /// Victims gather so long while a retry Job of their memory step is at work.
    pub gather: Duration,
    /// Fewer workers must do for so long before some are let go.
    pub settle: Duration,
    /// What a task takes, before one has been seen.
    pub expected_task: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lost_node: Duration::from_mins(5),
            unschedulable: Duration::from_mins(5),
            gather: Duration::from_mins(1),
            settle: Duration::from_mins(1),
            // The plan's target.
            expected_task: Duration::from_mins(1),
        }
    }
}

/// One analysis and all that concerns it, at one moment.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The analysis.
    pub analysis: Arc<GenomeAnalysis>,
    /// Its Jobs with their pods.
    pub jobs: Vec<JobState>,
    /// What events say about its Jobs and pods.
    pub troubles: Vec<Trouble>,
    /// What the API server said when something was last written for it, where it refused.
    pub refusal: Option<Refusal>,
    /// What all analyses that ask for anything ask for, this one included; empty where there is no total to share, and for one that
    /// has ended.
    pub demands: Vec<Demand>,
    /// Workers of all other analyses, pending and terminating ones included; 0 where there is no total to share.
    pub elsewhere: u32,
    /// A read-write-once claim keeps its workers on one node.
    pub one_node: bool,
    /// Now.
    pub now: Timestamp,
}

/// An event about a Job or pod of the analysis.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trouble {
    /// The Job or pod.
    pub about: String,
    /// `FailedCreate`, `FailedMount` …
    pub reason: String,
    /// The sentence.
    pub text: String,
    /// When it was last seen.
    pub last_seen: Timestamp,
}

/// A write that the API server refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// Why.
    pub kind: RefusalKind,
    /// Its words.
    pub text: String,
}

/// Why a write was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RefusalKind {
    /// A quota is used up.
    Quota,
    /// Admission said no.
    Admission,
    /// An object of that name belongs to somebody else.
    NameTaken,
    /// The namespace is being deleted: nothing can be made in it any more.
    NamespaceTerminating,
}

/// What to write, in this order: ConfigMaps, Jobs, parallelism, status; then events, then the removal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// Jobs to make, each with the ConfigMap it reads.
    pub create: Vec<(ConfigMap, Job)>,
    /// Jobs whose parallelism changes.
    pub patch: Vec<ParallelismPatch>,
    /// Whether the analysis is deleted.
    pub remove: bool,
    /// The new status; absent where it stays as it is.
    pub status: Option<GenomeAnalysisStatus>,
    /// What people are told; only beside a new status.
    pub events: Vec<EventNote>,
    /// When to look again, if nothing happens before.
    pub next: Option<Duration>,
}

/// A Job's parallelism.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParallelismPatch {
    /// The Job.
    pub job: String,
    /// Its uid, a precondition.
    pub uid: String,
    /// The version this was decided on, a precondition.
    pub resource_version: String,
    /// What it was.
    pub from: u32,
    /// What it shall be.
    pub to: u32,
}

/// One event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventNote {
    /// Whether a person should look.
    pub warning: bool,
    /// One of [`crate::api::names::events`].
    pub reason: &'static str,
    /// The sentence.
    pub note: String,
}
