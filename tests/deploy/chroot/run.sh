#!/bin/bash
# Installs, upgrades, removes and purges the package in clean Debian systems, and uses it in between. Needs root.
# usage: run.sh PACKAGE BUILD-FOLDER [SUITE...]; the systems are made once and kept in BUILD-FOLDER.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
package=$(readlink -f "$1")
build=$(mkdir -p "$2" && readlink -f "$2")
shift 2
[ $# -gt 0 ] || set -- bookworm trixie

[ "$(id -u)" = 0 ] || { echo "this needs root" >&2; exit 1; }

# Names of what the package depends on: without versions, of alternatives the first that every suite has.
needed=$(dpkg-deb -f "$package" Depends | tr ',' '\n' | sed 's/|.*//; s/([^)]*)//; s/:any//; s/ //g' | sort | paste -sd,)
needed=$needed,iw,libpcap0.8,wireless-regdb # which install.sh installs
needed=$needed,gpg,gpg-agent,gpgv # to sign, and what reads it

make_base() {
    local suite=$1
    [ "$(cat "$build/$suite.made-of" 2> /dev/null)" = "$needed" ] && return
    echo "$suite: making a clean system (a minute, once)"
    rm -f "$build/$suite.made-of"
    mmdebstrap --mode=root --variant=apt --aptopt='APT::Install-Recommends "false"' --include="$needed" \
        "$suite" "$build/$suite.tar" 2> "$build/$suite.mmdebstrap.log" || {
        tail "$build/$suite.mmdebstrap.log" >&2
        return 1
    }
    echo "$needed" > "$build/$suite.made-of"
}

# What earlier versions were: this one with a lower number and with other settings.
make_old() {
    local work=$1 name
    for name in old older; do
        dpkg-deb -R "$package" "$work/$name"
        sed -i '1i # The settings of an old version.' "$work/$name"/usr/share/whimbrel/settings/*.yaml
    done
    sed -i 's/^Version: .*/Version: 0.0.2/' "$work/old/DEBIAN/control"
    # The settings were a conffile once, and those of the HATs examples.
    sed -i 's/^Version: .*/Version: 0.0.1/' "$work/older/DEBIAN/control"
    mkdir -p "$work/older/etc/whimbrel"
    mv "$work/older/usr/share/whimbrel/settings/whimbrel.yaml" "$work/older/etc/whimbrel/"
    mkdir -p "$work/older/usr/share/doc/whimbrel/examples"
    mv "$work/older/usr/share/whimbrel/settings"/*.yaml "$work/older/usr/share/doc/whimbrel/examples/"
    echo /etc/whimbrel/whimbrel.yaml >> "$work/older/DEBIAN/conffiles"
    rm "$work/older/DEBIAN/preinst"
    sed -i '/^# Not a conffile/,/^# The groups of devices/{/^# The groups/!d}' "$work/older/DEBIAN/postinst"
    for name in old older; do
        dpkg-deb --root-owner-group -b "$work/$name" "$work/$name.deb" > /dev/null
    done
}

# usage: test_suite SUITE SCRIPT: the script of this folder in a clean system of that name.
test_suite() {
    local suite=$1 script=$2 root
    root=$build/$suite.root
    make_base "$suite"
    rm -rf "$root"
    mkdir "$root"
    tar -C "$root" -xf "$build/$suite.tar"
    cp "$package" "$root/new.deb"
    cp "$work/old.deb" "$work/older.deb" "$root/"
    cp "$here/$script" "$root/inside.sh"
    cp "$here/../../../deploy/install.sh" "$root/"
    # Namespaces of its own: without a network, and nothing that is left running outlives it.
    # shellcheck disable=SC2016  # the inner shell is the one to expand it
    if timeout 1800 unshare --mount --pid --ipc --uts --net --fork --kill-child bash -c '
        mount --make-rprivate /
        mount -t proc proc "$1/proc"
        mount -t tmpfs tmpfs "$1/run"
        mount --rbind /dev "$1/dev"
        ip link set lo up 2> /dev/null || true
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive \
            chroot "$1" bash /inside.sh' - "$root" > "$build/$suite.${script%.sh}.log" 2>&1; then
        status=0
    else
        status=1
    fi
    sed -n "s/^\(PASS\|FAIL\|NOTE\) /\1 $suite: /p" "$build/$suite.${script%.sh}.log"
    if [ $status = 0 ] && ! grep -q '^FAIL' "$build/$suite.${script%.sh}.log" && grep -q '^DONE' "$build/$suite.${script%.sh}.log"; then
        rm -rf "$root"
        return 0
    fi
    echo "$suite: failed; $build/$suite.${script%.sh}.log has everything" >&2
    return 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make_old "$work"
failed=0
for suite; do
    for script in ${SCRIPTS:-inside.sh updates.sh}; do
        test_suite "$suite" "$script" || failed=1
    done
done
exit $failed
