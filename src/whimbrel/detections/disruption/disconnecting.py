"""Forged disconnections: many of them, to one station or to all of an access point."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, SEEN, Claim, Detection, Repeated, Verdict
from whimbrel.detections.disruption.failed_logins import FAILURES, FailedLogins
from whimbrel.detections.disruption.leaving import Answers, Leave, is_query
from whimbrel.detections.disruption.pace import EqualRow, Pace, Sieve
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent, Retold
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wifi.fixed import reason_fixed
from whimbrel.wifi.kinds import (
    ACTION,
    ASSOC_REQ,
    ASSOC_RESP,
    AUTH,
    DEAUTH,
    DISASSOC,
    REASSOC_REQ,
    REASSOC_RESP,
)
from whimbrel.wifi.reasons import reason
from whimbrel.wifi.security import Pmf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.events.air import Disconnected
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

ALL = b"\xff" * 6
DISCONNECTIONS = frozenset({DISASSOC, DEAUTH})
_JOINING = frozenset({ASSOC_REQ, ASSOC_RESP, REASSOC_REQ, REASSOC_RESP, AUTH})
"""Association and reassociation, both ways, and authentication."""
_FEW = 4
"""The most disconnections that a restarting access point sends to each of its stations."""
_REQUIRED = Pmf.REQUIRED
_LEFT = 64
"""Limit of remembered stations that have left."""
_MME = {18: 16, 26: 24}
"""Octets from a Management MIC element to the end of the frame, and the length field of that element."""


def is_signed(frame: Frame) -> bool:
    """Return whether a group frame ends with a Management MIC element (IEEE 802.11-2020, 9.4.2.54), the signature in a
    network with PMF."""
    raw, end = frame.raw, frame.end
    return any(
        frame.body + 2 <= end - back and raw[end - back] == 76 and raw[end - back + 1] == size
        for back, size in _MME.items()
    )


class FloodSettings(RuleSettings):
    """Two bounds: one for a fast attack, one for a slow one."""

    count: int = option(default=10, low=3, high=1000, help="Disconnections of one victim that are a fast attack.")
    window: Duration = option(default=Duration(5.0), low=0.5, high=600, help="Listening time they must lie within.")
    slow_count: int = option(default=30, low=3, high=1000, help="Disconnections of one victim that are a slow attack.")
    slow_window: Duration = option(
        default=Duration(60.0), low=1, high=3600, help="Listening time they must lie within."
    )


class _Victim(Pace):
    __slots__ = ("answers",)

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.answers = Answers()


class DeauthFlood(Detection[FloodSettings]):
    """At least `count` disconnections of one victim within `window` of listening, or `slow_count` within
    `slow_window`.

    Deauthentication and disassociation frames in clear are counted for each pair of access point and victim. The victim
    is the station that they are addressed to or claim to come from, or everyone (a group address). A retransmission
    (retry bit, same sequence number) within 0.1 s of the first transmission does not count again. The same bounds hold
    for an access point as a whole, counted from the fifth disconnection of each of its stations on.

    Not counted: protected frames, which only the real access point or station can send; where PMF is required, signed
    frames to everyone; frames of an access point to itself; the end of a failed login (reason 2, 15 or 23, at most one
    for each message 1 or 2 or EAP-Failure without message 3, 4 or encrypted data after it); and answers with reason 6
    or 7 to a station that keeps sending data, RTS or block ack requests without joining again and without being served,
    or whose encrypted SA queries stay without an answer, or that has left. A station counts as gone for 5 s after a
    single disconnection of its own; after a protected one, where PMF is required, until it joins again.
    """

    rule = "deauth-flood"
    family = "disruption"
    title = "Disconnection attack"
    severity = Severity.CRITICAL
    meaning = (
        "Somebody sends forged disconnections, and devices lose this network again and again. Attackers do this to"
        " annoy, to record a new login, or to drive devices to a copy of the network."
    )
    advice = (
        "Do not join a network of the same name that appears now. Switch on protected management frames (PMF, part of"
        " WPA3) in the access point. The sender is only a few rooms away, where the signal is strongest."
    )
    fooled_by = (
        "Enterprise systems that fight foreign access points send exactly such frames on purpose. An access point"
        " that has forgotten a station answers all that it sends; if none of that is heard, it looks the same. An"
        " attack below both bounds is missed, and so is one that disconnects each of many stations at most four times."
    )
    reference = "IEEE 802.11-2020, 11.3.4, 11.3.5, 12.6.19 (PMF); Bellardo and Savage, USENIX Security 2003"
    kismet = ("DEAUTHFLOOD",)
    nzyme = ("DISCO_ANOMALIES",)
    Settings = FloodSettings
    kinds = _JOINING | {ACTION}
    packets = FailedLogins.PACKETS

    def __init__(self, settings: FloodSettings, air: Air) -> None:
        super().__init__(settings, air)
        most = max(settings.count, settings.slow_count)
        self._victims: Sieve[tuple[bytes, bytes], _Victim] = Sieve(lambda: _Victim(most))
        self._left: Recent[tuple[bytes, bytes], Leave] = Recent(_LEFT, Leave)
        self._failed = FailedLogins()
        self._aps: Recent[bytes, Pace] = Recent(16, lambda: Pace(most))
        self._last: deque[Frame] = deque(maxlen=32)
        self._told = Retold()
        self._row = EqualRow()
        self._count, self._window = settings.count, float(settings.window)
        self._threshold = (
            f"{settings.count} in {settings.window:g} s or {settings.slow_count} in {settings.slow_window:g} s"
        )

    def heeds_disconnection(self, said: Disconnected) -> bool:
        """Return whether it is no access point that disconnects itself: own-address detects those."""
        return said.receiver != said.sender

    def observe(self, frame: Frame) -> None:
        """Note that a station joins, or asks whether it is still connected."""
        bssid, ta, ra = frame.bssid, frame.ta, frame.ra
        if bssid is None or ta is None or ra is None:
            return
        key = self._pair(bssid, ta, ra)
        if frame.kind != ACTION:
            self._join(key)
        elif is_query(frame):
            known = self._victims.watched.get(key)
            if known is not None:
                known.answers.hear_query(frame, self.air.now)

    def _pair(self, bssid: bytes, sender: bytes, receiver: bytes) -> tuple[bytes, bytes]:
        """Return the access point and the victim."""
        known = self.air.access_points
        if bssid == sender and bssid not in known and receiver in known:
            bssid = receiver  # some tools put the station's address there
        return bssid, ALL if receiver[0] & 1 else sender if receiver == bssid else receiver

    def disconnected(self, frame: Frame, said: Disconnected, moment: Moment) -> Verdict:
        """Count a disconnection, unless there is an innocent reason for it."""
        air, ta = self.air, said.sender
        if self._row.goes_on(frame, said, moment):
            self._last.append(frame)
            return self._row.verdict
        key = bssid, victim = self._pair(said.bssid, ta, said.receiver)
        if ta == victim:
            self._left.use(key).hear(frame, air.now, self._frames_of(victim))
        if said.protected:
            return None
        ap = air.access_points.get(bssid)
        pmf = ap is not None and ap.announced.security.pmf is _REQUIRED
        if pmf and victim is ALL and is_signed(frame):
            return None
        self._last.append(frame)
        leave = self._left.entries.get(key) if self._left.entries else None
        if leave is not None and ta == bssid and leave.explains(frame, air.now, self._frames_of(victim), pmf=pmf):
            return None
        if said.reason in FAILURES and self._failed.explain(frame, bssid + victim, air):
            return None
        counted = self._victims.use(key, frame, moment)
        if counted is None or (
            victim is not ALL and victim != ta and counted.answers.explain(frame, air.station(victim), air.now)
        ):
            return None
        if not counted.hear(frame, moment):
            return None
        fast = counted.within(moment, self._count, self._window)
        if fast or self._slow(counted, moment):
            verdict = self._claim(frame, bssid, victim, counted, pmf)
            # What goes to a station may be an answer, and what protects a network may be signed: each is judged.
            if fast and victim is ALL and ta != ALL and not pmf and isinstance(verdict, Repeated):
                until = min(verdict.at + Retold.MOMENT, counted.until(self._count, self._window))
                self._row.begin(said, counted, verdict, moment.now, until)
            return verdict
        if counted.hits > _FEW:
            whole = self._aps.use(bssid)
            if whole.hear(frame, moment) and (
                whole.within(moment, self._count, self._window) or self._slow(whole, moment)
            ):
                return self._claim(frame, bssid, None, whole, pmf)
        return None

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> None:
        """Follow a login, which may fail."""
        self._failed.hear(frame, packet, bssid + station, self.air.now)

    def _join(self, key: tuple[bytes, bytes]) -> None:
        """Note that a station joins."""
        self._left.drop(key)
        known = self._victims.watched.get(key)
        if known is not None:
            known.answers.connected = True

    def _frames_of(self, address: bytes) -> int:
        station = self.air.station(address)
        return 0 if station is None else station.frames

    def _slow(self, counted: Pace, moment: Moment) -> bool:
        return counted.within(moment, self.settings.slow_count, self.settings.slow_window)

    def _claim(self, frame: Frame, bssid: bytes, victim: bytes | None, counted: Pace, pmf: bool) -> Claim | Repeated:
        settings, now = self.settings, self.air.now
        key = (bssid, victim, frame.ta)
        told = self._told.again(key, now, counted.hits)
        if told is not None:
            return told
        name = self.air.name_of(bssid)
        whom = "several stations in turn" if victim is None else "everyone" if victim is ALL else mac(victim)
        code = reason_fixed(frame.raw, frame.body, frame.end)
        why = f"reason {code}, {reason(code)}" if code is not None else "without a reason"
        text = (
            f"{SEEN} disconnections of {whom} from {ssid(name) or 'the network'} "
            f"({mac(bssid)}), the last one said to come from {mac(frame.ta)}: {why}."
        )
        if pmf:
            text += " This network requires protected ones, so these are forged."
        claim = Claim(
            key=(bssid, victim),
            text=text,
            bssid=bssid,
            ssid=name,
            # A station that disconnects is the victim, and may be a trusted device.
            sender=None if frame.ra == bssid else frame.ta,
            receiver=frame.ra,
            seen=counted.hits,
            threshold=self._threshold,
            confidence=HIGH if pmf or counted.hits >= 5 * settings.count else MEDIUM,
            frames=self._before(frame, bssid, victim),
        )
        return self._told.keep(key, now, claim)

    def _before(self, frame: Frame, bssid: bytes, victim: bytes | None) -> Iterator[Frame]:
        """Yield the last disconnections of a victim, None for all of the access point, before this one."""
        for before in self._last:
            soon = abs(frame.time - before.time) <= self.settings.slow_window
            if soon and before.bssid == bssid and before is not frame and victim in {None, _victim_of(before)}:
                yield before


def _victim_of(frame: Frame) -> bytes | None:
    """Return the station of an access point's frame, `ALL` for everyone."""
    ra = frame.ra
    return ALL if ra is not None and ra[0] & 1 else frame.ta if ra == frame.bssid else ra


DETECTIONS = (DeauthFlood,)
