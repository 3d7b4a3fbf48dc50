"""Stations that transition requests drive to another access point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import ACTION, PROTECTED, RETRY
from whimbrel.wifi.security import Pmf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_PAIRS = 48
_WNM_REQUEST = b"\x0a\x07"
"""Category and action of a BSS transition management request (IEEE 802.11-2020, 9.6.13.9)."""
_MODE_AT, _FIXED = 3, 7
_IMMINENT, _TERMINATION, _ESS_IMMINENT = 0x04, 0x08, 0x10
_DURATION = 12
_NEIGHBOUR, _NEIGHBOUR_SIZE = 52, 13


class ForcedRoamSettings(RuleSettings):
    """The thresholds."""

    requests: int = option(default=4, low=2, high=100, help="Requests that threaten one station with disassociation.")
    window: Duration = option(default=Duration(60.0), low=1, high=600, help="Within this much listening.")


class ForcedRoam(Detection[ForcedRoamSettings]):
    """Within `window` of listening, at least `requests` transition requests in clear announce one station's imminent
    disassociation. Retransmissions do not count, nor do requests that are only proposals.

    A notice; a warning if the access point requires PMF, so it would have encrypted them, or if they propose an access
    point with another SSID, or an open one although this network has a password. One such request is enough for the
    warning.
    """

    rule = "forced-roam"
    family = "disruption"
    title = "Driven to another network"
    severity = Severity.NOTICE
    meaning = (
        "A device is told again and again to move to another access point. Large networks steer devices in this way; an"
        " attacker drives them to another access point, or out of the network."
    )
    advice = "Check the proposed access point. If it is not yours, switch on PMF."
    fooled_by = (
        "Networks that push away devices with a weak signal more often than four times a minute. Encrypted requests, as"
        " with PMF, cannot be read."
    )
    reference = "IEEE 802.11-2020, 9.6.13.9, 11.21.7 (BSS transition management)"
    Settings = ForcedRoamSettings
    kinds = frozenset({ACTION})

    def __init__(self, settings: ForcedRoamSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._bursts: Recent[bytes, Burst] = Recent(_PAIRS, lambda: Burst(settings.requests, settings.window))

    def observe(self, frame: Frame) -> Verdict:
        """Count a request."""
        bssid, ra, body = frame.bssid, frame.ra, frame.body
        if not frame.raw.startswith(_WNM_REQUEST, body, frame.end) or frame.flags & (PROTECTED | RETRY):
            return None
        if bssid is None or ra is None or frame.ta != bssid or body + _FIXED > frame.end or holds(frame) is False:
            return None
        if not frame.raw[body + _MODE_AT] & (_IMMINENT | _ESS_IMMINENT):
            return None
        burst = self._bursts.use(bssid + ra)
        enough = burst.hit(self.air, frame)
        ap = self.air.access_point(bssid)
        mark = "" if ap is None else self._mark(frame, ap)
        if not enough and not mark:
            return None
        name = b"" if ap is None else ap.ssid
        burst.count_on()
        return Claim(
            (bssid, ra),
            f"{SEEN} times {ssid(name) or 'the network'} ({mac(bssid)}) told {mac(ra)} to move to another access "
            f"point, or be disassociated{mark}.",
            bssid=bssid,
            ssid=name,
            sender=frame.ta,
            receiver=ra,
            seen=burst.total,
            threshold=f"{self.settings.requests} in {self.settings.window:g} s, or one that cannot be real",
            confidence=HIGH if mark and enough else MEDIUM if mark else LOW,
            severity=Severity.WARNING if mark else None,
            frames=burst.before(frame),
        )

    def _mark(self, frame: Frame, ap: AccessPoint) -> str:
        """Return the reason why a request cannot come from its access point; empty if it may."""
        if ap.announced.security.pmf is Pmf.REQUIRED:
            return ", in clear, though it requires protected frames"
        for candidate in _candidates(frame):
            other = self.air.access_point(candidate)
            if other is None or candidate == ap.address:
                continue
            if ap.ssid and other.ssid and other.ssid != ap.ssid:
                return f": to {mac(candidate)} of another network, {ssid(other.ssid)}"
            if ap.announced.security.akms and not other.announced.security.akms:
                return f": to {mac(candidate)}, which is not encrypted"
        return ""


def _candidates(frame: Frame) -> Iterator[bytes]:
    """Yield the BSSIDs proposed by a request."""
    raw, at, end = frame.raw, frame.body + _FIXED, frame.end
    mode = raw[frame.body + _MODE_AT]
    if mode & _TERMINATION:
        at += _DURATION
    if mode & _ESS_IMMINENT and at < end:
        at += 1 + raw[at]
    while at + 2 <= end:
        stop = at + 2 + raw[at + 1]
        if raw[at] == _NEIGHBOUR and stop <= end and stop - at >= _NEIGHBOUR_SIZE:
            yield raw[at + 2 : at + 8]
        at = stop


DETECTIONS = (ForcedRoam,)
