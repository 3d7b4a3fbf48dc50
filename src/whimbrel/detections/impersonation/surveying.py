"""Access points that have stations look for the networks of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wifi.elements import parse_elements
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import ACTION, PROTECTED, RETRY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_ASKERS = 32
_REQUEST = b"\x05\x00"
"""Category and action of a radio measurement request (IEEE 802.11-2020, 9.6.6.2)."""
_FIXED = 5
_MEASUREMENT, _BEACON = 38, 5
"""Element ID of a measurement request, and the type of a beacon request in it (9.4.2.20.7)."""
_SUBELEMENTS = 3 + 13
"""Octets before the subelements: token, mode, type; class, channel, interval, duration, mode, BSSID."""
_SSID = 0
_NAMES = 4


class _Asker:
    __slots__ = ("burst", "names")

    def __init__(self, burst: Burst) -> None:
        self.burst = burst
        self.names: dict[bytes, None] = {}


class SurveyAbuseSettings(RuleSettings):
    """The thresholds."""

    requests: int = option(default=6, low=2, high=100, help="Requests of one access point for foreign names.")
    window: Duration = option(default=Duration(300.0), low=1, high=3600, help="Within this much listening.")


class SurveyAbuse(Detection[SurveyAbuseSettings]):
    """Within `window` of listening, an access point sends at least `requests` requests in clear for a beacon report
    (802.11k) about names under which neither it nor another access point of its maker was heard here; half as many are
    enough if they are about as many names. Retransmissions do not count. A notice; a warning if a name is that of a
    guarded network."""

    rule = "survey-abuse"
    family = "impersonation"
    title = "Devices made to spy names"
    severity = Severity.NOTICE
    meaning = (
        "An access point has its devices look for networks of other names and report where they hear them. So it"
        " learns where the devices are, and which networks it could imitate."
    )
    advice = "Nothing, if you know the network: its owner may look for intruders so. Otherwise do not use it."
    fooled_by = "Systems for companies that look for foreign access points. With PMF such requests are encrypted."
    reference = "IEEE 802.11-2020, 9.4.2.20.7 (beacon request), 9.6.6.2, 11.10.9.1"
    Settings = SurveyAbuseSettings
    kinds = frozenset({ACTION})

    def __init__(self, settings: SurveyAbuseSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._askers: Recent[bytes, _Asker] = Recent(_ASKERS, lambda: _Asker(Burst(settings.requests, settings.window)))

    def observe(self, frame: Frame) -> Verdict:
        """Count a request for a foreign name."""
        bssid, body = frame.bssid, frame.body
        if not frame.raw.startswith(_REQUEST, body, frame.end) or frame.flags & (PROTECTED | RETRY):
            return None
        ap = self.air.access_point(bssid)
        if ap is None or frame.ta != bssid or holds(frame) is False:
            return None
        names = [
            name for name in asked_names(frame.raw, body + _FIXED, frame.end) if self._is_foreign(name, ap.address)
        ]
        if not names:
            return None
        asker = self._askers.use(ap.address)
        if asker.burst.paused(self.air.now) or len(asker.names) > _NAMES:
            asker.names.clear()
        asker.names.update(dict.fromkeys(names[:_NAMES]))
        enough = asker.burst.hit(self.air, frame)
        fewer = (self.settings.requests + 1) // 2
        if not enough and (asker.burst.total < fewer or len(asker.names) < fewer):
            return None
        asker.burst.count_on()
        own = any(name in self.air.guard.by_ssid for name in asker.names)
        shown = ", ".join(f'"{ssid(name)}"' for name in asker.names)
        return Claim(
            ap.address,
            f"{SEEN} times {ssid(ap.ssid) or 'an access point'} ({mac(ap.address)}) had a device look for networks "
            f"that are not its own: {shown}.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=ap.address,
            receiver=frame.ra,
            seen=asker.burst.total,
            threshold=f"{self.settings.requests} in {self.settings.window:g} s",
            confidence=MEDIUM if own else LOW,
            severity=Severity.WARNING if own else Severity.NOTICE,
            frames=asker.burst.before(frame),
        )

    def _is_foreign(self, name: bytes, bssid: bytes) -> bool:
        """Return whether no access point of the asker's maker was heard under a name."""
        return not any(
            name in ap.names
            for ap in self.air.survey.access_points.table.entries.values()
            if ap.address[1:3] == bssid[1:3]
        )


def asked_names(raw: bytes, at: int, end: int) -> Iterator[bytes]:
    """Yield the names in the beacon requests among the elements ``raw[at:end]``; total."""
    for number, start, stop in parse_elements(raw, at, end).spans:
        if number != _MEASUREMENT or start + _SUBELEMENTS > stop or raw[start + 2] != _BEACON:
            continue
        for kind, first, last in parse_elements(raw, start + _SUBELEMENTS, stop).spans:
            if kind == _SSID and first < last:
                yield raw[first:last]


DETECTIONS = (SurveyAbuse,)
