#!/usr/bin/env bash
# Builds the programs of a test cluster from their pinned Go modules, each set once.
#
#   tools.sh SET…      installs what is missing, prints the folder of each set, one a line
#
# A set is a folder below tools/: go.mod and go.sum pin the module, the optional `recipe` holds what differs from a plain
# `go install`. Built sets are kept under the user's cache folder, keyed by a hash of those files.
set -euo pipefail

sources=$(cd "$(dirname "${BASH_SOURCE[0]}")/tools" && pwd)
cache=${GENOME_OPERATOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/genome-operator}/tools

version_of() {
    go list -m -f '{{.Version}}' "$1"
}

module_folder() {
    go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'
}

build() {
    local set=$1 destination=$2
    cd "$sources/$set"
    export CGO_ENABLED=0 GOFLAGS="-mod=readonly -trimpath -buildvcs=false" GOBIN=$destination
    link_flags="-s -w"
    build_tags=""
    after_install() { :; }
    if [[ -f recipe ]]; then
        # shellcheck source=/dev/null
        source ./recipe
    fi
    if grep -q '^tool' go.mod; then
        nice go install -ldflags "$link_flags" -tags "$build_tags" tool
    fi
    after_install "$destination"
}

install_set() {
    local set=$1 key destination building
    if [[ ! -f $sources/$set/go.mod ]]; then
        echo "tools.sh: no set \`$set\` below $sources" >&2
        return 64
    fi
    key=$(cd "$sources/$set" && find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-12)
    destination=$cache/$set-$key
    if [[ ! -d $destination ]]; then
        mkdir -p "$cache"
        (
            flock 9
            if [[ ! -d $destination ]]; then
                echo "tools.sh: building $set (minutes on the first time)" >&2
                building=$(mktemp -d "$cache/.building-$set-XXXXXX")
                trap 'rm -rf "$building"' EXIT
                (build "$set" "$building") >&2
                chmod 755 "$building"
                mv "$building" "$destination"
            fi
        ) 9>"$cache/.lock-$set"
    fi
    echo "$destination"
}

if (($# == 0)); then
    echo "usage: tools.sh SET…, one of: $(ls -m "$sources")" >&2
    exit 64
fi
for set in "$@"; do
    install_set "$set"
done
