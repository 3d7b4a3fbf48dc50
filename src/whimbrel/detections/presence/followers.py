"""Devices that are near the user at several places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from whimbrel.detections.base import LOW, MEDIUM, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.presence.places import MOST, VisitedPlaces
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wifi.vendors import vendor

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.station import Station

_LOOK = 60.0
"""Seconds between two looks at the surroundings."""
_LASTING, _BEACONS = 120.0, 4
"""The least seconds, and beacons, for which an access point is heard before it identifies a place: short-lived fakes do
not count."""
_WINDOW = 300.0
"""Seconds of a window of time: a device near in several windows is not just passing."""
_DEVICES = 1024


class FollowerSettings(RuleSettings):
    """The thresholds for a follower."""

    places: int = option(default=3, low=2, high=20, help="Least number of different places where the device is heard.")
    span: Duration = option(default=Duration(1200.0), low=60.0, help="Least time from the first to the last of them.")
    windows: int = option(default=3, low=1, high=100, help="Least number of windows of five minutes.")
    apart: float = option(
        default=300.0,
        low=50.0,
        high=10_000.0,
        help="Least distance between two places in metres, if positions are known.",
    )


class Visitor(NamedTuple):
    """The history of one device that was near."""

    address: bytes
    places: int
    """Number of places, without the user's own."""
    windows: int
    """Number of windows of five minutes there."""
    at_home: int
    """Number of windows of five minutes at the user's own places."""
    first: float
    """Seconds on the air's clock (`Air.now`); the user's own places count only for a device heard nowhere else."""
    last: float


class _Seen:
    """The places and times at which a device was near. The user's own places may become known later."""

    __slots__ = ("_window", "last", "places")

    def __init__(self) -> None:
        self.last = 0.0
        """On the air's clock."""
        self.places: dict[int, tuple[float, int]] = {}
        """By place, the oldest first: the time when the device was there first, and the number of windows."""
        self._window = float("-inf")

    def meet(self, now: float, place: int) -> None:
        """Note that the device is near."""
        self.last = now
        window = now // _WINDOW
        first, windows = self.places.get(place, (now, 0))
        self.places[place] = first, windows + (window != self._window)
        self._window = window
        if len(self.places) > MOST:
            del self.places[next(iter(self.places))]

    def visitor(self, address: bytes, homes: set[int]) -> Visitor:
        """Return the sums, separately for the user's own places."""
        away = [seen for place, seen in self.places.items() if place not in homes]
        there = sum(windows for _, windows in away)
        everywhere = sum(windows for _, windows in self.places.values())
        first = min(first for first, _ in away or self.places.values())
        return Visitor(address, len(away), there, everywhere - there, first, self.last)


