"""The environment of detections: the time, the listening times, the survey, and the guarded networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from whimbrel.detections.here import Here
from whimbrel.detections.moment import LONG_AGO, Moment
from whimbrel.detections.past import Past

if TYPE_CHECKING:
    from whimbrel.detections.guarded import Guard
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.station import Station
    from whimbrel.survey.survey import Survey

T = TypeVar("T")

_DEAF = 30.0
"""The most seconds without a frame that still count as listening."""
_VISIT = 0.02
"""The least seconds that a radio stays on a channel: tuning takes some milliseconds, a beacon interval 102."""
_SEVERAL = 32
"""With this many more shorter visits than longer ones, there must be several radios."""
_CHANNELS = 256
"""Limit of channels with a listening time: more than exist; but a capture may contain any frequency."""


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
        """Whether the frames come from several radios, so every channel is heard all the time."""
        self._short = 0  # visits too short for a single radio
        self._shared: dict[type, Any] = {}
        self._moment = LONG_AGO  # the last one returned; LONG_AGO if it is no longer valid
        self._since = 0.0  # of the visit
        self._before = 0.0  # seconds listened here in earlier visits
        self._last = 0.0
        self._listened: dict[int, float] = {}

    @property
    def moment(self) -> Moment:
        """The present moment on the clock of this channel, which stops while the radio is elsewhere, and on the air's
        clock."""
        kept, now = self._moment, self.now
        if kept.now != now:
            # Made once for each frame.
            if self.everywhere:
                kept = self._moment = Moment(0, now, now)
            else:
                kept = self._moment = Moment(self.freq, self._before + now - self._since, now)
        return kept

    @property
    def watched(self) -> float:
        """Seconds since the first frame."""
        return self.now - self.began

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
        self.now = self.began = self._since = self._last = now
        self.freq = freq

    def tick(self, now: float) -> None:
        """Let time pass, about once a second and at every query; a long silence does not count as listening."""
        if now - self._last > _DEAF:
            self._since += now - self._last - _DEAF
            self._moment = LONG_AGO
        self.now = self._last = now

    def move(self, freq: int) -> None:
        """Note that the radio is on another channel from `now` on, or that the frame is from another radio."""
        self._moment = LONG_AGO
        self._short = self._short + 1 if self.now - self._since < _VISIT else max(self._short - 1, 0)
        if self._short > _SEVERAL:
            self.everywhere = True
        listened = self._listened
        if self.freq not in listened and len(listened) >= _CHANNELS:
            del listened[next(iter(listened))]
        listened[self.freq] = self._before + self.now - self._since
        self.freq = freq
        self._before = listened.get(freq, 0.0)
        self._since = self.now
