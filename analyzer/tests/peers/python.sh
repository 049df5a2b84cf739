#!/usr/bin/env bash
# A Python with the packages of requirements.txt, made once below the user's cache folder, keyed by that file.
#
#   python.sh             makes it where it is missing, prints its interpreter
#   python.sh --if-made   prints its interpreter, or nothing
set -euo pipefail

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${GENOME_OPERATOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/genome-operator}
key=$(sha256sum <"$folder/requirements.txt" | cut -c1-12)
made=$cache/python-peers-$key

if [[ ${1:-} != --if-made ]]; then
    mkdir -p "$cache"
    (
        flock 9
        if [[ ! -f $made/complete ]]; then
            echo "python.sh: installing $(grep -cv '^#' "$folder/requirements.txt") packages (a minute on the first time)" >&2
            rm -rf "$made"
            # Paths of an environment are absolute: it can't be made elsewhere and moved.
            python3 -m venv "$made"
            "$made/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$folder/requirements.txt" >&2
            touch "$made/complete"
        fi
    ) 9>"$cache/.lock-python-peers"
fi
if [[ -f $made/complete ]]; then echo "$made/bin/python"; fi
