"""A card as it comes from the image, and an emulated Pi that starts from it."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.pi.console import Console
from tests.pi.machines import Machine

_SECTOR = 512
_CARD = 2 << 30
"""Octets of the card: QEMU takes powers of two only."""
_TOOLS = 64 << 20
_EMULATED = (
    # QEMU has no such power controller, and the driver waits for it for ever.
    "initcall_blacklist=bcm2835_power_driver_init",
    # A root shell on the serial line: who starts a kernel may say so, here as on the real board.
    "systemd.debug_shell=1", "systemd.default_debug_tty=ttyS1", "systemd.show_status=false", "panic=-1",
    # The radio: two simulated ones, there from the start as an adapter that is plugged in.
    "modules_load=mac80211_hwsim,softdog", "mac80211_hwsim.radios=2",
    # QEMU resets the board as soon as its watchdog is set, not when it runs out: the kernel's own stands in for it.
    "systemd.watchdog_device=/dev/watchdog1",
)  # fmt: skip
SERIAL = "00000000c0ffee01"


class Card:
    """A copy of the image on a larger card, with the tests' tools on a third partition at its end."""

    def __init__(self, image: Path, folder: Path, tools: Path, machine: Machine) -> None:
        self.machine = machine
        self._folder = folder
        self.tools = tools
        self.file = folder / "card.img"
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", image, self.file], check=True)
        with self.file.open("r+b") as stream:
            stream.truncate(_CARD)
        self._add()
        partition = self._partitions()[0]
        self._boot = f"{self.file}@@{partition['start'] * _SECTOR}"

    def _partitions(self) -> list[dict[str, int]]:
        told = subprocess.run(["sfdisk", "--json", self.file], capture_output=True, check=True).stdout
        partitions: list[dict[str, int]] = json.loads(told)["partitiontable"]["partitions"]
        return partitions

    def _add(self) -> None:
        part = self._folder / "tools.img"
        part.unlink(missing_ok=True)
        subprocess.run(
            ["mke2fs", "-q", "-t", "ext4", "-d", self.tools, part, f"{_TOOLS >> 10}k"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        start = (_CARD - _TOOLS) // _SECTOR
        subprocess.run(
            ["sfdisk", "--quiet", "--append", self.file], input=f"start={start}, type=83\n", text=True, check=True
        )
        place = ["bs=1M", f"seek={start * _SECTOR >> 20}", "conv=notrunc,sparse", "status=none"]
        subprocess.run(["dd", f"if={part}", f"of={self.file}", *place], check=True)
        part.unlink()

    def read(self, name: str) -> bytes:
        """Return a file of the boot partition."""
        return subprocess.run(["mtype", "-i", self._boot, f"::{name}"], capture_output=True, check=True).stdout

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder of the boot partition."""
        told = subprocess.run(
            ["mdir", "-b", "-i", self._boot, f"::{folder}"], capture_output=True, text=True, check=False
        )
        return [line.rsplit("/", 1)[-1] for line in told.stdout.splitlines()]

    def write(self, name: str, content: str) -> None:
        """Write a file onto the boot partition, as its owner's computer does."""
        subprocess.run(["mcopy", "-o", "-i", self._boot, "-", f"::{name}"], input=content.encode(), check=True)

    def copy(self, folder: str, *files: Path) -> None:
        """Copy files into a folder of the boot partition, which is made if it is not there."""
        there = subprocess.run(["mdir", "-b", "-i", self._boot, f"::{folder}"], capture_output=True, check=False)
        if there.returncode:
            subprocess.run(["mmd", "-i", self._boot, f"::{folder}"], check=True)
        subprocess.run(["mcopy", "-i", self._boot, *files, f"::{folder}"], check=True)

    def fetch(self, name: str) -> Path:
        """Copy a file of the boot partition out and return the copy."""
        target = self._folder / Path(name).name
        target.unlink(missing_ok=True)
        subprocess.run(["mcopy", "-i", self._boot, f"::{name}", target], check=True)
        return target

    def debugfs(self, request: str) -> str:
        """Return what debugfs says to a request about the root file system, which stays as it is."""
        at = f"{self.file}?offset={self._partitions()[1]['start'] * _SECTOR}"
        return subprocess.run(["debugfs", "-R", request, at], capture_output=True, text=True, check=True).stdout

    def changed(self, name: str) -> int:
        """Return when a file of the root was last changed, in seconds since the epoch."""
        found = re.search(r"mtime: 0x([0-9a-f]+)", self.debugfs(f"stat {name}"))
        assert found, name
        return int(found[1], 16)

    def plant(self, files: dict[str, str]) -> None:
        """Put files into folders of the root file system, which was left clean: units and rules of the tests alone."""
        offset = self._partitions()[1]["start"] * _SECTOR
        lines = []
        for number, (name, content) in enumerate(files.items()):
            given = self._folder / f"planted-{number}"
            given.write_text(content)
            lines += [f"rm {name}", f"write {given} {name}"]
        script = self._folder / "plant"
        script.write_text("\n".join(lines) + "\n")
        subprocess.run(
            ["debugfs", "-w", "-f", script, f"{self.file}?offset={offset}"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def check_root(self) -> str:
        """Return what is wrong with the root file system; nothing where it was left clean."""
        partition = self._partitions()[1]
        copied = self._folder / "root.img"
        offset, size = partition["start"] * _SECTOR >> 20, partition["size"] * _SECTOR >> 20
        place = ["bs=1M", f"skip={offset}", f"count={size}", "conv=sparse", "status=none"]
        subprocess.run(["dd", f"if={self.file}", f"of={copied}", *place], check=True)
        state = subprocess.run(["dumpe2fs", "-h", copied], capture_output=True, text=True, check=True).stdout
        checked = subprocess.run(["e2fsck", "-f", "-n", copied], capture_output=True, text=True, check=False)
        copied.unlink()
        dirty = (
            "" if re.search(r"Filesystem state:\s+clean\n", state) and "needs_recovery" not in state else "not clean; "
        )
        return dirty + (checked.stdout if checked.returncode else "")


class Firmware:
    """What the board's firmware takes from the boot partition: kernel, initramfs, device tree, command line."""

    def __init__(self, card: Card, folder: Path) -> None:
        lines = [line.strip() for line in card.read("config.txt").decode().splitlines()]
        included = [line.split()[1] for line in lines if line.startswith("include ")]
        for name in included:
            lines += [line.strip() for line in card.read(name).decode().splitlines()]
        values = dict(line.split("=", 1) for line in lines if re.match(r"[a-z_0-9]+=", line))
        initramfs = next(line.split()[1] for line in lines if line.startswith("initramfs "))
        self.kernel = card.fetch(values["kernel"])
        self.initramfs = card.fetch(initramfs)
        self.overlays = [line.removeprefix("dtoverlay=") for line in lines if line.startswith("dtoverlay=")]
        self.cmdline = card.read("cmdline.txt").decode().strip()
        self.tree = folder / "board.dtb"
        shutil.move(card.fetch(card.machine.tree), self.tree)
        for overlay in self.overlays:
            one = card.fetch(f"overlays/{overlay}.dtbo")
            subprocess.run(["fdtoverlay", "-i", self.tree, "-o", f"{self.tree}.new", one], check=True)
            Path(f"{self.tree}.new").rename(self.tree)
        # What the firmware reads off the board.
        subprocess.run(["fdtput", "-c", self.tree, "/system"], check=True)
        subprocess.run(["fdtput", "-t", "x", self.tree, "/system", "linux,revision", card.machine.revision], check=True)
        subprocess.run(["fdtput", "-t", "s", self.tree, "/", "serial-number", SERIAL], check=True)


@contextlib.contextmanager
def started(card: Card, results: Path, name: str, *words: str) -> Iterator[Console]:
    """Start the board and give its console, which is kept in `results`; at the end its plug is pulled.

    `words` are added to the kernel's command line. The board's time is that of counted instructions: with a shift of 1,
    each takes 2 ns.
    """
    folder = card.file.parent
    firmware = Firmware(card, folder)
    command: list[str | Path] = [
        *card.machine.emulator, "-kernel", firmware.kernel, "-initrd", firmware.initramfs,
        "-dtb", firmware.tree, "-drive", f"if=sd,format=raw,file={card.file}", "-append",
        " ".join([firmware.cmdline, *_EMULATED, *words]), "-display", "none", "-monitor", "none", "-no-reboot",
        "-serial", "null", "-serial", "stdio", "-icount", "shift=1,sleep=off",
    ]  # fmt: skip
    with (results / f"{name}.qemu").open("wb") as errors:
        emulator = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
    try:
        yield Console(emulator, results / f"{name}.console")
    finally:
        emulator.kill()
        emulator.wait()
