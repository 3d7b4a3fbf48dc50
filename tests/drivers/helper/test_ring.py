from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import mmap
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.drivers.helper.helping import helper_on
from tests.lab.collector import Collector, capturing
from tests.lab.frames import number_of, numbered
from tests.lab.tun import MonitorTun
from tests.lab.waiting import block_until, until

from whimbrel.drivers.helper.access import HelperAccess
from whimbrel.drivers.helper.copier import Copier
from whimbrel.drivers.helper.link import HelperLink
from whimbrel.drivers.helper.protocol import Ask, Outcome
from whimbrel.drivers.helper.ring import SlotRing
from whimbrel.drivers.helper.slots import GIVEN_BACK, HURRY, MEMORY, PAGE, SLOTS
from whimbrel.drivers.helper.slots import NUMBER as WAIT
from whimbrel.drivers.helper.slots import PATIENCE as WAITING
from whimbrel.drivers.linux.packet_socket import BLOCK, BLOCK_HEADER, USER
from whimbrel.drivers.linux.settings import LinuxSettings
from whimbrel.drivers.linux.source import LinuxSource
from whimbrel.drivers.linux.thinning.order import ThinningCounts
from whimbrel.drivers.ports import Losses, RadioGone
from whimbrel.settings import Size
from whimbrel.testing import PATIENCE

pytestmark = pytest.mark.tun


@pytest.fixture
def path(tun: MonitorTun, tmp_path: Path) -> Iterator[Path]:
    where = tmp_path / "radio.sock"
    with helper_on(tun, where):
        yield where


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def open_on(tun: MonitorTun, path: Path, buffer: int = 1 << 20) -> LinuxSource:
    source = LinuxSource(LinuxSettings(interface=tun.name, buffer=Size(buffer)), HelperAccess(str(path)))
    await source.open()
    return source


async def test_no_frame_is_lost_at_5000_a_second(tun: MonitorTun, path: Path) -> None:
    source = await open_on(tun, path, 16 * 1024 * 1024)
    collector = Collector()
    async with capturing(source, collector):
        feeder = tun.feed([numbered(n, size=200) for n in range(5000)], per_second=5000, repeat=3)
        await collector.wait_for(15_000)
        assert await asyncio.to_thread(feeder.wait) == 0
        await asyncio.sleep(0)
        assert source.losses() == Losses(15_000, 0)
    assert [number_of(frame) for frame in collector.frames] == list(range(5000)) * 3


@pytest.mark.parametrize("patience", [0.0, 0.1, 3600.0])
async def test_a_patient_source_loses_nothing_and_does_not_wait_for_ever(
    tun: MonitorTun, path: Path, patience: float
) -> None:
    source = await open_on(tun, path, 128 * 1024)
    source.patience = patience
    collector = Collector()
    async with capturing(source, collector):
        for number in range(30):
            tun.write(numbered(number))
            if number % 3 == 0:
                source.hurry()
            await collector.wait_for(number + 1)
        assert source.losses() == Losses(30, 0)
    assert [number_of(frame) for frame in collector.frames] == list(range(30))


class ScriptedPacket:
    """A kernel's ring whose blocks a test fills."""

    def __init__(self, blocks: int) -> None:
        self.blocks = blocks
        self.memory = bytearray(blocks * BLOCK)
        self.received = self.dropped = 0
        self._next = 0

    def hand_over(self, *frames: bytes) -> None:
        """Fill the next block."""
        at = 48
        for frame in frames:
            step = len(frame) + 32 + 7 & -8
            struct.pack_into("=6IH", self.memory, self._next + at, step, 1, 0, len(frame), len(frame), 0, 32)
            self.memory[self._next + at + 32 : self._next + at + 32 + len(frame)] = frame
            at += step
        BLOCK_HEADER.pack_into(self.memory, self._next, USER, len(frames), 48, at)
        self._next = (self._next + BLOCK) % len(self.memory)

    def release(self, base: int) -> int:
        """Take a block back."""
        BLOCK_HEADER.pack_into(self.memory, base, 0, 0, 0, 0)
        return (base + BLOCK) % len(self.memory)

    def count(self) -> None:
        """Count nothing."""

    def close(self) -> None:
        """Close nothing."""


