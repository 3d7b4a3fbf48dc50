"""Events about access points and stations."""

from __future__ import annotations

import typing
from typing import Any, ClassVar, NamedTuple

from whimbrel.events.base import Body, Level
from whimbrel.rows import AccessPointRow
from whimbrel.wifi.security import Pmf, Protection


class Change(NamedTuple):
    """One changed property of an access point."""

    field: str
    """Name of the property, as in `whimbrel.survey.access_point.AccessPoint`."""
    old: Any
    """The old value."""
    new: Any
    """The new value."""

    @staticmethod
    def value_type(field: str) -> Any:
        """Return the type that the values of a property have; `object` for a property that is not known."""
        return typing.get_type_hints(AccessPointRow).get(field, object)


class _OfAir(Body):
    of_air: ClassVar[bool] = True


class AccessPointFound(_OfAir, level=Level.INFO):
    """An access point was heard for the first time."""

    bssid: bytes
    """Its address, 6 octets."""
    ssid: bytes
    """Name of its network, at most 32 octets of any value; empty if it is hidden."""
    hidden: bool
    """Whether it keeps its name to itself."""
    channel: int
    """Channel number; 0 if neither the radio nor the frame reports it."""
    freq: int
    """MHz of the primary channel; 0 if unknown."""
    band: str
    """2.4, 5, 6 or 60 (GHz): the number alone says too little; empty if unknown."""
    security: Protection
    """The ways into it; as text open, WEP, WPA2-Personal, WPA3-Enterprise, OWE…"""
    pmf: Pmf
    """Protection of management frames: none, optional or required."""
    wps: bool
    """Whether it announces WPS."""
    vendor: str
    """Its maker, by the address; empty if unknown."""
    rssi: int | None
    """dBm of the frame that gave it away."""
    mesh_id: bytes | None = None
    """Mesh ID, at most 32 octets of any value, of a mesh station; None for all others."""


class AccessPointChanged(_OfAir, level=Level.NOTICE):
    """An access point announces something else than before."""

    bssid: bytes
    """Its address."""
    ssid: bytes
    """Name of its network now."""
    changes: tuple[Change, ...]
    """The changes."""


class AccessPointLost(_OfAir, level=Level.INFO):
    """An access point was silent for long, was evicted, or turned out to be made up."""

    bssid: bytes
    """Its address."""
    ssid: bytes
    """Name of its network."""
    last_heard: float
    """Seconds since the epoch."""
    reason: str
    """silent, evicted (the table was full), or made up (it is a member of a flood and does not exist)."""


class NameRevealed(_OfAir, level=Level.NOTICE):
    """The name of a hidden network was heard."""

    bssid: bytes
    """The access point that hides it."""
    ssid: bytes
    """The name."""
    by: str
    """The kind of frame that contained the name: probe response, association request…"""


class StationFound(_OfAir, level=Level.INFO):
    """A station was heard for the first time."""

    station: bytes
    """Its address."""
    vendor: str
    """Its maker, by the address; empty if unknown, or if the address is random."""
    randomised: bool
    """Whether the address is locally administered, as phones make them up."""
    rssi: int | None
    """dBm of the frame that gave it away."""


class StationJoined(_OfAir, level=Level.INFO):
    """A station was seen working with an access point that it was not known to work with."""

    station: bytes
    """Its address."""
    bssid: bytes
    """The access point."""
    ssid: bytes
    """Name of the network, empty if unknown."""
    previous: bytes | None
    """The access point before; None for the first."""


class StationLost(_OfAir, level=Level.DEBUG):
    """A station was not heard for long, or made room for newer ones."""

    station: bytes
    """Its address."""
    last_heard: float
    """Seconds since the epoch."""
    reason: str
    """silent, evicted (the table was full), or access point (it turned out to be one)."""


class NetworkProbed(_OfAir, level=Level.DEBUG):
    """A station probed for a network by name for the first time."""

    station: bytes
    """Its address."""
    ssid: bytes
    """The probed name."""


class EapolSeen(_OfAir, level=Level.INFO):
    """A message of EAPOL, which negotiates the keys of a network, went by."""

    bssid: bytes
    """The access point."""
    station: bytes
    """The station."""
    message: str
    """M1 to M4 of the 4-way handshake, G1 and G2 of the group handshake, start, logoff, or eap."""
    replay: int | None
    """Replay counter of a key message."""
    pmkid: bool
    """Whether a message 1 carries a PMKID."""
    retry: bool
    """Whether the frame is marked as sent again."""


class HandshakeSeen(_OfAir, level=Level.NOTICE):
    """All that a full 4-way handshake consists of was heard: a station has joined a protected network."""

    bssid: bytes
    """The access point."""
    station: bytes
    """The station."""
    ssid: bytes
    """Name of the network, empty if unknown."""
    messages: tuple[int, ...]
    """Which of the four messages were heard."""


class Disconnected(_OfAir, level=Level.NOTICE):
    """A deauthentication or disassociation frame went by."""

    bssid: bytes
    """The network's access point."""
    sender: bytes
    """Address that it claims to come from."""
    receiver: bytes
    """The receiver; ff:ff:ff:ff:ff:ff for everyone."""
    how: str
    """deauthentication or disassociation."""
    reason: int | None
    """Reason code (IEEE 802.11-2020, table 9-49); None if it is encrypted or cut off."""
    protected: bool
    """Whether the frame is protected (PMF)."""


class AirReport(_OfAir, level=Level.DEBUG):
    """The numbers of devices around; sent now and then."""

    access_points: int
    """Access points known."""
    stations: int
    """Stations known."""
    frames: int
    """Frames seen since the start."""
    malformed: int
    """Frames that could not be read to their end, since the start."""
    evicted: int
    """Access points and stations that made room for newer ones, since the start."""
    rate: float
    """Frames a second since the previous report."""
    busiest_freq: int
    """MHz of the channel with the most airtime since the previous report; 0 for none."""
