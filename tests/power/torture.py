"""Cuts the power of a virtual machine while it records an attack, and looks for what was promised.

``python -m tests.power.torture build/vm --cuts 50`` (`make torture-power`). The machine is QEMU's, without hardware
virtualisation; its card is an ext4 file system that outlasts all cuts, with a cache of its own, of which each cut keeps
and loses sectors by chance (`tests.power.card`). Behind each cut a copy of the card is examined: its journal is
replayed, fsck has no complaint, tshark reads every recording, every frame is there that was on the interface longer
before the cut than was promised, and so is every alert in the history that was answered to be acknowledged. Then the
machine starts again with the card as it is. It boots once: its memory is saved before it looks at the card, and each
life begins with that.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from tests.lab.child import Child
from tests.power.card import VolatileCard
from tests.process.history_torture import forgotten
from tests.process.recorder_torture import PROMISE, SAYINGS, STARVED, numbers

from whimbrel.recording.folder import Folder
from whimbrel.recording.limits import Caps

LIFE = 1_000_000
"""As in the guest's program."""
SIZE = 128 << 20
FLUSH_TAKES = 0.3
"""Seconds, as of a middling card."""
_STARTS_WITHIN = 600.0
QEMU = (
    *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-smp", "2", "-m", "1536", "-cpu", "Nehalem,-spec-ctrl"),
    *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
    *(
        "-device",
        "virtio-rng-pci",
        "-chardev",
        "stdio,id=told,signal=off",
        "-serial",
        "null",
        "-serial",
        "chardev:told",
    ),
)
KERNEL = (
    "console=ttyS0 quiet panic=-1 mitigations=off nokaslr apparmor=0 audit=0 "
    "rdinit=/opt/whimbrel/tests/vm/guest/power_init"
)


class Told:
    """What the guest tells, with the time at which it was heard here."""

    def __init__(self, machine: Child) -> None:
        self.sent: list[tuple[float, int]] = []
        self.seen: list[int] = []
        self.journal: list[str] = []
        self.booted = threading.Event()
        self.records = threading.Event()
        self.failed = ""
        self._machine = machine
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Take in what has been told, of a machine that has ended."""
        self._thread.join()

    def _listen(self) -> None:
        assert self._machine.stdout is not None
        for line in self._machine.stdout:
            what, _, rest = line.decode(errors="replace").strip().partition(" ")
            with contextlib.suppress(ValueError):  # a line that the cut has cut
                if what == "SENT":
                    self.sent.append((time.monotonic(), int(rest)))
                elif what == "SEEN":
                    self.seen.append(int(rest))
                elif what == "BOOTED":
                    self.booted.set()
                elif what == "RECORDS":
                    self.records.set()
                elif what == "LOG":
                    self.journal.append(rest)
                elif what == "FAILED":
                    self.failed = rest
                    self.records.set()
                    self.booted.set()


class Cut(NamedTuple):
    """What a cut came to."""

    promised: int
    """Frames that had to be on the card."""
    missing: int
    """Of those."""
    seen: int
    """Alerts that were acknowledged."""
    forgotten: int
    """Of those, that the history does not have so."""
    complaint: str
    """Of fsck; empty for none."""
    lost: float
    """Seconds between the newest frame on the card and the cut."""
    said: tuple[str, ...]
    """Lines of the journal in which the daemon has said that it breaks the promise."""
    starved: float
    """Share of the last promised seconds in which the machine stood still."""
    sectors: tuple[int, int]
    """Of the card's cache: kept by chance, lost."""

    @property
    def failed(self) -> bool:
        """Whether anything was broken without a word by who could have said one."""
        silent = self.missing and not self.said and self.starved < STARVED
        return bool(silent or self.forgotten or self.complaint)


def make_card(image: Path) -> None:
    """Make an empty card."""
    with image.open("wb") as file:
        file.truncate(SIZE)
    _run("mkfs.ext4", "-q", "-F", str(image))


def command(build: Path, card: VolatileCard, *more: str) -> list[str]:
    """Return the command of a machine with a card."""
    return [
        *QEMU, "-drive", f"file=nbd:unix:{card.path},format=raw,if=none,id=card,cache=writeback",
        "-device", "virtio-blk-pci,drive=card", "-kernel", str(build / "extras/vmlinuz"),
        "-initrd", str(build / "initramfs.cpio"), "-append", KERNEL, *more,
    ]  # fmt: skip


