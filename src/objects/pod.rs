//! The pod template of a worker, hardened to Pod Security `restricted`: a fixed user, no token, no privileges, a
//! read-only root, limits on everything. All that a user chooses in it comes from listed fields.

use std::collections::BTreeMap;

use genome_contract::{Verb, names as contract};
use k8s_openapi::{
    api::core::v1::{
        Affinity, Capabilities, ConfigMapVolumeSource, Container, ContainerPort, EmptyDirVolumeSource,
        EnvFromSource, EnvVar, EnvVarSource, KeyToPath, PersistentVolumeClaimVolumeSource,
        PodSecurityContext, PodSpec, PodTemplateSpec, ResourceFieldSelector, ResourceRequirements,
        SeccompProfile, SecretEnvSource, SecurityContext, Volume, VolumeMount,
    },
    apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::ObjectMeta},
};

use super::{config_map::REQUEST_KEY, scheduling};
use crate::{
    api::v1alpha1::ConfigMapKey,
    validate::{self, Scheduling},
};

/// The user of every pod of ours: `nonroot` of the distroless images.
const USER: i64 = 65_532;
/// Room in `/tmp`, which is all a pod may write outside its claims.
const SCRATCH: &str = "1Gi";
/// The one container.
pub const CONTAINER: &str = "analyzer";

/// What the pods of an analysis are made of.
#[derive(Clone, Debug, PartialEq)]
pub struct PodTerms {
    /// The analyzer's image, from the operator's configuration.
    pub image: String,
    /// Thousandths of a core.
    pub cpu_millis: u64,
    /// Secret whose keys become environment variables.
    pub secret_name: Option<String>,
    /// Claims of `storage.volumes`.
    pub volumes: Vec<validate::Volume>,
    /// The ConfigMap key with the trait panel.
    pub traits: Option<ConfigMapKey>,
    /// Where the pods run.
    pub scheduling: Scheduling,
    /// A read-write-once claim keeps all workers on one node.
    pub one_node: bool,
}

/// The template of pods that run `verb` with the request in the ConfigMap `request`.
pub fn pod_template(
    terms: &PodTerms,
    verb: Verb,
    memory_bytes: u64,
    request: &str,
    labels: BTreeMap<String, String>,
) -> PodTemplateSpec {
    let PodTerms {
        image: _,
        cpu_millis: _,
        secret_name: _,
        volumes: _,
        traits: _,
        scheduling: wishes,
        one_node,
    } = terms;
    let affinity = Affinity {
        node_affinity: scheduling::spot_affinity(wishes),
        pod_affinity: one_node.then(|| scheduling::same_node(&labels)),
        pod_anti_affinity: None,
    };
    PodTemplateSpec {
        spec: Some(PodSpec {
            affinity: (affinity != Affinity::default()).then_some(affinity),
            automount_service_account_token: Some(false),
            containers: vec![container(terms, verb, memory_bytes)],
            enable_service_links: Some(false),
            node_selector: Some(wishes.node_selector.clone()).filter(|selector| !selector.is_empty()),
            priority_class_name: wishes.priority_class_name.clone(),
            restart_policy: Some("Never".to_owned()),
            security_context: Some(pod_security()),
            service_account_name: wishes.service_account_name.clone(),
            termination_grace_period_seconds: Some(30),
            tolerations: Some(scheduling::tolerations(wishes)).filter(|tolerations| !tolerations.is_empty()),
            volumes: Some(volumes(terms, request)),
            ..PodSpec::default()
        }),
        metadata: Some(ObjectMeta {
            labels: Some(labels),
            ..ObjectMeta::default()
        }),
    }
}

/// The analyzer's image in `template`.
pub fn image(template: &PodTemplateSpec) -> Option<&str> {
    let containers = &template.spec.as_ref()?.containers;
    let analyzer = containers.iter().find(|container| container.name == CONTAINER)?;
    analyzer.image.as_deref()
}

/// What is left of `template` where only the image matters.
pub fn with_image_only(template: &PodTemplateSpec) -> PodTemplateSpec {
    let containers = image(template).map(|image| Container {
        name: CONTAINER.to_owned(),
        image: Some(image.to_owned()),
        ..Container::default()
    });
    PodTemplateSpec {
        spec: containers.map(|container| PodSpec {
            containers: vec![container],
            ..PodSpec::default()
        }),
        metadata: None,
    }
}

