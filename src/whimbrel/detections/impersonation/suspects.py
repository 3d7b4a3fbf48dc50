"""The common state of the rules about two transmitters under one BSSID: the suspects by sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from whimbrel.detections.base import HIGH, Claim, Detection, S
from whimbrel.detections.impersonation.pairs import BeaconPairs, Usual
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.text import mac, ssid

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

TOGETHER = 120.0
"""The most seconds between two signs of the same second transmitter."""
SUSPECTS = 256
"""Limit of BSSIDs with kept signs."""
CLOCK, COUNTER, LEVEL, CHANNEL, CONTENT = (
    "its clock", "its sequence numbers", "its signal level", "its channel", "its announcement",
)  # fmt: skip
_STRONG = frozenset({CLOCK, COUNTER})
"""Signs that need a second, independent one as proof."""


class Suspects:
    """The signs of a second transmitter by BSSID, with their times; one object for all rules of an engine:
    ``air.shared(Suspects)``."""

    def __init__(self) -> None:
        self._signs: Recent[bytes, dict[str, float]] = Recent(SUSPECTS, dict)

    def note(self, bssid: bytes, sign: str, now: float) -> list[str]:
        """Add a sign; return the other recent ones that together make a proof."""
        signs = self._signs.use(bssid)
        signs[sign] = now
        return [
            other
            for other, at in signs.items()
            if other != sign and now - at <= TOGETHER and (sign in _STRONG or other in _STRONG)
        ]


class TwoTransmitters(Detection[S]):
    """A sign that two transmitters use one BSSID; together with a sign of another kind it proves an imitation."""

    family = "impersonation"
    sign: ClassVar[str]
    """One of the signs above."""
    pairs = BeaconPairs

    def __init__(self, settings: S, air: Air) -> None:
        super().__init__(settings, air)
        self._suspects = air.shared(Suspects)
        air.shared(BeaconPairs).add(self.usual())

    def usual(self) -> Usual:
        """Return the pairs of beacons that `sampled` need not judge; called once."""
        return Usual()

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
        """Return the claim about `ap`. `severity` and `confidence` are for this sign alone; if it `proves` something,
        they rise together with other signs."""
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
    """Return an access point's address and SSID for display."""
    return f"{mac(ap.address)} ({ssid(ap.ssid)})" if ap.ssid else mac(ap.address)
