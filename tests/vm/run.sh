#!/bin/bash
# Boots the image of build.sh without hardware virtualisation and turns the guest's verdict into an exit status.
# usage: run.sh BUILD-FOLDER
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
build=$(mkdir -p "$1" && readlink -f "$1")
log=$build/console.log

"$here/build.sh" "$build"
# An ordinary end is the guest's power-off; the time-out is for a guest that hangs.
timeout "${RADIO_TIMEOUT:-600}" qemu-system-x86_64 -accel tcg,thread=multi -smp 2 -m 1024 -cpu Nehalem,-spec-ctrl \
    -nodefaults -no-user-config -display none -monitor none -no-reboot -serial "file:$log" -device virtio-rng-pci \
    -kernel "$build/vmlinuz" -initrd "$build/initramfs.cpio" \
    -append "console=ttyS0 rdinit=/opt/whimbrel/guest/init quiet panic=-1 mitigations=off nokaslr apparmor=0 audit=0" \
    || echo "the virtual machine ended with status $?"
tr -d '\r' < "$log" | grep -a -E '^(PASS|FAIL|NOTE|RADIO-EXIT|[0-9]+ passed)|Traceback|Error' || true
grep -a -q '^RADIO-EXIT 0' "$log" && exit 0
echo "the radio tests failed; the guest's console is in $log"
exit 1
