# shellcheck shell=bash disable=SC2034,SC2154
# One real node: containerd, runc, kubelet and kube-proxy, as root.
#
#   host ── genome-SLOT ══ uplink ── the node's namespaces ── a link for each pod
#
# All of it, pods included, lives in network, mount and process namespaces of its own, held by one process. Two nodes can
# so have a kube-proxy each, the machine's own settings stay untouched, and killing the holder ends every process, mount,
# link and nft table at once, whatever a crash has left.

prepare_node_tools() {
    ((EUID == 0)) || fail "the level \`node\` needs root"
    containerd_bin=$("$here/tools.sh" containerd)
    runc_bin=$("$here/tools.sh" runc)
    probe_image=$("$here/probe-image.sh")
}

start_holder() {
    local slot
    slot=$(cat "$state/slot")
    define_program holder unshare --pid --net --mount --fork --kill-child=KILL --mount-proc \
        bash "$here/cluster/holder.sh" "$state"
    start_program holder
    wait_until "the node's namespaces exist" test -e "$state/holder-is-ready"
    ip link add "genome-$slot" type veth peer name uplink netns "$(program_pid holder)"
    load_slot
    ip address add "$host_address/30" dev "$link"
    ip link set "$link" up
    inside ip address add "$node_address/30" dev uplink
    inside ip link set uplink up
    ip route add "$pod_range" via "$node_address" dev "$link"
    ip route add "$service_range" via "$node_address" dev "$link"
}

inside() {
    nsenter --target "$(program_pid holder)" --pid --net --mount -- "$@"
}

start_node() {
    local node=node-$slot
    create_kubeconfig kubelet "/O=system:nodes/CN=system:node:$node"
    create_kubeconfig kube-proxy /CN=system:kube-proxy
    create_control_groups
    write_containerd_config
    write_pod_network
    write_kubelet_config

    define_inside containerd env "PATH=$containerd_bin:$runc_bin:$PATH" containerd --config "$state/containerd.toml"
    define_inside kubelet "$kubernetes_bin/kubelet" --config "$state/kubelet.yaml" --kubeconfig "$state/kubelet.kubeconfig" \
        --hostname-override "$node" --node-ip "$node_address" --root-dir "$state/data/kubelet" \
        --cert-dir "$state/data/kubelet-certificates"
    define_inside kube-proxy "$kubernetes_bin/kube-proxy" --kubeconfig "$state/kube-proxy.kubeconfig" \
        --hostname-override "$node" --proxy-mode nftables --cluster-cidr "$pod_range" --oom-score-adj 0 \
        --conntrack-max-per-core 0 --conntrack-tcp-timeout-established 0 --conntrack-tcp-timeout-close-wait 0
    start_program containerd
    wait_until "containerd answers" containerd_client version
    import_images "$probe_image"
    start_program kubelet
    start_program kube-proxy
    wait_until "the node is ready" kubectl wait --for condition=Ready "node/$node" --timeout 5s
}

define_inside() {
    local program=$1
    shift
    define_program "$program" nsenter --target "$(program_pid holder)" --pid --net --mount -- "$@"
}

containerd_client() {
    inside "${containerd_bin:-$(cat "$state/containerd-bin")}/ctr" --address "$state/containerd.sock" --namespace k8s.io "$@"
}

import_images() {
    local archive
    [[ -f $state/pids/holder ]] || fail "cluster \`$name\` has no node to import into"
    for archive in "$@"; do
        containerd_client images import "$(realpath "$archive")" >>"$state/logs/import.log" 2>&1 ||
            fail "importing \`$archive\`: $(tail -1 "$state/logs/import.log")"
    done
}

control_group_folders() {
    if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then
        echo /sys/fs/cgroup
    else
        ls -d /sys/fs/cgroup/*/
    fi
}

create_control_groups() {
    local folder
    for folder in $(control_group_folders); do
        mkdir -p "$folder/genome-operator/$name"
    done
}

remove_control_groups() {
    local folder
    for folder in $(control_group_folders); do
        find "$folder/genome-operator/$name" -depth -type d -exec rmdir {} + 2>/dev/null || true
        rmdir "$folder/genome-operator" 2>/dev/null || true
    done
}

stop_node() {
    load_slot
    stop_program holder
    remove_control_groups
    # The kernel takes the link down with the namespace, a moment later.
    ip link delete "$link" 2>/dev/null || true
}

has_capability_to_raise_limits() {
    local effective
    effective=$(awk '/^CapEff/ { print $2 }' /proc/self/status)
    ((16#$effective >> 24 & 1))
}

write_containerd_config() {
    # Without CAP_SYS_RESOURCE runc may not lower a score and fails with `can't get final child's PID from pipe`.
    local restrict_scores=true
    if has_capability_to_raise_limits; then
        restrict_scores=false
    fi
    echo "$containerd_bin" >"$state/containerd-bin"
    cat >"$state/containerd.toml" <<TOML
version = 3
root = "$state/data/containerd"
state = "/run/containerd"
[grpc]
  address = "$state/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$state/data/opt"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "docker.io/library/cluster-probe:dev"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = $restrict_scores
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "$state/pod-network"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      BinaryName = "$runc_bin/runc"
TOML
}

# A routed link for each pod instead of a bridge: traffic of a pod to a service whose pod sits on the same bridge would pass
# by kube-proxy on its way back, unless the machine has br_netfilter.
write_pod_network() {
    mkdir -p "$state/pod-network"
    cat >"$state/pod-network/10-pods.conflist" <<JSON
{
  "cniVersion": "1.0.0",
  "name": "pods",
  "plugins": [{
    "type": "ptp",
    "ipam": {
      "type": "host-local",
      "dataDir": "/run/cni-addresses",
      "ranges": [[{"subnet": "$pod_range"}]],
      "routes": [{"dst": "0.0.0.0/0"}]
    }
  }]
}
JSON
}

write_kubelet_config() {
    : >"$state/resolv.conf"
    cat >"$state/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $node_address
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $state/certificates/authority.crt}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix://$state/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /genome-operator/$name
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
resolvConf: $state/resolv.conf
podLogsDir: $state/logs/pods
volumePluginDir: $state/data/volume-plugins
# The machine's disk and memory are shared with builds: evict for a limit of the pod, not for the machine.
evictionHard: {memory.available: 50Mi, nodefs.available: 200Mi, imagefs.available: 200Mi, nodefs.inodesFree: 1%}
imageGCHighThresholdPercent: 100
YAML
}
