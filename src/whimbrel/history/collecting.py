"""Collects the history from samples of the survey: only new and changed entries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.events.encode import encode
from whimbrel.history import entries
from whimbrel.rows import Announced
from whimbrel.verbs.history import changes

if TYPE_CHECKING:
    from whimbrel.events.device import AirSnapshot
    from whimbrel.history.entries import Entry
    from whimbrel.rows import AccessPointRow, ChannelRow, StationRow

STALE = 900.0
"""Seconds of a period in which a device's last time is written once: few, to spare the SD card. The periods of all
devices are the same, so their rows come together, and neighbours share the pages that are written."""
_WORTH = 60.0
"""With at least this many seconds of difference, the end of a session updates a device's last time."""
_FLEETING = 1.0
"""The least seconds for which an access point must be heard: a made-up one sends a single beacon."""
_MOST_NEW = 500
"""Access points that may be new in an hour: more than a walk through a city brings, less than a flood."""
_REFUSED = 4096
"""Access points left out in one hour that are remembered, so that each counts once."""
_KNOWN = 4096
"""Access points, and stations, that are held in memory, those heard last; the file has the others."""
_ALERTED = 256
"""Stations of alerts that are remembered."""
_HOUR = entries.HOUR
_NEVER = float("-inf")

GUARDED, ALERT, SETTINGS = "guarded", "alert", "settings"
"""Why a station is kept."""


def is_due(now: float, before: float) -> bool:
    """Return whether a period of `STALE` seconds has begun between two times in seconds since the epoch."""
    return now // STALE != before // STALE


class Known(NamedTuple):
    """The history of an access point."""

    first: float
    first_session: int
    last: float
    """As written; seconds since the epoch."""
    last_session: int
    announced: Announced
    heard: float
    """When it was last heard; seconds since the epoch."""
    loudest: int | None
    """dBm of its strongest frame in this session."""
    is_new: bool
    """Whether it was never heard before this session, as far as is remembered in memory."""


class Keeping(NamedTuple):
    """Which stations are kept."""

    stations: str
    """none, relevant or all, as in the settings."""
    bssids: frozenset[bytes] = frozenset()
    """Access points of the guarded networks."""
    ssids: frozenset[bytes] = frozenset()
    """Names of the guarded networks."""


