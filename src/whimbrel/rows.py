"""Rows of the survey: made by the survey on request, read by screens, commands and clients."""

from __future__ import annotations

from collections.abc import Mapping

from whimbrel.geo import Position
from whimbrel.record import Record
from whimbrel.wifi.security import Pmf, Protection, Security


class SignalRow(Record):
    """Signal strength in dBm; None before the first frame with an RSSI."""

    last: int | None
    """Of the last frame."""
    min: int | None
    """Of the weakest frame."""
    max: int | None
    """Of the strongest one."""
    smoothed: int | None
    """The exponential mean over about eight frames."""


class ReceiverRow(Record):
    """One receiver: a radio that listens, or has listened."""

    receiver: str
    """The name of its module: sniffer, sniffer2."""
    number: int
    """Its number in frames and levels; 0 is the first."""
    description: str
    """Its radio, in the words of its driver."""
    driver: str
    """Name of its source driver."""
    state: str
    """listening, paused, blind or closed."""
    mode: str
    """hopping, locked, camping or scanning; empty if it cannot be tuned."""
    channel: str
    """The channel on which it stays; empty while it hops."""
    visited: int
    """How many channels it visits: its share."""
    received: int
    """Frames received since it was opened."""
    lost: int
    """Frames of those that the kernel had no room for."""
    rate: float
    """Frames a second."""
    listened: float
    """Seconds of listening since it was opened, without pauses."""
    faults: tuple[str, ...]
    """What its frames show to be wrong with it, one sentence each."""
    discarded: Mapping[str, int]
    """Unusable frames by reason."""
    transmits: bool = False
    """Whether it sends probe requests, as active scans do."""


class ReceiverLevelRow(Record):
    """What one of several receivers hears of a device."""

    receiver: int
    """The number of the receiver (`whimbrel.events.radio.RadioOpened.receiver`)."""
    rssi: SignalRow
    """Its signal strength there."""
    last: float
    """Time of the last frame heard there."""
    frames: int
    """Number of its frames heard there, also of those that another receiver heard too."""


class LoadRow(Record):
    """The load that an access point announces (BSS Load, IEEE 802.11-2020, 9.4.2.27)."""

    stations: int
    """Number of associated stations."""
    utilisation: float
    """Share of time in which it senses the channel busy, 0 to 1."""


class Announced(Record):
    """The announcements of an access point that are kept over time."""

    ssid: bytes
    """At most 32 octets of any value; empty while it is hidden and unknown."""
    hidden: bool
    """Whether it hides its SSID."""
    mesh_id: bytes | None = None
    """Mesh ID, at most 32 octets, of a mesh station; None for all others."""
    freq: int
    """MHz of the primary channel; 0 if unknown."""
    width: int
    """MHz."""
    phy: str
    """The newest generation that it offers: 802.11n, 802.11ax…"""
    security: Protection
    """The ways into the network; as text: open, WEP, WPA2-Personal…"""
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
    """Two letters; empty if unknown."""
    adhoc: bool
    """Whether it is an ad hoc network (IBSS)."""

    @property
    def protection(self) -> Security:
        """How it is protected."""
        return Security(self.security, self.pmf, self.ciphers, self.group_cipher, self.akms)


class AccessPointRow(Announced):
    """One BSSID: its announcements, and statistics of its frames. Times are seconds since the epoch."""

    bssid: bytes
    """Its address, 6 octets."""
    names: tuple[bytes, ...]
    """Every SSID that it was heard with, in order; at most 16."""
    names_dropped: int
    """How often it was heard with an SSID beyond those."""
    vendor: str
    """The vendor by the address; empty if unknown."""
    channel: int
    """Number of the primary channel; 0 if unknown."""
    heard_on: int = 0
    """MHz on which its last beacon was heard, if that is another channel; else 0."""
    band: str
    """2.4, 5, 6 or 60 (GHz); empty if unknown."""
    center: int
    """MHz, centre of the whole width."""
    interval: int
    """Announced beacon interval in time units of 1024 µs."""
    measured_interval: int | None
    """Measured time units between two beacons; None before the second."""
    uptime: int | None
    """Seconds since its start by the TSF of its last beacon; None before the first."""
    load: LoadRow | None
    """The load in its last beacon; None if that has none."""
    rssi: SignalRow
    """Its signal strength."""
    beacons: int
    """Number of its beacons heard."""
    frames: int
    """Number of its frames heard, beacons included."""
    flips: int
    """How often it returned to an earlier announcement shortly after a change."""
    stations: int
    """Stations last seen associated with it."""
    first: float
    """Time of its first frame."""
    last: float
    """Time of its last frame."""
    last_seq: int | None
    """Sequence number of its last beacon, or of its last other frame if there was no beacon."""
    carrier: bytes | None
    """Address of the access point whose beacons announce this one (IEEE 802.11-2020, 9.4.2.45); None for none."""
    fingerprint: Mapping[str, str]
    """Hashes of its elements by the name of the part."""
    mld: bytes | None = None
    """Address of the multi-link device (Wi-Fi 7) of which it is one link; None for none."""
    link: int | None = None
    """Its number among the links of that device; None if unknown."""
    levels: tuple[ReceiverLevelRow, ...] = ()
    """Its strength at each of several receivers; empty if there is one."""


