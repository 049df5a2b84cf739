#!/usr/bin/env bash
# A real Kubernetes on this machine, for tests. README.md beside the crate explains the levels.
#
#   cluster.sh [--name NAME] up control-plane [--simulated-nodes COUNT] [--until-process-ends PID]
#   cluster.sh [--name NAME] up node [--until-process-ends PID]
#   cluster.sh [--name NAME] down
#   cluster.sh [--name NAME] env                     prints the variables a client needs, for eval
#   cluster.sh [--name NAME] import IMAGE.tar…       docker archives into the node
#   cluster.sh [--name NAME] crds                    applies the definitions of monitoring.coreos.com
#   cluster.sh [--name NAME] pid PROGRAM             to disturb it: kill -STOP "$(cluster.sh pid kubelet)"
#   cluster.sh [--name NAME] stop|start PROGRAM      stop is kill -9; start runs it as `up` did
#   cluster.sh list                                  the clusters of this user
# shellcheck disable=SC2034,SC2154
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
clusters=${GENOME_OPERATOR_CLUSTERS:-${TMPDIR:-/tmp}/genome-operator-clusters-$(id -u)}

for part in programs slot certificates control-plane simulated-nodes node; do
    # shellcheck source=/dev/null
    source "$here/cluster/$part.sh"
done

fail() {
    echo "cluster.sh: $*" >&2
    exit 1
}

usage() {
    sed -n '4,12s/^# \{0,3\}//p' "$0" >&2
    exit 64
}

# Every wait ends in seconds on an idle machine; this is for one that builds beside the tests.
patience=180

wait_until() {
    local what=$1 deadline=$((SECONDS + patience))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || fail "\`$what\` did not happen in $patience s"
        sleep 0.1
    done
}

kubectl() {
    "$kubernetes_bin/kubectl" --kubeconfig "$state/admin.kubeconfig" "$@"
}

# etcd's logs alone take 128 MB, a node's images and pods a gigabyte; a full disk shows as pods that nobody schedules.
require_disk() {
    local wanted=2000 free
    mkdir -p "$clusters"
    free=$(df --block-size=MB --output=avail "$clusters" | tail -n 1 | tr -dc 0-9)
    ((free >= wanted)) || fail "$free MB are free below $clusters, and a cluster takes up to $wanted MB: \
free some (\`cargo clean\`, \`go clean -cache\`), or set GENOME_OPERATOR_CLUSTERS to a folder on another disk"
}

require_cluster() {
    [[ -f $state/level ]] || fail "no cluster \`$name\` is up"
    kubernetes_bin=$(cat "$state/kubernetes-bin")
    load_slot
}

up() {
    local level=$1 simulated_nodes=0 owner=""
    shift
    while (($# > 0)); do
        case $1 in
        --simulated-nodes) simulated_nodes=${2:?a count} && shift 2 ;;
        --until-process-ends) owner=${2:?a pid} && shift 2 ;;
        *) usage ;;
        esac
    done
    etcd_bin=$("$here/tools.sh" etcd)
    kubernetes_bin=$("$here/tools.sh" kubernetes)
    case $level in
    control-plane) ((simulated_nodes == 0)) || kwok_bin=$("$here/tools.sh" kwok) ;;
    node) prepare_node_tools ;;
    *) usage ;;
    esac

    down
    umask 077
    require_disk
    mkdir -p "$state"/{certificates,data,logs,pids,programs}
    echo "$kubernetes_bin" >"$state/kubernetes-bin"
    take_slot
    if [[ -n $owner ]]; then
        define_program watcher bash "$here/cluster/watcher.sh" "$owner" "$here/cluster.sh" --name "$name" down
        start_program watcher
    fi
    trap explain_and_take_down EXIT
    if [[ $level == node ]]; then
        start_holder
    fi
    start_control_plane "$level"
    if ((simulated_nodes > 0)); then
        start_simulated_nodes "$simulated_nodes"
    fi
    if [[ $level == node ]]; then
        start_node
    fi
    echo "$level" >"$state/level"
    trap - EXIT
}

explain_and_take_down() {
    trap - EXIT
    tail -n 5 "$state"/logs/*.log >&2
    down
}

down() {
    [[ -d $state ]] || return 0
    if [[ -f $state/pids/holder ]]; then
        stop_node
    fi
    local pid_file
    for pid_file in "$state"/pids/*; do
        [[ -e $pid_file ]] || continue
        stop_program "$(basename "$pid_file")"
    done
    refuse_remaining_mounts
    rm -rf --one-file-system "$state"
    release_slot
}

# A bind mount left below the state folder would have `rm` delete what it shows.
refuse_remaining_mounts() {
    if grep -qs " $state/" /proc/self/mountinfo; then
        fail "something is still mounted below $state: $(grep -c " $state/" /proc/self/mountinfo) mounts"
    fi
}

print_environment() {
    echo "export KUBECONFIG=$state/admin.kubeconfig"
    echo "export KUBECTL=$kubernetes_bin/kubectl"
    echo "export CLUSTER_NAME=$name"
    echo "export CLUSTER_STATE=$state"
    echo "export CLUSTER_LEVEL=$(cat "$state/level")"
    echo "export CLUSTER_HOST_ADDRESS=$host_address"
    echo "export CLUSTER_AUDIT_LOG=$state/audit.log"
}

name=${CLUSTER_NAME:-dev}
if [[ ${1:-} == --name ]]; then
    (($# >= 2)) || usage
    name=$2
    shift 2
fi
[[ $name =~ ^[a-z0-9-]{1,40}$ ]] || fail "a cluster's name has up to 40 of a-z, 0-9 and -, not \`$name\`"
state=$clusters/$name

command=${1:-}
(($# == 0)) || shift
case $command in
up) (($# >= 1)) || usage && up "$@" ;;
down) down ;;
env) require_cluster && print_environment ;;
import) require_cluster && import_images "$@" ;;
crds) require_cluster && kubectl apply --server-side -f "$("$here/tools.sh" monitoring-crds)" ;;
pid) (($# == 1)) || usage && program_pid "$1" ;;
stop) (($# == 1)) || usage && stop_program "$1" ;;
start) (($# == 1)) || usage && start_program "$1" ;;
list) list_clusters ;;
*) usage ;;
esac
