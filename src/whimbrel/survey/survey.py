"""The survey: it processes every frame, returns findings as event bodies, and keeps the inventory.

It has no clock: it uses the time of the frames, so a capture gives the same findings whenever it is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.events.air import AirReport
from whimbrel.events.base import Body
from whimbrel.rows import AccessPointRow, ChannelRow, StationRow, Totals
from whimbrel.survey.access_points import AccessPointTable
from whimbrel.survey.channel import ChannelTable
from whimbrel.survey.echoes import Echoes
from whimbrel.survey.handshakes import PATIENCE
from whimbrel.survey.made_up import MadeUp
from whimbrel.survey.observation import FRESH, MADE_UP, NOTHING, Observation
from whimbrel.survey.stations import StationTable
from whimbrel.survey.traffic import Traffic
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import ACK, BEACON, CTS, PROBE_RESP, RETRY

if TYPE_CHECKING:
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.levels import ReceiverLevels
    from whimbrel.survey.observation import NewAnnouncement
    from whimbrel.survey.station import Station

_TURN = 5.0
"""Seconds of frame time between two checks for silent devices."""
_DEAF = 30.0
"""Seconds without any frame after which silence is no evidence of absence."""
BACK = 2.0
"""The most seconds that frames may be out of order, for example from two radios; beyond, the clock was set back."""

_ANNOUNCING = (BEACON, PROBE_RESP)
_NAMELESS = (ACK, CTS)  # nobody's address but the receiver's


class SurveyLimits(NamedTuple):
    """How much a survey remembers, and for how long."""

    access_points: int = 512
    stations: int = 2048
    forget_access_points: float = 300.0
    """Seconds of silence after which an access point is lost."""
    forget_stations: float = 600.0
    """Seconds of silence after which a station is lost."""
    report_every: float = 60.0
    """Seconds of frame time between two `AirReport`; 0 for none."""


class Survey:
    """The survey of the air. Raises ValueError for a limit below 1."""

    def __init__(self, limits: SurveyLimits | None = None) -> None:
        self.limits = limits or SurveyLimits()
        self.channels = ChannelTable()
        self.access_points = AccessPointTable(self.limits.access_points, self._not_a_station)
        self.stations = StationTable(self.limits.stations, self.access_points.table.entries)
        self.made_up = MadeUp()
        """Made-up access points, which do not count as access points anywhere."""
        self.echoes = Echoes()
        """Frames that a second radio delivers again, which must not be passed to `observe`."""
        self.back = BACK
        """The most seconds that frames may be out of order."""
        self.levels: ReceiverLevels | None = None
        """The levels by receiver, where there are several."""
        self.bad_fcs = 0
        """Frames that the receiver marked as damaged: counted, and nothing learned from them."""
        self.malformed = 0
        """Frames that could not be read to their end."""
        self._traffic = Traffic(self.access_points, self.stations)
        self._handlers = self._traffic.handlers
        self._known = self.access_points.table.entries
        self._pending = self.channels.pending
        self.quiet_from = self.due = float("-inf")
        """Between these two frame times nothing but the frame is due. `due` comes nearer after an EAPOL packet."""
        self._turn_at = self._report_at = self._end_at = float("inf")
        self._listening = 0.0  # since when there was no long gap without a frame
        self._reported = (0.0, 0)  # frame time, and frames, at the last report

    def observe(self, frame: Frame, tuned_freq: int = 0) -> Observation:
        """Process a frame; return its result. `tuned_freq`, in MHz, is used if the frame has no frequency. A beacon
        that says what the last one of its access point said, which most frames are, is known by comparing bytes
        (`whimbrel.survey.beacons`).
        """
        now = frame.time
        return self.hear(frame, tuned_freq, NOTHING if self.quiet_from <= now < self.due else self._turn(now))

    def hear(self, frame: Frame, tuned_freq: int, turned: Observation = NOTHING) -> Observation:
        """Do the same with a frame between `quiet_from` and `due`."""
        mode = frame.mode
        if mode is None:
            self.channels.count(frame, tuned_freq)
        else:
            try:
                counts = self._pending[mode][frame.length]
            except KeyError:
                self.channels.count(frame, tuned_freq)
            else:
                if frame.flags & RETRY:
                    counts[1] += 1
                else:
                    counts[0] += 1
        if frame.bad_fcs:
            self.bad_fcs += 1
            return turned
        kind = frame.kind
        if kind == BEACON:
            ap = self._known.get(frame.bssid)  # type: ignore[arg-type]  # None is nobody's
            if ap is not None:
                said = ap.announced
                raw = frame.raw
                body = frame.body
                end = frame.end
                if (
                    # Announcement.matches, without the call, and without the length of the TIM where it has not changed
                    (
                        raw.startswith(said.begin, body + 8)
                        and raw.endswith(said.tail, body, end)
                        and (not said.piece or raw.startswith(said.piece, end - said.piece_at))
                        and (not said.pieces or said.pieces_match(raw, end))
                        if end - body == said.size
                        else said.matches(raw, body, end)
                    )
                    and ap.beacons
                ):
                    before = ap.hear_beacon(frame)
                    return turned if before is None else Observation(turned.findings, False, (), (ap, before))
        elif kind in _NAMELESS:
            if frame.malformed is not None:
                self.malformed += 1
            return turned
        return self._learn(frame, kind, tuned_freq, turned)

    def finish(self) -> Sequence[Body]:
        """Return the findings held back for later frames: handshakes without their last message."""
        found: list[Body] = []
        self._traffic.end_handshakes(float("inf"), found)
        return found

    def go_on(self, limits: SurveyLimits) -> Sequence[Body]:
        """Continue with other limits and new listeners; return findings about evicted entries."""
        found: list[Body] = []
        self.limits = limits
        self.access_points.go_on(limits.access_points, found)
        self.stations.resize(limits.stations, found)
        self.quiet_from = self.due = float("-inf")
        self._turn_at = self._report_at = float("inf")
        return found

    @property
    def wep_frames(self) -> int:
        """Data frames so far that were encrypted with WEP."""
        return self._traffic.wep

    def withdraw(self, found: list[Body]) -> set[bytes]:
        """Remove access points that turned out to be made up; return their addresses."""
        # In the order of their recognition: the order of a set differs between processes.
        leaving, self.made_up.leaving = self.made_up.leaving, []
        self.access_points.withdraw(leaving, found)
        return set(leaving)

    def shift(self, delta: float) -> None:
        """Move every time by `delta` seconds: the system clock was set, and frames from now on carry the new time."""
        self.access_points.shift(delta)
        self.made_up.shift(delta)
        self.stations.shift(delta)
        self._traffic.handshakes.shift(delta)
        if self.levels is not None:
            self.levels.shift(delta)
        self.quiet_from += delta
        self.due += delta
        self._turn_at += delta
        self._report_at += delta
        self._end_at += delta
        self._listening += delta
        self._reported = (self._reported[0] + delta, self._reported[1])

    def access_point_rows(self) -> list[AccessPointRow]:
        """Return every access point, the most recently heard first."""
        self.access_points.hear_carried()
        stations = Counter(station.bssid for station in self.stations.table.entries.values())
        aps = sorted(self.access_points.table.entries.values(), key=lambda ap: ap.last, reverse=True)
        return [self.access_point_row(ap, stations[ap.address]) for ap in aps]

    def access_point_row(self, ap: AccessPoint, stations: int) -> AccessPointRow:
        """Return everything that is known of an access point, with the number of its stations."""
        row = ap.row(stations)
        return row if self.levels is None else row.replace(levels=self.levels.rows(ap.address))

    def station_rows(self) -> list[StationRow]:
        """Return every station, the most recently heard first."""
        stations = sorted(self.stations.table.entries.values(), key=lambda station: station.last, reverse=True)
        return [self.station_row(station) for station in stations]

    def station_row(self, station: Station) -> StationRow:
        """Return everything that is known of a station."""
        row = station.row()
        return row if self.levels is None else row.replace(levels=self.levels.rows(station.address))

    def channel_rows(self) -> list[ChannelRow]:
        """Return every channel, by frequency."""
        return [channel.row() for channel in self.channels.all()]

    def totals(self) -> Totals:
        """Return the counts since the start."""
        return Totals(
            frames=self.channels.frames,
            malformed=self.malformed,
            bad_fcs=self.bad_fcs,
            disbelieved=self.stations.disbelieved + self.access_points.disbelieved,
            access_points=len(self.access_points.table),
            access_points_evicted=self.access_points.table.evicted,
            made_up=len(self.made_up),
            carried_left_out=self.access_points.carried_left_out,
            stations=len(self.stations.table),
            stations_evicted=self.stations.table.evicted,
            echoes=self.echoes.total,
        )

    def _learn(self, frame: Frame, kind: int, tuned_freq: int, turned: Observation) -> Observation:
        """Process a frame that is more than a known beacon."""
        if frame.malformed is not None:
            self.malformed += 1
        if kind in _ANNOUNCING:
            if self.made_up.members and frame.bssid not in self._known and self.made_up.takes(frame):
                return MADE_UP if turned is NOTHING else turned
            found = list(turned.findings)
            announced: list[NewAnnouncement] = []
            pair = None
            if kind == BEACON:
                pair = self.access_points.beacon(frame, tuned_freq, found, announced)
            else:
                self.access_points.response(frame, tuned_freq, found, announced)
            return Observation(found, True, announced, pair) if found or announced or pair is not None else FRESH
        found = [*turned.findings]
        handler = self._handlers.get(kind)
        if handler is not None:
            eapol = handler(frame, found)
            if eapol:
                if self._traffic.waiting and self._end_at == float("inf"):
                    self._end_at = frame.time + PATIENCE
                    self.due = min(self.due, self._end_at)
                return Observation(found, True, (), None, eapol)
        return Observation(found, True) if found else FRESH

    def _not_a_station(self, address: bytes, found: list[Body]) -> None:
        self.stations.is_access_point(address, found)

    def _turn(self, now: float) -> Observation:
        """Execute the actions due at `now`; return their findings."""
        found: list[Body] = []
        if now < self.quiet_from:
            self._set_back(now)
        elif now - self.due > _DEAF:
            self._listening = now
        if self.quiet_from == float("-inf"):
            self._begin(now)
        if now >= self._end_at:
            self._traffic.end_handshakes(now, found)
            self._end_at = now + PATIENCE if self._traffic.waiting else float("inf")
        if now >= self._turn_at:
            self._turn_at = now + _TURN
            self.made_up.turn(now)
            self._forget(now, found)
        if now >= self._report_at:
            found.append(self.report(now))
        self.quiet_from = now - self.back
        self.due = min(self._turn_at, self._report_at, self._end_at)
        return Observation(found, False) if found else NOTHING

    def _begin(self, now: float) -> None:
        """Count time from the first frame on, and again from where the clock was set back to."""
        self._listening = now
        self._turn_at = now + _TURN
        self._report_at = now + (self.limits.report_every or float("inf"))
        self._reported = (now, self.channels.frames)

    def _set_back(self, now: float) -> None:
        """Nothing was heard later than now, whatever the clock said then."""
        self.access_points.cap(now)
        self.stations.table.cap(now)
        self._traffic.handshakes.cap(now)
        self._end_at = min(self._end_at, now + PATIENCE)
        self._begin(now)

    def _forget(self, now: float, found: list[Body]) -> None:
        """Forget devices that were silent for long while others were heard."""
        heard = now - self._listening
        if heard >= self.limits.forget_access_points:
            self.access_points.expire(now - self.limits.forget_access_points, found)
        if heard >= self.limits.forget_stations:
            self.stations.expire(now - self.limits.forget_stations, found)

    def report(self, now: float) -> AirReport:
        """Return the sums; the next rate counts from `now`, the time of the last frame."""
        since, before = self._reported
        frames = self.channels.frames
        self._reported = (now, frames)
        self._report_at = now + self.limits.report_every
        return AirReport(
            access_points=len(self.access_points.table),
            stations=len(self.stations.table),
            frames=frames,
            malformed=self.malformed,
            evicted=self.access_points.table.evicted + self.stations.table.evicted,
            rate=round((frames - before) / (now - since), 1) if now > since else 0.0,
            busiest_freq=self.channels.busiest(),
        )
