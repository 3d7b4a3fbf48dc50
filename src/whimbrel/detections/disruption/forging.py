"""Disconnections that their own access point contradicts, at once or by its later frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.impersonation.apart import apart
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import EpisodeTally, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fixed import association_response_fixed
from whimbrel.wifi.kinds import ASSOC_REQ, ASSOC_RESP, AUTH, REASSOC_REQ, REASSOC_RESP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.events.air import Disconnected
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_WAITING = 64
_ACCESS_POINTS = 32
_AT_ONCE = 0.25
"""The most seconds until an access point's next step in the joining of a station that it has not disconnected."""
_FLUSHED = 0.5
"""The most seconds for which an access point still sends its queue for a station."""
_ELSEWHERE = 0.05
"""The most seconds for which the radio was away meanwhile."""
_JUDGED = 3.0
"""Seconds after which it is clear whether the two continue."""
_RESPONSES = frozenset({ASSOC_RESP, REASSOC_RESP})
_REQUESTS = frozenset({AUTH, ASSOC_REQ, REASSOC_REQ})


class ForgedDeauthSettings(RuleSettings):
    """The thresholds."""

    count: int = option(
        default=2,
        low=1,
        high=32,
        help="With this many contradicted disconnections of one network, the notice becomes a warning.",
    )
    within: Duration = option(
        default=Duration(120.0), low=1, high=600, help="The most time from one of them to the next."
    )


class ForgedDeauth(Detection[ForgedDeauthSettings]):
    """A disconnection in clear from an access point to one station is contradicted by that access point:

    - within 0.25 s, without a new attempt of the station, it lets the station in (association response, status 0) or
      continues the handshake (message 1 or 3); or
    - it and the station encrypt data for each other over 0.5 s later and within 3 s, without a new attempt of the
      station in between, while the radio stays on the channel.

    A notice; a warning if the disconnection differs from the association response by over 64 in the sequence number, or
    by 12 dB or more in the level; or after `count` of them in one network with at most `within` between two.
    """

    rule = "forged-deauth"
    family = "disruption"
    title = "Disconnection contradicted"
    severity = Severity.WARNING
    meaning = (
        "An access point disconnected a device but continued to serve it: the disconnection came from somebody else. A"
        " few of them at the right moment keep a device out of the network."
    )
    advice = "Switch on protected management frames (PMF) in the access point. The sender is near."
    fooled_by = (
        "An access point that answers an old frame of a station just when the station joins: once, and from the same"
        " counter. Forged disconnections that the device obeys look like real ones."
    )
    reference = "IEEE 802.11-2020, 11.3.4, 11.3.5, 12.6.19; Bellardo and Savage, USENIX Security 2003"
    Settings = ForgedDeauthSettings
    packets = frozenset({"M1", "M3"})
    kinds = _RESPONSES | _REQUESTS

    def __init__(self, settings: ForgedDeauthSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._waiting: dict[bytes, tuple[Frame, Moment]] = {}  # disconnections that may still be contradicted
        self._tallies: Recent[bytes, EpisodeTally] = Recent(_ACCESS_POINTS, EpisodeTally)

    def heeds_disconnection(self, said: Disconnected) -> bool:
        """Return whether it is between an access point and one station."""
        return not said.receiver[0] & 1 and said.receiver != said.sender

    def disconnected(self, frame: Frame, said: Disconnected, moment: Moment) -> None:
        """Note a disconnection by an access point; with one by a station, the two begin anew."""
        bssid, receiver = said.bssid, said.receiver
        if said.sender != bssid:
            self._waiting.pop(bssid + said.sender, None)
            return
        key = bssid + receiver
        if not said.protected and key not in self._waiting:
            if len(self._waiting) >= _WAITING:
                del self._waiting[next(iter(self._waiting))]
            self._waiting[key] = (frame, moment)

    def observe(self, frame: Frame) -> Verdict:
        """Judge the next frames of an access point after a disconnection."""
        bssid, ta, ra = frame.bssid, frame.ta, frame.ra
        if bssid is None or ta is None or ra is None or ra[0] & 1 or ra == ta:
            return None
        if ta != bssid:
            self._waiting.pop(bssid + ta, None)
            return None
        key = bssid + ra
        if frame.kind == AUTH:  # the answer to one that begins anew, which may be out of reach
            self._waiting.pop(key, None)
            return None
        if frame.kind not in _RESPONSES or key not in self._waiting:
            return None
        fixed = association_response_fixed(frame.raw, frame.body, frame.end)
        return self._contradicted(key, frame) if fixed is not None and fixed[1] == 0 else None

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Verdict:
        """Judge a continued handshake."""
        return self._contradicted(bssid + station, frame) if self._waiting else None

    def turn(self) -> Sequence[Claim]:
        """Judge stations that continued with encrypted data."""
        if not self._waiting:
            return ()
        claims = []
        moment = self.air.moment
        for key, (sent, at) in list(self._waiting.items()):
            passed = moment.now - at.now
            if 0 <= passed <= _JUDGED:
                continue
            del self._waiting[key]
            if at.freq != moment.freq or passed - at.until(moment) > _ELSEWHERE:
                continue  # the station may have joined again meanwhile
            station = self.air.station(key[6:])
            if station is None or station.bssid != key[:6]:
                continue
            later = [sealed[0] - sent.time for sealed in (station.sealed_up, station.sealed_down) if sealed is not None]
            if len(later) == 2 and all(_FLUSHED < after <= _JUDGED + 1 for after in later):
                claims.append(self._claim(key, sent, "encrypted data both ways", ""))
        return claims

    def _contradicted(self, key: bytes, frame: Frame) -> Claim | None:
        waiting = self._waiting.pop(key, None)
        if waiting is None or not 0 <= self.air.now - waiting[1].now <= _AT_ONCE:
            return None  # later, it is a new attempt of the station
        marks = apart(waiting[0], frame) if frame.kind in _RESPONSES else ""
        return self._claim(key, waiting[0], "its joining", marks)

    def _claim(self, key: bytes, sent: Frame, what: str, marks: str) -> Claim:
        bssid, station = key[:6], key[6:]
        tally = self._tallies.use(bssid)
        tally.hit(self.air.now, self.settings.within)
        loud = bool(marks) or tally.total >= self.settings.count
        return Claim(
            bssid,
            f"{SEEN} times {mac(bssid)} disconnected a station and continued to "
            f"serve it, the last one {mac(station)} with {what}" + (f": {marks}." if marks else "."),
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            sender=bssid,
            receiver=station,
            seen=tally.total,
            threshold=f"one with another mark, or {self.settings.count} in {self.settings.within:g} s",
            confidence=HIGH if marks else MEDIUM if loud else LOW,
            severity=Severity.WARNING if loud else Severity.NOTICE,
            frames=(sent,),
        )


DETECTIONS = (ForgedDeauth,)
