#!/bin/bash
# Makes the contents of both partitions from the root of base.sh and Whimbrel's package. Runs by with_arm, as root of a
# namespace that ends with it. usage: fill.sh BASE.tar WHIMBREL.deb EPOCH FOLDER; leaves FOLDER/boot.img, FOLDER/root.img.
set -euo pipefail
. "$(dirname "$0")/common.sh"

base=$1 package=$2 epoch=$3 folder=$4
export SOURCE_DATE_EPOCH=$epoch PYTHONHASHSEED=0 LC_ALL=C.UTF-8 TZ=UTC DEBIAN_FRONTEND=noninteractive
umask 022

# In memory: nothing of the card is written twice, and file systems of the building machine do not decide about anything.
work=$folder/work
mkdir -p "$work"
mount -t tmpfs -o mode=755 none "$work"
root=$work/root
mkdir "$root" "$work/boot"
# The kernel fills /dev; a namespace may not make devices.
tar --extract --file "$base" --directory "$root" --numeric-owner --exclude './dev/*'

inside() { chroot "$root" env PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }

install_package() {
    cp "$package" "$root/tmp/whimbrel.deb"
    # Nothing is started: there is no system running in there.
    printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
    chmod +x "$root/usr/sbin/policy-rc.d"
    mount --rbind /proc "$root/proc"
    mount --rbind /dev "$root/dev"
    inside dpkg --install /tmp/whimbrel.deb
    rm "$root/tmp/whimbrel.deb"
}

# What only a machine with a keyboard, a network or a large disk wants. (The login at the serial pins has a condition.)
masked="apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
    getty@tty1.service systemd-networkd-wait-online.service systemd-pstore.service
    systemd-rfkill.service systemd-rfkill.socket sshd-keygen.service systemd-binfmt.service
    proc-sys-fs-binfmt_misc.automount"

configure() {
    # What is in root/usr the package has put there, so that a newer one renews it.
    cp -r --no-preserve=ownership "$here/root/etc" "$root"
    if [ -d "$here/boards/$board/root" ]; then
        cp -r --no-preserve=ownership "$here/boards/$board/root/." "$root"
    fi
    # shellcheck disable=SC2086  # names of units, meant to be words
    inside systemctl --quiet mask $masked
    inside systemctl --quiet enable systemd-networkd.service systemd-resolved.service whimbrel.service ssh.service \
        whimbrel-image.target whimbrel-room.service whimbrel-reach-room.service whimbrel-packages.service \
        whimbrel-security.path
    # Of Debian's: sshd waits for a key, and wpa_supplicant for whimbrel-wifi.
    inside systemctl --quiet disable ssh.socket wpa_supplicant.service 2> /dev/null || true
    # Raspberry Pi Imager 1 takes an image that it does not know for Raspberry Pi OS: it has systemd start nothing but its
    # own script, which boot-settings reads. Here it starts what it always starts.
    mkdir -p "$root/etc/systemd/system-generators"
    ln -s /dev/null "$root/etc/systemd/system-generators/systemd-run-generator"
    ln -s /usr/lib/systemd/system/multi-user.target "$root/etc/systemd/system/kernel-command-line.target"
    echo whimbrel > "$root/etc/hostname"
    printf '127.0.0.1 localhost\n127.0.1.1 whimbrel\n::1 localhost\n' > "$root/etc/hosts"
    # Empty, so that each device gets its own at its first start.
    : > "$root/etc/machine-id"
    # The kernel of the building machine decides what the link's target is in a chroot.
    ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
    # The first settings are those of the boot partition: then nothing need be checked at the first start.
    install -m 644 "$here/boot/whimbrel.yaml" "$root/etc/whimbrel/whimbrel.yaml"
    sed -i '1i # A copy that each start makes anew: edit /boot/firmware/whimbrel.yaml, or the next start undoes it.' \
        "$root/etc/whimbrel/whimbrel.yaml"
    # The first picture of the first start.
    inside python3 -I -B -m whimbrel.splash
    # No account has a password, and none can be logged into with one.
    sed -i -E "s/^([^:]*):[^:]*:[^:]*:/\1:*:$((epoch / 86400)):/" "$root/etc/shadow"
    rm -f "$root"/etc/{passwd,group,shadow,gshadow,subuid,subgid}-
    rm -f "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/*
    sources > "$root/etc/apt/sources.list"
}

