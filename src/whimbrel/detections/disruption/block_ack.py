"""Block acknowledgement requests that move a receiver's window past the frames really sent."""

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
"""The most seconds until a sender's next frame after it has moved the window."""
_HALF, _MODULO = 2048, 4096
_LEAP = 128
"""The most sequence numbers by which a frame may be behind the beginning of a window."""
_TYPES = frozenset({0, 2})
"""Basic and compressed (IEEE 802.11-2020, table 9-28)."""
_SIZE = 4

_Flow = tuple[bytes, bytes, int]


class BlockAckSettings(RuleSettings):
    """The thresholds."""

    leaps: int = option(
        default=3, low=1, high=100, help="Windows moved past the frames sent, from one sender to one receiver."
    )
    window: Duration = option(default=Duration(60.0), low=1, high=600, help="Within this much listening.")


class BlockAckWindow(Detection[BlockAckSettings]):
    """At least `leaps` times within `window` of listening, a block acknowledgement request begins its window, and
    within 0.5 s its sender continues over 128 sequence numbers before that beginning (same receiver and TID), in a
    frame that is no retransmission.

    The receiver discards such frames, so no sender moves its own window like that. One time is a notice, `leaps` times
    are a warning.
    """

    rule = "block-ack-window"
    family = "disruption"
    title = "Receive window moved away"
    severity = Severity.WARNING
    meaning = (
        "Somebody sends requests in a device's name that make the receiver discard the device's real frames. A"
        " connection slows down or stops, although no device is disconnected."
    )
    advice = (
        "Protected management frames do not help against this. Follow the signal of the sender, or change the channel."
    )
    fooled_by = (
        "A sender whose queues get out of order. The attack is missed if the data frames are not heard, for example at"
        " rates that this receiver does not support."
    )
    reference = "IEEE 802.11-2020, 10.25.6.6; Bl0ck: paralyzing 802.11 connections through block ack frames, 2023"
    Settings = BlockAckSettings
    kinds = frozenset({BLOCK_ACK_REQ, QOS_DATA + ENCRYPTED, QOS_DATA})

    def __init__(self, settings: BlockAckSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._waiting: dict[_Flow, tuple[Frame, int, float]] = {}
        self._bursts: Recent[bytes, Burst] = Recent(_PAIRS, lambda: Burst(settings.leaps, settings.window))

    @property
    def idle(self) -> bool:  # type: ignore[override]
        """Whether no window was moved just now."""
        return not self._waiting

    def observe(self, frame: Frame) -> Claim | None:
        """Process a request, or a frame after it."""
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
        if len(self._waiting) >= _WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[flow] = (frame, begin, self.air.now)
        return None

    def turn(self) -> tuple[()]:
        """Forget requests without a following frame, so that encrypted frames cost no time."""
        now = self.air.now
        for flow in [flow for flow, (_, _, at) in self._waiting.items() if not 0 <= now - at <= _SOON]:
            del self._waiting[flow]
        return ()

    def _sent(self, frame: Frame, flow: _Flow) -> Claim | None:
        """Judge a frame after a moved window."""
        waiting = self._waiting.get(flow)
        if waiting is None or frame.flags & RETRY or frame.seq is None:
            return None
        request, begin, at = waiting
        del self._waiting[flow]
        behind = (begin - frame.seq) % _MODULO
        if not _LEAP < behind < _HALF or not 0 <= self.air.now - at <= _SOON or holds(frame) is False:
            return None
        ta, ra, tid = flow
        burst = self._bursts.use(ta + ra)
        loud = burst.hit(self.air, request)
        burst.count_on()
        return Claim(
            (ta, ra),
            f"{SEEN} times the window of {mac(ra)} for {mac(ta)} was moved past the frames sent, the last time to "
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
