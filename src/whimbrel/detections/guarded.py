"""The user's own networks and trusted addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from whimbrel.settings import Mac, Ssid, evolve, frozen, setting
from whimbrel.settings.scalars import Scalar, register
from whimbrel.wifi.channels import Channel
from whimbrel.wifi.security import Pmf, Protection

SAYABLE = ~(Protection.UNREAD_RSN | Protection.UNREAD_WPA)
"""The protections allowed in the settings; the others mark unreadable elements."""
_NEVER_WITH_PMF = Protection.ANY_OPEN | Protection.WEP | Protection.WPA
_ALWAYS_WITH_PMF = Protection.WPA3 | Protection.OWE

register(Protection, Scalar("a security as in `whimbrel survey`", "WPA2/WPA3-Personal", Protection.parse, str))


@frozen
class GuardedNetwork:
    """One of the user's own networks. Omitted properties are not checked."""

    ssid: Ssid = setting(help="Its name.")
    bssids: tuple[Mac, ...] = setting((), help="Its access points; another one with this name is an evil twin.")
    channels: tuple[Channel, ...] = setting((), help="Its allowed channels.")
    security: tuple[Protection, ...] = setting(
        (), help="Its allowed protections, as in `whimbrel survey`: WPA2-Personal, WPA2/WPA3-Personal, open…"
    )
    pmf: Pmf | None = setting(None, help="Its least protection of management frames: none, optional, required.")
    stations: tuple[Mac, ...] = setting(
        (),
        help="Its devices: another one that joins is reported (unknown-device), and so is one of these that joins "
        "another network (stray-device).",
    )

    def check(self) -> None:
        """Raise ValueError for an impossible combination."""
        if not self.ssid.strip(b"\0"):
            raise ValueError(
                "ssid: expected the name of a network, found none; a hidden network is guarded by its name"
            )
        for bssid in self.bssids:
            if bssid[0] & 1 or not any(bssid):
                raise ValueError(f"bssids: expected addresses of access points, found {bssid.hex(':')}")
        for station in self.stations:
            if station[0] & 1 or not any(station):
                raise ValueError(f"stations: expected addresses of devices, found {station.hex(':')}")
        self._check_security()

    def _check_security(self) -> None:
        for way in self.security:
            if way not in SAYABLE:
                raise ValueError(f"security: expected names such as open or WPA2-Personal, found {str(way)!r}")
        lax = [way for way in self.security if way in _NEVER_WITH_PMF]
        if lax and self.pmf is Pmf.REQUIRED:
            raise ValueError(f"pmf: expected none or optional, since security allows {lax[0]}, found 'required'")
        strict = [way for way in self.security if way in _ALWAYS_WITH_PMF]
        if strict and len(strict) == len(self.security) and self.pmf in {Pmf.NONE, Pmf.OPTIONAL}:
            raise ValueError(f"pmf: expected required, which {strict[0]} always has, found {str(self.pmf)!r}")


class Guard:
    """The guarded networks, by name and by address, and the trusted addresses."""

    def __init__(self, networks: Iterable[GuardedNetwork] = (), trusted: Iterable[bytes] = ()) -> None:
        self.networks = tuple(networks)
        self.trusted = frozenset(trusted)
        """Addresses of the user's own or otherwise trusted devices."""
        names: dict[bytes, GuardedNetwork] = {}
        for network in self.networks:
            names[bytes(network.ssid)] = _merged(names.get(bytes(network.ssid)), network)
        self.by_ssid: Mapping[bytes, GuardedNetwork] = MappingProxyType(names)
        self.by_bssid: Mapping[bytes, GuardedNetwork] = MappingProxyType(
            {bytes(bssid): network for network in names.values() for bssid in network.bssids}
        )
        of_station: dict[bytes, list[bytes]] = {}
        for network in names.values():
            for station in network.stations:
                of_station.setdefault(bytes(station), []).append(bytes(network.ssid))
        self.homes: Mapping[bytes, tuple[bytes, ...]] = MappingProxyType(
            {station: tuple(ssids) for station, ssids in of_station.items()}
        )
        """The names of the networks that list a station among theirs, by its address."""

    def network(self, ssid: bytes, bssid: bytes | None = None) -> GuardedNetwork | None:
        """Return the guarded network of this name, or of this access point; None if there is neither."""
        return self.by_ssid.get(ssid) or self.by_bssid.get(bssid or b"")


def _merged(one: GuardedNetwork | None, other: GuardedNetwork) -> GuardedNetwork:
    """Merge the learned properties of a network with its settings: both are allowed."""
    if one is None:
        return other
    return evolve(
        one,
        bssids=tuple(dict.fromkeys(one.bssids + other.bssids)),
        channels=tuple(dict.fromkeys(one.channels + other.channels)) if one.channels and other.channels else (),
        security=tuple(dict.fromkeys(one.security + other.security)) if one.security and other.security else (),
        pmf=None if one.pmf is None or other.pmf is None else min(one.pmf, other.pmf),
        stations=tuple(dict.fromkeys(one.stations + other.stations)),
    )
