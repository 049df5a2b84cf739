//! The command line of `genome-operator`: every setting is a flag and an environment variable of the same meaning.

use std::{net::SocketAddr, time::Duration};

use clap::{Args, Parser, Subcommand};

use crate::{
    api::v1alpha1::TimeSpan,
    decide::{OperatorSettings, Timing},
    telemetry::LogFormat,
    validate,
};

/// Runs genome analyses on Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "genome-operator", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watches GenomeAnalysis resources and runs them.
    Run(Box<RunArguments>),
    /// Prints the CustomResourceDefinition as YAML.
    Crd,
}

/// The operator's configuration.
#[derive(Args, Clone, Debug)]
pub struct RunArguments {
    /// Image of the analyzer, for plan, map and merge pods.
    #[arg(long, env = "ANALYZER_IMAGE")]
    pub analyzer_image: String,
    /// Namespace to watch; empty: all.
    #[arg(long = "namespace", env = "WATCH_NAMESPACE", default_value = "")]
    pub namespace: String,
    /// Workers of all analyses together; 0: no limit.
    #[arg(long, env = "MAX_WORKERS", default_value_t = 0)]
    pub max_workers: u32,
    /// Priority classes that an analysis may name, separated by commas.
    #[arg(long, env = "ALLOWED_PRIORITY_CLASSES", value_delimiter = ',')]
    pub allowed_priority_classes: Vec<String>,
    /// Service accounts that an analysis may name, separated by commas.
    #[arg(long, env = "ALLOWED_SERVICE_ACCOUNTS", value_delimiter = ',')]
    pub allowed_service_accounts: Vec<String>,
    /// Name of this cluster, part of the owner that is written to an output location.
    #[arg(long, env = "CLUSTER_NAME", default_value = "default")]
    pub cluster_name: String,
    /// Cache of analyses that name none; empty: none.
    #[arg(long, env = "CACHE_URI", default_value = "")]
    pub cache_uri: String,
    /// What is waited for, and how long.
    #[command(flatten)]
    pub timing: TimingArguments,
    /// How log lines look.
    #[arg(long, env = "LOG_FORMAT", value_enum, ignore_case = true, default_value_t)]
    pub log_format: LogFormat,
    /// Where `/metrics`, `/healthz` and `/readyz` are served.
    #[arg(long, env = "METRICS_ADDRESS", default_value = "0.0.0.0:8080")]
    pub metrics_address: SocketAddr,
    /// Whether replicas elect a leader.
    #[arg(long, env = "LEADER_ELECTION", default_value_t = true, action = clap::ArgAction::Set)]
    pub leader_election: bool,
    /// Name of this replica, for the lease and for events.
    #[arg(long, env = "POD_NAME", default_value = "genome-operator")]
    pub pod_name: String,
    /// Namespace of the lease; empty: that of the kubeconfig, or of the pod.
    #[arg(long, env = "POD_NAMESPACE", default_value = "")]
    pub pod_namespace: String,
}

/// What is waited for, and how long.
#[derive(Args, Clone, Debug)]
pub struct TimingArguments {
    /// A pod that should have been gone for so long, its grace included, is on a lost node: its task is tried elsewhere.
    #[arg(long, env = "LOST_NODE_GRACE", default_value = "5m", value_parser = span)]
    pub lost_node_grace: Duration,
    /// Pods look for a node so long before an analysis asks for fewer: a node autoscaler needs them to stay.
    #[arg(long, env = "UNSCHEDULABLE_GRACE", default_value = "5m", value_parser = span)]
    pub unschedulable_grace: Duration,
    /// Tasks that need another attempt gather so long while one of their memory step is at work.
    #[arg(long, env = "GATHER", default_value = "1m", value_parser = span)]
    pub gather: Duration,
    /// Fewer workers must be enough for so long before `finishWithin` lets some go.
    #[arg(long, env = "SETTLE", default_value = "1m", value_parser = span)]
    pub settle: Duration,
    /// What a task takes, before one has been seen.
    #[arg(long, env = "EXPECTED_TASK", default_value = "1m", value_parser = span)]
    pub expected_task: Duration,
}

fn span(text: &str) -> Result<Duration, String> {
    TimeSpan::from(text)
        .duration()
        .ok_or_else(|| "expected numbers with `h`, `m`, `s` or `ms`, such as `1m30s`".to_owned())
}

impl TimingArguments {
    fn timing(&self) -> Timing {
        let Self {
            lost_node_grace,
            unschedulable_grace,
            gather,
            settle,
            expected_task,
        } = *self;
        Timing {
            lost_node: lost_node_grace,
            unschedulable: unschedulable_grace,
            gather,
            settle,
            expected_task,
        }
    }
}

impl RunArguments {
    /// What decisions depend on.
    pub fn settings(&self) -> OperatorSettings {
        let named = |names: &[String]| names.iter().filter(|name| !name.is_empty()).cloned().collect();
        OperatorSettings {
            validation: validate::Settings {
                cluster: self.cluster_name.clone(),
                cache_uri: Some(self.cache_uri.clone()).filter(|uri| !uri.is_empty()),
                priority_classes: named(&self.allowed_priority_classes),
                service_accounts: named(&self.allowed_service_accounts),
            },
            analyzer_image: self.analyzer_image.clone(),
            max_workers: Some(self.max_workers).filter(|max| *max > 0),
            timing: self.timing.timing(),
        }
    }
}
