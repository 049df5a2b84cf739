#!/usr/bin/env bash
# A Python with the packages of a requirements file, made once below the user's cache folder, keyed by that file.
#
#   python.sh REQUIREMENTS             makes it where it is missing, prints its interpreter
#   python.sh REQUIREMENTS --if-made   prints its interpreter, or nothing
set -euo pipefail

requirements=$(realpath "$1")
cache=${GENOME_OPERATOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/genome-operator}
made=$cache/python-$(basename "$(dirname "$requirements")")-$(sha256sum <"$requirements" | cut -c1-12)

if [[ ${2:-} != --if-made ]]; then
    mkdir -p "$cache"
    (
        flock 9
        if [[ ! -f $made/complete ]]; then
            echo "python.sh: installing $(grep -cv '^#' "$requirements") packages (a minute on the first time)" >&2
            rm -rf "$made"
            # Paths of an environment are absolute: it can't be made elsewhere and moved.
            python3 -m venv "$made"
            "$made/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$requirements" >&2
            touch "$made/complete"
        fi
    ) 9>"$made.lock"
fi
if [[ -f $made/complete ]]; then echo "$made/bin/python"; fi
