"""The frames that may be recorded at the present position: in a home zone none, or those of guarded networks."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from whimbrel.geo import Kept, ZoneKind
from whimbrel.wifi.elements import find_element
from whimbrel.wifi.kinds import BEACON, PROBE_RESP

if TYPE_CHECKING:
    from whimbrel.geo import Zone
    from whimbrel.wifi.frames import Frame

_SSID = 0
_FIXED = 12
"""Octets before the elements of a beacon and of a probe response."""
_LEARNED = 256
"""Limit of access points of guarded networks known by their announcements."""
_STAYS = 64
"""Limit of remembered stays at home, for frames that are reported late as evidence."""


class StayAtHome:
    """Decides which frames may be recorded. All times are those of the frames."""

    def __init__(self) -> None:
        self.keep: Kept | None = None
        """The recordable networks; None for everything, if the device is not at home."""
        self._zones: tuple[Zone, ...] = ()
        self._ssids: frozenset[bytes] = frozenset()
        self._bssids: frozenset[bytes] = frozenset()
        self._learned: OrderedDict[bytes, None] = OrderedDict()
        self._stays: deque[tuple[float, float, Kept]] = deque(maxlen=_STAYS)  # begin, end, recordable networks
        self._since = 0.0

    def move(self, zones: tuple[Zone, ...], time: float) -> None:
        """Note that the device is in these zones, or may be, from `time` on."""
        self._zones = zones
        keeps = [zone.keep for zone in zones if zone.kind is ZoneKind.HOME]
        keep = None if not keeps else Kept.NOTHING if Kept.NOTHING in keeps else Kept.GUARDED
        if keep is not self.keep:
            if self.keep is not None:
                self._stays.append((self._since, time, self.keep))
            self.keep = keep
            self._since = time

    def redraw(self, zones: Collection[Zone], time: float) -> None:
        """Note that these are all zones there are."""
        self.move(tuple(zone for zone in self._zones if zone in zones), time)

    def guard(self, ssids: Collection[bytes], bssids: Collection[bytes]) -> None:
        """Note which networks are guarded, and which access points are known of them."""
        self._ssids, self._bssids = frozenset(ssids), frozenset(bssids)
        self._learned.clear()

    def shift(self, delta: float) -> None:
        """Note that the clock of the frames was set, by `delta` seconds."""
        self._since += delta
        stays = [(begin + delta, end + delta, keep) for begin, end, keep in self._stays]
        self._stays = deque(stays, maxlen=_STAYS)

    def heard(self, frames: Sequence[Frame]) -> Sequence[Frame]:
        """Return those of `frames`, heard now, that may be recorded; the same object if it is all."""
        if self.keep is None:
            return frames
        return [frame for frame in frames if self.keep is Kept.GUARDED and self._is_guarded(frame)]

    def allows(self, frame: Frame) -> bool:
        """Return whether a frame may be recorded that was heard a while ago."""
        keep = self.keep if frame.time >= self._since else None
        for begin, end, kept in self._stays:
            if begin <= frame.time < end:
                keep = kept
        return keep is None or (keep is Kept.GUARDED and self._is_guarded(frame))

    def _is_guarded(self, frame: Frame) -> bool:
        """Return whether a frame is of a guarded network; of one that is known by name its beacons come first."""
        if frame.kind in {BEACON, PROBE_RESP} and frame.bssid is not None:
            found = find_element(frame.raw, frame.body + _FIXED, frame.end, _SSID)
            if found is not None and frame.raw[found[0] : found[1]] in self._ssids:
                self._learned[frame.bssid] = None
                self._learned.move_to_end(frame.bssid)
                if len(self._learned) > _LEARNED:
                    self._learned.popitem(last=False)
        ends = (frame.bssid, frame.ta, frame.ra)
        return any(end in self._bssids or end in self._learned for end in ends if end is not None)
