#!/usr/bin/env bash
# Prints the interpreter of a Python with the packages of requirements.txt: made once below the user's cache folder,
# keyed by that file.
set -euo pipefail

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${GENOME_OPERATOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/genome-operator}
made=$cache/python-tables-$(sha256sum <"$folder/requirements.txt" | cut -c1-12)

mkdir -p "$cache"
(
    flock 9
    if [[ ! -f $made/complete ]]; then
        echo "python.sh: installing DuckDB, Polars and pandas (a minute, the first time)" >&2
        rm -rf "$made"
        # Paths of an environment are absolute: it can't be made elsewhere and moved.
        python3 -m venv "$made"
        "$made/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$folder/requirements.txt" >&2
        touch "$made/complete"
    fi
) 9>"$cache/.lock-python-tables"
echo "$made/bin/python"
