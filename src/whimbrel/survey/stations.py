"""The stations: their transmissions, probes and associations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.events.air import NetworkProbed, StationFound, StationJoined, StationLost
from whimbrel.survey.fingerprint import of_station
from whimbrel.survey.station import PROBED, Station
from whimbrel.survey.table import Table
from whimbrel.wifi.elements import parse_elements
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.fixed import LONGEST
from whimbrel.wifi.vendors import vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from whimbrel.events.base import Body
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_REQUESTS = 256
"""Limit of kept meanings of probe requests, by their bytes: a device sends the same few again and again."""


class StationTable:
    """A bounded table of stations. Findings are appended to the list that is handed in, in causal order."""

    def __init__(self, limit: int, access_points: Mapping[bytes, AccessPoint]) -> None:
        self.table: Table[Station] = Table(limit)
        self.disbelieved = 0
        """Frames of addresses not heard before that do not fit their check sequence, though the receiver was silent."""
        self._access_points = access_points
        self._requests: dict[bytes, tuple[bytes, str]] = {}

    def heard(self, address: bytes | None, frame: Frame, found: list[Body]) -> Station | None:
        """Note that `address` sent `frame`; return the station, None if it is not one."""
        station = self._get(address, frame, frame.rssi, found)
        if station is not None:
            station.hear(frame)
        return station

    def addressed(self, address: bytes | None, frame: Frame, found: list[Body]) -> Station | None:
        """Return the receiving station of an access point's `frame`; None if there is none."""
        return self._get(address, frame, None, found)

    def probe(self, frame: Frame, found: list[Body]) -> None:
        """Process a probe request."""
        station = self.heard(frame.ta, frame, found)
        if station is None or frame.cut:
            return
        name, station.fingerprint = self._request(frame.raw[frame.body : frame.end])
        if name and name not in station.probed:
            if len(station.probed) >= PROBED:
                station.probed_dropped += 1
                return
            station.probed[name] = None
            found.append(NetworkProbed(station=station.address, ssid=name))

    def join(self, station: Station, bssid: bytes, found: list[Body], *, anew: bool = False) -> None:
        """Note that `station` uses `bssid`; `anew`: it has just joined."""
        if station.bssid == bssid and not (anew and station.left):
            return
        previous, station.bssid = station.bssid, bssid
        station.left = False
        if previous != bssid:
            station.keyed = 0.0
            station.sealed_up = station.sealed_down = None
        ap = self._access_points.get(bssid)
        found.append(
            StationJoined(
                station=station.address,
                bssid=bssid,
                ssid=b"" if ap is None else ap.ssid,
                previous=previous,
            )
        )

    def is_access_point(self, address: bytes, found: list[Body]) -> None:
        """Note that an address that may have counted as a station is an access point."""
        station = self.table.entries.pop(address, None)
        if station is not None:
            found.append(_lost(station, "access point"))

    def resize(self, limit: int, found: list[Body]) -> None:
        """Continue with another limit."""
        found += [_lost(station, "evicted") for station in self.table.resize(limit)]

    def shift(self, delta: float) -> None:
        """Move every time by `delta` seconds."""
        self.table.shift(delta)
        for station in self.table.entries.values():
            station.shift(delta)

    def expire(self, before: float, found: list[Body]) -> None:
        """Forget entries last heard before `before`, in seconds since the epoch."""
        found += [_lost(station, "silent") for station in self.table.expire(before)]

    def _get(self, address: bytes | None, frame: Frame, rssi: int | None, found: list[Body]) -> Station | None:
        if address is None:
            return None
        station = self.table.entries.get(address)
        if station is None:
            if address[0] & 1 or address in self._access_points:
                return None
            if holds(frame) is False:
                self.disbelieved += 1
                return None
            station = Station(address, frame.time)
            found += [_lost(old, "evicted") for old in self.table.add(station)]
            found.append(
                StationFound(station=address, vendor=vendor(address), randomised=station.randomised, rssi=rssi)
            )
        return station

    def _request(self, body: bytes) -> tuple[bytes, str]:
        """Return the SSID of a probe request, empty for all, and the hash of the device's properties."""
        known = self._requests.get(body)
        if known is None:
            if len(body) > LONGEST:
                return b"", ""
            elements = parse_elements(body, 0, len(body))
            name = elements.ssid or b""
            known = (name if name.strip(b"\0") else b"", of_station(body, elements.spans))
            if len(self._requests) >= _REQUESTS:
                del self._requests[next(iter(self._requests))]
            self._requests[body] = known
        return known


def _lost(station: Station, reason: str) -> StationLost:
    return StationLost(station=station.address, last_heard=station.last, reason=reason)
