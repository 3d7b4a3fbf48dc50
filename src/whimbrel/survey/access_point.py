"""One access point: its announcement, and statistics of its frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whimbrel.rows import AccessPointRow, LoadRow
from whimbrel.survey.signal_strength import SignalStrength
from whimbrel.wifi.channels import band_of
from whimbrel.wifi.elements import BSS_LOAD, ELEMENTS_AT, find_element
from whimbrel.wifi.operation import parse_bss_load
from whimbrel.wifi.vendors import vendor

if TYPE_CHECKING:
    from whimbrel.events.thinning import CountedBeacons
    from whimbrel.survey.beacons import Announcement, Key
    from whimbrel.wifi.frames import Frame
    from whimbrel.wifi.operation import BssLoad

NAMES = 16
"""Names that are remembered for one BSSID; more are counted. A few virtual networks share a BSSID at most, an imitator
may use hundreds."""
TU = 1024
"""Microseconds of a time unit (IEEE 802.11-2020, 3.1), in which beacon intervals are stated."""
_GAPS = 8
_LONGEST = 65535 * TU
_AT_HOME = 60.0
"""Seconds since it was heard on its own channel after which levels on other ones count: more than a hop through all
channels takes."""
_MISSED = 3
"""Stated intervals without a beacon after which some were only counted, where any were."""
_EVERY = 5
"""Beacons between two measured gaps: not a multiple of the two or three beacons that a visit of the channel brings."""


class AccessPoint:
    """One BSSID. Made by `whimbrel.survey.access_points.AccessPointTable`."""

    __slots__ = (
        "_counted", "address", "announced", "beacon", "beacons", "beside", "carrier", "churn", "counted", "first",
        "flips", "gaps", "home", "last", "measure_at", "names", "names_dropped", "others", "previous", "recent",
        "response", "seq", "signal", "ssid", "volatile",
    )  # fmt: skip

    def __init__(self, address: bytes, now: float, announced: Announcement) -> None:
        self.address = address
        """BSSID, 6 octets."""
        self.first = now
        """Seconds since the epoch."""
        self.last = now
        """Seconds since the epoch."""
        self.announced = announced
        """The present announcement of its beacons (or of its probe responses, before the first beacon)."""
        self.previous: Announcement | None = None
        """Earlier announcements, recognised again without parsing."""
        self.recent: dict[tuple[Any, ...], float] = {}
        """Its other announcements (`Announcement.meaning`), with their last times."""
        self.flips = 0
        """How often it went back to something that it had announced shortly before: two transmitters may share the
        BSSID."""
        self.ssid = announced.ssid
        """Name of its network; empty while it is hidden and not revealed."""
        self.names: dict[bytes, None] = {announced.ssid: None} if announced.ssid else {}
        """Every name that it was heard under, in the order of hearing; at most `NAMES`."""
        self.names_dropped = 0
        """How often it was heard under another name than those."""
        self.beacons = 0
        self.others = 0
        """Frames that it sent beside beacons."""
        self.beacon: Frame | None = None
        """The last beacon."""
        self.response = b""
        """The body of the last probe response, without its timestamp."""
        self.seq: int | None = None
        """Sequence number of the last frame that was no beacon."""
        self.signal = SignalStrength()
        """On its announced channel, as long as it is heard there."""
        self.beside = False
        """Whether `signal` is that on other channels, because it is not heard on its own."""
        self.home = float("-inf")
        """When it was last heard on its own channel before it was heard on another one, seconds since the epoch."""
        self._counted = 0
        """MHz where a level counts without another thought: its own channel, if it was heard there last."""
        self.carrier: bytes | None = None
        """Address of the access point whose beacons announce this one (IEEE 802.11-2020, 9.4.2.45, multiple BSSID)."""
        self.gaps: list[int] = []
        self.measure_at = 2
        """The count of beacons at which the next gap is measured."""
        self.counted: CountedBeacons | None = None
        """Its last beacons that the kernel only counted: after some, the gap between two others may be that of many."""
        self.churn: dict[Key, int] = {}
        """The number of changes of each element without a meaning here."""
        self.volatile: frozenset[Key] = frozenset()
        """Those of them that change too often to be compared."""

    @property
    def hidden(self) -> bool:
        """Whether it keeps its name to itself."""
        return self.announced.hidden

    @property
    def frames(self) -> int:
        """Frames that it sent."""
        return self.beacons + self.others

    @property
    def tsf(self) -> int | None:
        """Microseconds since its start, by its last beacon's timestamp; None before the first, and if unknown."""
        beacon, counted = self.beacon, self.counted
        if beacon is None or beacon.timeless:
            return None
        return _timestamp(beacon) if counted is None or counted.last <= beacon.time else counted.stamp

    @property
    def load(self) -> BssLoad | None:
        """The load in its last beacon; None if that has none."""
        beacon = self.beacon
        if beacon is None:
            return None
        span = find_element(beacon.raw, beacon.body + ELEMENTS_AT[beacon.kind], beacon.end, BSS_LOAD)
        return None if span is None else parse_bss_load(beacon.raw, *span)

    @property
    def last_seq(self) -> int | None:
        """Sequence number of the last beacon, or of the last other frame if there was no beacon."""
        beacon, counted = self.beacon, self.counted
        if beacon is None:
            return self.seq
        return beacon.seq if counted is None or counted.last <= beacon.time else counted.seq

    @property
    def measured_interval(self) -> int | None:
        """Measured time units between two beacons; None before the second one.

        The second shortest of the last measured gaps: missed beacons make gaps longer, a late one makes the next gap
        shorter.
        """
        gaps = sorted(self.gaps)
        return round(gaps[min(1, len(gaps) - 1)] / TU) if gaps else None

    def hear_beacon(self, frame: Frame) -> Frame | None:
        """Note that it sent `frame`, a beacon; return the beacon before where the two were measured: see
        `measure`."""
        self.beacons = beacons = self.beacons + 1
        before = None
        if beacons >= self.measure_at:
            before = self.beacon
            self.measure(frame)
        self.beacon = frame
        rssi = frame.rssi
        if rssi is not None:
            if frame.freq == self._counted:
                self.signal.add(rssi)
                if before is not None:
                    self.signal.keep(rssi, frame.time)
            else:
                self._hear_level(frame, rssi)
        self.last = frame.time
        return before

    def hear(self, frame: Frame) -> None:
        """Note that it sent `frame`, which is no beacon."""
        self.others += 1
        self.seq = frame.seq
        rssi = frame.rssi
        if rssi is not None:
            if frame.freq == self._counted:
                self.signal.add(rssi)
            else:
                self._hear_level(frame, rssi)
        self.last = frame.time

    def _hear_level(self, frame: Frame, rssi: int) -> None:
        """Add a level; levels on neighbouring channels count only while it is not heard on its own."""
        freq, own = frame.freq, self.announced.freq
        if freq == own or not freq or not own:
            if self.beside:
                self.beside = False
                self.signal = SignalStrength()
            self._counted = freq
        else:
            if self._counted:
                self.home = self.last
                self._counted = 0
            if 0 <= frame.time - self.home < _AT_HOME:
                return
            if not self.beside:
                self.beside = True
                self.signal = SignalStrength()
        self.signal.add(rssi)

    @property
    def heard_on(self) -> int:
        """MHz on which its last beacon was heard, where that is not the channel that it announces; 0 otherwise."""
        beacon = self.beacon
        return 0 if beacon is None or beacon.freq == self.announced.freq else beacon.freq

    def measure(self, beacon: Frame) -> None:
        """Process the gap between `beacon` and the one before; called when `beacons` reaches `measure_at`."""
        # The beacons of a scan are seconds apart already: each is measured.
        self.measure_at = self.beacons + (1 if self.beacons < _GAPS or beacon.seq is None else _EVERY)
        before = self.beacon
        if before is None:
            return
        if beacon.tsft is not None and before.tsft is not None:
            gap = beacon.tsft - before.tsft
        else:
            # The kernel's times are useless: drivers deliver frames in bundles. The sender's own clock is what is left.
            gap = _timestamp(beacon) - _timestamp(before)
        if 0 < gap < _LONGEST and not (self.counted is not None and gap > _MISSED * self.announced.interval * TU):
            self.gaps.append(gap)
            del self.gaps[:-_GAPS]

    def plan_measuring(self) -> None:
        """Plan the next measurement, as after one that the kernel only counted."""
        self.measure_at = self.beacons + (1 if self.beacons < _GAPS else _EVERY)

    def counts_levels_on(self, freq: int) -> bool:
        """Return whether levels heard on `freq`, MHz, count without another thought."""
        return freq == self._counted

    def add_name(self, name: bytes) -> bool:
        """Remember a name; return whether it is a new one."""
        if name in self.names:
            return False
        if len(self.names) >= NAMES:
            self.names_dropped += 1
            return False
        self.names[name] = None
        return True

    def row(self, stations: int) -> AccessPointRow:
        """Return everything that is known, with the number of its stations."""
        said = self.announced
        security = said.security
        tsf, load = self.tsf, self.load
        return AccessPointRow(
            ssid=self.ssid,
            hidden=said.hidden,
            mesh_id=said.mesh_id,
            freq=said.freq,
            width=said.width,
            phy=said.phy,
            security=security.protection,
            pmf=security.pmf,
            akms=security.akms,
            ciphers=security.ciphers,
            group_cipher=security.group,
            wps=said.wps,
            country=said.country,
            adhoc=said.adhoc,
            bssid=self.address,
            names=tuple(self.names),
            names_dropped=self.names_dropped,
            vendor=vendor(self.address),
            channel=said.channel,
            heard_on=self.heard_on,
            band=band_of(said.freq),
            center=said.center,
            interval=said.interval,
            measured_interval=self.measured_interval,
            uptime=None if tsf is None else tsf // 1_000_000,
            load=None if load is None else LoadRow(stations=load.stations, utilisation=round(load.utilisation, 3)),
            rssi=self.signal.row(),
            beacons=self.beacons,
            frames=self.frames,
            flips=self.flips,
            stations=stations,
            first=self.first,
            last=self.last,
            last_seq=self.last_seq,
            carrier=self.carrier,
            fingerprint=dict(said.fingerprint),
            mld=said.mld,
            link=said.link,
        )


def _timestamp(beacon: Frame) -> int:
    return int.from_bytes(beacon.raw[beacon.body : beacon.body + 8], "little")
