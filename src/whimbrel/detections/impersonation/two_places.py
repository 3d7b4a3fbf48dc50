"""One station's address at two access points at once."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import EPISODE, Recent
from whimbrel.events.air import StationJoined
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import ASSOC_REQ, AUTH, REASSOC_REQ

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.events.base import Body
    from whimbrel.wifi.frames import Frame

_STATIONS = 64
_JOINING = frozenset({AUTH, ASSOC_REQ, REASSOC_REQ})


class _Places:
    """The access points to which a station sent data, change by change."""

    __slots__ = ("at", "bssid", "frames", "other", "total")

    def __init__(self, most: int) -> None:
        self.bssid = self.other = b""
        self.at: deque[Moment] = deque(maxlen=most)
        self.frames: deque[Frame] = deque(maxlen=6)
        self.total = 0


class TwoPlacesSettings(RuleSettings):
    """The thresholds."""

    changes: int = option(default=6, low=3, high=100, help="Changes of a station between two access points.")
    window: Duration = option(default=Duration(10.0), low=1, high=600, help="Within this much listening.")


class StationAtTwoPlaces(Detection[TwoPlacesSettings]):
    """One station's address sends data alternately to two access points, with at least `changes` changes within
    `window` of listening to their channel, all without an authentication or association.

    Only frames from the station count, because an access point keeps sending to a station that has roamed. A warning if
    the two are on one channel; a notice if they are on two, because devices with two radios may use one address for
    both.
    """

    rule = "station-at-two-places"
    family = "impersonation"
    title = "One device at two places"
    severity = Severity.WARNING
    meaning = (
        "Two devices use one address at two access points at once. Somebody impersonates a device to receive its data,"
        " or to bypass a list of permitted addresses."
    )
    advice = "Find out which of the two is yours by comparing their signals. Separate guests from your own network."
    fooled_by = (
        "A device that roams back and forth many times in ten seconds, if its associations are not heard. An attacker"
        " at the victim's own access point, or one who sends little, is missed."
    )
    reference = "CVE-2022-47522; Schepers, Ranganathan, Vanhoef: Framing Frames, USENIX Security 2023"
    Settings = TwoPlacesSettings
    kinds = _JOINING
    findings = (StationJoined,)

    def __init__(self, settings: TwoPlacesSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._stations: Recent[bytes, _Places] = Recent(_STATIONS, lambda: _Places(settings.changes))

    def observe(self, frame: Frame) -> None:
        """Note that a station joins: this change is legitimate."""
        if frame.ta is not None and frame.ta != frame.bssid:
            self._stations.drop(frame.ta)

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        """Judge a change of place."""
        if not isinstance(finding, StationJoined) or frame.ta != finding.station or holds(frame) is False:
            return None
        if finding.previous is None or self.air.are_links(finding.previous, finding.bssid):
            return None
        places = self._stations.use(finding.station)
        if places.bssid == finding.bssid:
            return None
        places.bssid = places.bssid or finding.previous
        if finding.bssid != places.other:
            places.at.clear()
            places.total = 0
        places.other, places.bssid = places.bssid, finding.bssid
        moment, settings = self.air.moment, self.settings
        if places.at and moment.now - places.at[-1].now > EPISODE:
            places.total = 0
        places.total += 1
        places.at.append(moment)
        places.frames.append(frame)
        if len(places.at) < settings.changes or not places.at[0].is_within(settings.window, moment):
            return None
        here, there = self.air.channel_of(places.bssid), self.air.channel_of(places.other)
        apart = bool(here and there and here != there)
        return Claim(
            finding.station,
            f"{mac(finding.station)} sent data alternately to {mac(places.other)} and {mac(places.bssid)}, with {SEEN}"
            " changes, without joining in between.",
            bssid=places.bssid,
            ssid=self.air.name_of(places.bssid),
            receiver=finding.station,
            seen=places.total,
            threshold=f"{settings.changes} in {settings.window:g} s",
            confidence=LOW if apart else MEDIUM,
            severity=Severity.NOTICE if apart else Severity.WARNING,
            frames=[before for before in places.frames if before is not frame],
        )


DETECTIONS = (StationAtTwoPlaces,)
