#!/usr/bin/env bash
# Builds the images without a container engine: target/image/operator.tar holds `genome-operator:dev`, analyzer.tar holds
# `genome-analyzer:dev`, as docker archives, and beside them lie the two programs. RUST_IMAGE names another base where a registry can be reached.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export STORAGE_DRIVER=overlay BUILDAH_ISOLATION=chroot
source=${IMAGE_SOURCE:-$here/../../..}
output=${IMAGE_OUTPUT:-$source/target/image}
tag=${IMAGE_TAG:-dev}
limit=$((30 * 1000 * 1000))

base=${RUST_IMAGE:-$("$here/base-image.sh")}
mkdir -p "$output"
log=$(mktemp "${TMPDIR:-/tmp}/genome-operator-image-XXXXXX")
trap 'rm -f "$log"' EXIT

# Layers of earlier builds, a gigabyte for each change of sources: what carries our label, has no name and was not in use
# just now. Another build's container keeps its own: buildah refuses those.
remove_earlier_layers() {
    local id name used
    # An id is logged with 11 digits or with all of them, and listed with 12.
    used=$(sed -nE 's/^--> (Using cache )?([0-9a-f]{11}).*/\2/p' "$log")
    while read -r id name; do
        if [[ $name == "<none>" ]] && [[ $used != *"${id:0:11}"* ]]; then
            buildah rmi "$id" >/dev/null 2>&1 || true
        fi
    done < <(buildah images --all --noheading --filter label=org.opencontainers.image.vendor=genome-operator \
        --format '{{.ID}} {{.Name}}')
}

# One build of this user at a time: two would push each other's layers out.
exec 9>"${TMPDIR:-/tmp}/genome-operator-image-$EUID.lock"
flock 9
for target in operator analyzer; do
    case $target in
    operator) image=genome-operator:$tag ;;
    analyzer) image=genome-analyzer:$tag ;;
    esac
    buildah build --layers --force-rm --network host --build-arg "RUST_IMAGE=$base" --target "$target" \
        --file "$source/Dockerfile" --tag "localhost/$image" "$source" 2>&1 |
        tee --append "$log" >&2
    # The program itself too: tests run it outside of a container.
    container=$(buildah from --pull-never "localhost/$image")
    cp "$(buildah mount "$container")"/geno* "$output/"
    buildah rm "$container" >/dev/null
    rm -f "$output/$target.tar"
    buildah push --quiet "localhost/$image" "docker-archive:$output/$target.tar:$image" >&2
    size=$(stat --format %s "$output/$target.tar")
    echo "$image $output/$target.tar $((size / 1000)) kB"
    if ((size > limit)); then
        echo "image.sh: $image is larger than $((limit / 1000)) kB" >&2
        exit 1
    fi
done
remove_earlier_layers