def boot(build: Path, image: Path, state: Path) -> None:
    """Boot the machine, and save it into `state` before it looks at its card."""
    with tempfile.TemporaryDirectory() as folder, VolatileCard(image, Path(folder, "card")) as card:
        control = Path(folder, "control")
        machine = Child(
            command(build, card, "-monitor", f"unix:{control},server,nowait"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        with machine:
            told = Told(machine)
            try:
                if not told.booted.wait(_STARTS_WITHIN) or told.failed:
                    raise RuntimeError(f"the guest did not boot: {told.failed}")
                with socket.socket(socket.AF_UNIX) as monitor:
                    monitor.connect(str(control))
                    monitor.sendall(f'migrate "exec:cat > {state}"\nquit\n'.encode())
                    machine.wait(_STARTS_WITHIN)
            finally:
                machine.kill()
            told.finish()


def live_and_cut(build: Path, image: Path, state: Path, life: int, chance: random.Random) -> Cut:
    """Start the saved machine, cut its power a few seconds behind its first file, and look."""
    with tempfile.TemporaryDirectory() as folder, VolatileCard(image, Path(folder, "card"), FLUSH_TAKES) as card:
        machine = Child(
            command(build, card, "-monitor", "none", "-incoming", f"exec:cat {state}"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        with machine:
            told = Told(machine)
            try:
                if not told.booted.wait(_STARTS_WITHIN):
                    raise RuntimeError("the saved guest does not go on")
                assert machine.stdin is not None
                machine.stdin.write(f"LIFE {life} {time.time():.0f}\n".encode())
                machine.stdin.flush()
                if not told.records.wait(_STARTS_WITHIN) or told.failed:
                    raise RuntimeError(f"the guest did not record: {told.failed} {told.journal}")
                time.sleep(chance.uniform(PROMISE, 3 * PROMISE))
            finally:
                at = time.monotonic()
                machine.kill()
                sectors = card.cut(chance)
            told.finish()
        return look(image, life, told, at, sectors)


def look(image: Path, life: int, told: Told, at: float, sectors: tuple[int, int]) -> Cut:
    """Compare a copy of the card with what was told before the cut."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as place:
        copy, out = Path(place, "card"), Path(place, "out")
        shutil.copy(image, copy)
        complaint = examine(copy)
        out.mkdir()
        _run("debugfs", "-R", f"rdump / {out}", str(copy))
        recordings = out / "recordings"
        list(Folder(recordings, Caps(1 << 40, 0)).repair())
        found = {number for number in numbers(recordings) if number // LIFE == life}
        lost_alerts = forgotten(out, told.seen)
    first = min(found, default=0)
    last = max((number for heard, number in told.sent if heard < at - PROMISE), default=-1)
    promised = range(first, last + 1) if found else range(life * LIFE, last + 1)
    newest = max(found, default=0)
    lost = at - max((heard for heard, number in told.sent if number <= newest), default=at)
    return Cut(
        len(promised),
        sum(number not in found for number in promised),
        len(told.seen),
        len(lost_alerts),
        complaint,
        lost,
        tuple(line for line in told.journal if any(saying in line for saying in SAYINGS)),
        standstill(told.sent, at),
        sectors,
    )


def standstill(sent: list[tuple[float, int]], at: float) -> float:
    """Return the share of the last promised seconds before `at` in which the guest, which tells ten times a second,
    told nothing for longer than a second."""
    moments = [at - PROMISE, *(heard for heard, _ in sent if at - PROMISE < heard < at), at]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    return sum(gap for gap in gaps if gap > 1.0) / PROMISE


def examine(image: Path) -> str:
    """Replay the journal of a card's file system, and return what fsck complains of then."""
    _run("e2fsck", "-E", "journal_only", "-y", str(image))
    checked = subprocess.run(["e2fsck", "-f", "-n", str(image)], capture_output=True, text=True, check=False)
    return checked.stdout if checked.returncode else ""


def told(cuts: list[Cut]) -> str:
    """Return what came of all cuts, in a line."""
    broken = [cut for cut in cuts if cut.missing]
    return "; ".join(
        (
            f"{len(cuts)} cuts: {sum(cut.promised for cut in cuts)} frames promised",
            f"{sum(cut.missing for cut in cuts)} missing",
            f"broken {len(broken)} times, of which {sum(bool(cut.said) for cut in broken)} were said before",
            f"{sum(not cut.said and cut.starved >= STARVED for cut in broken)} starved",
            f"at most {max(cut.lost for cut in cuts):.2f} s lost",
            f"{sum(cut.seen for cut in cuts)} alerts acknowledged, {sum(cut.forgotten for cut in cuts)} forgotten",
            f"fsck complained {sum(bool(cut.complaint) for cut in cuts)} times",
            f"{sum(cut.sectors[0] for cut in cuts)} sectors of the card's cache kept by chance",
            f"{sum(cut.sectors[1] for cut in cuts)} lost",
        )
    )


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # e2fsck: 1 says that it has mended something, as it was told to.
    if done.returncode > (command[0] == "e2fsck"):
        raise RuntimeError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}")


def main() -> int:
    """Cut, and count."""
    parser = argparse.ArgumentParser(description="Cut a virtual machine's power while it records, and look.")
    parser.add_argument("build", type=Path, help="what tests/vm/build.sh has made")
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)  # moments, not secrets
    cuts: list[Cut] = []
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        image = Path(folder, "card.img")
        state = Path(folder, "state")
        make_card(image)
        boot(args.build, image, state)
        for life in range(args.cuts):
            cuts.append(live_and_cut(args.build, image, state, life, chance))
            sys.stdout.write(f"{cuts[-1]}\n{told(cuts)}\n")
            sys.stdout.flush()
    return 1 if any(cut.failed for cut in cuts) else 0


if __name__ == "__main__":
    sys.exit(main())
