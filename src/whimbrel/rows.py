"""What is known of the air, in rows: made by the survey when somebody asks, read by screens, commands and clients."""

from __future__ import annotations

from collections.abc import Mapping

from whimbrel.geo import Position
from whimbrel.record import Record
from whimbrel.wifi.security import Pmf, Protection


class SignalRow(Record):
    """How strongly something is heard, in dBm; None before the first frame that tells."""

    last: int | None
    """Of the last frame."""
    min: int | None
    """Of the weakest frame."""
    max: int | None
    """Of the strongest one."""
    smoothed: int | None
    """The exponential mean over about eight frames."""


class LoadRow(Record):
    """How busy an access point says that it is (BSS Load, IEEE 802.11-2020, 9.4.2.27)."""

    stations: int
    """Stations that are associated with it."""
    utilisation: float
    """Share of time that it finds the channel busy, 0 to 1."""


class AccessPointRow(Record):
    """One BSSID: what it announces, and how it was heard. Times are seconds since the epoch."""

    bssid: bytes
    """Its address, 6 octets."""
    ssid: bytes
    """Name of its network, at most 32 octets of any value; empty while it is hidden and not revealed."""
    hidden: bool
    """Whether it keeps its name to itself."""
    mesh_id: bytes | None = None
    """Mesh ID, at most 32 octets, of a mesh station; None for all others."""
    names: tuple[bytes, ...]
    """Every name that it was heard under, in the order of hearing; at most 16."""
    names_dropped: int
    """How often it was heard under another name than those."""
    vendor: str
    """Who made it, by the address; empty where not known."""
    channel: int
    """Number of the primary channel; 0 where nobody told."""
    freq: int
    """MHz of the primary channel; 0 where nobody told."""
    heard_on: int = 0
    """MHz that its last beacon was heard on, where that is another channel; 0 where it is not."""
    band: str
    """2.4, 5, 6 or 60 (GHz); empty where not known."""
    width: int
    """MHz."""
    center: int
    """MHz, centre of the whole width."""
    phy: str
    """The newest generation that it offers: 802.11n, 802.11ax…"""
    security: Protection
    """The ways into it; as text open, WEP, WPA2-Personal…"""
    pmf: Pmf
    """Protection of management frames."""
    akms: tuple[str, ...]
    """Names of the key managements: PSK, SAE, 802.1X…"""
    ciphers: tuple[str, ...]
    """Names of the pairwise ciphers: CCMP-128, TKIP…"""
    group_cipher: str
    """Name of the group cipher; empty for none."""
    wps: bool
    """Whether it announces WPS."""
    country: str
    """Two letters; empty where not told."""
    adhoc: bool
    """Whether stations made this network among themselves (IBSS)."""
    interval: int
    """Stated beacon interval, time units of 1024 µs."""
    measured_interval: int | None
    """Time units between two beacons as they were heard; None before two of them were."""
    uptime: int | None
    """Seconds since it was started, by its last beacon; None before the first."""
    load: LoadRow | None
    """How busy its last beacon says it is; None where that does not tell."""
    rssi: SignalRow
    """How strongly it is heard."""
    beacons: int
    """Beacons of it that were heard."""
    frames: int
    """Frames of it that were heard, beacons included."""
    flips: int
    """How often it went back to something that it had announced shortly before."""
    stations: int
    """Stations that were last seen working with it."""
    first: float
    """When it was first heard."""
    last: float
    """When it was last heard."""
    last_seq: int | None
    """Sequence number of the last beacon, of the last other frame where there was none."""
    carrier: bytes | None
    """Address of the access point whose beacons announce this one (IEEE 802.11-2020, 9.4.2.45); None for none."""
    fingerprint: Mapping[str, str]
    """Hashes of its elements by the name of the part."""


class StationRow(Record):
    """One station: how it was heard, what it asked for, and whom it works with. Times are seconds since the epoch."""

    station: bytes
    """Its address, 6 octets."""
    vendor: str
    """Who made it, by the address; empty where not known."""
    randomised: bool
    """Whether the address is locally administered (IEEE 802-2014, 8.2.2), as phones make them up."""
    bssid: bytes | None
    """The access point that it was last seen working with; None for none."""
    probed: tuple[bytes, ...]
    """Networks that it asked for by name, in the order of asking; at most 16."""
    probed_dropped: int
    """How often it asked for another one than those."""
    rssi: SignalRow
    """How strongly it is heard."""
    frames: int
    """Frames of it that were heard."""
    data_octets: int
    """Of data frames from it and to it, as on the air."""
    first: float
    """When it was first heard."""
    last: float
    """When it was last heard."""
    fingerprint: str
    """Hash of what its last probe request says of the device; empty before the first."""


class SightingRow(Record):
    """Where an access point was heard, and what it announced then. Times are seconds since the epoch."""

    bssid: bytes
    """Its address, 6 octets."""
    ssid: bytes
    """Name of its network, at most 32 octets of any value; empty where it is hidden and not revealed."""
    freq: int
    """MHz of the primary channel; 0 where nobody told."""
    channel: int
    """Number of the primary channel; 0 where nobody told."""
    band: str
    """2.4, 5, 6 or 60 (GHz); empty where not known."""
    security: Protection
    """The ways into it; as text open, WEP, WPA2-Personal…"""
    akms: tuple[str, ...]
    """Names of the key managements: PSK, SAE, 802.1X…"""
    ciphers: tuple[str, ...]
    """Names of the pairwise ciphers: CCMP-128, TKIP…"""
    wps: bool
    """Whether it announces WPS."""
    adhoc: bool
    """Whether stations made this network among themselves (IBSS)."""
    rssi: int
    """dBm of the strongest frame that was looked at."""
    strongest: Position
    """Where the device was then."""
    latitude: float
    """Degrees north of the averaged position of the device, weighted by the signal's amplitude."""
    longitude: float
    """Degrees east of it."""
    spread: float
    """Metres: root of the mean square of the distances from the averaged position, weighted as that is."""
    samples: int
    """Positions that the average is made of, at least 5 m from one to the next."""
    first: float
    """When it was first heard."""
    last: float
    """When it was last heard at a known position."""


class ChannelRow(Record):
    """What was heard on one frequency since the start."""

    channel: int
    """Its number; 0 where it has none."""
    freq: int
    """MHz; 0 for frames that do not tell."""
    band: str
    """2.4, 5, 6 or 60 (GHz); empty where not known."""
    frames: int
    """Frames heard."""
    octets: int
    """On the air, FCS included."""
    airtime_us: int
    """Microseconds; frames without a rate count none."""
    retries: int
    """Frames marked as sent again."""


class Totals(Record):
    """Counts of the survey since the start."""

    frames: int
    """Frames heard."""
    malformed: int
    """Frames that could not be read to their end."""
    bad_fcs: int
    """Frames that the receiver marked as damaged."""
    disbelieved: int
    """Frames that would have changed what is known, and do not fit their check sequence."""
    access_points: int
    """Access points that are known."""
    access_points_evicted: int
    """Access points that made room for newer ones."""
    made_up: int
    """Members of a flood of access points that nobody stands behind, as long as it goes on; counted nowhere else."""
    carried_left_out: int
    """How often a beacon announced more further networks than are taken from one."""
    stations: int
    """Stations that are known."""
    stations_evicted: int
    """Stations that made room for newer ones."""