def test_blocks_share_slots_and_come_out_whole_and_in_order() -> None:
    packet = ScriptedPacket(64)
    copier = Copier(packet)  # type: ignore[arg-type]
    ours, theirs = socket.socketpair()
    memory, filled, freed = map(os.dup, copier.descriptors)
    ring = SlotRing(ours, memory, filled, freed, lambda: None, lambda _: ThinningCounts())
    sizes = itertools.cycle((60, 300, 1500, 12_000))
    sent: list[bytes] = []
    for turn in range(60):
        for _ in range(turn % 7):
            frames = [bytes([turn]) * next(sizes) for _ in range(turn % 5)]
            packet.hand_over(*frames)
            sent += frames
        if turn % 6 == 0:  # a full one too: it fits a slot alone
            full = [bytes([turn]) * 10_000] * 6
            packet.hand_over(*full)
            sent += full
        room = copier._room
        copier._copy()
        assert room - copier._room <= 1 + sum(map(len, sent)) // (BLOCK // 2)
        taken = [record[1] for record in ring.take(10_000)]
        assert taken == sent
        sent.clear()
        with contextlib.suppress(BlockingIOError):
            copier._take_back()
    assert copier._room >= SLOTS - GIVEN_BACK
    ring.close()
    copier.close()
    ours.close()
    theirs.close()


@pytest.mark.parametrize("dwell", [0.002, 0.012, 0.02, 0.024, 0.026, 0.05])
def test_however_often_the_channel_changes_frames_are_brought(monkeypatch: pytest.MonkeyPatch, dwell: float) -> None:
    packet = ScriptedPacket(64)
    copier = Copier(packet)  # type: ignore[arg-type]
    _, _, freed = copier.descriptors
    WAIT.pack_into(copier._memory, WAITING, 100)
    now, brought, change = 100.0, [100.0], 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    while now < 110.0:
        now += 0.001
        if now >= change:
            os.eventfd_write(freed, HURRY)
            copier._take_back()
            change = now + dwell
        if now >= copier._resume:
            packet.hand_over(b"frame")
            copier._bring(now)
            copier._room = SLOTS
            brought.append(now)
    monkeypatch.undo()
    assert max(later - sooner for sooner, later in itertools.pairwise(brought)) < 0.06
    copier.close()


async def test_what_does_not_fit_waits_in_the_kernel_and_is_counted(tun: MonitorTun, path: Path) -> None:
    source = await open_on(tun, path, 128 * 1024)
    frames = [numbered(n, size=2000) for n in range(2000)]  # 4 MB: more than the slots and the ring hold
    for frame in frames:
        tun.write(frame)
    collector = Collector()
    written = len(frames)

    def a_later_one_has_come() -> bool:
        nonlocal written
        if collector.frames and number_of(collector.frames[-1]) == 99_999:
            return True
        tun.write(numbered(99_999))
        written += 1
        return False

    async with capturing(source, collector):
        await until(a_later_one_has_come)
        await until(lambda: sum(source.losses()) == written, f"the count of {written} frames")
        await until(lambda: source.losses().received == len(collector.frames), "the frames that were counted")
        assert source.losses().dropped > 0


async def test_an_interface_that_goes_is_told(tun: MonitorTun, path: Path) -> None:
    source = await open_on(tun, path)
    collector = Collector()
    async with capturing(source, collector) as running:
        tun.down()
        with pytest.raises(RadioGone, match="down"):
            await running


async def test_a_helper_that_dies_is_told_and_its_successor_serves(tun: MonitorTun, tmp_path: Path) -> None:
    path = tmp_path / "radio.sock"
    with helper_on(tun, path) as process:
        source = await open_on(tun, path)
        async with capturing(source, Collector()) as running:
            process.kill()
            with pytest.raises(RadioGone, match="helper has ended"):
                await running
    path.unlink()
    with helper_on(tun, path):
        await source.open()
        collector = Collector()
        async with capturing(source, collector):
            tun.write(numbered(1))
            await collector.wait_for(1)


