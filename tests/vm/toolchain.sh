#!/bin/bash
# Takes the kernel out of a root file system, with the modules that the guests need, and compiles what Debian lacks.
# usage: toolchain.sh ROOT OUT LGPIO.tar.gz, as a hook of mmdebstrap: ROOT has kernel, headers, a compiler, apt's lists.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
root=$1
out=$2
lgpio=$3
version=$(ls "$root/lib/modules")
modules="mac80211_hwsim af_packet ccm ctr cmac gcm tun configfs i2c-dev autofs4 virtio_pci virtio_blk ext4 loop vfat nls_cp437 nls_ascii nls_iso8859-1 nls_utf8 veth"
installed=usr/lib/modules/$version
work=$root/tmp/work

unpack_sources() {
    local source
    source=$(chroot "$root" apt-cache depends linux-source | sed -n 's/.*Depends: \(linux-source-\)/\1/p' | head -1)
    chroot "$root" sh -c "cd /tmp/work && apt-get -q download $source" > /dev/null
    dpkg-deb --fsys-tarfile "$work/$source"_*.deb | tar -xO "./usr/src/$source.tar.xz" | xz -dc \
        | tar -x -C "$work" --transform 's|.*/||' \
            "$source"/drivers/gpio/{gpio-sim.c,gpiolib.h} "$source/kernel/irq/irq_sim.c"
}

# gpio-sim, which Debian's kernels do not have, and a bus for the display.
compile_modules() {
    unpack_sources
    cp "$here"/modules/* "$work/"
    mv "$work/gpio-sim.c" "$work/gpio-sim-core.c"
    # Part of a module, it neither exports anything nor may call what the kernel keeps to itself.
    sed -i -e '/^EXPORT_SYMBOL/d' -e 's/irq_to_desc(irqnum)/irq_data_to_desc(irq_get_irq_data(irqnum))/' \
        -e 's|#include <linux/irq.h>|&\n#include <linux/irqdesc.h>|' "$work/irq_sim.c"
    chroot "$root" make -s -C "/lib/modules/$version/build" M=/tmp/work modules
    chroot "$root" sh -c 'strip -g /tmp/work/*.ko'
    install -D -m 644 -t "$out/$installed/extra" "$work"/*.ko
}

# Raspberry Pi OS has python3-lgpio, Debian has not.
compile_lgpio() {
    mkdir "$work/lgpio"
    tar -xzf "$lgpio" -C "$work/lgpio" --strip-components=1
    chroot "$root" sh -c 'cd /tmp/work/lgpio && PYPI=1 python3 setup.py -q build' > /dev/null
    install -D -m 644 -t "$out/usr/lib/python3/dist-packages" "$work"/lgpio/build/lib.*/*
}

copy_kernel() {
    local module file
    for module in $modules; do
        # Built into this kernel, a module has no file, and modprobe says so on its own line.
        modprobe -d "$root" -S "$version" --show-depends "$module" | awk '$1 == "insmod" {print $2}'
    done | sort -u | while read -r file; do
        install -D -m 644 "$file" "$out/$installed/${file#*/modules/"$version"/}"
    done
    cp "$root/$installed"/modules.{builtin,order,builtin.modinfo} "$out/$installed/"
    cp "$root/boot/vmlinuz-$version" "$out/vmlinuz"
}

rm -rf "$out"
mkdir -p "$work"
chmod 777 "$work" # apt downloads as a user of its own
compile_modules
compile_lgpio
copy_kernel
