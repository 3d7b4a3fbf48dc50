"""Forged power saving: frames in a station's name that contradict the station."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.moment import LONG_AGO
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, EpisodeTally, Recent
from whimbrel.events.air import StationJoined
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.kinds import (
    ASSOC_REQ,
    AUTH,
    FROM_DS,
    NULL,
    POWER_MANAGEMENT,
    PS_POLL,
    QOS_NULL,
    REASSOC_REQ,
    RETRY,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.events.base import Body
    from whimbrel.survey.station import Station
    from whimbrel.wifi.frames import Frame

_JOINING = frozenset({AUTH, ASSOC_REQ, REASSOC_REQ})
_STATIONS = 64
_BEFORE, _AFTER = 1.0, 2.0
"""The most seconds of listening from a station's encrypted frame to one about its sleep, and from that to the next
encrypted one."""
_HOPPING = 4.0
"""Both may take up to so many times as many seconds, while the radio is elsewhere: in more, a station walks."""
_LEVEL = 12
"""The least dB between two senders: alternating antennas of one differ by up to 10."""
_SAME = 6
"""The most dB between two frames of one sender."""
_AID = 0x3FFF
_AUTHENTICATED = 2.0
"""Seconds after an authentication within which a station may associate."""
_POLLS = 200
"""PS-Polls within 10 s, of which the access point answers hardly any, that no station sends."""
_POLLING = 10.0
_SERVED = 0.1
"""The most answers to each of them."""
_LOUD = 3
"""So many times as many are a warning."""


def claims_sleep(frame: Frame, station: Station | None) -> bool:
    """Return whether a request for association is one that lets an access point believe that a connected station
    sleeps: no station sets that bit in it."""
    return bool(frame.flags & POWER_MANAGEMENT) and station is not None and station.worked


class _Polls:
    """The PS-Polls of a station in blocks of `_POLLS`, and the answers to them."""

    __slots__ = ("answers", "begun", "blocks", "number", "served", "total")

    def __init__(self) -> None:
        self.begun = LONG_AGO
        self.number = self.answers = 0
        self.served: tuple[object, ...] = ()
        self.blocks: deque[Moment] = deque(maxlen=_LOUD)
        """When the last blocks without answers began."""
        self.total = EpisodeTally()

    def hear(self, served: tuple[object, ...], moment: Moment) -> bool:
        """Count a PS-Poll; return whether it ends a block within `_POLLING` that was hardly answered. `served` changes
        when the access point sends the station something."""
        if not self.begun.is_within(_POLLING, moment):
            self.begun, self.number, self.answers = moment, 0, 0
        self.number += 1
        self.answers += served != self.served
        self.served = served
        if self.number < _POLLS:
            return False
        unanswered = self.answers <= _SERVED * self.number
        if unanswered:
            self.blocks.append(self.begun)
            self.total.hit(moment.now)
        self.begun, self.number, self.answers = moment, 0, 0
        return unanswered

    def loud(self, moment: Moment) -> bool:
        """Return whether there are many such blocks."""
        return len(self.blocks) == _LOUD and self.blocks[0].is_within(_POLLING, moment)


class _Doze:
    """The power saving of one station."""

    __slots__ = ("aid", "asked", "burst", "level", "pending", "polls", "why")

    def __init__(self, burst: Burst) -> None:
        self.burst = burst
        self.aid: int | None = None
        self.pending: Frame | None = None
        """A frame at another level than the encrypted one before it."""
        self.level = 0
        """RSSI of that encrypted one, dBm."""
        self.why = ""
        self.asked = float("-inf")
        """When it last authenticated, on the frames' clock."""
        self.polls = _Polls()


class DozingSettings(RuleSettings):
    """The thresholds."""

    contradictions: int = option(default=5, low=2, high=100, help="Contradicted frames of one station.")
    window: Duration = option(default=Duration(20.0), low=1, high=600, help="Within this much listening.")


