"""A copy to a card: a FAT file system where the image has its partition, written by the unit that the daemon asks."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from tests.e2e.guest import daemon
from tests.vm.guest.checks import check, run, say, wait_for

_UNIT = "whimbrel-copy.service"
_CARD = Path("/boot/firmware")
_COPIES = _CARD / "copies"
_IMAGE = Path("/run/card.img")
_MIB = 1 << 20
_SIZE, _LARGE = 128, 48
"""MiB of the partition, and of a recording that takes long to copy."""
_RECORDINGS = Path("/var/lib/whimbrel/recordings")
_LARGE_NAME = "2026-01-01T000000Z-all.pcapng"


def copies_to_a_fat_partition_that_stays_closed() -> None:
    run("modprobe", "vfat")
    with _IMAGE.open("wb") as file:
        file.truncate(_SIZE * _MIB)
    run("mkfs.vfat", "-F", "32", str(_IMAGE))
    _CARD.mkdir(parents=True)
    # As the image mounts it; a loop device of a mount that is read-only from the start would refuse writing for good.
    run("mount", "-o", "loop,noatime,umask=0077", str(_IMAGE), str(_CARD))
    run("mount", "-o", "remount,ro", str(_CARD))
    run("systemctl", "restart", daemon.UNIT, timeout=240)
    daemon.wait_until_ready()
    began = time.monotonic()
    told = json.loads(run("whimbrel", "copy-to-card", "--json", timeout=600))
    say(f"NOTE  {told['files']} files of {told['octets']} octets in {time.monotonic() - began:.0f} s")
    check(told["problem"] == "" and told["files"] > 1 and told["left_out"] == 0, told)
    _check_closed()
    names = sorted(path.name for path in _COPIES.iterdir())
    check(sum((_COPIES / name).stat().st_size for name in names) == told["octets"], (names, told))
    check(any(name.endswith("report.html") for name in names), names)
    run("whimbrel", "replay", str(next(_COPIES / name for name in names if name.endswith(".pcapng"))))


def ends_at_once_while_it_waits_for_the_next_copy() -> None:
    """As at a shutdown soon after a copy."""
    asked = subprocess.Popen(["whimbrel", "copy-to-card", "--json"], stdout=subprocess.PIPE, text=True)
    wait_for("the unit", lambda: daemon.of_unit("ActiveState", _UNIT) == "activating", every=0.1)
    began = time.monotonic()
    run("systemctl", "stop", _UNIT)
    took = time.monotonic() - began
    say(f"NOTE  stopped after {took:.1f} s")
    check(took < 20, f"{took:.1f} s")
    told = json.loads(asked.communicate(timeout=300)[0])
    check(told["problem"] == "" and asked.returncode == 0, told)
    _check_closed()


def is_closed_when_it_is_killed_half_way() -> None:
    large = _RECORDINGS / _LARGE_NAME
    large.write_bytes(os.urandom(_LARGE * _MIB))
    shutil.chown(large, daemon.USER, daemon.USER)
    asked = subprocess.Popen(["whimbrel", "copy-to-card", "--json"], stdout=subprocess.PIPE, text=True)
    copier = wait_for("the unit", lambda: daemon.pid(_UNIT))
    draft = _COPIES / f"{_LARGE_NAME}.part"
    wait_for("half a file", lambda: draft.exists() and draft.stat().st_size > _MIB, 300, every=0.01)
    os.kill(copier, signal.SIGKILL)
    wait_for("the partition to be closed", lambda: "ro" in _options(), 60)
    check(not (_COPIES / _LARGE_NAME).exists(), "half a file has its name")
    told = json.loads(asked.communicate(timeout=600)[0])
    check("cut off" in told["problem"], told)
    told = json.loads(run("whimbrel", "copy-to-card", "--json", timeout=600))
    say(f"NOTE  and then: {told['files']} files of {told['octets']} octets")
    check(told["problem"] == "", told)
    _check_closed()
    check((_COPIES / _LARGE_NAME).read_bytes() == large.read_bytes(), "the file differs")
    check(not list(_COPIES.glob("*.part")), "the half file is still there")
    large.unlink()
    run("umount", str(_CARD))
    run("fsck.vfat", "-n", str(_IMAGE))
    _IMAGE.unlink()
    _CARD.rmdir()


def _options() -> list[str]:
    return run("findmnt", "--noheadings", "--output", "OPTIONS", str(_CARD)).strip().split(",")


def _check_closed() -> None:
    wait_for("the partition to be closed", lambda: "ro" in _options(), 60)
    run("fsck.vfat", "-n", str(_IMAGE))
