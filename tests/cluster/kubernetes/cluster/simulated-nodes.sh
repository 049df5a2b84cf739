# shellcheck shell=bash disable=SC2034,SC2154
# kwok plays nodes and their pods: a pod runs for a second and succeeds. The pods of an analysis are left to the tests, which
# say how each of them ends. For scale, and for faults of nodes.

start_simulated_nodes() {
    local count=$1
    create_kubeconfig kwok /O=system:masters/CN=kwok
    define_program kwok "$kwok_bin/kwok" --kubeconfig "$state/kwok.kubeconfig" --config "$kwok_bin/stages.yaml" \
        --manage-nodes-with-label-selector type=simulated --node-lease-duration-seconds 40 \
        --disregard-status-with-label-selector app.kubernetes.io/name=genome-analysis \
        --node-ip 127.0.0.1 --cidr "$pod_range" --server-address "127.0.0.1:$(port kwok)"
    start_program kwok
    simulated_nodes "$count" | kubectl create -f - >/dev/null
    wait_until "the simulated nodes are ready" \
        kubectl wait --for condition=Ready node --selector type=simulated --timeout 5s
}

simulated_nodes() {
    local number
    for ((number = 0; number < $1; number++)); do
        cat <<YAML
---
apiVersion: v1
kind: Node
metadata:
  name: simulated-$number
  labels: {type: simulated, kubernetes.io/hostname: simulated-$number}
status:
  capacity: {cpu: "64", memory: 256Gi, ephemeral-storage: 1Ti, pods: "250"}
  allocatable: {cpu: "64", memory: 256Gi, ephemeral-storage: 1Ti, pods: "250"}
YAML
    done
}