class PowerSaveDenial(Detection[DozingSettings]):
    """Within `window` of listening, at least `contradictions` frames about the power saving of one station contradict
    the station:

    - a request for association with the power management bit, which no station sets there, in the name of one that has
      encrypted data and has not authenticated in the 2 s before; or
    - a PS-Poll with another association identifier (AID) than the one before it, without a new association; or
    - a PS-Poll, or a null frame that says that the station sleeps, at a level that differs by 12 dB or more from those
      of the station's encrypted frames within 1 s before and within 2 s after it, which agree within 6 dB (seconds of
      listening, in up to 4 and 8 s).

    Or, as a notice, 200 PS-Polls within 10 s in the name of one station, while its access point sends it something
    after less than a tenth of them: a station only polls for what waits for it. With 600 it is a warning.
    Retransmissions do not count.
    """

    rule = "power-save-denial"
    family = "disruption"
    title = "Put to sleep by another"
    severity = Severity.WARNING
    meaning = (
        "Somebody says in a device's name that it sleeps, so the access point holds its packets back, or collects the"
        " packets that wait for it. The device is connected and gets hardly anything."
    )
    advice = "Compare the levels in the evidence: the weaker or stronger frames come from the attacker. Follow them."
    fooled_by = (
        "A device whose antennas differ by more than 12 dB, or that sends null frames with far more power. A"
        " device that polls for packets which this receiver cannot hear. An attacker at a similar level who knows the"
        " AID and sends few frames is missed."
    )
    reference = "IEEE 802.11-2020, 9.3.1.5 (PS-Poll), 11.2.3; Bellardo and Savage, USENIX Security 2003, section 3.2"
    Settings = DozingSettings
    kinds = frozenset({PS_POLL, NULL, QOS_NULL, AUTH, ASSOC_REQ, REASSOC_REQ})
    findings = (StationJoined,)

    def __init__(self, settings: DozingSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._stations: Recent[bytes, _Doze] = Recent(
            _STATIONS, lambda: _Doze(Burst(settings.contradictions, settings.window))
        )

    def learn(self, frame: Frame, finding: Body) -> None:
        """Forget a station's AID when it joins."""
        if isinstance(finding, StationJoined):
            self._stations.drop(finding.station)

    def observe(self, frame: Frame) -> Verdict:
        """Compare a frame about power saving with the station's others."""
        flags, ta, kind = frame.flags, frame.ta, frame.kind
        if flags & (FROM_DS | RETRY) or ta is None or frame.bssid is None or ta == frame.bssid:
            return None
        if kind in _JOINING:
            return self._joining(frame, ta)
        poll = kind == PS_POLL
        if not poll and not flags & POWER_MANAGEMENT:
            return None
        station = self.air.station(ta)
        if station is None or station.bssid != frame.bssid:
            return None
        doze = self._stations.use(ta)
        verdict: Verdict = self._settle(ta, doze)
        if poll:
            # What an attacker sends in the station's name is data in clear.
            data = station.sealed_down if station.worked else station.data_octets
            if doze.polls.hear((station.served, data), self.air.moment):
                verdict = self._polls(frame, ta, doze) or verdict
            aid, doze.aid = doze.aid, frame.duration & _AID
            if aid is not None and aid != doze.aid:
                doze.why = f"PS-Polls with the AID {aid} and {doze.aid}"
                return self._hit(ta, doze, frame) or verdict
        sealed = station.sealed_up
        if (
            sealed is None
            or sealed[2] is None
            or frame.rssi is None
            or not 0 <= frame.time - sealed[0] <= _BEFORE * self._stretch
        ):
            return verdict
        if abs(frame.rssi - sealed[2]) >= _LEVEL:
            doze.pending, doze.level = frame, sealed[2]
        return verdict

    def _joining(self, frame: Frame, ta: bytes) -> Claim | None:
        """Process a station's authentication, or its request for association."""
        station = self.air.station(ta)
        if station is None or not station.worked:
            return None
        if frame.kind == AUTH:
            self._stations.use(ta).asked = frame.time
            return None
        if not claims_sleep(frame, station):
            return None
        doze = self._stations.use(ta)
        if 0 <= frame.time - doze.asked <= _AUTHENTICATED:
            return None
        doze.why = "it asks for association as a sleeping station, and is connected"
        return self._hit(ta, doze, frame)

    def _polls(self, frame: Frame, address: bytes, doze: _Doze) -> Claim:
        """Return the claim about PS-Polls that are not answered."""
        bssid, loud = frame.bssid, doze.polls.loud(self.air.moment)
        return Claim(
            (address, PS_POLL),
            f"{SEEN} PS-Polls in the name of {mac(address)} asked {mac(bssid)} for packets, which sent hardly any.",
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            receiver=address,
            seen=doze.polls.total.total * _POLLS,
            threshold=f"{_POLLS} in {_POLLING:g} s",
            confidence=MEDIUM if loud else LOW,
            severity=None if loud else Severity.NOTICE,
        )

    def turn(self) -> Sequence[Claim]:
        """Judge frames that nothing of their kind has followed."""
        claims = []
        for address, doze in list(self._stations.entries.items()):
            if doze.pending is not None and (claim := self._settle(address, doze)) is not None:
                claims.append(claim)
        return claims

    def _settle(self, address: bytes, doze: _Doze) -> Claim | None:
        """Judge the pending frame by the station's next encrypted one."""
        pending, station = doze.pending, self.air.station(address)
        if pending is None or station is None or station.sealed_up is None:
            return None
        at, _, level = station.sealed_up
        if at <= pending.time:
            return None
        doze.pending = None
        if at - pending.time > _AFTER * self._stretch or level is None or abs(level - doze.level) > _SAME:
            return None
        doze.why = f"levels {pending.rssi} dBm of the one and {level} dBm of its data"
        return self._hit(address, doze, pending)

    @property
    def _stretch(self) -> float:
        """How many times longer it takes to hear as much as a radio that stays."""
        return min(1 / max(self.air.share, 0.01), _HOPPING)

    def _hit(self, address: bytes, doze: _Doze, frame: Frame) -> Claim | None:
        burst = doze.burst
        if not burst.hit(self.air, frame):
            return None
        bssid = frame.bssid
        return Claim(
            address,
            f"{SEEN} frames about the sleep of {mac(address)} at {mac(bssid)} contradict it: {doze.why}.",
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            receiver=address,
            seen=burst.total,
            threshold=f"{self.settings.contradictions} in {self.settings.window:g} s",
            confidence=LOW if "levels" in doze.why else MEDIUM,
            frames=list(burst.frames),
        )


DETECTIONS = (PowerSaveDenial,)
