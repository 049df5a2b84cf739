//! What the caches need not hold: a pod is kept at a tenth of its size, and 10,000 of them fit into little memory.

use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Event, Pod, PodSpec},
};
use kube::Resource;

use crate::{api::GenomeAnalysis, objects::pod};

fn metadata(object: &mut impl Resource) {
    object.meta_mut().managed_fields = None;
}

/// An analysis without the record of who set which field.
pub fn analysis(analysis: &mut GenomeAnalysis) {
    metadata(analysis);
}

/// A Job without its template, which is never sent again; only the image goes on from there.
pub fn job(job: &mut Job) {
    metadata(job);
    if let Some(spec) = &mut job.spec {
        spec.template = pod::with_image_only(&spec.template);
        spec.pod_failure_policy = None;
    }
}

/// A pod without what it was made of; of its messages the padding goes.
pub fn pod(pod: &mut Pod) {
    metadata(pod);
    if let Some(spec) = pod.spec.take() {
        pod.spec = Some(PodSpec {
            node_name: spec.node_name,
            ..PodSpec::default()
        });
    }
    let Some(status) = &mut pod.status else { return };
    status.host_ips = None;
    status.pod_ips = None;
    for container in status.container_statuses.iter_mut().flatten() {
        container.allocated_resources = None;
        container.resources = None;
        container.volume_mounts = None;
        let ended = container
            .state
            .as_mut()
            .and_then(|state| state.terminated.as_mut());
        if let Some(text) = ended.and_then(|ended| ended.message.as_mut()) {
            text.truncate(text.trim_end().len());
            text.shrink_to_fit();
        }
    }
}

/// An event as it is, but for the record of who set which field.
pub fn event(event: &mut Event) {
    metadata(event);
}
