# Sourced by the scripts of this folder: what they agree on.
# shellcheck shell=bash disable=SC2034

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
project=$(readlink -f "$here/../..")

# The boards that the image is for: a folder of boards/. Its file `board`, and its base/ and root/,
# which are added to those of this folder, hold all that differs.
board=${BOARD:-zero-w}
[ -f "$here/boards/$board/board" ] || {
    echo "image: there is no board '$board'; there are: $(cd "$here/boards" && echo *)" >&2
    exit 1
}
# shellcheck source=boards/zero-w/board
. "$here/boards/$board/board"

# The Debian release that the image is made of.
release=${RELEASE:-trixie}
# Names under which the archive has it. Some mirrors renew the index of one name later than its signature.
suites=${SUITES:-$release stable oldstable}

# Where the device renews its packages. It never learns from which mirror it was built: two builders make equal bytes, and
# nobody's mirror gets onto a card.
public=http://deb.debian.org/debian

# The device's sources.list.
sources() {
    printf '%s\n' "deb $public $release main non-free-firmware" "deb $public $release-updates main non-free-firmware" \
        "deb $public-security $release-security main non-free-firmware"
}

# Where the packages are taken from: what the environment names, else the Debian mirror that this machine uses itself,
# else Debian's own, as on Ubuntu and Raspberry Pi OS.
archive() {
    local own=
    if [ -z "${ARCHIVE:-}" ]; then
        # shellcheck disable=SC2016  # the words are those of apt
        own=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2> /dev/null |
            sort -u | head -n 1) || true
    fi
    own=${ARCHIVE:-${own:-$public}}
    echo "${own%/}"
}

say() { echo "image: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

# Of the partition table; the file systems are named after it, since the kernel may find the card first or second.
disk=57484942

# Run a command where ARM programs run by QEMU, as root of a user namespace of its own.
with_arm() {
    local namespace=()
    [ "$(id -u)" = 0 ] || namespace=(unshare --map-root-user --map-auto)
    (cd "$project" && exec "${namespace[@]}" python3 -m tools.icount.binfmt "$@")
}

# The names in the list of packages, and of the board's kernel, one a line.
packages() {
    echo "$kernel"
    sed 's/#.*//; s/[[:space:]]*$//; /^$/d' "$here/packages"
}

# The SHA-256 of what files hold, in the order of their names.
digest() { find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256sum | cut -d' ' -f1; }
