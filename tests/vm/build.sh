#!/bin/bash
# Makes what the radio tests boot: a Debian 13 root file system as an initramfs, and Debian's stock kernel.
# usage: build.sh BUILD-FOLDER; the package part is made once, the project's source is put in at every call.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
source_tree=$(readlink -f "$here/../..")
build=$(mkdir -p "$1" && readlink -f "$1")
packages=bash,mount,kmod,iproute2,iw,hostapd,wireless-regdb,python3,python3-scapy,python3-attr,python3-yaml,python3-systemd
modules="mac80211_hwsim af_packet ccm ctr cmac gcm tun"

install_tools() {
    local missing=()
    command -v mmdebstrap > /dev/null || missing+=(mmdebstrap)
    command -v qemu-system-x86_64 > /dev/null || missing+=(qemu-system-x86)
    command -v cpio > /dev/null || missing+=(cpio)
    command -v depmod > /dev/null || missing+=(kmod)
    [ ${#missing[@]} = 0 ] && return
    apt-get -q update
    apt-get -q install -y --no-install-recommends -o DPkg::Lock::Timeout=600 "${missing[@]}"
}

make_base() {
    rm -rf "$build/base" "$build/kernel"
    # The kernel comes as a file through the new system's own apt: installed, it would bring what only a disk needs.
    mmdebstrap --mode=root --variant=apt --skip=check/empty \
        --aptopt='APT::Install-Recommends "false"' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/i18n/*' \
        --include="$packages" \
        --customize-hook='cd "$1/tmp" && version=$(chroot "$1" apt-cache depends linux-image-amd64 | sed -n "s/.*Depends: linux-image-//p" | head -1) && chroot "$1" sh -c "cd /tmp && apt-get -q download linux-image-$version"' \
        --customize-hook="mkdir -p '$build/kernel' && dpkg-deb -x \"\$1\"/tmp/linux-image-*.deb '$build/kernel' && rm \"\$1\"/tmp/linux-image-*.deb" \
        trixie "$build/base"
    echo "$packages" > "$build/.packages"
}

copy_modules() {
    local kernel=$build/kernel prefix tree=$1 version file
    prefix=$kernel/usr; [ -d "$prefix/lib/modules" ] || prefix=$kernel
    version=$(ls "$prefix/lib/modules")
    depmod -b "$prefix" "$version"
    for module in $modules; do
        # Built into this kernel, a module has no file, and modprobe says so on its own line.
        modprobe -d "$prefix" -S "$version" --show-depends "$module" | awk '$1 == "insmod" {print $2}'
    done | sort -u | while read -r file; do
        install -D -m 644 "$file" "$tree/usr/${file#"$prefix"/}"
    done
    cp "$prefix/lib/modules/$version"/modules.{builtin,order,builtin.modinfo} "$tree/usr/lib/modules/$version/"
    depmod -b "$tree/usr" "$version"
    cp "$kernel"/boot/vmlinuz-* "$build/vmlinuz"
}

make_image() {
    local tree=$build/tree
    rm -rf "$tree"
    cp -a "$build/base" "$tree"
    rm -rf "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/* "$tree"/usr/share/fonts
    copy_modules "$tree"
    mkdir -p "$tree/opt/whimbrel"
    cp -r "$source_tree/src" "$tree/opt/whimbrel/src"
    cp -r "$here/guest" "$tree/opt/whimbrel/guest"
    find "$tree/opt/whimbrel" -name __pycache__ -prune -exec rm -rf {} +
    (cd "$tree" && find . -print0 | LC_ALL=C sort -z | cpio --quiet -0 -o -H newc -R 0:0) > "$build/initramfs.cpio"
}

install_tools
[ "$(cat "$build/.packages" 2> /dev/null)" = "$packages" ] || make_base
make_image
