"""Collecting handshakes: a disconnection, followed at once by a handshake."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, Claim, Detection
from whimbrel.detections.disruption.leaving import Answers, Leave, is_query
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.air import HandshakeSeen
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.kinds import ACTION, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.events.air import Disconnected
    from whimbrel.events.base import Body
    from whimbrel.wifi.frames import Frame

_KICKED = 64
_PAIRS = 48
_FRAMES = 6
_MOST = 64
"""Limit of kept times of disconnections of one target."""


_DRIVEN, _DRIVEN_WITHIN = 10, 120.0
"""Handshakes, and seconds: no device that is steered or badly connected joins so often."""


class _Kicks:
    """The disconnections of one station of an access point, or of all of its stations."""

    __slots__ = ("answers", "at", "excused", "frames", "leave")

    def __init__(self) -> None:
        self.at: deque[float] = deque(maxlen=_MOST)
        self.excused: deque[float] = deque(maxlen=_MOST)
        """The times of the answers to a station that has left."""
        self.leave = Leave()
        self.answers = Answers()
        self.frames: deque[Frame] = deque(maxlen=_FRAMES)


class _Episodes:
    """The handshakes of one pair that followed a disconnection."""

    __slots__ = ("at", "floods", "frames", "total")

    def __init__(self) -> None:
        self.at: deque[float] = deque(maxlen=32)
        self.floods: deque[float] = deque(maxlen=8)
        self.frames: deque[Frame] = deque(maxlen=_FRAMES)
        self.total = 0


class HandshakeHarvestSettings(RuleSettings):
    """The thresholds."""

    soon: Duration = option(
        default=Duration(10.0), low=1, high=60, help="The most time from a disconnection to the handshake."
    )
    times: int = option(default=4, low=2, high=32, help="Such handshakes of one station at one access point.")
    window: Duration = option(default=Duration(600.0), low=10, help="Within this much time.")
    flood: int = option(
        default=10,
        low=3,
        high=64,
        help="With this many disconnections before it, more than any device needs, one handshake is enough.",
    )


class HandshakeHarvest(Detection[HandshakeHarvestSettings]):
    """A station completes a 4-way handshake with an access point within `soon` after a disconnection in clear between
    the two, or one from the access point to everyone, and the network has a password that can be guessed from it (WPA
    or WPA2, or not known yet). All stations of one network form one alert.

    A notice if that happens `times` times within `window` to the same station. A warning after 10 times within 2 min,
    or after one such handshake if at least `flood` disconnections came within `soon` before it; critical after two of
    those. Retransmissions do not count, nor do answers with reason 6 or 7 to a station that has left, or that sends
    without being connected (see deauth-flood).
    """

    rule = "handshake-harvest"
    family = "protocol"
    title = "Collecting handshakes"
    severity = Severity.WARNING
    meaning = (
        "A device was disconnected from the network and joined again at once. An attacker who records the handshake can"
        " try passwords at home; forged disconnections are the usual way to get one."
    )
    advice = "Use a long random password. WPA3, or protected management frames (PMF), stop forged disconnections."
    fooled_by = (
        "An access point that restarts or steers its stations, and devices that leave and join all the time: these send"
        " only a few disconnections each time. A single forged disconnection looks the same as a real one."
    )
    reference = "IEEE 802.11-2020, 11.3 and 12.7.6; 12.6.19 (robust management frames)"
    Settings = HandshakeHarvestSettings
    kinds = frozenset({ACTION})
    findings = (HandshakeSeen,)

    def __init__(self, settings: HandshakeHarvestSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._kicks: Recent[bytes, _Kicks] = Recent(_KICKED, _Kicks)
        self._said: Disconnected | None = None
        self._kicked: _Kicks  # by the disconnections that say this
        self._episodes: Recent[bytes, _Episodes] = Recent(_PAIRS, _Episodes)

    def observe(self, frame: Frame) -> None:
        """Note that a station asks whether it is still connected, or is told so."""
        bssid, ta = frame.bssid, frame.ta
        if bssid is not None and ta is not None and is_query(frame):
            kicks = self._kicks.get(bssid + ((frame.ra or b"") if ta == bssid else ta))
            if kicks is not None:
                kicks.answers.hear_query(frame, self.air.now)

    def disconnected(self, frame: Frame, said: Disconnected, moment: Moment) -> None:
        """Count a disconnection that may drive a station to a handshake."""
        ta, bssid = said.sender, said.bssid
        if ta == bssid if said.protected else frame.flags & RETRY:
            return
        target = said.receiver if ta == bssid else ta
        if said is not self._said:
            self._said, self._kicked = said, self._kicks.use(bssid if target[0] & 1 else bssid + target)
        kicks = self._kicked
        if said.protected:
            # It can end no connection but its sender's own, so it counts only as what the answers are to.
            station = self.air.station(ta)
            kicks.answers.connected = False
            self._note_leave(kicks, 0 if station is None else station.frames, forgeable=False)
        elif (target[0] & 1 and ta != target) or not self._is_answer(kicks, frame, target):
            kicks.at.append(moment.now)
            kicks.frames.append(frame)

    def learn(self, frame: Frame, finding: Body) -> Claim | None:
        """Match a handshake with disconnections."""
        return self._handshake(frame, finding) if isinstance(finding, HandshakeSeen) else None

    def _note_leave(self, kicks: _Kicks, sent: int, *, forgeable: bool) -> None:
        """Note that a station has left, which had sent so many frames; one that nobody could forge leaves the number of
        those as it is."""
        now, leave = self.air.now, kicks.leave
        if now - leave.at > self.settings.soon:
            leave.times = 0
            kicks.excused.clear()
        leave.at, leave.sent = now, sent
        leave.times = leave.times + 1 if forgeable else max(leave.times, 1)

    def _is_answer(self, kicks: _Kicks, frame: Frame, target: bytes) -> bool:
        """Return whether an access point only answers a station that has left, or that sends without being connected.

        The first disconnection after a handshake is no answer: the station is connected.
        """
        station = self.air.station(target)
        frames = 0 if station is None else station.frames
        now, leave = self.air.now, kicks.leave
        if frame.ta == target:
            self._note_leave(kicks, frames, forgeable=True)
            if leave.times > 1:  # forged in its name, so the others were no answers
                kicks.at.extend(kicks.excused)
                kicks.excused.clear()
            return False
        answers = kicks.answers.explain(frame, station, now) and leave.times < 2
        if leave.explains(frame, now, frames, pmf=False):
            kicks.excused.append(now)
            return True
        return answers

    def _handshake(self, frame: Frame, finding: HandshakeSeen) -> Claim | None:
        bssid, station = finding.bssid, finding.station
        ap = self.air.access_point(bssid)
        if ap is not None and not ap.announced.security.takes_psk:
            return None
        now, settings = self.air.now, self.settings
        before = 0
        earlier: list[Frame] = []
        for key in (bssid + station, bssid):
            kicks = self._kicks.get(key)
            if kicks is not None:
                kicks.answers.connected = True
                recent = sum(0 <= now - at <= settings.soon for at in kicks.at)
                before += recent
                earlier += list(kicks.frames)[-recent:] if recent else []
        if not before:
            return None
        pair = self._episodes.use(bssid + station)
        pair.total += 1
        pair.at.append(now)
        pair.frames.extend(earlier[-3:])
        if station in {frame.ra, frame.ta}:
            pair.frames.append(frame)
        if before >= settings.flood:
            pair.floods.append(now)
        floods = sum(now - at <= settings.window for at in pair.floods)
        often = len(pair.at) >= settings.times and now - pair.at[-settings.times] <= settings.window
        if not floods and not often:
            return None
        driven = len(pair.at) >= _DRIVEN and now - pair.at[-_DRIVEN] <= _DRIVEN_WITHIN
        severity = Severity.CRITICAL if floods > 1 else Severity.WARNING if floods or driven else Severity.NOTICE
        # No sender: forged disconnections carry the address of a device that may be trusted.
        return Claim(
            bssid,
            f"{mac(station)} made {pair.total} handshake{'s' * (pair.total > 1)} with {mac(bssid)} right after a "
            f"disconnection; {before} disconnections came within {settings.soon:g} s before the last one",
            bssid=bssid,
            ssid=finding.ssid,
            receiver=station,
            seen=pair.total,
            threshold=(
                f"{settings.times} in {settings.window:g} s, or one after {settings.flood} disconnections within "
                f"{settings.soon:g} s"
            ),
            confidence=HIGH if floods > 1 else MEDIUM if floods or driven else LOW,
            severity=severity,
            frames=tuple(pair.frames),
        )


DETECTIONS = (HandshakeHarvest,)
