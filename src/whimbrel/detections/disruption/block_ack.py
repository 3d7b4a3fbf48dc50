"""Requests for block acknowledgement that move a receiver's window past all that is really sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import ENCRYPTED, LOW, MEDIUM, SEEN, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import BLOCK_ACK_REQ, QOS_DATA, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_PAIRS = 32
_WAITING = 8
_SOON = 0.5
"""Seconds in which a sender goes on after it has moved the window."""
_WINDOW = 64
"""Sequence numbers by which frames may come behind the beginning of a window: the largest before 802.11ax."""
_HALF, _MODULO = 2048, 4096
_LEAP = 128
"""Sequence numbers from one request to the next that are worth a look; a busy sender moves on as far."""
_TYPES = frozenset({0, 2})
"""Basic and compressed (IEEE 802.11-2020, table 9-28)."""
_SIZE = 4

_Flow = tuple[bytes, bytes, int]


class BlockAckSettings(RuleSettings):
    """The thresholds."""

    leaps: int = option(default=3, low=1, high=100, help="Windows moved past what is sent, from one sender to one.")
    window: Duration = option(default=Duration(60.0), low=1, high=600, help="Within this much listening.")


class BlockAckWindow(Detection[BlockAckSettings]):
    """At least `leaps` times within `window` of listening, a request for block acknowledgement begins its window over
    128 sequence numbers after the one before it (same sender, receiver and TID), and within 0.5 s its sender goes on,
    in a frame that is not marked as sent again, over 64 numbers before that beginning.

    The receiver throws such frames away, so no sender moves its own window so. One is a notice, `leaps` are a warning.
    """

    rule = "block-ack-window"
    family = "disruption"
    title = "Receive window moved away"
    severity = Severity.WARNING
    meaning = (
        "Somebody sends requests in a device's name which make the receiver throw away what that device really sends."
        " A connection slows down or stands still, though nobody is disconnected."
    )
    advice = "Protected management frames do not help against this. Follow the signal of the sender, or change channel."
    fooled_by = (
        "A sender whose queues get out of order. Where the data are not heard, as at rates that the receiver here"
        " cannot read, nothing is noticed."
    )
    reference = "IEEE 802.11-2020, 10.25.6.6; Bl0ck: paralyzing 802.11 connections through block ack frames, 2023"
    Settings = BlockAckSettings
    kinds = frozenset({BLOCK_ACK_REQ, QOS_DATA + ENCRYPTED, QOS_DATA})

    def __init__(self, settings: BlockAckSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._begins: Recent[_Flow, list[int]] = Recent(_PAIRS, lambda: [-1])
        self._waiting: dict[_Flow, tuple[Frame, int, float]] = {}
        self._bursts: Recent[bytes, Burst] = Recent(_PAIRS, lambda: Burst(settings.leaps, settings.window))

    @property
    def idle(self) -> bool:  # type: ignore[override]
        """Whether no window was moved just now."""
        return not self._waiting

    def observe(self, frame: Frame) -> Claim | None:
        """Take in a request, or what is sent after it."""
        ta, ra = frame.ta, frame.ra
        if ta is None or ra is None:
            return None
        if frame.kind != BLOCK_ACK_REQ:
            return self._sent(frame, (ta, ra, frame.tid or 0)) if self._waiting else None
        raw, body = frame.raw, frame.body
        if body + _SIZE > frame.end or raw[body] >> 1 & 15 not in _TYPES or holds(frame) is False:
            return None
        flow = (ta, ra, raw[body + 1] >> 4)
        begin = raw[body + 2] >> 4 | raw[body + 3] << 4
        last = self._begins.use(flow)
        leap = (begin - last[0]) % _MODULO if last[0] >= 0 else 0
        last[0] = begin
        if _LEAP < leap < _HALF:
            if len(self._waiting) >= _WAITING:
                del self._waiting[next(iter(self._waiting))]
            self._waiting[flow] = (frame, begin, self.air.now)
        return None

    def turn(self) -> tuple[()]:
        """Forget requests after which nothing came, so that encrypted frames cost nothing."""
        now = self.air.now
        for flow in [flow for flow, (_, _, at) in self._waiting.items() if not 0 <= now - at <= _SOON]:
            del self._waiting[flow]
        return ()

    def _sent(self, frame: Frame, flow: _Flow) -> Claim | None:
        """Judge a frame that is sent after the window was moved."""
        waiting = self._waiting.get(flow)
        if waiting is None or frame.flags & RETRY or frame.seq is None:
            return None
        request, begin, at = waiting
        del self._waiting[flow]
        behind = (begin - frame.seq) % _MODULO
        if not _WINDOW < behind < _HALF or not 0 <= self.air.now - at <= _SOON or holds(frame) is False:
            return None
        self._begins.drop(flow)
        ta, ra, tid = flow
        burst = self._bursts.use(ta + ra)
        loud = burst.hit(self.air, request)
        return Claim(
            (ta, ra),
            f"{SEEN} times the window of {mac(ra)} for {mac(ta)} was moved past what that sent, the last time to "
            f"{begin}, where it was at {frame.seq} (TID {tid}).",
            bssid=frame.bssid,
            ssid=self.air.name_of(frame.bssid),
            sender=ta,
            receiver=ra,
            seen=burst.total,
            threshold=f"{self.settings.leaps} in {self.settings.window:g} s",
            confidence=MEDIUM if loud else LOW,
            severity=Severity.WARNING if loud else Severity.NOTICE,
            frames=list(burst.frames),
        )


DETECTIONS = (BlockAckWindow,)
