"""The simulated air: its inhabitants, their transmissions, and the frames heard by one receiver. No I/O, no clock.

Each inhabitant is a generator that sends frames and yields the microseconds until its next ones. All time is whole
microseconds from the start of the scene, so the same seed gives the same bytes on every machine; what a radio hears
never changes what is sent.
"""

from __future__ import annotations

import heapq
import random
import struct
import zlib
from collections.abc import Generator, Iterator

from whimbrel.drivers.sim import space
from whimbrel.drivers.sim.rates import FLAG_BAD_FCS, FLAG_FCS, STAMP, STAMP_AT
from whimbrel.drivers.sim.template import SEQUENCE, TIMESTAMP, Template
from whimbrel.wifi.capture_record import CaptureRecord

Life = Generator[int, None, None]
"""Sends, then yields the microseconds until its next activity."""

_FCS = struct.Struct("<I")
_FADES = tuple(round(random.Random(index).gauss(0, 1.1)) for index in range(256))  # noqa: S311
_ADJACENT = {0: 0, 5: 12, 10: 28}  # MHz off: dB of neighbouring channels in 2.4 GHz receivers


class Flow:
    """One run of sequence numbers and packet numbers: of a transmitter, or of its data to one receiver."""

    __slots__ = ("packets", "sequence")

    def __init__(self, rng: random.Random) -> None:
        self.sequence = rng.randrange(4096)
        self.packets = 0


class Transmitter(Flow):
    """Something with an antenna: where it is, how loud, how far its clock has come."""

    __slots__ = ("address", "bucket", "clock", "count", "drift", "freq", "level", "place", "power", "salt")

    def __init__(
        self, address: bytes, place: space.Spot, power: float, freq: int, rng: random.Random, drift: int = 0
    ) -> None:
        super().__init__(rng)
        self.address = address
        self.place = place
        self.power = power  # dBm
        self.freq = freq  # MHz
        self.salt = rng.getrandbits(63)
        self.clock = rng.randrange(1 << 34, 1 << 40)  # us that its TSF was ahead when the scene began
        self.drift = drift  # parts per million by which its clock is fast
        self.count = 0
        self.level = 0.0
        self.bucket = -1

    def tsf(self, now: int) -> int:
        """Return its TSF timer, in us."""
        return self.clock + now + now * self.drift // 1_000_000


