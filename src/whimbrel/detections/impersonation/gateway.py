"""The address of a gateway, or of an access point, in use by a station."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import ENCRYPTED, HIGH, LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.impersonation.addresses import is_derived
from whimbrel.detections.impersonation.apart import levels_apart
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import EpisodeTally, Recent
from whimbrel.events.air import HandshakeSeen, StationJoined
from whimbrel.events.alerts import Severity
from whimbrel.text import mac, ssid
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import ASSOC_REQ, AUTH, DATA, FROM_DS, QOS_DATA, REASSOC_REQ, RETRY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.detections.air import Air
    from whimbrel.events.base import Body
    from whimbrel.wifi.frames import Frame

_ACCESS_POINTS, _GATEWAYS, _JOINING, _SENDERS = 64, 64, 32, 16
_LEARNING, _KNOWING = 4, 16
"""Data is looked at in one second of each so many: while a gateway is still to be found, and afterwards."""
_FRAMES = 12
"""The least frames from which the main source of a network's data is known."""
_SHARE = 0.7
"""The least share of them that comes from it, and the share of each station's."""
_BEACON = 1.0
"""The most seconds between the compared frames of access point and station."""


class _Sources:
    """The sources of the data from one access point: by address, the frames to each station."""

    __slots__ = ("gateway", "stations", "total")

    def __init__(self) -> None:
        self.stations: dict[bytes, dict[bytes, int]] = {}
        self.total = 0
        self.gateway = b""

    def hear(self, source: bytes, station: bytes) -> None:
        """Count a frame; old counts weigh less and less."""
        counts = self.stations.setdefault(source, {})
        if len(counts) < _SENDERS or station in counts:
            counts[station] = counts.get(station, 0) + 1
            self.total += 1
        if self.total >= 16 * _FRAMES or len(self.stations) > _SENDERS:
            halved = {
                one: {to: count // 2 for to, count in each.items() if count > 1} for one, each in self.stations.items()
            }
            self.stations = {one: each for one, each in halved.items() if each}
            self.total = sum(sum(each.values()) for each in self.stations.values())

    def main(self) -> tuple[bytes, int]:
        """Return the source of most data and the number of stations that have most of theirs from it; empty and 0 where
        there is none."""
        if self.total < _FRAMES:
            return b"", 0
        source = max(self.stations, key=lambda one: sum(self.stations[one].values()))
        mine = self.stations[source]
        if sum(mine.values()) < _SHARE * self.total:
            return b"", 0
        served = 0
        for station, count in mine.items():
            served += count >= _SHARE * sum(each.get(station, 0) for each in self.stations.values())
        return source, served


class GatewayAsStationSettings(RuleSettings):
    """The thresholds."""

    stations: int = option(
        default=2, low=1, high=16, help="Stations of an access point that have most of their data from one address."
    )
    sure: int = option(default=3, low=1, high=16, help="With this many of them, the notice becomes a warning.")
    frames: int = option(
        default=2, low=1, high=32, help="Frames of a joining station with an access point's address, at another level."
    )


class GatewayAsStation(Detection[GatewayAsStationSettings]):
    """The gateway of a network joins that network, or another one of the same device or name, as a station. Or a
    station tries to join under the address of an access point, at another level.

    The gateway is the address from which at least `stations` stations of one access point have at least 70 % of their
    encrypted data, and all of them together too, provided that it was never heard in the air as a station. A notice; a
    warning from `sure` stations on. Data is looked at in some seconds only: it costs time.

    Of the other kind, at least `frames` authentications or association requests differ by 12 dB or more from a beacon
    of the access point, heard within a second by the same receiver: a warning.
    """

    rule = "gateway-as-station"
    family = "impersonation"
    title = "A gateway joins as a device"
    severity = Severity.WARNING
    meaning = (
        "A device has joined the network under the address of the network's own gateway or access point, so that the"
        " access point sends it what is meant for that. Guests reach data of other devices like this, although the"
        " access point separates them (client isolation)."
    )
    advice = (
        "Follow the signal of the device. Put guests into a network of their own, and ask the maker of the access point"
        " for an update that keeps its own addresses from joining."
    )
    fooled_by = (
        "A server on your own network that sends most of the data of all devices and moves from cable or another band"
        " to this one. A repeater may use one address for both sides: it has one level. A gateway whose data was not"
        " heard is not known."
    )
    reference = "AirSnitch, NDSS 2026; Schepers, Ranganathan, Vanhoef: Framing Frames, USENIX Security 2023"
    Settings = GatewayAsStationSettings
    kinds = frozenset({AUTH, ASSOC_REQ, REASSOC_REQ, DATA + ENCRYPTED, QOS_DATA + ENCRYPTED})
    findings = (StationJoined, HandshakeSeen)

    wakes_by_time = True

    def __init__(self, settings: GatewayAsStationSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._sources: Recent[bytes, _Sources] = Recent(_ACCESS_POINTS, _Sources)
        self._gateways: Recent[bytes, list[tuple[bytes, int]]] = Recent(_GATEWAYS, list)
        self._stations: Recent[bytes, EpisodeTally] = Recent(_JOINING, EpisodeTally)
        self._heard = False
        self._learning = True

    @property
    def idle(self) -> bool:  # type: ignore[override]
        """Whether this second is not one of those in which data is looked at."""
        length = _LEARNING if self._learning else _KNOWING
        block, second = divmod(int(self.air.now), length)
        # Another second of each block: a hopping radio returns to a channel after a whole number of seconds, perhaps.
        return second != _scattered(block) % length

    def observe(self, frame: Frame) -> Verdict:
        """Count the source of data, or judge a station that joins."""
        bssid, ta = frame.bssid, frame.ta
        if bssid is None or ta is None:
            return None
        if frame.kind in {AUTH, ASSOC_REQ, REASSOC_REQ}:
            return self._judge_joining(frame, bssid, ta) if ta != bssid and not frame.flags & RETRY else None
        if frame.flags & FROM_DS:
            sa, ra = frame.sa, frame.ra
            if sa is not None and ra is not None and sa != bssid:
                self._sources.use(bssid).hear(sa, ra)
                self._heard = True
        return None

    def turn(self) -> Sequence[Claim]:
        """Learn gateways from the data of the last seconds."""
        if not self._heard:
            return ()
        self._heard = self._learning = False
        for bssid, sources in self._sources.entries.items():
            source, served = sources.main()
            if served >= self.settings.stations and source not in self.air.stations:
                sources.gateway = source
                known = self._gateways.use(source)
                known[:] = [each for each in known[-_SENDERS:] if each[0] != bssid] + [(bssid, served)]
            self._learning = self._learning or not sources.gateway
        return ()

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        """Judge a station that has joined."""
        if not isinstance(finding, StationJoined | HandshakeSeen) or holds(frame) is False:
            return None
        for bssid, served in self._gateways.get(finding.station) or ():
            if bssid == finding.bssid or self._belong(bssid, finding.bssid):
                return self._gateway(frame, finding.station, finding.bssid, bssid, served)
        return None

    def _belong(self, one: bytes, other: bytes) -> bool:
        """Return whether two access points are of one device, or of one network."""
        name = self.air.name_of(one)
        return is_derived(other, (one,)) or bool(name and name == self.air.name_of(other))

    def _gateway(self, frame: Frame, station: bytes, bssid: bytes, served: bytes, count: int) -> Claim:
        loud = count >= self.settings.sure
        return Claim(
            (station, bssid),
            f"{mac(station)} has joined {ssid(self.air.name_of(bssid)) or 'a network'} ({mac(bssid)}) as a station, "
            f"while {count} stations of {mac(served)} have most of their data from that address: it is their gateway.",
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            sender=station,
            receiver=bssid,
            threshold="one",
            confidence=MEDIUM if loud else LOW,
            severity=Severity.WARNING if loud else Severity.NOTICE,
            frames=(frame,),
        )

    def _judge_joining(self, frame: Frame, bssid: bytes, ta: bytes) -> Verdict:
        """Compare a joining station with the access point whose address it bears."""
        ap = self.air.access_point(ta)
        beacon = None if ap is None else ap.beacon
        if beacon is None or not 0 <= frame.time - beacon.time <= _BEACON or not levels_apart(frame, beacon):
            return None
        tally = self._stations.use(ta)
        tally.hit(self.air.now)
        if tally.total < self.settings.frames:
            return None
        return Claim(
            (ta, bssid),
            f"{SEEN} times a station tried to join {mac(bssid)} under the address of the access point {mac(ta)}, at "
            f"{frame.rssi} dBm instead of {beacon.rssi} dBm.",
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            sender=ta,
            receiver=bssid,
            seen=tally.total,
            threshold=f"{self.settings.frames} frames",
            confidence=HIGH if tally.total >= 2 * self.settings.frames else MEDIUM,
            frames=(beacon,),
        )


def _scattered(number: int) -> int:
    """Return a number without any period that a radio could have; Python's hash of an integer is the integer."""
    mixed = number * 0x9E3779B1 & 0xFFFFFFFF
    return (mixed ^ mixed >> 15) * 0x85EBCA6B >> 13 & 0xFFFF


DETECTIONS = (GatewayAsStation,)
