"""The maps of `thin.bpf.c`, and their structs with explicit octets."""

from __future__ import annotations

import struct

from whimbrel.drivers.linux.thinning.calls import ARRAY, HASH, PER_CPU_ARRAY, MapShape
from whimbrel.drivers.linux.thinning.order import ASKED_MAX, SENDERS, WAYS

CONTENT = 1024
"""Octets of the longest beacon that is compared."""
KEYS = CONTENT // 4
"""Secret words of the hash."""

SETTINGS = struct.Struct(f"=Q11I4x{KEYS}I")
"""``struct settings``: time (us; 0 for the clock), what to thin, epoch, longest duration (us), fresh, whole, leap
(beacons), sample, silence, drift (us), step (sequence numbers), gap (dB), then the keys."""
_SCRATCH = 16 + 256 + 4 * (KEYS + 2) + 2 * CONTENT
_COUNT = "2IiI3bx"
COUNT = struct.Struct(f"={_COUNT}")
"""``struct count``: epoch, frames, sum of the levels, frames with a level, lowest, highest and last level (dBm)."""
SENDER = struct.Struct("=QQqQI6HBBbx")
"""``struct sender``, up to its counts: heard, passed (us), clock (us), hash, beacons that pass, offsets of TIM and BSS
load, octets compared, sequence number, MHz, channel flags, rate, flags, level (dBm)."""
SENDER_SIZE = -(-(SENDER.size + 2 * COUNT.size) // 8) * 8
WAY = struct.Struct("=3HBB")
"""``struct way``: MHz, channel flags, octets on the air, rate (500 kbit/s), type of the frame and retry bit."""
WAY_COUNT = struct.Struct("=4I")
"""``struct way_count``: epoch and frames, twice."""
ADDRESS = 8
"""Octets of ``struct address``: six and two of padding."""

SHAPES = {
    "settings": MapShape(ARRAY, 4, SETTINGS.size, 1),
    "scratch": MapShape(PER_CPU_ARRAY, 4, -(-_SCRATCH // 8) * 8, 1),
    "senders": MapShape(HASH, ADDRESS, SENDER_SIZE, SENDERS),
    "ways": MapShape(HASH, WAY.size, WAY_COUNT.size, WAYS),
    "asked": MapShape(HASH, ADDRESS, 4, ASKED_MAX),
}
"""By name in the program."""
