#!/bin/bash
# Makes the root file system without Whimbrel from the packages of fetch.sh: some minutes, once.
# usage: base.sh ARCHIVE-FOLDER BASE.tar; the same packages and files of base/ and boards/BOARD/base/ give the same bytes.
set -euo pipefail
. "$(dirname "$0")/common.sh"
umask 022

archive=$(readlink -f "$1")
base=$(readlink -f "$2")
made_of=$(cd "$here" && digest "$archive/lock" base "boards/$board/base" root/etc/default root/etc/fstab base.sh)
if [ -s "$base" ] && [ "$(cat "$base.made-of" 2> /dev/null)" = "$made_of" ]; then
    exit 0
fi
mapfile -t names < <(packages)
included=$(IFS=,; echo "${names[*]}")
SOURCE_DATE_EPOCH=$(cat "$archive/date")
# A set in compiled Python has the order of hashes, which are random unless told otherwise.
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0 LC_ALL=C.UTF-8

say "making the root from ${#names[@]} packages and what they need (some minutes, once)"
rm -f "$base.made-of"
with_arm mmdebstrap --mode=root --architectures="$architecture" --variant=apt --skip=check/qemu --format=tar \
    --include="$included" --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
    --setup-hook="cp -r --no-preserve=ownership '$here/base/.' '$here/boards/$board/base/.' '$here/root/etc/default' '$here/root/etc/fstab' \"\$1/etc\"" \
    "$release" "$base.unfinished" "deb [trusted=yes] copy:$archive ./" > "$base.log" 2>&1 ||
    fail "mmdebstrap failed; $base.log ends in: $(tail -n 5 "$base.log")"
mv "$base.unfinished" "$base"
echo "$made_of" > "$base.made-of"
say "root: $(stat -c %s "$base") bytes in $SECONDS s"
