"""Collecting PMKIDs: associations that stop at message 1."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, Claim, Clear, Detection
from whimbrel.detections.moment import LONG_AGO
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.protocol.unanswered import Unanswered
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.survey.access_point import TU
from whimbrel.text import mac
from whimbrel.wifi.kinds import ASSOC_REQ, AUTH, REASSOC_REQ
from whimbrel.wording.quantities import count

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_PAIRS = 96
_TALLIES = 64
_PEERS = 16
_FRAMES = 6
_HANDSHAKE = frozenset({"M1", "M2", "M3", "M4"})
_JOINING = 5.0
"""The most seconds from an association to message 1."""
_ELSEWHERE = 0.05
"""The most seconds by which the listening time on a channel lags behind; with more, the radio was away."""
_HEARD = 0.7
"""The share of expected beacons that also proves listening on the channel: a capture may contain several radios in
turn."""
_STRONG = -65
"""dBm. The frames of a station this strong are not missed."""
_TWICE = 2
"""Attempts without any sign of life after message 1 that are no accident."""
_STALE = 12.0
"""Seconds after which an attempt is no longer judged."""


class _Attempt:
    """An attempt of a station to join an access point."""

    __slots__ = ("at", "beacons", "first", "first_at", "freq", "heard_at", "request", "rssi")

    def __init__(self, request: Frame | None = None, now: float = 0.0) -> None:
        self.request = request
        self.at = now
        self.rssi = None if request is None else request.rssi
        self.first: Frame | None = None  # message 1 with a PMKID
        self.first_at = 0.0
        self.heard_at = LONG_AGO
        self.freq = self.beacons = 0


class _Tally:
    """The stopped attempts of one station, or at one access point."""

    __slots__ = ("at", "frames", "peers", "silent", "total")

    def __init__(self) -> None:
        self.silent: deque[float] = deque(maxlen=_TWICE)
        """The air's times of those after which a strong, unknown station was silent."""
        self.at: deque[float] = deque(maxlen=32)
        self.frames: deque[Frame] = deque(maxlen=6)
        self.peers: dict[bytes, None] = {}
        self.total = 0


class PmkidHarvestSettings(RuleSettings):
    """The thresholds."""

    stops: int = option(
        default=3, low=2, high=32, help="Attempts of one station, or at one access point, that stopped at message 1."
    )
    window: Duration = option(default=Duration(600.0), low=10, help="Within this much time.")
    peers: int = option(
        default=3, low=2, high=16, help="Access points of one station, or stations at one access point, for a warning."
    )
    many: int = option(default=10, low=2, high=32, help="Attempts of one station at one access point for a warning.")
    wait: Duration = option(
        default=Duration(1.0),
        low=0.3,
        high=10,
        help="How long message 2 must be missing, while the radio stays on the channel.",
    )
    weakest: int = option(
        default=-82,
        low=-120,
        high=0,
        help="Weakest station that counts, in dBm: the answer of a weaker one may be missed.",
    )