class Collector:
    """Turns samples into entries. `find` returns an access point's facts from the file, None if there are none.

    Pure but for that: time is that of the air.
    """

    def __init__(self, session: int, find: Callable[[bytes], Known | None], keeping: Keeping) -> None:
        self.session = session
        self.keeping = keeping
        self.now = 0.0
        """Time of the air: of the last frame that was heard, seconds since the epoch."""
        self.frames = 0
        """Frames heard in this session."""
        self.left_out = 0
        """The number of access points left out because too many were new."""
        self.known: dict[bytes, Known] = {}
        """The access points that were heard in this session, in the order of their last times; at most `_KNOWN`."""
        self.changed: dict[bytes, None] = {}
        """Those of them that announce something else than they did in earlier ones."""
        self.new_count = self.changed_count = 0
        """The number of access points that are new, and that have changed, in this session."""
        self._find = find
        self._stations: dict[bytes, tuple[float, bytes | None]] = {}
        self._alerted: dict[bytes, None] = {}
        self._channels: dict[int, tuple[int, int, int, int]] = {}  # totals of the survey at the last sample
        self._hour = 0
        self._use: dict[int, list[int]] = {}  # of the hour, by MHz
        self._crowd = [0, 0, 0]
        self._counted = _NEVER  # when counts were last written
        self._new = (0, 0)  # hour, and access points that were new in it
        self._refused: set[bytes] = set()  # those left out in that hour
        self._changes = 0

    def take(self, air: AirSnapshot, wall: float) -> list[Entry]:
        """Return what a sample of the survey has to say; `wall` stands in for the time of an air without frames.

        What `find` raises is raised before anything is taken in.
        """
        before = {row.bssid: self._find(row.bssid) for row in air.access_points if row.bssid not in self.known}
        latest = [ap.last for ap in air.access_points[:1]] + [station.last for station in air.stations[:1]]
        self.now = max(latest, default=wall)
        found: list[Entry] = []
        for row in air.access_points:
            found += self._access_point(row, self.known.get(row.bssid) or before.get(row.bssid))
        while len(self.known) > _KNOWN:
            found += self._let_go(next(iter(self.known)))
        for station in air.stations:
            found += self._station(station)
        return found + self._count(air)

    def finish(self) -> list[Entry]:
        """Return the pending entries: times of the last frames, and the counts of this hour."""
        late = [(address, known) for address, known in self.known.items() if known.heard - known.last >= _WORTH]
        found = [self._entry(address, known._replace(last=known.heard)) for address, known in late]
        return found + self._counts()

    def begin_anew(self) -> None:
        """Note that the file is another one: what is still heard is written again with the next sample."""
        self.known = {address: known._replace(last=_NEVER) for address, known in self.known.items()}
        self._stations.clear()
        self._counted = _NEVER

    def alerted(self, *addresses: bytes | None) -> None:
        """Note the stations of an alert, which are kept."""
        for address in filter(None, addresses):
            self._alerted.pop(address, None)
            self._alerted[address] = None
            if len(self._alerted) > _ALERTED:
                del self._alerted[next(iter(self._alerted))]

    def shift(self, delta: float) -> None:
        """Note that the clock was set by `delta` seconds."""
        self.now += delta
        for address, known in self.known.items():
            first = known.first + (delta if known.first_session == self.session else 0.0)
            last = known.last + (delta if known.last_session == self.session else 0.0)
            self.known[address] = known._replace(first=first, last=last, heard=known.heard + delta)
        self._stations = {address: (last + delta, bssid) for address, (last, bssid) in self._stations.items()}
        self._hour += round(delta / _HOUR)
        self._new = (self._new[0] + round(delta / _HOUR), self._new[1])
        self._counted += delta

    def forget(self, device: bytes | None = None, ssid: bytes | None = None) -> None:
        """Forget an address, a network, or by default everything: devices still heard count as new."""
        for address, known in list(self.known.items()):
            if (device is None and ssid is None) or address == device or (ssid and known.announced.ssid == ssid):
                del self.known[address]
                self.new_count -= known.is_new
                self.changed_count -= address in self.changed
                self.changed.pop(address, None)
        if device is None and ssid is None:
            self.new_count = self.changed_count = 0
            self._stations.clear()
            self._alerted.clear()
        elif device is not None:
            self._stations.pop(device, None)
            self._alerted.pop(device, None)

    @property
    def new(self) -> list[bytes]:
        """The access points in memory that were never heard before this session, the oldest first."""
        new = [(known.first, address) for address, known in self.known.items() if known.is_new]
        return [address for _, address in sorted(new)]

    def was_heard(self, address: bytes) -> bool:
        """Return whether an access point was heard in this session. Raises what `find` raises."""
        if address in self.known:
            return True
        known = self._find(address)
        return known is not None and known.last_session == self.session

    def _access_point(self, row: AccessPointRow, known: Known | None) -> Iterator[Entry]:
        if row.last - row.first < _FLEETING or (row.frames < 2 and row.carrier is None):
            return
        announced = Announced.of(row)
        session = self.session
        if known is None:
            if not self._has_room(row.bssid):
                return
            known = Known(row.first, session, _NEVER, session, announced, row.last, row.rssi.max, is_new=True)
            self.new_count += 1
        same = known.announced == announced
        if not same:
            yield from self._change(row, known.announced, announced)
            if known.last_session != session:
                self.changed[row.bssid] = None
                self.changed_count += 1
        fresh = known._replace(announced=announced, heard=row.last, loudest=row.rssi.max)
        if row.last != known.heard:
            self.known.pop(row.bssid, None)  # to the end
        if not same or known.last_session != session or is_due(row.last, known.last):
            fresh = fresh._replace(last=row.last, last_session=session)
            yield self._entry(row.bssid, fresh)
        self.known[row.bssid] = fresh

    def _let_go(self, bssid: bytes) -> Iterator[Entry]:
        """Leave an access point to the file."""
        known = self.known.pop(bssid)
        self.changed.pop(bssid, None)
        if known.heard > known.last:
            yield self._entry(bssid, known._replace(last=known.heard))

    def _entry(self, bssid: bytes, known: Known) -> Entry:
        said = known.announced
        stamps = (known.first, known.first_session, known.last, self.session)
        return entries.access_point(bssid, said.ssid, *stamps, known.loudest, written(said))

    def _change(self, row: AccessPointRow, before: Announced, after: Announced) -> Iterator[Entry]:
        for change in changes(before, after):
            self._changes += 1
            number = self.session << 32 | self._changes
            yield entries.change(
                number, row.bssid, row.ssid, row.last, self.session, json.dumps(encode(change), separators=(",", ":"))
            )

    def _has_room(self, bssid: bytes) -> bool:
        """Return whether one more may be new in this hour; count it as left out if not, once."""
        hour = int(self.now // _HOUR)
        if self._new[0] != hour:
            self._new = (hour, 0)
            self._refused.clear()
        if self._new[1] < _MOST_NEW:
            self._new = (hour, self._new[1] + 1)
            return True
        if bssid not in self._refused:
            self.left_out += 1
            if len(self._refused) < _REFUSED:
                self._refused.add(bssid)
        return False

    def _station(self, row: StationRow) -> Iterator[Entry]:
        why = self._why(row)
        if not why:
            return
        before = self._stations.get(row.station)
        if before is not None and before[1] == row.bssid and not is_due(row.last, before[0]):
            return
        self._stations.pop(row.station, None)
        self._stations[row.station] = row.last, row.bssid
        if len(self._stations) > _KNOWN:
            del self._stations[next(iter(self._stations))]
        stamps = (row.first, self.session, row.last, self.session)
        yield entries.station(row.station, row.vendor, *stamps, row.bssid, why)

    def _why(self, row: StationRow) -> str:
        """Return why a station is kept; empty if it is not."""
        keeping = self.keeping
        if row.randomised or keeping.stations == "none":
            return ""
        if row.station in self._alerted:
            return ALERT
        if row.bssid is not None:
            known = self.known.get(row.bssid)
            if row.bssid in keeping.bssids or (known is not None and known.announced.ssid in keeping.ssids):
                return GUARDED
        return SETTINGS if keeping.stations == "all" else ""

    def _count(self, air: AirSnapshot) -> list[Entry]:
        """Sum up the channels' traffic since the last sample and the present devices; written now and then."""
        hour = int(self.now // _HOUR)
        found: list[Entry] = []
        if hour != self._hour:
            found = self._counts()
            self._hour, self._use, self._crowd = hour, {}, [0, 0, 0]
        for channel in air.channels:
            self._add(channel)
        random = sum(row.randomised for row in air.stations)
        around = (len(air.access_points), len(air.stations), random)
        self._crowd = [max(pair) for pair in zip(self._crowd, around, strict=True)]
        if is_due(self.now, self._counted):
            counts = self._counts()
            self._counted = self.now if counts else _NEVER
            found += counts
        return found

    def _add(self, row: ChannelRow) -> None:
        totals = (row.frames, row.octets, row.airtime_us, row.retries)
        before = self._channels.get(row.freq, (0, 0, 0, 0))
        self._channels[row.freq] = totals
        if totals[0] < before[0]:  # the survey has restarted
            before = (0, 0, 0, 0)
        if totals[0] == before[0]:
            return
        self.frames += totals[0] - before[0]
        use = self._use.setdefault(row.freq, [0, 0, 0, 0])
        for place, (new, old) in enumerate(zip(totals, before, strict=True)):
            use[place] += new - old

    def _counts(self) -> list[Entry]:
        if not self._use:
            return []
        found = [entries.channel(self.session, self._hour, freq, *use) for freq, use in self._use.items()]
        return [*found, entries.crowd(self.session, self._hour, *self._crowd)]


def written(announced: Announced) -> str:
    """Return an announcement as one line of JSON."""
    return json.dumps(encode(announced), separators=(",", ":"))
