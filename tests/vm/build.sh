#!/bin/bash
# Makes what the tests in a virtual machine boot: Debian 13's kernel, and a root file system of its packages as an initramfs.
# usage: build.sh BUILD-FOLDER [PACKAGE.deb]; what comes from Debian is made once, the project is put in at every call.
set -euo pipefail
shopt -s nullglob

here=$(dirname "$(readlink -f "$0")")
source_tree=$(readlink -f "$here/../..")
build=$(mkdir -p "$1" && readlink -f "$1")
shift

# Both roots are made of the same packages of the same hour, so their kernels agree.
make_root() {
    local root=$1 include=$2
    shift 2
    rm -rf "$root"
    mmdebstrap --mode=root --variant=apt --skip=check/empty --aptopt='APT::Install-Recommends "false"' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/i18n/*' \
        --include="$include" "$@" trixie "$root" > "$build/mmdebstrap.log" 2>&1 \
        || { grep -v "^I:" "$build/mmdebstrap.log" | tail -n 20; return 1; }
}

make_extras() {
    rm -rf "$build/lgpio"
    "$source_tree/.venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
        --dest "$build/lgpio" "$lgpio"
    make_root "$build/toolchain" \
        linux-image-amd64,linux-headers-amd64,make,xz-utils,gcc,libc6-dev,python3-dev,python3-setuptools,swig \
        --customize-hook="'$here/toolchain.sh' \"\$1\" '$build/extras' '$build'/lgpio/*.tar.gz"
    rm -rf "$build/toolchain"
}

make_base() {
    local base=$build/base version
    make_root "$base" "$(grep -v '^#' "$here/packages" | paste -sd ,)"
    # Only the base is to be without manuals: what is installed in the guest is installed as on a device.
    grep -l path-exclude "$base"/etc/dpkg/dpkg.cfg.d/* | xargs -r rm
    rm -rf "$base"/var/cache/apt/* "$base"/var/lib/apt/lists/* "$base"/usr/share/fonts "${base:?}"/boot/*
    cp -a "$build/extras/usr" "$base/"
    version=$(ls "$base/usr/lib/modules")
    depmod -b "$base" "$version"
    # Without one, systemd would take each start for the first, and enable whatever it finds.
    echo 77686d62726c000000000000e2e00001 > "$base/etc/machine-id"
    echo whimbrel > "$base/etc/hostname"
    (cd "$base" && find . -print0 | LC_ALL=C sort -z | cpio --quiet -0 -o -H newc -R 0:0) > "$build/base.cpio"
    rm -rf "$base"
}

make_overlay() {
    local overlay=$build/overlay opt=$build/overlay/opt/whimbrel
    rm -rf "$overlay"
    mkdir -p "$opt/tests/vm" "$opt/packages"
    cp -r "$source_tree/src" "$source_tree/config" "$opt/"
    cp -r "$here/guest" "$opt/tests/vm/"
    cp -r "$source_tree/tests/e2e" "$source_tree/tests/lab" "$opt/tests/"
    cp -r "$source_tree/tests/e2e/root/." "$overlay/"
    [ $# = 0 ] || cp "$@" "$opt/packages/"
    find "$opt" -name __pycache__ -prune -exec rm -rf {} +
    (cd "$overlay" && find . -print0 | LC_ALL=C sort -z | cpio --quiet -0 -o -H newc -R 0:0) > "$build/overlay.cpio"
}

"$source_tree/tools/apt-install" mmdebstrap qemu-system-x86 cpio kmod xz-utils
lgpio=$(sed -n 's/.*"\(lgpio==[^"]*\)".*/\1/p' "$source_tree/pyproject.toml")
recipe=$(cat "$0" "$here/toolchain.sh" "$here/packages" "$here"/modules/* - <<< "$lgpio" | sha256sum)
if [ "$(cat "$build/recipe" 2> /dev/null)" != "$recipe" ]; then
    rm -f "$build/recipe"
    make_extras
    make_base
    echo "$recipe" > "$build/recipe"
fi
make_overlay "$@"
# The kernel unpacks archives that follow each other one over the other.
cat "$build/base.cpio" "$build/overlay.cpio" > "$build/initramfs.cpio"
