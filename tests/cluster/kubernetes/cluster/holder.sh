#!/usr/bin/env bash
# Process 1 of a node's namespaces: hides what the node would write outside of its state folder, then waits for its end and
# reaps what containerd leaves to it.
set -euo pipefail

state=$1

for folder in /run /var/lib /var/log; do
    mount -t tmpfs -o mode=755 tmpfs "$folder"
done

# The kubelet sets these for the whole machine; here it sets files that nobody reads.
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
    mkdir -p "/run/settings/$(dirname "$setting")"
    cat "/proc/sys/$setting" >"/run/settings/$setting"
    mount --bind "/run/settings/$setting" "/proc/sys/$setting"
done

ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
touch "$state/holder-is-ready"
while sleep 3600; do :; done