class Follower(Detection[FollowerSettings]):
    """A device that keeps its address is heard at `places` different places over `span` or longer, in `windows` windows
    of five minutes.

    If Whimbrel knows its position, a place is everything within `apart` metres (plus the error). Otherwise a place is
    recognised by its access points that were heard for two minutes or longer and bear no marks of a fake (see
    `beacon-flood`). It is another place if, twice in a row, fewer than a fifth of the last minute's access points are
    known from this place, and fewer than a fifth of its most frequent ones are around. So nothing happens while
    Whimbrel stays in one place. The user's own places do not count: zones of the kind home, and places of a guarded
    network that was heard at one place only. Left out: `trusted` addresses, ignored ones (`whimbrel ignore here`), and
    the user's own networks (`guarded`). `whimbrel visitors` ranks the devices that were near.
    """

    rule = "follower"
    family = "presence"
    title = "A device follows you"
    severity = Severity.NOTICE
    meaning = "The same device was near you at several places. It may be your own device, a companion's, or a tracker."
    advice = (
        "Find out whether it belongs to you or a companion: then add its address with `whimbrel ignore`. If not, find"
        " the place where its signal is strongest: in your bag, in your car, behind you."
    )
    fooled_by = (
        "Everybody in the same train or bus is at the same places. Most phones use a new random address at each place,"
        " and are not recognised. Without a position, places without access points cannot be distinguished."
    )
    reference = "ESP32 Marauder's follow mode; Chasing Your Tail (Black Hat USA 2022), windows of time"
    Settings = FollowerSettings
    quiet = 5 * _LOOK

    def __init__(self, settings: FollowerSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._look_at = float("-inf")
        self._looked = 0.0  # frame time of the last look
        self._made_up = air.survey.made_up
        self._places = VisitedPlaces(settings.apart)
        self._seen: Recent[bytes, _Seen] = Recent(_DEVICES, _Seen)
        self.near = self.random = 0
        """The number of devices at the last look, and of those with a random address."""

    def turn(self) -> Sequence[Claim]:
        """Look around, once a minute."""
        now = self.air.now
        if now < self._look_at:
            return ()
        self._look_at = now + _LOOK
        survey = self.air.survey
        tables = (survey.access_points.table, survey.stations.table)
        newest = max((heard.last for table in tables for heard in table.entries.values()), default=0.0)
        since = max(newest - _LOOK, min(self._looked, newest))  # the frames' clock may have been set back
        self._looked = newest
        around = {
            ap.address: ap
            for ap in survey.access_points.table.entries.values()
            if ap.last > since
            and ap.last - ap.first >= _LASTING
            and ap.beacons >= _BEACONS
            and ap.address not in self._made_up
        }
        guard, here = self.air.guard, self.air.here
        own = {address for address, ap in around.items() if guard.network(ap.ssid, address) is not None}
        # A position from just before the last frames is valid for them.
        place = self._places.find(set(around), own, here.at(newest), home=here.at(newest) is not None and here.home)
        if place is None:
            return ()
        devices = list(self._heard(since))
        self.near = len(devices)
        self.random = sum(device.address[0] >> 1 & 1 for device in devices)
        homes = self._places.homes()
        return [claim for device in devices if (claim := self._meet(device, place, homes)) is not None]

    def visitors(self) -> list[Visitor]:
        """Return devices that were near, the most likely followers first: by places, windows, then those at home."""
        homes = self._places.homes()
        found = [
            seen.visitor(address, homes)
            for address, seen in self._seen.entries.items()
            if address not in self.air.ignored and address not in self.air.guard.trusted
        ]
        return sorted(found, key=lambda visitor: visitor[1:4], reverse=True)

    def _heard(self, since: float) -> Iterator[Station | AccessPoint]:
        guard = self.air.guard
        left_out = guard.trusted | self.air.ignored
        for station in self.air.survey.stations.table.entries.values():
            if station.last > since and station.frames and station.address not in left_out:
                yield station
        for ap in self.air.survey.access_points.table.entries.values():
            if ap.last > since and ap.address not in left_out and guard.network(ap.ssid, ap.address) is None:
                yield ap

    def _meet(self, device: Any, place: int, homes: set[int]) -> Claim | None:
        seen = self._seen.use(device.address)
        seen.meet(self.air.now, place)
        settings = self.settings
        if place in homes or len(seen.places) < settings.places:
            return None
        visitor = seen.visitor(device.address, homes)
        span = self.air.now - visitor.first
        if visitor.places < settings.places or visitor.windows < settings.windows or span < settings.span:
            return None
        # An access point that moves along is a hotspot.
        name = f', the hotspot "{ssid(device.ssid)}"' if getattr(device, "ssid", b"") else ""
        maker = vendor(device.address)
        text = (
            f"{mac(device.address)}{f' ({maker})' if maker else ''}{name} was near at {visitor.places} places within "
            f"{span / 60:.0f} min, in {visitor.windows} windows of {_WINDOW / 60:.0f} min; of the {self.near} devices "
            f"here {self.random} have random addresses and may have been near before without being recognised"
        )
        return Claim(
            device.address,
            text,
            receiver=device.address,
            seen=visitor.places,
            threshold=f"{settings.places} places over {settings.span / 60:.0f} min",
            confidence=LOW if device.address[0] & 2 else MEDIUM,
        )


DETECTIONS = (Follower,)
