"""Floods of authentications and associations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import Verdict
from whimbrel.detections.disruption.crowding import Crowding, CrowdSettings
from whimbrel.detections.disruption.dozing import claims_sleep
from whimbrel.detections.options import option
from whimbrel.detections.tables import Recent
from whimbrel.settings import Duration
from whimbrel.wifi.fixed import auth_fixed
from whimbrel.wifi.kinds import ASSOC_REQ, AUTH, PROTECTED, REASSOC_REQ

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_SAE = 3
_COMMIT = 1
_TOKEN_WANTED = 76


class AuthFlood(Crowding):
    """Within `window` of listening, at least `count` stations send an authentication other than SAE to one access point
    and do not go on, or one station sends at least `single` of them. A retransmission within 0.1 s does not count
    again.

    A station goes on if it sends anything else; where the network is protected (WPA or later), what everyone can send
    in its name is not enough: it must answer the login (message 2 or 4, EAP), or its access point must send it message
    3 or data.
    """

    rule = "auth-flood"
    title = "Authentication flood"
    what = "asked for authentication"
    meaning = "Stations that do not exist ask an access point to let them in, until it has no room left for real ones."
    advice = "Restart the access point if devices cannot join any more. The sender is near; follow the signal."
    fooled_by = (
        "A receiver that hears only the beginning of each exchange. After a restart in a full hall many stations"
        " authenticate at once, but they continue within milliseconds and so do not count."
    )
    reference = "IEEE 802.11-2020, 11.3.4; Bernaschi et al., Wireless Networks 14 (2008), 159-169"
    kinds = frozenset({AUTH})

    def observe(self, frame: Frame) -> Verdict:
        """Look at an authentication."""
        bssid, ta = frame.bssid, frame.ta
        if bssid is None or ta is None or frame.ra != bssid or ta == bssid:
            return None
        fixed = auth_fixed(frame.raw, frame.body, frame.end)
        if fixed is not None and not frame.flags & PROTECTED and (fixed[0] == _SAE or fixed[1] != 1):
            return None
        return self.begins(frame, bssid, ta)


class AssocFlood(Crowding):
    """Within `window` of listening, at least `count` stations ask one access point for association or reassociation and
    do not go on (see auth-flood), or one station asks at least `single` times. A retransmission within 0.1 s does not
    count again, nor does a request that power-save-denial counts.
    """

    rule = "assoc-flood"
    title = "Association flood"
    what = "asked for association"
    meaning = (
        "Stations that do not exist fill the access point's table of stations, which holds at most 2007 and often only"
        " some dozens, so real devices are refused."
    )
    advice = "Restart the access point if devices cannot join any more. The sender is near; follow the signal."
    fooled_by = "A receiver that does not hear the stations' data, and a device that is refused again and again."
    reference = "IEEE 802.11-2020, 11.3.5; 9.4.1.8 (AID)"
    kinds = frozenset({ASSOC_REQ, REASSOC_REQ})

    def observe(self, frame: Frame) -> Verdict:
        """Look at a request."""
        bssid, ta = frame.bssid, frame.ta
        if bssid is None or ta is None or ta == bssid or claims_sleep(frame, self.air.station(ta)):
            return None
        return self.begins(frame, bssid, ta)


class SaeSettings(CrowdSettings):
    """The settings of the other floods with lower bounds: a commit costs an access point about a thousand times
    more."""

    count: int = option(
        default=15, low=5, high=128, help="Stations that send a commit to one access point and do not go on."
    )
    window: Duration = option(default=Duration(10.0), low=1, high=600, help="Listening time this must lie within.")
    single: int = option(default=30, low=5, high=500, help="Commits of one station at one access point.")


class SaeFlood(Crowding):
    """At least `count` stations send an SAE commit to one access point and do not go on (with a confirm, or as for
    auth-flood), or one sends at least `single` commits, within `window` of listening. A frame that is sent again within
    0.1 s counts once. An access point's answer to a commit counts as the station's, which may be out of reach, until
    the access point confirms. How often the access point defended itself by asking for anti-clogging tokens is told.
    """

    rule = "sae-flood"
    title = "WPA3 login flood"
    what = "began a WPA3 login (SAE commit)"
    meaning = (
        "The first message of a WPA3 login makes the access point calculate for a while. Somebody begins very many"
        " logins and finishes none, so it has no time for real devices."
    )
    advice = "Update the access point's software: newer versions cope with it. The sender is near; follow the signal."
    fooled_by = (
        "A receiver that hears only the beginning of each login; a device with a wrong password begins a few times a"
        " minute, far below the bound."
    )
    reference = "IEEE 802.11-2020, 12.4.6 (anti-clogging); Vanhoef and Ronen, Dragonblood, IEEE S&P 2020"
    kinds = frozenset({AUTH})
    Settings = SaeSettings

    def __init__(self, settings: SaeSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._tokens: Recent[bytes, list[int]] = Recent(12, lambda: [0])

    def observe(self, frame: Frame) -> Verdict:
        """Look at an authentication."""
        bssid, ta = frame.bssid, frame.ta
        fixed = auth_fixed(frame.raw, frame.body, frame.end)
        if bssid is None or ta is None or fixed is None or fixed[0] != _SAE or frame.flags & PROTECTED:
            return None
        if fixed[1] != _COMMIT:
            self.goes_on(bssid, frame.ra if ta == bssid and frame.ra is not None else ta)
            return None
        if frame.ra == bssid and ta != bssid:
            return self.begins(frame, bssid, ta)
        if ta != bssid or frame.ra is None:
            return None
        if fixed[2] == _TOKEN_WANTED:
            self._tokens.use(bssid)[0] += 1
        return self.answered(frame, bssid, frame.ra)

    def remark(self, bssid: bytes) -> str:
        """Return a sentence with the number of requests for tokens."""
        tokens = self._tokens.get(bssid)
        return f" It asked for anti-clogging tokens {tokens[0]} times." if tokens else ""


DETECTIONS = (AuthFlood, AssocFlood, SaeFlood)
