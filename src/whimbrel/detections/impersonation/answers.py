"""Answers to names that no access point uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.impersonation.names import name_in
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.air import NetworkProbed
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration, Ssid
from whimbrel.text import mac
from whimbrel.text import ssid as shown
from whimbrel.wifi.elements import ELEMENTS_AT, parse_elements
from whimbrel.wifi.fixed import IBSS
from whimbrel.wifi.kinds import PROBE_RESP, RETRY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.events.base import Body
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_ASKED = 256
_ASKERS = 4
_ANSWERED = 64
_NAMES = 4
_KEPT = 2
_KEPT_OCTETS = 512
_AGAIN = 10.0
"""Seconds between two searches for an access point that beacons a name: a search is slow."""
_P2P = b"\x50\x6f\x9a\x09"
_DIRECT = b"DIRECT-"


class AnswerSettings(RuleSettings):
    """Settings of `answer-to-nobody`."""

    answers: int = option(default=3, low=1, high=100, help="Least number of answers of one access point to one name.")
    listened: Duration = option(
        default=Duration(10.0), low=1, high=600, help="Listening time on its channel without a beacon of it."
    )
    weakest: int = option(
        default=-80,
        low=-120,
        high=0,
        help="Weakest answer that counts, in dBm: of a weaker sender, beacons may be missed.",
    )
    canaries: tuple[Ssid, ...] = option(
        default=(), help="Names that do not exist, and that only a device of your own asks for: every answer is a trap."
    )


class _Answer:
    __slots__ = ("count", "frames", "freq", "looked", "seq", "since", "unused")

    def __init__(self) -> None:
        self.count = 0
        self.since: Moment | None = None
        self.looked = float("-inf")
        self.unused = False
        self.freq = 0
        self.seq: int | None = None
        self.frames: list[Frame] = []


class AnswerToNobody(Detection[AnswerSettings]):
    """A BSSID that never beacons sends at least `answers` probe responses (without retransmissions), not weaker than
    `weakest`, for a name that a station has probed for and that no access point beacons; and the radio has listened on
    its channel for `listened` since the first one. A notice; a warning from the second such name of a BSSID on.

    Or a probe response or beacon has one of the `canaries` as its name: critical.

    Not counted, because they answer without beacons of their own: Wi-Fi Direct (names that begin with DIRECT-, or its
    element), ad-hoc networks, and networks announced in the beacons of another one (multiple BSSID).
    """

    rule = "answer-to-nobody"
    family = "impersonation"
    title = "Answer to an unused name"
    severity = Severity.NOTICE
    meaning = (
        "A device asked for a network that is not here, and something answered in its name. Traps for phones work like"
        " that (KARMA)."
    )
    advice = "Find out which of your devices asked, and delete that network from it. Do not join it here."
    fooled_by = (
        "An access point so far away that its answers arrive but its beacons are lost; a hotspot that was soon switched"
        " off. Other rules detect tools that beacon too."
    )
    reference = "IEEE 802.11-2020, 11.1.4.3.4 (who answers a probe request); Dai Zovi and Macaulay, 2005 (KARMA)"
    kismet = ("SSIDCANARY",)
    Settings = AnswerSettings
    kinds = frozenset({PROBE_RESP})
    findings = (NetworkProbed,)

    def __init__(self, settings: AnswerSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._canaries = frozenset(bytes(name) for name in settings.canaries)
        self._asked: Recent[bytes, list[bytes]] = Recent(_ASKED, list)
        self._answers: Recent[tuple[bytes, bytes], _Answer] = Recent(_ANSWERED, _Answer)
        self._traps: Recent[bytes, dict[bytes, None]] = Recent(_ANSWERED, dict)

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        """Remember the SSIDs that stations probe for."""
        if isinstance(finding, NetworkProbed):
            askers = self._asked.use(finding.ssid)
            if len(askers) < _ASKERS and finding.station not in askers:
                askers.append(finding.station)
        return None

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Look for canaries in beacons."""
        if not self._canaries or frame.kind == PROBE_RESP or ap.announced.ssid not in self._canaries:
            return None
        return self._canary(frame, ap.address, ap.announced.ssid)

    def observe(self, frame: Frame) -> Verdict:
        """Judge a probe response; skip those of access points that beacon."""
        bssid = frame.bssid
        if bssid is None:
            return None
        ap = self.air.access_point(bssid)
        if ap is None or (ap.beacons and not self._canaries):
            return None
        name = name_in(frame)
        if name in self._canaries:
            return self._canary(frame, bssid, name)
        if not name or ap.beacons or ap.carrier is not None or name not in self._asked or self._is_other(frame, name):
            return None
        answer = self._answers.use((bssid, name))
        if self._count(frame, answer) < self.settings.answers:
            return None
        silent = 0.0 if answer.since is None else answer.since.until(self.air.moment)
        if silent < self.settings.listened or not self._is_unused(name, answer):
            return None
        return self._claim(frame, bssid, name, answer, silent)

    def _is_other(self, frame: Frame, name: bytes) -> bool:
        """Return whether the answer needs no beacons, or is too weak to count."""
        if frame.rssi is not None and frame.rssi < self.settings.weakest:
            return True
        if name.startswith(_DIRECT) or frame.cut or frame.raw[frame.body + 10] & IBSS:
            return True
        vendors = parse_elements(frame.raw, frame.body + ELEMENTS_AT[PROBE_RESP], frame.end).vendors
        return (_P2P[:3], _P2P[3]) in vendors

    def _count(self, frame: Frame, answer: _Answer) -> int:
        if frame.flags & RETRY and frame.seq == answer.seq:
            return answer.count
        if answer.since is None or answer.freq != self.air.freq:
            answer.since, answer.freq = self.air.moment, self.air.freq
            answer.count = 0
            answer.frames.clear()
        answer.seq = frame.seq
        answer.count += 1
        if len(answer.frames) < _KEPT and len(frame.raw) <= _KEPT_OCTETS:
            answer.frames.append(frame)
        return answer.count

    def _is_unused(self, name: bytes, answer: _Answer) -> bool:
        """Return whether no access point beacons that name."""
        if self.air.now - answer.looked >= _AGAIN:
            answer.looked = self.air.now
            known = self.air.survey.access_points.table.entries.values()
            answer.unused = not any(ap.ssid == name and (ap.beacons or ap.carrier is not None) for ap in known)
        return answer.unused

    def _claim(self, frame: Frame, bssid: bytes, name: bytes, answer: _Answer, silent: float) -> Claim:
        names = self._traps.use(bssid)
        if len(names) < _NAMES:
            names[name] = None
        several = len(names) > 1
        askers: Sequence[bytes] = self._asked.get(name) or ()
        more = f" So it did for {len(names) - 1} other names." if several else ""
        return Claim(
            key=bssid,
            text=f"{mac(bssid)} answered {answer.count} times as “{shown(name)}”, which {_who(askers)} asked for and no"
            f" access point has; no beacon of it in {silent:.0f} s on its channel.{more}",
            bssid=bssid,
            ssid=name,
            sender=bssid,
            receiver=frame.ra,
            seen=answer.count,
            threshold=f"{self.settings.answers} answers, {self.settings.listened:.0f} s without a beacon",
            confidence=MEDIUM if several else LOW,
            severity=Severity.WARNING if several else Severity.NOTICE,
            frames=tuple(answer.frames),
        )

    def _canary(self, frame: Frame, bssid: bytes, name: bytes) -> Claim:
        return Claim(
            key=(bssid, name),
            text=f"{mac(bssid)} calls itself “{shown(name)}”, one of your canaries: nobody can have that name.",
            bssid=bssid,
            ssid=name,
            sender=bssid,
            receiver=frame.ra,
            threshold="1 frame",
            confidence=HIGH,
            severity=Severity.CRITICAL,
        )


def _who(stations: Sequence[bytes]) -> str:
    if not stations:
        return "a station"
    return mac(stations[0]) + (f" and {len(stations) - 1} more" if len(stations) > 1 else " alone")


DETECTIONS = (AnswerToNobody,)
