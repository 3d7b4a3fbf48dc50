"""The loaded filter that thins frames, and its counts."""

from __future__ import annotations

import contextlib
import os
import struct
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from whimbrel.drivers.linux.thinning import calls
from whimbrel.drivers.linux.thinning.calls import MapReader
from whimbrel.drivers.linux.thinning.layout import COUNT, KEYS, SENDER, SETTINGS, SHAPES, WAY, WAY_COUNT
from whimbrel.drivers.linux.thinning.object_file import OBJECT, read_program
from whimbrel.drivers.linux.thinning.order import SenderCount, ThinningCounts, ThinningOrder, WayCount

if TYPE_CHECKING:
    from pathlib import Path

FRESH = 16
"""Beacons that pass after a new or changed one: the daemon has to look at it, and perhaps ask for more."""
WHOLE = 300
"""Beacons that pass after one whose clock or sequence number did not go on: half a minute."""
LEAP = 40
"""Beacons that pass after one of another level. Walls and people make such leaps, single ones; a second transmitter
makes one in ten at least (`two-levels`)."""
SAMPLE, SILENCE = 1_000_000, 250_000
"""Us: the first beacon of an access point after so long passes; and the first frame of any kind, so that the daemon's
clock goes on."""
FORGET = 120_000_000
"""Us of silence after which an access point loses its place in the table."""

_ZERO = bytes(4)
_STAMP = (1 << 64) - 1


class ThinningFilter:
    """The filter with its maps. The constructor raises OSError, with the reason of the kernel, and `BadObject`.

    It needs CAP_BPF (or CAP_SYS_ADMIN). Where it is attached, it lets everything pass until it has an order.
    """

    def __init__(self, path: Path = OBJECT) -> None:
        program = read_program(path.read_bytes())
        self._maps: dict[str, int] = {}
        self.descriptor = -1
        """Of the program, for SO_ATTACH_BPF."""
        try:
            for name, shape in SHAPES.items():
                self._maps[name] = calls.create_map(shape, f"thin_{name}")
            self.descriptor = calls.load_filter(program.with_maps(self._maps), "thin")
        except BaseException:
            self.close()
            raise
        self._senders = MapReader(self._maps["senders"], SHAPES["senders"])
        self._ways = MapReader(self._maps["ways"], SHAPES["ways"])
        self._keys = struct.unpack(f"={KEYS}I", os.urandom(4 * KEYS))
        self._epoch = 1
        self._order = ThinningOrder(0)
        self._asked: frozenset[bytes] = frozenset()
        self.clock = 0
        """Us, in place of the kernel's clock, for a replay."""

    def follow(self, order: ThinningOrder) -> ThinningCounts:
        """Thin by `order` from now on, and return what was counted since the last call. Raises OSError; all frames pass
        then, because nobody would take in the counts of those that do not."""
        try:
            counts = self._take()
            if order != self._order:
                self._ask_for(order.asked)
                self._order = order
                self.write()
        except OSError:
            self._order = ThinningOrder(0)
            with contextlib.suppress(OSError):
                self.write()
            raise
        return counts

    def write(self) -> None:
        """Write the settings. Raises OSError."""
        thin, longest, drift, step, gap, _ = self._order
        settings = SETTINGS.pack(
            self.clock, thin, self._epoch, longest, FRESH, WHOLE, LEAP, SAMPLE, SILENCE, drift, step, gap, *self._keys
        )
        calls.update(self._maps["settings"], _ZERO, settings)

    def close(self) -> None:
        """Close the descriptors; the filter lives as long as the socket. Idempotent."""
        for descriptor in (*self._maps.values(), self.descriptor):
            if descriptor >= 0:
                os.close(descriptor)
        self._maps = {}
        self.descriptor = -1

    def _ask_for(self, addresses: frozenset[bytes]) -> None:
        """Have every beacon of these addresses pass, at most `ASKED_MAX`. Raises OSError."""
        asked = self._maps["asked"]
        for gone in self._asked - addresses:
            with contextlib.suppress(FileNotFoundError):
                calls.delete(asked, gone + b"\0\0")
        for new in addresses - self._asked:
            calls.update(asked, new + b"\0\0", _ZERO)
        self._asked = addresses

    def _take(self) -> ThinningCounts:
        """Return the counts since the last call. Raises OSError."""
        epoch = self._epoch
        self._epoch = epoch + 1 & 0xFFFFFFFF
        self.write()
        at = epoch & 1
        ways, idle = [], []
        for key, value in self._ways.entries():
            numbers = WAY_COUNT.unpack(value)
            if numbers[2 * at] == epoch and numbers[2 * at + 1]:
                ways.append(WayCount._make((*WAY.unpack(key), numbers[2 * at + 1])))
            elif numbers[0] < epoch - 1 and numbers[2] < epoch - 1:
                idle.append(key)
        now = self.clock or time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        senders, silent = [], []
        for key, value in self._senders.entries():
            fields = SENDER.unpack_from(value)
            of, frames, total, levelled, low, high, level = COUNT.unpack_from(value, SENDER.size + at * COUNT.size)
            if of == epoch and frames:
                heard, _, clock, *_, seq, freq, _, _, _, _ = fields
                stamp = clock + heard & _STAMP
                senders.append(SenderCount(key[:6], heard, freq, seq, stamp, frames, levelled, total, low, high, level))
            elif now - fields[0] > FORGET:
                silent.append(key)
        self._forget("senders", silent)
        if len(ways) + len(idle) >= SHAPES["ways"].entries // 2:
            self._forget("ways", idle)
        return ThinningCounts(tuple(ways), tuple(senders))

    def _forget(self, name: str, keys: Iterable[bytes]) -> None:
        for key in keys:
            with contextlib.suppress(FileNotFoundError):
                calls.delete(self._maps[name], key)
