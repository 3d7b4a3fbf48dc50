#!/bin/bash
# Runs the tests of one suite in a virtual machine without hardware virtualisation; says PASS or FAIL of each as it comes.
# usage: run.sh BUILD-FOLDER radio | run.sh BUILD-FOLDER e2e PACKAGE.deb
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
build=$(mkdir -p "$1" && readlink -f "$1")
suite=$2
shift 2
results=$build/$suite.results
console=$build/$suite.console
case $suite in
    radio) start="rdinit=/opt/whimbrel/tests/vm/guest/init apparmor=0 audit=0" ;;
    # What systemd's system call filters refuse is to stand in the journal.
    e2e) start="rdinit=/sbin/init systemd.unit=e2e.target systemd.show_status=false systemd.condition-needs-update=no net.ifnames=0 SYSTEMD_LOG_SECCOMP=1" ;;
    *) echo "there is no suite $suite" >&2; exit 2 ;;
esac

"$here/build.sh" "$build" "$@"
# An ordinary end is that the guest switches itself off; the time-out is for a guest that hangs.
status=0
timeout --foreground "${VM_TIMEOUT:-2400}" qemu-system-x86_64 -accel tcg,thread=multi -smp 2 -m 2048 \
    -cpu Nehalem,-spec-ctrl -nodefaults -no-user-config -display none -monitor none -no-reboot \
    -device virtio-rng-pci -serial "file:$console" -chardev stdio,id=results,signal=off -serial chardev:results \
    -kernel "$build/extras/vmlinuz" -initrd "$build/initramfs.cpio" \
    -append "console=ttyS0 quiet panic=-1 mitigations=off nokaslr $start" < /dev/null \
    | sed -u 's/\r$//' | tee "$results" || status=$?
[ $status = 0 ] || echo "FAIL  the virtual machine ended by itself (status $status)"
if [ $status = 0 ] && grep -q '^VERDICT 0' "$results"; then exit 0; fi
echo "the $suite tests failed; what they said is in $results, the kernel's console in $console"
exit 1
