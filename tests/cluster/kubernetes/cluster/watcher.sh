#!/usr/bin/env bash
# watcher.sh PID COMMAND…: runs the command when that process has ended, were it by kill -9.
set -euo pipefail

owner=$1
shift
started=$(ps -o lstart= -p "$owner" || true)
while [[ -n $started && $(ps -o lstart= -p "$owner") == "$started" ]]; do
    sleep 0.5
done
# Not by exec: `down` ends the watcher too, and would end itself.
"$@"
