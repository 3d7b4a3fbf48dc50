#!/bin/bash
# Compresses the image for passing it on; programs that write cards take it as it is. usage: compress.sh FOLDER.
# No block map: what is not used is zeros, which xz makes nothing of, and little of the image is.
set -euo pipefail
. "$(dirname "$0")/common.sh"

folder=$(readlink -f "$1")
image=$folder/whimbrel.img
if [ "$image.xz" -nt "$image" ]; then
    exit 0
fi
# Blocks of a fixed size, so that the number of processors does not decide about the bytes.
xz --keep --force --threads=0 --block-size=16MiB -3 "$image"
(cd "$folder" && sha256sum whimbrel.img.xz > whimbrel.img.xz.sha256)
say "$image.xz: $(stat -c %s "$image.xz") bytes in $SECONDS s"
