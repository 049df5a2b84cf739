# shellcheck shell=bash disable=SC2034,SC2154
# etcd, the API server and the controller manager: no root, no container. On loopback; with a node also on the host's end
# of the node's link, which pods reach.

start_control_plane() {
    local level=$1
    load_slot
    create_authority
    create_certificate api-server /CN=kube-apiserver \
        "IP:127.0.0.1,IP:$host_address,IP:${service_range%.*}.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
    create_certificate api-server-as-client /O=system:masters/CN=kube-apiserver
    create_certificate etcd /CN=etcd IP:127.0.0.1
    create_kubeconfig admin /O=system:masters/CN=admin
    create_kubeconfig controller-manager /CN=system:kube-controller-manager
    create_kubeconfig scheduler /CN=system:kube-scheduler
    write_audit_policy

    define_etcd
    define_api_server "$level"
    define_controller_manager
    define_scheduler
    start_program etcd
    start_program api-server
    wait_until "the API server is ready" kubectl get --raw /readyz
    start_program controller-manager
    start_program scheduler
    # The controllers' first visible work, without which no pod is admitted.
    wait_until "the default service account exists" kubectl get serviceaccount default
}

# Secrets and tokens without their bodies: a test that looks for leaked secrets reads this log.
write_audit_policy() {
    cat >"$state/audit-policy.yaml" <<'YAML'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  resources: [{group: coordination.k8s.io, resources: [leases]}]
  namespaces: [kube-node-lease]
- level: Metadata
  resources:
  - {group: "", resources: [secrets, serviceaccounts/token]}
  - {group: authentication.k8s.io, resources: [tokenreviews]}
- level: RequestResponse
YAML
}

define_etcd() {
    local certificates=$state/certificates client peer
    client=https://127.0.0.1:$(port etcd)
    peer=https://127.0.0.1:$(port etcd-peer)
    define_program etcd "$etcd_bin/etcd" --name test --data-dir "$state/data/etcd" --unsafe-no-fsync \
        --listen-client-urls "$client" --advertise-client-urls "$client" \
        --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "test=$peer" \
        --cert-file "$certificates/etcd.crt" --key-file "$certificates/etcd.key" \
        --client-cert-auth --trusted-ca-file "$certificates/authority.crt" \
        --peer-cert-file "$certificates/etcd.crt" --peer-key-file "$certificates/etcd.key" \
        --peer-client-cert-auth --peer-trusted-ca-file "$certificates/authority.crt" --log-level warn
}

define_api_server() {
    local certificates=$state/certificates reconciler=none
    if [[ $1 == node ]]; then
        # Keeps the endpoints of the service `kubernetes`, which would be refused for a loopback address.
        reconciler=lease
    fi
    define_program api-server "$kubernetes_bin/kube-apiserver" \
        --bind-address "$host_address" --secure-port "$(port api-server)" --advertise-address "$host_address" \
        --endpoint-reconciler-type "$reconciler" --service-cluster-ip-range "$service_range" \
        --etcd-servers "https://127.0.0.1:$(port etcd)" --etcd-cafile "$certificates/authority.crt" \
        --etcd-certfile "$certificates/api-server-as-client.crt" --etcd-keyfile "$certificates/api-server-as-client.key" \
        --tls-cert-file "$certificates/api-server.crt" --tls-private-key-file "$certificates/api-server.key" \
        --client-ca-file "$certificates/authority.crt" \
        --kubelet-client-certificate "$certificates/api-server-as-client.crt" \
        --kubelet-client-key "$certificates/api-server-as-client.key" \
        --kubelet-preferred-address-types InternalIP \
        --service-account-issuer https://kubernetes.default.svc \
        --service-account-key-file "$certificates/service-accounts.pub" \
        --service-account-signing-key-file "$certificates/service-accounts.key" \
        --authorization-mode Node,RBAC --allow-privileged \
        --enable-admission-plugins NodeRestriction,OwnerReferencesPermissionEnforcement \
        --audit-policy-file "$state/audit-policy.yaml" --audit-log-path "$state/audit.log" --audit-log-maxsize 100000 \
        --cert-dir "$state/certificates"
}

# The controllers' own limit of 20 requests a second would make a scale test measure that limit; an autoscaler that looks
# every 15 seconds makes a test wait.
define_controller_manager() {
    define_program controller-manager "$kubernetes_bin/kube-controller-manager" \
        --kubeconfig "$state/controller-manager.kubeconfig" --authentication-kubeconfig "$state/controller-manager.kubeconfig" \
        --authorization-kubeconfig "$state/controller-manager.kubeconfig" \
        --bind-address 127.0.0.1 --secure-port "$(port controller-manager)" --cert-dir "$state/certificates" \
        --leader-elect=false --use-service-account-credentials \
        --service-account-private-key-file "$state/certificates/service-accounts.key" \
        --root-ca-file "$state/certificates/authority.crt" \
        --kube-api-qps 1000 --kube-api-burst 2000 --horizontal-pod-autoscaler-sync-period 2s
}

define_scheduler() {
    define_program scheduler "$kubernetes_bin/kube-scheduler" \
        --kubeconfig "$state/scheduler.kubeconfig" --authentication-kubeconfig "$state/scheduler.kubeconfig" \
        --authorization-kubeconfig "$state/scheduler.kubeconfig" \
        --bind-address 127.0.0.1 --secure-port "$(port scheduler)" --cert-dir "$state/certificates" \
        --leader-elect=false --kube-api-qps 1000 --kube-api-burst 2000
}
