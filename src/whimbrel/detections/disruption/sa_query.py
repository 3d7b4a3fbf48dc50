"""Repeated SA queries (checks of the keys): the symptom of forged disconnections with PMF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import ACTION, PROTECTED, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_PAIRS = 32
_CATEGORY = 8
ENCRYPTED_SIZES = frozenset({4 + 8 + 8, 4 + 8 + 16})
"""Octets of an encrypted one, query or answer: category, action, transaction; the header of CCMP or GCMP; a MIC of 8 or
16."""


class _Queries:
    __slots__ = ("burst", "senders")

    def __init__(self, burst: Burst) -> None:
        self.burst = burst
        self.senders: set[bytes] = set()


class SaQuerySettings(RuleSettings):
    """The thresholds."""

    frames: int = option(default=12, low=4, high=200, help="Queries and answers of one station and access point.")
    window: Duration = option(default=Duration(10.0), low=1, high=600, help="Within this much listening.")


class SaQueryStorm(Detection[SaQuerySettings]):
    """Within `window` of listening, at least `frames` SA queries and answers are sent between one access point and one
    station. Encrypted ones cannot be read; encrypted action frames of exactly the same length are counted.
    Retransmissions do not count.

    A warning if both sides send them, because a real station answers; a notice if only one does.
    """

    rule = "sa-query-storm"
    family = "disruption"
    title = "Keys questioned on and on"
    severity = Severity.WARNING
    meaning = (
        "A device and its access point check again and again that their keys are still valid. They do so when somebody"
        " forges disconnections or joins in their name, against which protected management frames (PMF) defend them."
    )
    advice = (
        "PMF protects against this attack. The sender of the forged frames is near the device, and may not be heard"
        " here."
    )
    fooled_by = (
        "A device that joins repeatedly without leaving, and other encrypted action frames of the same length, such as"
        " transition queries."
    )
    reference = "IEEE 802.11-2020, 11.13 (SA query), 9.6.9"
    Settings = SaQuerySettings
    kinds = frozenset({ACTION})

    def __init__(self, settings: SaQuerySettings, air: Air) -> None:
        super().__init__(settings, air)
        self._pairs: Recent[bytes, _Queries] = Recent(_PAIRS, lambda: _Queries(Burst(settings.frames, settings.window)))

    def observe(self, frame: Frame) -> Verdict:
        """Count a query or an answer."""
        bssid, ta, ra, size = frame.bssid, frame.ta, frame.ra, frame.end - frame.body
        if frame.flags & RETRY or bssid is None or ta is None or ra is None or (ra[0] | bssid[0]) & 1:
            return None
        if frame.flags & PROTECTED:
            if size not in ENCRYPTED_SIZES:
                return None
        elif size < 2 or frame.raw[frame.body] != _CATEGORY:
            return None
        if holds(frame) is False:
            return None
        station = ra if ta == bssid else ta
        queries = self._pairs.use(bssid + station)
        if queries.burst.frames and frame.time - queries.burst.frames[-1].time > self.settings.window:
            queries.senders.clear()
        queries.senders.add(ta)
        if not queries.burst.hit(self.air, frame):
            return None
        both = len(queries.senders) > 1
        name = self.air.name_of(bssid)
        return Claim(
            (bssid, station),
            f"{SEEN} SA queries went between {ssid(name) or 'the access point'} ({mac(bssid)}) and {mac(station)}"
            + ("." if both else f", all from {mac(ta)}."),
            bssid=bssid,
            ssid=name,
            receiver=station,
            seen=queries.burst.total,
            threshold=f"{self.settings.frames} in {self.settings.window:g} s",
            confidence=MEDIUM if both else LOW,
            severity=Severity.WARNING if both else Severity.NOTICE,
            frames=queries.burst.before(frame),
        )


DETECTIONS = (SaQueryStorm,)
