# shellcheck shell=bash disable=SC2034,SC2154
# The cluster's processes. Each has an executable file `programs/NAME` that becomes it, so that a test can start it again
# after killing it, and a file `pids/NAME` with its pid and the time it started, so that a pid that was given to another
# process meanwhile is never killed.

# define_program NAME COMMAND…
define_program() {
    local program=$1
    shift
    {
        echo '#!/usr/bin/env bash'
        # The state folder is closed to others; what the kubelet makes in it for pods must not be.
        echo 'umask 022'
        printf 'exec'
        printf ' %q' "$@"
        echo
    } >"$state/programs/$program"
    chmod 700 "$state/programs/$program"
}

start_program() {
    local program=$1 pid
    [[ -x $state/programs/$program ]] || fail "no program \`$program\` in cluster \`$name\`"
    if recorded_pid "$program" >/dev/null; then
        fail "\`$program\` is running already"
    fi
    # A process group of its own: the terminal's Ctrl-C is for the test, whose guard takes the cluster down in order.
    set -m
    "$state/programs/$program" >>"$state/logs/$program.log" 2>&1 </dev/null 9>&- &
    pid=$!
    set +m
    disown "$pid"
    echo "$pid $(started_at "$pid")" >"$state/pids/$program"
}

started_at() {
    ps -o lstart= -p "$1"
}

# The pid we started, if it is alive and still that process.
recorded_pid() {
    local pid started
    [[ -f $state/pids/$1 ]] || return 1
    read -r pid started <"$state/pids/$1"
    [[ -n $started && $(started_at "$pid" | xargs) == $(xargs <<<"$started") ]] || return 1
    echo "$pid"
}

# The program itself: what runs inside the node has `nsenter` or `unshare` as its parent.
program_pid() {
    local pid
    pid=$(recorded_pid "$1") || fail "\`$1\` is not running in cluster \`$name\`"
    if [[ $(ps -o comm= -p "$pid") =~ ^(nsenter|unshare)$ ]]; then
        pid=$(ps -o pid= --ppid "$pid" | xargs)
    fi
    echo "$pid"
}

stop_program() {
    local pid
    if pid=$(recorded_pid "$1"); then
        kill -KILL "$(program_pid "$1")" "$pid" 2>/dev/null || true
        wait_until "$1 ends" has_ended "$1"
    fi
    rm -f "$state/pids/$1"
}

has_ended() {
    local pid
    pid=$(recorded_pid "$1") || return 0
    [[ $(ps -o stat= -p "$pid") == Z* ]]
}
