#!/bin/bash
# Makes the SD card image of a board (BOARD in the environment). usage: build.sh FOLDER WHIMBREL.deb; leaves
# FOLDER/whimbrel.img, its SHA-256, and the list of its packages. What takes long is kept in FOLDER: remove
# FOLDER/archive to take newer packages.
# The same packages, package of Whimbrel and checkout give the same bytes.
set -euo pipefail
. "$(dirname "$0")/common.sh"

# Before anything is downloaded: Linux 6.7 gave binfmt_misc to user namespaces.
running=$(uname -r)
[ "$(printf '%s\n' 6.7 "$running" | sort -V | head -n 1)" = 6.7 ] ||
    fail "this machine runs Linux $running: the image's ARM programs need 6.7 or later to be run here"

folder=$(mkdir -p "$1" && readlink -f "$1")
package=$(readlink -f "$2")
image=$folder/whimbrel.img

"$here/fetch.sh" "$folder/archive"
"$here/base.sh" "$folder/archive" "$folder/base.tar"

# The newest thing in the image is a package of Debian or the last commit.
epoch=$(cat "$folder/archive/date")
committed=$(git -C "$project" log -1 --format=%ct 2> /dev/null || echo 0)
epoch=$((committed > epoch ? committed : epoch))

say "filling the partitions"
with_arm bash "$here/fill.sh" "$folder/base.tar" "$package" "$epoch" "$folder"

# Partitions begin at 4 MiB and its multiples, the blocks in which cards erase. The board's ROM knows no GPT.
boot=$(stat -c %s "$folder/boot.img") root=$(stat -c %s "$folder/root.img") start=$((4 << 20)) sector=512
rm -f "$image"
truncate --size $((start + boot + root)) "$image"
sfdisk --quiet "$image" << TABLE
label: dos
label-id: 0x$disk
start=$((start / sector)), size=$((boot / sector)), type=c, bootable
start=$(((start + boot) / sector)), size=$((root / sector)), type=83
TABLE
dd if="$folder/boot.img" of="$image" bs=4M oflag=seek_bytes seek="$start" conv=notrunc,sparse status=none
dd if="$folder/root.img" of="$image" bs=4M oflag=seek_bytes seek=$((start + boot)) conv=notrunc,sparse status=none
rm "$folder/boot.img" "$folder/root.img"
(cd "$folder" && sha256sum whimbrel.img > whimbrel.img.sha256)
say "$image: $(stat -c %s "$image") bytes in $SECONDS s"