class PmkidHarvest(Detection[PmkidHarvestSettings]):
    """This happens `stops` times within `window`: a station begins to join (its authentication or association is heard,
    not weaker than `weakest`), the access point sends message 1 with a PMKID, and no further message of the handshake
    follows from either side while the radio stays on the channel for `wait`.

    Such attempts are counted for each station and for each BSSID whose network has a guessable password (WPA or WPA2,
    or not known yet). A notice; a warning with one station at `peers` access points, `peers` stations at one access
    point, or `many` attempts in all. A single attempt is a notice, and a second one a warning, if the station is at
    least -65 dBm strong, was never heard to encrypt data, and sends nothing after message 1: a station that fails
    leaves, scans or tries again.

    A warning too where a station that was never heard to go on in a handshake or to encrypt has message 1 from the
    access points of `peers` networks, and all but one of these show that they had no answer: they sent one frame four
    times, as nobody acknowledged it, or another message 1 with a later counter. A collector's own frames need not be
    heard for that.
    """

    rule = "pmkid-harvest"
    family = "protocol"
    title = "Collecting PMKIDs"
    severity = Severity.WARNING
    meaning = (
        "Somebody begins to join and stops as soon as the access point has sent the PMKID. With this value weak"
        " passwords can be guessed at home."
    )
    advice = (
        "Use a long random password, or WPA3 only. Some access points can leave out the PMKID or switch off roaming."
    )
    fooled_by = (
        "A station with a good signal that fails to answer, or goes out of reach just then (a notice). A wrong password"
        " looks different: message 2 is sent. Weak single attempts with a new address at each access point are missed,"
        " and so are most attempts while the radio hops."
    )
    reference = "Steube: New attack on WPA/WPA2 using PMKID, 2018; IEEE 802.11-2020, 12.7.2 (PMKID KDE)"
    Settings = PmkidHarvestSettings
    kinds = frozenset({ASSOC_REQ, REASSOC_REQ, AUTH})
    quiet = 120.0

    def __init__(self, settings: PmkidHarvestSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._attempts: Recent[bytes, _Attempt] = Recent(_PAIRS, _Attempt)
        self._waiting: dict[bytes, _Attempt] = {}
        self._tallies: Recent[tuple[str, bytes], _Tally] = Recent(_TALLIES, _Tally)
        self._unanswered = Unanswered(air, settings.window)

    def observe(self, frame: Frame) -> None:
        """Note an attempt to join."""
        ta, bssid = frame.ta, frame.bssid
        if ta is None or bssid is None or ta == bssid:
            return
        key = bssid + ta
        attempt = self._attempts.get(key)
        if attempt is None or attempt.first is None:
            attempt = _Attempt(frame, self.air.now)
        self._attempts.put(key, attempt)

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> None:
        """Note the progress of a handshake."""
        if packet.message in _HANDSHAKE:
            self._unanswered.hear(frame, packet, bssid, station)
        key = bssid + station
        attempt = self._attempts.get(key)
        if attempt is None:
            return
        if packet.message != "M1":
            self._attempts.drop(key)
            self._waiting.pop(key, None)
            return
        now = self.air.now
        if packet.pmkid is None or attempt.first is not None or now - attempt.at > _JOINING:
            return
        if attempt.rssi is not None and attempt.rssi < self.settings.weakest:
            return
        ap = self.air.access_point(bssid)
        if ap is not None and not ap.announced.security.takes_psk:
            return
        attempt.first = frame
        attempt.first_at = now
        attempt.freq = self.air.freq
        attempt.heard_at = self.air.moment
        attempt.beacons = ap.beacons if ap is not None else 0
        if len(self._waiting) < _PAIRS:
            self._waiting[key] = attempt

    def turn(self) -> Sequence[Claim | Clear]:
        """Judge the attempts whose time has passed."""
        claims = [self._left(station, firsts) for station, firsts in self._unanswered.found(self.settings.peers)]
        for key, attempt in list(self._waiting.items()):
            passed = self.air.now - attempt.first_at
            if passed < self.settings.wait:
                continue
            del self._waiting[key]
            self._attempts.drop(key)
            if passed < _STALE and self._stayed(key[:6], attempt, passed):
                claims += self._stopped(key[:6], key[6:], attempt)
        return claims

    def _left(self, station: bytes, firsts: dict[bytes, Frame]) -> Claim:
        """Claim that a station left several networks without an answer."""
        bssid = next(reversed(firsts))
        return Claim(
            ("answers", station),
            f"{len(firsts)} access points, the last one {mac(bssid)}, sent message 1 of a handshake to {mac(station)} "
            "and had no answer, though they repeated it.",
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            sender=station,
            receiver=bssid,
            seen=len(firsts),
            threshold=f"{self.settings.peers} networks in {self.settings.window:g} s",
            confidence=MEDIUM,
            severity=Severity.WARNING,
            frames=tuple(firsts.values())[-_FRAMES:],
        )

    def _stayed(self, bssid: bytes, attempt: _Attempt, passed: float) -> bool:
        """Return whether the radio has listened on the channel since message 1."""
        air = self.air
        if air.freq == attempt.freq and passed - attempt.heard_at.until(air.moment) <= _ELSEWHERE:
            return True
        ap = air.access_point(bssid)
        if ap is None or not ap.announced.interval:
            return False
        due = passed * 1e6 / (TU * ap.announced.interval)
        return due >= 2 and ap.beacons - attempt.beacons >= _HEARD * due

    def _stopped(self, bssid: bytes, station: bytes, attempt: _Attempt) -> list[Claim]:
        claims: list[Claim] = []
        tallies: list[_Tally] = []
        silent = self._is_silent(station, attempt)
        for kind, who, peer in (("station", station, bssid), ("access point", bssid, station)):
            tally = self._tallies.use((kind, who))
            tallies.append(tally)
            tally.total += 1
            tally.at.append(self.air.now)
            if len(tally.peers) < _PEERS:
                tally.peers[peer] = None
            tally.frames.extend(f for f in (attempt.request, attempt.first) if f is not None)
            if silent:
                tally.silent.append(self.air.now)
            if silent or self._enough(tally, self.settings.stops):
                claims.append(self._claim(kind, bssid, station, tally))
        # With one station at one access point, both claims would be the same.
        return claims if any(len(tally.peers) > 1 for tally in tallies) else claims[:1]

    def _is_silent(self, address: bytes, attempt: _Attempt) -> bool:
        """Return whether a strong station that has never worked has sent nothing since message 1."""
        station = self.air.station(address)
        if station is None or station.worked or attempt.rssi is None or attempt.rssi < _STRONG:
            return False
        return attempt.first is not None and station.last <= attempt.first.time

    def _enough(self, tally: _Tally, count: int) -> bool:
        at = tally.at
        return len(at) >= count and self.air.now - at[-count] <= self.settings.window

    def _claim(self, kind: str, bssid: bytes, station: bytes, tally: _Tally) -> Claim:
        settings, peers = self.settings, len(tally.peers)
        by_station = kind == "station"
        where = f"{peers} access points" if by_station and peers > 1 else mac(bssid)
        who = f"{peers} stations" if not by_station and peers > 1 else mac(station)
        silent = tally.silent
        twice = len(silent) == _TWICE and self.air.now - silent[0] <= settings.window
        sure = twice or peers >= settings.peers or self._enough(tally, settings.many)
        return Claim(
            (kind, station if by_station else bssid),
            f"{count(tally.total, 'attempt')} of {who} to join {where} stopped at message 1, which carries a PMKID, "
            "with no answer",
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            sender=station,
            receiver=bssid,
            seen=tally.total,
            threshold=f"{settings.stops} in {settings.window:g} s",
            confidence=HIGH if peers >= settings.peers else MEDIUM,
            severity=Severity.WARNING if sure else Severity.NOTICE,
            frames=tuple(tally.frames),
        )


DETECTIONS = (PmkidHarvest,)