fn container(terms: &PodTerms, verb: Verb, memory_bytes: u64) -> Container {
    Container {
        name: CONTAINER.to_owned(),
        image: Some(terms.image.clone()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        args: Some(
            [verb.as_str(), "--request", contract::REQUEST_PATH]
                .map(str::to_owned)
                .to_vec(),
        ),
        env: Some(vec![
            limit_variable(contract::CPU_LIMIT_VARIABLE, "limits.cpu", "1m"),
            limit_variable(contract::MEMORY_LIMIT_VARIABLE, "limits.memory", "1"),
            EnvVar {
                name: contract::METRICS_ADDRESS_VARIABLE.to_owned(),
                value: Some(format!("0.0.0.0:{}", contract::METRICS_PORT)),
                value_from: None,
            },
        ]),
        env_from: terms.secret_name.as_ref().map(|name| vec![secret(name)]),
        ports: Some(vec![ContainerPort {
            name: Some("metrics".to_owned()),
            container_port: i32::from(contract::METRICS_PORT),
            ..ContainerPort::default()
        }]),
        resources: Some(resources(terms.cpu_millis, memory_bytes)),
        security_context: Some(container_security()),
        termination_message_path: Some(contract::MESSAGE_PATH.to_owned()),
        termination_message_policy: Some("File".to_owned()),
        volume_mounts: Some(mounts(terms)),
        ..Container::default()
    }
}

/// The container's limit as a variable: the process sizes its pools by it, also where it can't see its cgroup.
fn limit_variable(name: &str, resource: &str, divisor: &str) -> EnvVar {
    let selector = ResourceFieldSelector {
        container_name: Some(CONTAINER.to_owned()),
        resource: resource.to_owned(),
        divisor: Some(Quantity(divisor.to_owned())),
    };
    EnvVar {
        name: name.to_owned(),
        value: None,
        value_from: Some(EnvVarSource {
            resource_field_ref: Some(selector),
            ..EnvVarSource::default()
        }),
    }
}

/// Not optional: a pod without its credentials must wait, not fail.
fn secret(name: &str) -> EnvFromSource {
    EnvFromSource {
        secret_ref: Some(SecretEnvSource {
            name: name.to_owned(),
            optional: Some(false),
        }),
        ..EnvFromSource::default()
    }
}

fn resources(cpu_millis: u64, memory_bytes: u64) -> ResourceRequirements {
    let amounts: BTreeMap<String, Quantity> = [
        ("cpu".to_owned(), Quantity(format!("{cpu_millis}m"))),
        ("memory".to_owned(), Quantity(memory_bytes.to_string())),
        ("ephemeral-storage".to_owned(), Quantity(SCRATCH.to_owned())),
    ]
    .into();
    ResourceRequirements {
        limits: Some(amounts.clone()),
        requests: Some(amounts),
        ..ResourceRequirements::default()
    }
}

fn pod_security() -> PodSecurityContext {
    PodSecurityContext {
        fs_group: Some(USER),
        fs_group_change_policy: Some("OnRootMismatch".to_owned()),
        run_as_group: Some(USER),
        run_as_non_root: Some(true),
        run_as_user: Some(USER),
        seccomp_profile: Some(SeccompProfile {
            type_: "RuntimeDefault".to_owned(),
            localhost_profile: None,
        }),
        ..PodSecurityContext::default()
    }
}

fn container_security() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities {
            add: None,
            drop: Some(vec!["ALL".to_owned()]),
        }),
        privileged: Some(false),
        read_only_root_filesystem: Some(true),
        run_as_non_root: Some(true),
        ..SecurityContext::default()
    }
}

const REQUEST_VOLUME: &str = "request";
const TRAITS_VOLUME: &str = "traits";
const SCRATCH_VOLUME: &str = "scratch";

fn claim_volume(number: usize) -> String {
    format!("claim-{number}")
}

fn volumes(terms: &PodTerms, request: &str) -> Vec<Volume> {
    let config_map = |volume: &str, name: &str, key: &str, path: &str| Volume {
        name: volume.to_owned(),
        config_map: Some(ConfigMapVolumeSource {
            name: name.to_owned(),
            items: Some(vec![KeyToPath {
                key: key.to_owned(),
                path: path.to_owned(),
                ..KeyToPath::default()
            }]),
            ..ConfigMapVolumeSource::default()
        }),
        ..Volume::default()
    };
    let mut volumes = vec![
        config_map(
            REQUEST_VOLUME,
            request,
            REQUEST_KEY,
            file_name(contract::REQUEST_PATH),
        ),
        Volume {
            name: SCRATCH_VOLUME.to_owned(),
            empty_dir: Some(EmptyDirVolumeSource {
                size_limit: Some(Quantity(SCRATCH.to_owned())),
                ..EmptyDirVolumeSource::default()
            }),
            ..Volume::default()
        },
    ];
    if let Some(ConfigMapKey { name, key }) = &terms.traits {
        volumes.push(config_map(
            TRAITS_VOLUME,
            name,
            key,
            file_name(contract::TRAITS_PATH),
        ));
    }
    volumes.extend(terms.volumes.iter().enumerate().map(|(number, volume)| Volume {
        name: claim_volume(number),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name: volume.claim.clone(),
            read_only: Some(volume.read_only),
        }),
        ..Volume::default()
    }));
    volumes
}

fn mounts(terms: &PodTerms) -> Vec<VolumeMount> {
    let mount = |name: &str, path: &str, read_only| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(read_only),
        ..VolumeMount::default()
    };
    let mut mounts = vec![
        mount(REQUEST_VOLUME, folder(contract::REQUEST_PATH), true),
        mount(SCRATCH_VOLUME, "/tmp", false),
    ];
    if terms.traits.is_some() {
        mounts.push(mount(TRAITS_VOLUME, folder(contract::TRAITS_PATH), true));
    }
    mounts.extend(
        terms
            .volumes
            .iter()
            .enumerate()
            .map(|(number, volume)| mount(&claim_volume(number), &volume.mount_path, volume.read_only)),
    );
    mounts
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("/", |(folder, _)| folder)
}
