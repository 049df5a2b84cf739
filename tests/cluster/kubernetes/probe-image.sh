#!/usr/bin/env bash
# Builds probe.rs into an image archive, once, and prints its path. The image is `cluster-probe:dev`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${GENOME_OPERATOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/genome-operator}/images
key=$(cat "$here/probe.rs" "$here/probe-image.sh" | sha256sum | cut -c1-12)
archive=$cache/cluster-probe-$key.tar

if [[ ! -f $archive ]]; then
    mkdir -p "$cache"
    building=$(mktemp -d "$cache/.building-XXXXXX")
    trap 'rm -rf "$building"' EXIT
    cd "$building"
    rustc --edition 2024 -C target-feature=+crt-static -C opt-level=s -C panic=abort -C strip=symbols -o probe "$here/probe.rs"
    tar --create --file layer.tar --owner 0 --group 0 --mtime @0 probe
    digest=$(sha256sum layer.tar | cut -d' ' -f1)
    architecture=$(rustc -vV | sed -n 's/^host: x86_64.*/amd64/p; s/^host: aarch64.*/arm64/p')
    cat >config.json <<JSON
{"architecture": "$architecture", "os": "linux",
 "config": {"Entrypoint": ["/probe"], "Cmd": ["pause"], "User": "65532:65532"},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$digest"]}}
JSON
    echo '[{"Config": "config.json", "RepoTags": ["cluster-probe:dev"], "Layers": ["layer.tar"]}]' >manifest.json
    tar --create --file image.tar manifest.json config.json layer.tar
    mv image.tar "$archive"
fi
echo "$archive"