fill_boot() {
    local overlay
    mkdir -p "$root/boot/firmware/overlays"
    for overlay in "$here"/overlays/*.dts; do
        dtc -@ -I dts -O dtb -o "$root/boot/firmware/overlays/$(basename "$overlay" .dts).dtbo" "$overlay"
    done
    # Debian's own way to write config.txt and cmdline.txt, as it will on the device after an upgrade.
    inside env DEB_MAINT_PARAMS=configure sh /etc/kernel/postinst.d/z50-raspi-firmware
    cp "$here"/boot/* "$root/boot/firmware/"
    rm "$root"/boot/firmware/{README,MANUAL}.txt
    # For its owner to put a newer Whimbrel into.
    mkdir "$root/boot/firmware/packages"
    # README.txt and MANUAL.txt, every setting explained, and the settings of each HAT.
    inside /usr/lib/whimbrel-image/card-files
    # By these it is known later whether its owner has chosen a screen.
    (cd "$root/boot/firmware" && sha256sum whimbrel.yaml hardware.txt) > "$root/var/lib/whimbrel-image/first.sum"
    mv "$root/boot/firmware"/* "$work/boot/"
}

clean() {
    umount --lazy "$root/proc" "$root/dev"
    rm -rf "$root"/usr/sbin/policy-rc.d "$root"/etc/ssh/ssh_host_* "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* \
        "$root"/var/cache/debconf/*-old "$root"/var/cache/ldconfig/* "$root"/var/lib/dpkg/*-old "$root"/var/log/* \
        "$root"/var/lib/systemd/random-seed "$root"/var/lib/dbus/machine-id "$root"/var/lib/systemd/catalog \
        "$root"/run/* "$root"/tmp/* "$root"/var/tmp/*
    inside journalctl --update-catalog
    # The board has no clock: until it is told the time, it is that of the image at the earliest.
    touch "$root/usr/lib/clock-epoch"
    # Else the first start believes that /usr is newer than /etc and /var, and makes caches anew: minutes on a Zero.
    local where
    for where in etc var; do
        printf '# What /usr of this time needs is done.\nTIMESTAMP_NSEC=%s000000000\n' "$epoch" > "$root/$where/.updated"
    done
    find "$work/root" "$work/boot" -newermt "@$epoch" -exec touch --no-dereference --date "@$epoch" {} +
    touch --date "@$epoch" "$root/usr/lib/clock-epoch" "$root/usr" "$root/etc/.updated" "$root/var/.updated"
}

# The file system of a card's size is made at the first start; here it has room for what is there and a little more.
make_root() {
    local image=$folder/root.img used size identity
    identity=$(sha256sum <<< "whimbrel $epoch" | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/')
    used=$(du --summarize --block-size=1K "$root" | cut -f1)
    size=$(((used * 115 / 100 + 98304) / 4096 * 4096))
    export E2FSPROGS_FAKE_TIME=$epoch MKE2FS_DETERMINISTIC=1
    rm -f "$image"
    # Every feature is named: what is the default differs between machines.
    mke2fs -q -F -t ext4 -L root -U "$identity" -m 1 -b 4096 -i 16384 -I 256 -J size=16 \
        -O none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file \
        -O huge_file,dir_nlink,extra_isize,metadata_csum \
        -E "hash_seed=$identity,root_owner=0:0,lazy_itable_init=0,nodiscard" -d "$root" "$image" "${size}k" > /dev/null
    # mke2fs copies when a file was read and changed here, too; the second nothing can set but the file system itself.
    find "$root" -xdev -printf '%P\n' | LC_ALL=C sort | sed -e 's/["\\]/\\&/g' \
        -e "s|.*|set_inode_field \"/&\" ctime @$epoch\nset_inode_field \"/&\" atime @$epoch|" > "$work/times"
    debugfs -w -f "$work/times" "$image" > "$work/times.log" 2>&1
    if e2fsck -f -n "$image" > "$work/check.log" 2>&1; then return; fi
    cat "$work/check.log" >&2
    fail "the root file system is damaged"
}

make_boot() {
    local image=$folder/boot.img
    export MTOOLS_SKIP_CHECK=1
    rm -f "$image"
    # With room for copies of recordings beside two kernels.
    mkfs.vfat --invariant -F 32 -s 4 -n WHIMBREL -i "$disk" -C "$image" $((boot_mib * 1024)) > /dev/null
    (
        cd "$work/boot"
        find . -mindepth 1 -type d | LC_ALL=C sort | while read -r name; do mmd -i "$image" "::$name"; done
        find . -type f | LC_ALL=C sort | while read -r name; do mcopy -m -i "$image" "$name" "::$name"; done
    )
}

install_package > "$folder/install.log" 2>&1 || fail "the package cannot be installed: $(tail -n 5 "$folder/install.log")"
configure
fill_boot 2> "$folder/boot.log"
inside dpkg-query -W -f "\${Package} \${Version} \${Architecture}\n" > "$folder/packages"
clean
make_root
make_boot