async def test_opening_anew_leaves_no_descriptor(tun: MonitorTun, path: Path) -> None:
    source = await open_on(tun, path)
    await source.close()
    before = descriptors()
    for _ in range(5):
        await source.open()
    await source.close()
    assert descriptors() == before


def test_the_daemon_holds_no_packet_socket_and_cannot_cut_the_memory(tun: MonitorTun, path: Path) -> None:
    link = HelperLink(str(path))
    delivery = link.ask(Ask.CAPTURE, name=tun.name, size=1 << 20)
    assert delivery.answer.outcome is Outcome.DONE
    for descriptor in delivery.descriptors:
        with pytest.raises(OSError, match="non-socket"):
            socket.socket(fileno=descriptor)
    memory = delivery.descriptors[0]
    for size in (0, MEMORY + 4096):
        with pytest.raises(PermissionError):
            os.ftruncate(memory, size)
    with pytest.raises(PermissionError):
        fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)
    for descriptor in delivery.descriptors:
        os.close(descriptor)
    link.close()


UNPRIVILEGED = """
import os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
sock = socket.socket(fileno=int(sys.argv[1]))
for interface in sys.argv[2], "lo":
    sock.sendto(bytes(60), (interface, 3))
try:
    sock.shutdown(socket.SHUT_WR)
except OSError as error:
    print(error.errno == 95)
"""


def test_a_packet_socket_that_is_handed_over_could_send_and_cannot_be_kept_from_it(tun: MonitorTun) -> None:
    """The reason why the helper keeps it: without any capability, it sends on every interface of its namespace."""
    with tun.inside():
        handed = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        handed.bind((tun.name, 3))
        ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        ear.bind(("lo", 3))
    with handed, ear:
        command = [sys.executable, "-c", UNPRIVILEGED, str(handed.fileno()), tun.name]
        said = subprocess.run(command, pass_fds=[handed.fileno()], capture_output=True, text=True, check=True)
        assert said.stdout == "True\n"
        ear.settimeout(PATIENCE)
        assert ear.recv(100) == bytes(60)


def test_nothing_that_is_written_to_the_memory_or_the_counters_harms_the_helper(tun: MonitorTun, path: Path) -> None:
    link = HelperLink(str(path))
    memory, filled, freed = link.ask(Ask.CAPTURE, name=tun.name, size=1 << 20).descriptors
    with mmap.mmap(memory, MEMORY) as octets:
        octets[:] = b"\xff" * MEMORY
        os.eventfd_write(freed, 2**64 - 2)
        os.eventfd_write(filled, 2**64 - 3)
        for number in range(500):
            tun.write(numbered(number, size=1000))
        octets[WAITING : WAITING + 4] = bytes(4)
        block_until(lambda: octets[PAGE : PAGE + 64] != b"\xff" * 64, "a block")
    # The next capture is as any other.
    fresh = link.ask(Ask.CAPTURE, name=tun.name, size=1 << 20)
    assert fresh.answer.outcome is Outcome.DONE
    for descriptor in (memory, filled, freed, *fresh.descriptors):
        os.close(descriptor)
    link.close()


def test_a_helper_that_is_made_to_wait_ends_and_does_not_hang(tun: MonitorTun, tmp_path: Path) -> None:
    path = tmp_path / "radio.sock"
    with helper_on(tun, path) as process:
        link = HelperLink(str(path))
        memory, filled, freed = link.ask(Ask.CAPTURE, name=tun.name, size=1 << 20).descriptors
        os.eventfd_write(filled, 2**64 - 2)  # it is full
        os.set_blocking(filled, True)
        with mmap.mmap(memory, MEMORY) as octets:
            tun.write(numbered(1))
            block_until(lambda: any(octets[PAGE : PAGE + 64]), "a block, after which it counts")
        link.close()
        assert process.wait(30) != 0
        for descriptor in (memory, filled, freed):
            os.close(descriptor)
