# Sourced by the scripts of this folder: what they agree on.
# shellcheck shell=bash disable=SC2034

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
project=$(readlink -f "$here/../..")

# The Debian release that the image is made of; the last with a kernel for the ARM1176, and with armel.
release=${RELEASE:-trixie}
# Names under which the archive has it. Some mirrors renew the index of one name later than its signature.
suites=${SUITES:-$release stable oldstable}

say() { echo "image: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

# Run a command where ARM programs run by qemu-arm-static, as root of a user namespace of its own.
with_arm() {
    local namespace=()
    [ "$(id -u)" = 0 ] || namespace=(unshare --map-root-user --map-auto)
    (cd "$project" && exec "${namespace[@]}" python3 -m tools.icount.binfmt "$@")
}

# The names in the list of packages, one a line.
packages() { sed 's/#.*//; s/[[:space:]]*$//; /^$/d' "$here/packages"; }

# The SHA-256 of what files hold, in the order of their names.
digest() { find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256sum | cut -d' ' -f1; }
