#!/usr/bin/env bash
# The base of our image build where no registry of images can be reached: Debian by debootstrap, this machine's Rust
# toolchain and its certificates. Made once for each toolchain; prints the image's name.
set -euo pipefail

export STORAGE_DRIVER=overlay BUILDAH_ISOLATION=chroot
suite=bookworm
toolchain=$(rustc --print sysroot)
key=$(cat "${BASH_SOURCE[0]}" <(rustc -vV) | sha256sum | cut -c1-12)
image=localhost/genome-operator-base:$key
authorities=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}

# The mirror this machine's apt uses.
mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(SITE) $(RELEASE)' | awk -v suite="$suite" '$2 == suite { print $1; exit }'
}

if ! buildah inspect --type image "$image" >/dev/null 2>&1; then
    root=$(mktemp -d "${TMPDIR:-/tmp}/genome-operator-base-XXXXXX")
    container=""
    clean_up() {
        [[ -z $container ]] || buildah rm "$container" >/dev/null
        rm -rf --one-file-system "$root"
    }
    trap clean_up EXIT
    {
        debootstrap --variant=minbase --include=ca-certificates,gcc,libc6-dev "$suite" "$root" "$(mirror)"
        rm -rf "$root"/var/cache/apt "$root"/var/lib/apt/lists "$root"/usr/share/{doc,man,locale}
        mkdir -p "$root/usr/local/cargo/bin"
        cp -a "$toolchain"/{bin,lib} "$root/usr/local/"
        cp "$authorities" "$root/etc/ssl/certs/ca-certificates.crt"
        container=$(buildah from scratch)
        buildah add --quiet "$container" "$root" /
        buildah config --env CARGO_HOME=/usr/local/cargo \
            --env PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            --env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt "$container"
        buildah commit --quiet "$container" "$image"
    } >&2
fi
echo "$image"