class Medium:
    """All transmissions in order, and the heard ones."""

    def __init__(self, receiver: space.Point = (0.0, 0.0), *, start: float = 0.0, fcs: bool = True) -> None:
        self.receiver = receiver
        self.start = start
        """The time of the scene's beginning in the records, in seconds."""
        self.now = 0
        """us from the start."""
        self.heard = 0
        self.sent = 0
        self._fcs = fcs
        self._flags = FLAG_FCS if fcs else 0
        self._tuned: dict[int, tuple[int, int]] | None = None
        self._lives: list[tuple[int, int, Life]] = []
        self._born = 0
        self._out: list[CaptureRecord] = []
        self._damaged = False

    def add(self, life: Life, at: int = 0) -> None:
        """Let an inhabitant begin at `at`, in us from the start."""
        self._born += 1
        heapq.heappush(self._lives, (max(at, self.now), self._born, life))

    def tune(self, freq: int | None) -> None:
        """Listen on `freq` MHz, and in 2.4 GHz faintly on neighbouring channels; None hears everything."""
        if freq is None:
            self._tuned = None
        elif freq < 5000:
            self._tuned = {freq + side * off: (loss, freq) for off, loss in _ADJACENT.items() for side in (-1, 1)}
        else:
            self._tuned = {freq: (0, freq)}

    def until(self, seconds: float) -> Iterator[CaptureRecord]:
        """Continue to `seconds` from the start and yield the frames heard meanwhile; they are not kept."""
        end = round(seconds * 1e6)
        lives, out = self._lives, self._out
        while lives and lives[0][0] <= end:
            when, number, life = lives[0]
            self.now = when
            wait = next(life, None)
            if wait is None:
                heapq.heappop(lives)
            else:
                heapq.heapreplace(lives, (when + wait, number, life))
            while out:
                yield out.pop(0)
        self.now = max(self.now, end)

    def send(self, sender: Transmitter, template: Template, freq: int = 0, flow: Flow | None = None) -> None:
        """Send a frame with the next sequence number of `flow`; without it, and without `freq`, the sender's own."""
        frame = self.hear(sender, template, freq, flow)
        if frame is not None:
            self.deliver(frame)

    def again(self, sender: Transmitter, template: Template, freq: int = 0, flow: Flow | None = None) -> None:
        """Send the frame before once more: the same sequence number, the Retry bit."""
        numbered = flow or sender
        numbered.sequence -= 1
        numbered.packets -= 1
        self.send(sender, template.retried(), freq, flow)

    def hear(
        self, sender: Transmitter, template: Template, freq: int = 0, flow: Flow | None = None
    ) -> bytearray | None:
        """Count a transmission; return it for further patching where the radio hears it, to be given to `deliver`."""
        self.sent += 1
        sender.count += 1
        numbered = sender if flow is None else flow
        if template.sequence_at:
            numbered.sequence = numbered.sequence + 1 & 0xFFF
            numbered.packets += 1
        loss, tuned = 0, freq or sender.freq
        if self._tuned is not None:
            gain = self._tuned.get(tuned)
            if gain is None:
                return None
            loss, tuned = gain
        if self.now >> space.BUCKET != sender.bucket:
            self._listen(sender)
        draw = (sender.count * 2654435761 + sender.salt & 0xFFFFFFFF) >> 8
        level = sender.level + _FADES[draw & 0xFF] - loss - (0 if tuned < 5000 else 6 if tuned < 5950 else 8)
        if level < space.SENSITIVITY:
            return None
        self._damaged = level < space.SENSITIVITY + 4 and draw >> 8 & 7 == 0
        frame = bytearray(template.data)
        STAMP.pack_into(
            frame,
            STAMP_AT,
            self.now + 7_000_000,
            self._flags,
            template.rate.code,
            tuned,
            template.flags_2ghz if tuned < 5000 else template.flags_5ghz,
            int(level) if level < -1 else -1,
        )
        if template.sequence_at:
            SEQUENCE.pack_into(frame, template.sequence_at, numbered.sequence << 4)
            if template.tsf_at:
                TIMESTAMP.pack_into(frame, template.tsf_at, sender.tsf(self.now))
            elif template.counter_at:
                SEQUENCE.pack_into(frame, template.counter_at, numbered.packets & 0xFFFF)
                frame[template.counter_at + 4] = numbered.packets >> 16 & 0xFF
        return frame

    def deliver(self, frame: bytearray) -> None:
        """Deliver the frames returned by `hear`, with their FCS; the faintest arrive damaged now and then."""
        if self._fcs:
            frame += _FCS.pack(zlib.crc32(memoryview(frame)[frame[2] :]))
            if self._damaged:
                self._damage(frame)
        self.heard += 1
        data = bytes(frame)
        self._out.append((self.start + self.now / 1e6, data, len(data)))

    def _damage(self, frame: bytearray) -> None:
        frame[16] |= FLAG_BAD_FCS
        first = frame[2]
        for step in range(3):
            frame[first + space.mix(self.sent, step) % (len(frame) - first)] ^= 0x55

    def _listen(self, sender: Transmitter) -> None:
        """Compute the level of `sender` again."""
        sender.bucket = bucket = self.now >> space.BUCKET
        here = sender.place.at(bucket << space.BUCKET)
        sender.level = space.loudness(sender.power, here, self.receiver) + space.shadowing(
            sender.salt, bucket, moving=sender.place.moving
        )
