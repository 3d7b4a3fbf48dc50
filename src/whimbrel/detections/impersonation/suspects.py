"""What the rules about two transmitters behind one BSSID share: who is suspected by which sign, and bounded state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from whimbrel.detections.base import HIGH, Claim, Detection, S
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.text import mac, ssid

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

V = TypeVar("V")

_timestamp = Struct("<Q").unpack_from

TOGETHER = 120.0
"""Seconds within which two signs speak of the same."""
SUSPECTS = 256
"""BSSIDs whose signs are kept."""
KNOWN = 640
"""Access points whose state a rule keeps: some more than the survey knows by default, so that room is made seldom."""
CLOCK, COUNTER, LEVEL, CHANNEL, CONTENT = (
    "its clock", "its sequence numbers", "its signal level", "its channel", "what it announces",
)  # fmt: skip
_STRONG = frozenset({CLOCK, COUNTER})
"""Signs that hang on one device: what stands beside them tells of a second one."""


class Clocks:
    """What the beacons of one BSSID say of their clock: see `whimbrel.detections.impersonation.clocks`."""

    __slots__ = ("back", "exact", "firm", "offset", "others", "returns", "since")

    def __init__(self, offset: float, exact: int | None, since: int) -> None:
        self.offset = offset
        """Microseconds: timestamp less time of reception, of the clock heard last."""
        self.exact = exact
        """The same by the receiver's own clock, when it came to that clock; None where that is not told."""
        self.since = since
        """The count of beacons when it came to that clock."""
        self.firm = 1
        """Beacons on that clock before then, about."""
        self.others: tuple[CounterLine, ...] = ()
        self.back: tuple[float, ...] = ()
        """Seconds, `Air.now`, of the last returns."""
        self.returns = 0


class CounterLine:
    """A clock that was left."""

    __slots__ = ("firm", "left", "offset")

    def __init__(self, offset: float, firm: int, left: float) -> None:
        self.offset = offset
        self.firm = firm
        self.left = left
        """Seconds, `Air.now`."""


class Suspects:
    """Who showed which sign of a second transmitter, and when; one for all the rules of an engine:
    ``air.shared(Suspects)``."""

    def __init__(self) -> None:
        self._signs: Recent[bytes, dict[str, float]] = Recent(SUSPECTS, dict)
        # What the rules that are switched on look for, for `odd`; by default nothing is odd.
        self.clocks: dict[bytes, Clocks] | None = None
        self.apart = 0.0
        self.step = 1 << 12
        self.gap = 1 << 30
        self.beside = 1 << 30
        self.moving: Mapping[bytes, object] = {}

    def odd(self, frame: Frame, ap: AccessPoint, before: Frame) -> bool:
        """Tell whether any of the rules may have something to say of two beacons; follow the clock where it has not.

        As `Detection.odd`. What is compared here is judged by the rules themselves, with more care.
        """
        address = ap.address
        if self.clocks is not None:
            try:
                known = self.clocks[address]
            except KeyError:
                return True
            offset = _timestamp(frame.raw, frame.body)[0] - frame.time * 1e6
            if not -self.apart < offset - known.offset < self.apart:
                return True
            known.offset = offset
        level, earlier = frame.rssi, before.rssi
        if level is not None and earlier is not None and not -self.gap < level - earlier < self.gap:
            return True
        if (frame.seq - before.seq) & 0xFFF > self.step:  # type: ignore[operator]  # management frames have one
            return True
        away = frame.freq - ap.announced.freq
        if away:
            return not -self.beside < away < self.beside and frame.freq != 0
        return address in self.moving

    def note(self, bssid: bytes, sign: str, now: float) -> list[str]:
        """Take in a sign; return the other ones of late that make it a proof together."""
        signs = self._signs.use(bssid)
        signs[sign] = now
        return [
            other
            for other, at in signs.items()
            if other != sign and now - at <= TOGETHER and (sign in _STRONG or other in _STRONG)
        ]


class PerAccessPoint(Generic[V]):
    """A value for each access point that the survey knows, read as a plain dictionary because that happens often."""

    def __init__(self, air: Air) -> None:
        self.entries: dict[bytes, V] = {}
        self._air = air

    def add(self, bssid: bytes, value: V) -> None:
        """Keep `value`; those of access points that were forgotten make room, then the oldest."""
        entries = self.entries
        if len(entries) >= KNOWN:
            known = self._air.survey.access_points.table.entries
            for address in [address for address in entries if address not in known]:
                del entries[address]
            for address in list(entries)[: max(0, len(entries) - KNOWN * 7 // 8)]:
                del entries[address]
        entries[bssid] = value


class TwoTransmitters(Detection[S]):
    """A sign that two transmitters use one BSSID. With a sign of another kind it is an imitated access point."""

    family = "impersonation"
    sign: ClassVar[str]
    """Which of the signs above."""

    def __init__(self, settings: S, air: Air) -> None:
        super().__init__(settings, air)
        self._suspects = air.shared(Suspects)
        self.odd = self._suspects.odd

    def accuse(
        self,
        ap: AccessPoint,
        text: str,
        *,
        seen: int,
        threshold: str,
        severity: Severity,
        confidence: str,
        proves: bool = True,
        frames: Sequence[Frame] = (),
    ) -> Claim:
        """Return the claim about `ap`; `severity` and `confidence` are those of this sign alone, which `proves` more
        together with others."""
        others = self._suspects.note(ap.address, self.sign, self.air.now) if proves else []
        if others:
            text = f"{text} Other signs of two senders: {', '.join(others)}."
            severity, confidence = Severity.CRITICAL, HIGH
        return Claim(
            ap.address,
            text,
            bssid=ap.address,
            ssid=ap.ssid,
            seen=seen,
            threshold=threshold,
            severity=severity,
            confidence=confidence,
            frames=frames,
        )


def name(ap: AccessPoint) -> str:
    """Write an access point for a person."""
    return f"{mac(ap.address)} ({ssid(ap.ssid)})" if ap.ssid else mac(ap.address)
