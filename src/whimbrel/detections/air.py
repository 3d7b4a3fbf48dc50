"""The environment of detections: the time, the listening times, the survey, and the guarded networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from whimbrel.detections.here import Here
from whimbrel.detections.listening import ListeningClocks
from whimbrel.detections.moment import LONG_AGO, Moment
from whimbrel.detections.past import Past

if TYPE_CHECKING:
    from whimbrel.detections.guarded import Guard
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.station import Station
    from whimbrel.survey.survey import Survey

T = TypeVar("T")
_new = object.__new__

_DEAF = 30.0
"""The most seconds without a frame that still count as listening."""
_VISIT = 0.02
"""The least seconds that a radio stays on a channel: tuning takes some milliseconds, a beacon interval 102."""
_SEVERAL = 32
"""With this many more shorter visits than longer ones, there must be several radios."""


class Air:
    """Only the engine changes it, before each call of a detection."""

    def __init__(self, survey: Survey, guard: Guard) -> None:
        self.survey = survey
        self.access_points = survey.access_points.table.entries
        """By BSSID."""
        self.stations = survey.stations.table.entries
        """By address."""
        self.guard = guard
        self.past = Past()
        """Facts from earlier days; replaced as a whole by newer ones."""
        self.here = Here()
        """The position of the device."""
        self.ignored: frozenset[bytes] = frozenset()
        """Addresses that the user has marked as belonging here: they are no followers."""
        self.now = 0.0
        """Seconds on the clock of the frames, without the steps of the system clock: it never jumps and hardly ever
        goes back. Only differences have a meaning."""
        self.began = 0.0
        """`now` of the first frame."""
        self.freq = 0
        """MHz that the radio listens on, or that the frame was heard on; 0 if unknown."""
        self.everywhere = False
        """Whether the frames come from several radios in one capture, so every channel is heard all the time."""
        self.scanning = False
        """Whether the receiver of the frame scans beside others: it is on no channel for long, and all of them are its
        own."""
        self._short = 0  # visits too short for a single radio
        self._shared: dict[type, Any] = {}
        self._moment = LONG_AGO  # the last one returned; LONG_AGO if it is no longer valid
        self._since = 0.0  # when somebody began to listen on this channel
        self._before = 0.0  # seconds listened here before that
        self._last = 0.0
        self._clocks = ListeningClocks()
        self._receiver = 0
        self._arrived = 0.0  # when this receiver began to listen on this channel
        self._others: dict[int, tuple[int, float]] = {}  # channel and arrival of the other receivers

    @property
    def moment(self) -> Moment:
        """The present moment on the clock of this channel, which stops while the radio is elsewhere, and on the air's
        clock."""
        kept, now = self._moment, self.now
        if kept.now != now:
            # Made once for each frame, without its constructor, which costs half as much again.
            kept = self._moment = _new(Moment)
            if self.everywhere or self.scanning:
                kept.freq, kept.listened = 0, now
            else:
                kept.freq, kept.listened = self.freq, self._before + now - self._since
            kept.now = now
        return kept

    @property
    def watched(self) -> float:
        """Seconds since the first frame."""
        return self.now - self.began

    @property
    def share(self) -> float:
        """The share of the time since the first frame that was spent listening on this channel, 0 to 1; 1 if every
        channel is heard all the time."""
        watched = self.watched
        return min(self.moment.listened / watched, 1.0) if watched > 0 and not self.everywhere else 1.0

    def access_point(self, address: bytes | None) -> AccessPoint | None:
        """Return the access point of that BSSID, None if none is known."""
        return self.access_points.get(address or b"")

    def station(self, address: bytes | None) -> Station | None:
        """Return the station of that address, None if none is known."""
        return self.stations.get(address or b"")

    def are_links(self, one: bytes | None, other: bytes | None) -> bool:
        """Return whether two access points are links of one multi-link device (Wi-Fi 7): both announce its address, and
        the reduced neighbour report of `one` lists the `other`, which an imitator of the other cannot bring about."""
        known, new = self.access_point(one), self.access_point(other)
        if known is None or new is None or known.announced.mld is None:
            return False
        return known.announced.mld == new.announced.mld and new.address in known.announced.partners

    def channel_of(self, bssid: bytes | None) -> int:
        """Return the MHz of the channel that an access point announces, 0 if unknown."""
        ap = self.access_point(bssid)
        return ap.announced.freq if ap is not None and ap.announced.told_channel else 0

    def name_of(self, bssid: bytes | None) -> bytes:
        """Return the name of an access point's network, empty if unknown."""
        ap = self.access_points.get(bssid or b"")
        return b"" if ap is None else ap.ssid

    def shared(self, cls: type[T]) -> T:
        """Return the one `cls` object shared by all detections of this air; constructed without arguments at the first
        call."""
        if cls not in self._shared:
            self._shared[cls] = cls()
        found: T = self._shared[cls]
        return found

    def begin(self, now: float, freq: int) -> None:
        """Process the first frame."""
        self._moment = LONG_AGO
        self.now = self.began = self._last = now
        self._arrive(0 if self.scanning else freq)

    def tick(self, now: float) -> None:
        """Let time pass, about once a second and at every query; a long silence does not count as listening."""
        if now - self._last > _DEAF:
            self._clocks.skip(now - self._last - _DEAF)
            self._since += now - self._last - _DEAF
            self._moment = LONG_AGO
        self.now = self._last = now

    def move(self, freq: int) -> None:
        """Note that the receiver is on another channel from `now` on, or that the frame is from another radio."""
        self._moment = LONG_AGO
        self._short = self._short + 1 if self.now - self._arrived < _VISIT else max(self._short - 1, 0)
        if self._short > _SEVERAL:
            self.everywhere = True
        self._clocks.leave(self.freq, self.now)
        self._arrive(freq)

    def turn_to(self, receiver: int, *, scans: bool) -> None:
        """Note that the next frames are from the receiver of this number."""
        self._moment = LONG_AGO
        self.scanning = scans
        if scans or receiver == self._receiver:
            return
        if not self._clocks.running:
            self._receiver = receiver
            return
        self._others[self._receiver] = self.freq, self._arrived
        self._receiver = receiver
        if receiver in self._others:
            self.freq, self._arrived = self._others.pop(receiver)
            self._before, self._since = self._clocks.at(self.freq)
        else:
            self._arrive(0)  # the first frame tells

    def lose(self, receiver: int) -> None:
        """Note that the receiver of this number is on no channel any more: it has ended, or scans beside others."""
        self._moment = LONG_AGO
        if receiver == self._receiver and self._others:
            self.turn_to(next(iter(self._others)), scans=False)
        if receiver in self._others:
            freq, _ = self._others.pop(receiver)
            self._clocks.leave(freq, self.now)
        elif receiver == self._receiver and self._clocks.running:
            # So that no channel's clock runs on until another one listens.
            self._clocks.leave(self.freq, self.now)
            self._arrive(0)

    def judge_visits_anew(self) -> None:
        """Note that another radio begins to listen: it may be on one channel at a time where the last one was not."""
        self._moment = LONG_AGO
        self.everywhere = False
        self._short = 0

    def _arrive(self, freq: int) -> None:
        self.freq = freq
        self._arrived = self.now
        self._before, self._since = self._clocks.enter(freq, self.now)
