"""A file system in a file, as the partition of the image is mounted: read-only, for root alone.

It is FAT where this kernel knows that, else ext4.

``python -m tests.copying.fat PARTITION RECORDINGS NUMBER`` copies to it, with one report, and prints the outcome.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from whimbrel.copying.__main__ import copy
from whimbrel.copying.card import Partition
from whimbrel.copying.exchange import CopyOutcome, CopyRequest
from whimbrel.copying.reports import MadeReport
from whimbrel.testing import PATIENCE

NOW = 1_796_000_000.0  # 2026-11-30
REPORT = MadeReport("report.html", b"<!doctype html>" * 100)
SPARE = 1 << 20
PROGRAM = Path(__file__).resolve().parents[2] / "systemd/whimbrel-card"
MAKE, OPTIONS, CHECK = {
    True: (("mkfs.vfat", "-F", "32", "-s", "1"), "umask=0077", "fsck.vfat -n"),
    False: (("mkfs.ext4", "-q", "-m", "0"), "nodev", "e2fsck -fn"),
}["\tvfat\n" in Path("/proc/filesystems").read_text()]
"""To make one, to mount one, and to check one."""


def partition(path: Path, spare: int = 0) -> Partition:
    """Return the partition at `path`, opened by the program of this checkout."""
    return Partition(path, path.with_name(f"{path.name}.holders"), spare, PROGRAM)


def run_on(folder: Path, script: str, mebibytes: int = 40) -> subprocess.CompletedProcess[str]:
    """Run a shell's `script` where the partition is mounted at ``$card``, in a mount namespace of its own."""
    image, card = folder / "fat.img", folder / "card"
    if not image.exists():
        card.mkdir()
        with image.open("wb") as file:
            file.truncate(mebibytes << 20)
        subprocess.run([*MAKE, image], check=True, capture_output=True)
    names = {"image": str(image), "card": str(card), "recordings": str(folder / "recordings"), "python": sys.executable}
    names |= {"PROGRAM": str(PROGRAM), "WHIMBREL_CARD": str(card), "WHIMBREL_CARD_RUN": str(folder / "card.holders")}
    # The device itself can be written, as a card's partition; it goes away with its last mount.
    loop = 'device=$(losetup --find --show "$image")'
    mount = f'mount -o ro,noatime,{OPTIONS} "$device" "$card"'
    mount = f'again() {{ {loop}; {mount}; losetup --detach "$device"; }}\nagain\n'
    mount += f'fsck() {{ {CHECK} "$image"; }}\n'
    # As in the image's table, by a name that a unit with devices of its own cannot look up.
    entry = f"PARTUUID=57484942-01 {card} auto ro,noatime,nofail 0 0"
    mount += f"echo '{entry}' > {folder}/fstab && mount --bind {folder}/fstab /etc/fstab\n"
    mount += 'hold() { "$PROGRAM" "$@"; }\ntake() { mount -o remount,rw --options-source mtab "$card"; }\n'
    tell = 'copy() { "$python" -m tests.copying.fat "$card" "$recordings" "$@"; }\n'
    return subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-euc", mount + tell + script],
        env={**os.environ, **names}, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


def main(argv: list[str]) -> None:
    """Copy, and print the outcome."""
    card, recordings, number = argv
    request = CopyRequest(number=int(number), folder=recordings)
    done = copy(request, partition(Path(card), SPARE), os.geteuid(), [REPORT], NOW + int(number))
    sys.stdout.write(json.dumps({name: getattr(done, name) for name in CopyOutcome.fields}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
