# shellcheck shell=bash disable=SC2034,SC2154
# A slot is a number that no other cluster has: ports and addresses follow from it.
#
#   port of a program   21000 + 10 × slot + k
#   host and node       10.88.SLOT.1 and 10.88.SLOT.2, the two ends of one link
#   pods                10.89.SLOT.0/24
#   services            10.90.SLOT.0/24

take_slot() {
    mkdir -p "$clusters/.slots"
    local candidate
    for candidate in {1..250}; do
        forget_if_abandoned "$candidate"
        if ln -sn "../$name" "$clusters/.slots/$candidate" 2>/dev/null; then
            if is_free "$candidate"; then
                echo "$candidate" >"$state/slot"
                load_slot
                return
            fi
            rm "$clusters/.slots/$candidate"
        fi
    done
    fail "no free slot below $clusters/.slots"
}

load_slot() {
    slot=$(cat "$state/slot")
    link=genome-$slot
    node_address=10.88.$slot.2
    pod_range=10.89.$slot.0/24
    service_range=10.90.$slot.0/24
    host_address=127.0.0.1
    if [[ -f $state/pids/holder ]]; then
        host_address=10.88.$slot.1
    fi
}

port() {
    local offset
    case $1 in
    api-server) offset=0 ;;
    etcd) offset=1 ;;
    etcd-peer) offset=2 ;;
    controller-manager) offset=3 ;;
    scheduler) offset=4 ;;
    kwok) offset=5 ;;
    esac
    echo $((21000 + 10 * slot + offset))
}

# A folder removed by hand leaves its slot's link dangling.
forget_if_abandoned() {
    local mark=$clusters/.slots/$1
    if [[ -L $mark && ! -e $mark ]]; then
        rm -f "$mark"
    fi
}

is_free() {
    local port
    [[ ! -e /sys/class/net/genome-$1 ]] || return 1
    for ((port = 21000 + 10 * $1; port < 21010 + 10 * $1; port++)); do
        if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            return 1
        fi
    done
}

release_slot() {
    local mark
    for mark in "$clusters"/.slots/*; do
        if [[ -L $mark && $(readlink "$mark") == "../$name" ]]; then
            rm -f "$mark"
        fi
    done
}

list_clusters() {
    local folder
    for folder in "$clusters"/*/; do
        [[ -f $folder/slot ]] || continue
        echo "$(basename "$folder") $(cat "$folder/level" 2>/dev/null || echo incomplete)"
    done
}
