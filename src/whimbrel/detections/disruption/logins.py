"""Floods of the two EAPOL packets that begin and end a login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import Verdict
from whimbrel.detections.disruption.crowding import Crowding, CrowdSettings
from whimbrel.detections.options import option
from whimbrel.settings import Duration
from whimbrel.wifi.kinds import TO_DS

if TYPE_CHECKING:
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame


class _Eapol(Crowding):
    type: str

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Verdict:
        """Look at a packet."""
        if packet.type != self.type:
            return super().eapol(frame, packet, bssid, station)
        if packet.preauth or not frame.flags & TO_DS or frame.ta != station:
            return None
        return self.begins(frame, bssid, station)


class StartSettings(CrowdSettings):
    """Fewer frames of one station than with other requests: it sends one, and another after half a minute."""

    single: int = option(default=15, low=3, high=500, help="EAPOL-Starts of one station at one access point.")


class EapolStartFlood(_Eapol):
    """Within `window` of listening, at least `count` stations send an EAPOL-Start to one access point and do not go
    on (see auth-flood), or one station sends at least `single`. A retransmission within 0.1 s does not count again.
    """

    rule = "eapol-start-flood"
    title = "Login flood (EAPOL-Start)"
    type = "start"
    what = "began a login (EAPOL-Start)"
    meaning = (
        "Somebody begins very many logins at an enterprise network (with user names) and finishes none, to exhaust the"
        " access point or its login server."
    )
    advice = "Check the log of the login server (RADIUS), and limit the rate there. The sender is near."
    fooled_by = "A receiver that hears only the beginning of each login. Attacks below the bounds are missed."
    reference = "IEEE 802.1X-2020, 11.3"
    Settings = StartSettings
    packets = Crowding.packets | {"start"}


class LogoffSettings(CrowdSettings):
    """Lower bounds: a station sends one logoff at most."""

    count: int = option(default=20, low=5, high=128, help="Stations that log off in clear at one access point.")
    window: Duration = option(default=Duration(10.0), low=1, high=600, help="Listening time this must lie within.")
    single: int = option(default=5, low=2, high=500, help="EAPOL-Logoffs of one station at one access point.")


class EapolLogoffFlood(_Eapol):
    """Within `window` of listening, at least `count` stations send an EAPOL-Logoff in clear to one access point and
    nothing else, or one station sends at least `single`. A retransmission within 0.1 s does not count again. Stations
    that have keys encrypt their logoffs; these do not count.
    """

    rule = "eapol-logoff-flood"
    title = "Forged logoffs"
    type = "logoff"
    forged = ends = True
    what = "logged off (EAPOL-Logoff)"
    meaning = "Somebody sends logoffs in the name of other devices, so these lose the network."
    advice = "Check whether the named devices lose the network. Newer access points ignore unencrypted logoffs."
    fooled_by = "A hall full of people who close their laptops at the same time, if these log off in clear."
    reference = "IEEE 802.1X-2020, 11.3; Mishra and Arbaugh, University of Maryland CS-TR-4328, 2002"
    Settings = LogoffSettings
    packets = Crowding.packets | {"logoff"}


DETECTIONS = (EapolStartFlood, EapolLogoffFlood)