class StationRow(Record):
    """One station: statistics of its frames, its probes and its access point. Times are seconds since the epoch."""

    station: bytes
    """Its address, 6 octets."""
    vendor: str
    """The vendor by the address; empty if unknown."""
    randomised: bool
    """Whether the address is locally administered (IEEE 802-2014, 8.2.2), like the random ones of phones."""
    bssid: bytes | None
    """The access point that it was last seen associated with; None for none."""
    probed: tuple[bytes, ...]
    """SSIDs that it probed for, in order; at most 16."""
    probed_dropped: int
    """How often it probed for an SSID beyond those."""
    rssi: SignalRow
    """Its signal strength."""
    frames: int
    """Number of its frames heard."""
    data_octets: int
    """Octets on the air of data frames from it and to it."""
    first: float
    """Time of its first frame."""
    last: float
    """Time of its last frame."""
    fingerprint: str
    """Hash of the device's properties in its last probe request; empty before the first."""
    levels: tuple[ReceiverLevelRow, ...] = ()
    """Its strength at each of several receivers; empty if there is one."""


class SightingRow(Record):
    """The place of an access point, and its announcement there. Times are seconds since the epoch."""

    bssid: bytes
    """Its address, 6 octets."""
    ssid: bytes
    """At most 32 octets of any value; empty if it is hidden and unknown."""
    freq: int
    """MHz of the primary channel; 0 if unknown."""
    channel: int
    """Number of the primary channel; 0 if unknown."""
    band: str
    """2.4, 5, 6 or 60 (GHz); empty if unknown."""
    security: Protection
    """The ways into the network; as text: open, WEP, WPA2-Personal…"""
    akms: tuple[str, ...]
    """Names of the key managements: PSK, SAE, 802.1X…"""
    ciphers: tuple[str, ...]
    """Names of the pairwise ciphers: CCMP-128, TKIP…"""
    wps: bool
    """Whether it announces WPS."""
    adhoc: bool
    """Whether it is an ad hoc network (IBSS)."""
    rssi: int
    """dBm of the strongest frame considered."""
    strongest: Position
    """Position of the device at that frame."""
    latitude: float
    """Degrees north of the averaged position of the device, weighted by the signal's amplitude."""
    longitude: float
    """Degrees east of the same."""
    spread: float
    """Root mean square of the distances from the averaged position in metres, with the same weights."""
    samples: int
    """Number of averaged positions, at least 5 m from one to the next."""
    weight: float
    """Sum of the weights of these positions: 1 for a signal of -110 dBm, ten times as much for each 20 dB more."""
    first: float
    """Time of its first frame."""
    last: float
    """Time of its last frame at a known position."""


class ChannelRow(Record):
    """Statistics of one frequency since the start."""

    channel: int
    """Channel number; 0 if it has none."""
    freq: int
    """MHz; 0 for frames of unknown frequency."""
    band: str
    """2.4, 5, 6 or 60 (GHz); empty if unknown."""
    frames: int
    """Frames heard."""
    octets: int
    """Octets on the air, FCS included."""
    airtime_us: int
    """Airtime in microseconds; frames without a rate count 0."""
    retries: int
    """Frames marked as retransmissions."""


class Totals(Record):
    """Counts of the survey since the start."""

    frames: int
    """Frames heard."""
    malformed: int
    """Frames that could not be read to their end."""
    bad_fcs: int
    """Frames that the receiver marked as damaged."""
    disbelieved: int
    """Frames that would have added an address or a finding, but do not fit their check sequence."""
    access_points: int
    """Number of known access points."""
    access_points_evicted: int
    """Access points that made room for newer ones."""
    made_up: int
    """The made-up members of a flood, while it lasts; they are counted nowhere else."""
    carried_left_out: int
    """How often a beacon announced more nontransmitted networks than the limit."""
    stations: int
    """Number of known stations."""
    stations_evicted: int
    """Stations evicted for newer ones."""
    echoes: int = 0
    """Frames that a second radio delivered once more: left out everywhere."""


class ListenerRow(Record):
    """One subscription of the bus; sent = delivered + lost + waiting."""

    reader: str
    """The module that listens."""
    kinds: tuple[str, ...]
    """The kinds that it listens to; empty for all."""
    policy: str
    """The policy if it is full: drop-oldest, latest or fail."""
    capacity: int
    """Limit of waiting events."""
    sent: int
    """Events sent to it."""
    delivered: int
    """Events that it has read."""
    lost: int
    """Events that it has lost."""
    waiting: int
    """Events that are waiting."""
    peak: int
    """Most events that ever waited."""
