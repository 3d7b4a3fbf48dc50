"""Devices that are wherever the user goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from whimbrel.detections.base import LOW, MEDIUM, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
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
_FEWEST = 4
"""Access points without which a place cannot be told from another."""
_KEPT = 64
"""Access points that a place is known by."""
_CORE = 16
"""Of these, the ones that were there at most looks, by which it is known again whoever else has come."""
_ALIKE = 0.2
"""Part of the access points that two looks at one place have in common at least; a walk of 100 m leaves fewer."""
_LASTING, _BEACONS = 120.0, 4
"""Seconds over which, and beacons of which, an access point is heard before it tells a place: what is made up for a
moment does not."""
_PLACES = 24
_DEVICES = 1024


class FollowerSettings(RuleSettings):
    """What it takes to follow."""

    places: int = option(default=3, low=2, high=20, help="At how many different places a device has to be heard.")
    span: Duration = option(default=Duration(1200.0), low=60.0, help="Over how long, at least.")


class _Seen:
    __slots__ = ("first", "places")

    def __init__(self) -> None:
        self.first = 0.0
        self.places: set[int] = set()


class Follower(Detection[FollowerSettings]):
    """A device that keeps its address is heard at `places` different places over `span` or longer.

    A place is known by the access points that were heard there over two minutes or longer and bear no marks of being
    made up (see `beacon-flood`): where fewer than a fifth of those of the last minute were among those of a known
    place, nor a fifth of those that were there most often are around, twice in a row, this is another one. So nothing
    happens while the device stays where it is, and no GPS is needed. Left out: `trusted` addresses, and the networks
    of the user's own (`guarded`).
    """

    rule = "follower"
    family = "presence"
    title = "A device follows you"
    severity = Severity.NOTICE
    meaning = (
        "The same device was near you at several places. It may be something of your own, a companion, or a tracker."
    )
    advice = (
        "Find out whether it is yours or of who is with you, and put it on the list `trusted`. If it is neither, note "
        "where it is strongest: in your bag, in your car, behind you."
    )
    fooled_by = (
        "Everybody in the same train or bus is at the same places. A phone that makes up a new address at each place "
        "is not recognised. Places without access points cannot be told apart."
    )
    reference = "ESP32 Marauder's follow mode, without GPS"
    Settings = FollowerSettings
    quiet = 5 * _LOOK

    def __init__(self, settings: FollowerSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._look_at = float("-inf")
        self._looked = 0.0  # frame time of the last look
        self._made_up = air.survey.made_up
        self._places: dict[int, dict[bytes, int]] = {}  # at how many looks each access point was around
        self._here = -1
        self._strange = False  # whether the last look knew nothing of the place
        self._number = 0
        self._seen: Recent[bytes, _Seen] = Recent(_DEVICES, _Seen)

    def turn(self) -> Sequence[Claim]:
        """Look around, once a minute."""
        now = self.air.now
        if now < self._look_at:
            return ()
        self._look_at = now + _LOOK
        survey = self.air.survey
        newest = max((ap.last for ap in survey.access_points.table.entries.values()), default=0.0)
        since = max(newest - _LOOK, min(self._looked, newest))  # the frames' clock may have been set back
        self._looked = newest
        around = {
            ap.address
            for ap in survey.access_points.table.entries.values()
            if ap.last > since
            and ap.last - ap.first >= _LASTING
            and ap.beacons >= _BEACONS
            and ap.address not in self._made_up
        }
        if len(around) < _FEWEST or not self._place(around):
            return ()
        return [claim for device in self._heard(since) if (claim := self._meet(device)) is not None]

    def _place(self, around: set[bytes]) -> bool:
        """Find out where this is; False where it is not sure yet."""
        for number, known in self._places.items():
            common = len(around & known.keys())
            core = _most_seen(known, _CORE)
            if common >= _ALIKE * min(len(around), len(known)) or len(around.intersection(core)) >= _ALIKE * len(core):
                self._here, self._strange = number, False
                _look(known, around)
                return True
        if not self._strange and self._places:
            self._strange = True
            return False
        self._strange = False
        self._number += 1
        if len(self._places) >= _PLACES:
            del self._places[next(iter(self._places))]
        self._here = self._number
        self._places[self._number] = {}
        _look(self._places[self._number], around)
        return True

    def _heard(self, since: float) -> Iterator[Station | AccessPoint]:
        guard = self.air.guard
        for station in self.air.survey.stations.table.entries.values():
            if station.last > since and station.frames and station.address not in guard.trusted:
                yield station
        for ap in self.air.survey.access_points.table.entries.values():
            if ap.last > since and ap.address not in guard.trusted and guard.network(ap.ssid, ap.address) is None:
                yield ap

    def _meet(self, device: Any) -> Claim | None:
        seen = self._seen.use(device.address)
        if not seen.places:
            seen.first = self.air.now
        if len(seen.places) < _PLACES:
            seen.places.add(self._here)
        span = self.air.now - seen.first
        settings = self.settings
        if len(seen.places) < settings.places or span < settings.span:
            return None
        # What announces a network took part in telling the places, so it is a hotspot that moves along.
        name = f', the hotspot "{ssid(device.ssid)}"' if getattr(device, "ssid", b"") else ""
        maker = vendor(device.address)
        text = (
            f"{mac(device.address)}{f' ({maker})' if maker else ''}{name} was near at {len(seen.places)} places within "
            f"{span / 60:.0f} min"
        )
        return Claim(
            device.address,
            text,
            receiver=device.address,
            seen=len(seen.places),
            threshold=f"{settings.places} places over {settings.span / 60:.0f} min",
            confidence=LOW if device.address[0] & 2 else MEDIUM,
        )


def _look(known: dict[bytes, int], around: set[bytes]) -> None:
    """Take in which access points are around at a place; those that were there least often make room."""
    for address in around:
        known[address] = known.get(address, 0) + 1
    for address in _most_seen(known, len(known))[_KEPT:]:
        del known[address]


def _most_seen(known: dict[bytes, int], count: int) -> list[bytes]:
    return sorted(known, key=lambda address: known[address], reverse=True)[:count]


DETECTIONS = (Follower,)
