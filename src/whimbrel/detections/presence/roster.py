"""Devices of the guarded networks: unknown ones that join, and known ones that join elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings
from whimbrel.detections.tables import Recent
from whimbrel.events.air import HandshakeSeen, StationJoined
from whimbrel.events.alerts import Severity
from whimbrel.text import mac, ssid
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import ASSOC_RESP, REASSOC_RESP
from whimbrel.wifi.vendors import vendor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.detections.air import Air
    from whimbrel.events.base import Body
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_WAITING = 64
_PATIENCE = 30.0
"""Seconds that a station has for its first encrypted data both ways."""
_TALKS, _SETTLED = 4, 2.0
"""Frames of a station that is in an open network, and the least seconds over which they are heard."""
_RESPONSES = frozenset({ASSOC_RESP, REASSOC_RESP})


class _Roster(Detection[RuleSettings]):
    """Judges each station that is in a network for certain: it completed a handshake; or it and the access point have
    encrypted data for each other; or, where nothing is encrypted, the access point has let it in, or the station has
    sent several frames over two seconds with data among them, and has not been sent away."""

    family = "presence"
    severity = Severity.NOTICE
    Settings = RuleSettings
    findings = (StationJoined, HandshakeSeen)
    quiet = 300.0

    def __init__(self, settings: RuleSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._waiting: Recent[bytes, list[tuple[float, Frame, int, int]]] = Recent(_WAITING, list)

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        """Note a station that may be in, or judge one that is."""
        if not self.air.guard.homes or not isinstance(finding, StationJoined | HandshakeSeen):
            return None
        station, ap = finding.station, self.air.access_point(finding.bssid)
        if ap is None or not ap.ssid or not self.concerns(ap, station) or holds(frame) is False:
            return None
        open_here = not ap.announced.security.akms
        if isinstance(finding, HandshakeSeen) or (open_here and frame.kind in _RESPONSES):
            self._waiting.drop(station)
            return self.claim(ap, station, frame)
        known = self.air.station(station)
        sent, octets = (0, 0) if known is None else (known.frames, known.data_octets)
        self._waiting.use(station)[:] = [(self.air.now, frame, sent, octets)]
        return None

    def turn(self) -> Sequence[Claim]:
        """Judge the stations that have encrypted data by now."""
        claims = []
        for address, [(at, frame, sent, octets)] in list(self._waiting.entries.items()):
            station = self.air.station(address)
            if station is None or self.air.now - at > _PATIENCE:
                self._waiting.drop(address)
                continue
            ap = self.air.access_point(station.bssid)
            if ap is None:
                continue
            sealed = station.sealed_up is not None and station.sealed_down is not None
            talks = station.frames - sent >= _TALKS and station.data_octets > octets and self.air.now - at >= _SETTLED
            bare = not ap.announced.security.akms and ap.address == frame.bssid and not station.left
            if not sealed and not (bare and talks):
                continue
            self._waiting.drop(address)
            if ap.ssid and self.concerns(ap, address):
                claims.append(self.claim(ap, address, frame))
        return claims

    def concerns(self, ap: AccessPoint, station: bytes) -> bool:
        """Return whether it is an alert that this station is there."""
        raise NotImplementedError

    def claim(self, ap: AccessPoint, station: bytes, frame: Frame) -> Claim:
        """Return the claim."""
        raise NotImplementedError


class UnknownDevice(_Roster):
    """A station that is not among the `stations` of a guarded network, nor trusted, is in that network: it completed a
    handshake; or it and the access point have encrypted data for each other; or, where nothing is encrypted, the access
    point has let it in, or it has sent four frames over 2 s with data among them. Not judged: networks without
    `stations`."""

    rule = "unknown-device"
    title = "Unknown device joined"
    meaning = "A device that is not on your list has joined your network, so it knows the password."
    advice = (
        "Is it a new device of yours, or one with a new random address? Then add it (`whimbrel learn --devices`, or the"
        " setting `stations`). Otherwise change the password."
    )
    fooled_by = (
        "Phones that take a new random address for a known network. Anybody can take the address of a listed device;"
        " see station-at-two-places."
    )
    reference = "IEEE 802.11-2020, 11.3.5 (association), 12.2.10 (randomised addresses)"

    def concerns(self, ap: AccessPoint, station: bytes) -> bool:
        """Return whether the network has a list without this station."""
        guard = self.air.guard
        network = guard.network(ap.ssid, ap.address)
        return bool(network and network.stations) and not (
            station in guard.trusted or ap.ssid in guard.homes.get(station, ())
        )

    def claim(self, ap: AccessPoint, station: bytes, frame: Frame) -> Claim:
        """Return the claim."""
        maker = vendor(station) or ("a random address" if station[0] & 2 else "an unknown maker")
        return Claim(
            (ap.ssid, station),
            f'{mac(station)} ({maker}) is in "{ssid(ap.ssid)}" ({mac(ap.address)}) and not on its list.',
            bssid=ap.address,
            ssid=ap.ssid,
            receiver=station,
            threshold="one",
            confidence=HIGH,
            frames=(frame,),
        )


class StrayDevice(_Roster):
    """A station among the `stations` of a guarded network is in another network, or at an access point that the guarded
    network does not list: it completed a handshake; or it and the access point have encrypted data for each other; or,
    where nothing is encrypted, the access point has let it in, or it has sent four frames over 2 s with data among
    them. A notice; a warning if that access point uses the name of the guarded network, or encrypts nothing although
    the guarded network does."""

    rule = "stray-device"
    title = "Own device joined elsewhere"
    meaning = (
        "A device of yours has joined a network that is not the one where it belongs. It may have been lured there, and"
        " whoever runs that network sees its traffic."
    )
    advice = "Look at the device: which network is it in? Delete that one from it, if you do not want it."
    fooled_by = "A device that you took along, and a guest network of your own: list the device there too."
    reference = "Wi-Fi: station policies of products for companies (valid station protection); CVE-2023-52424"

    def concerns(self, ap: AccessPoint, station: bytes) -> bool:
        """Return whether the station belongs elsewhere."""
        guard = self.air.guard
        homes = guard.homes.get(station)
        if not homes:
            return False
        if ap.ssid not in homes:
            return True
        bssids = guard.by_ssid[ap.ssid].bssids
        return (
            bool(bssids) and ap.address not in bssids and not any(self.air.are_links(own, ap.address) for own in bssids)
        )

    def claim(self, ap: AccessPoint, station: bytes, frame: Frame) -> Claim:
        """Return the claim."""
        guard = self.air.guard
        homes = guard.homes[station]
        names = ", ".join(f'"{ssid(name)}"' for name in homes)
        sealed = any(not way.is_open for name in homes for way in guard.by_ssid[name].security)
        bare = not ap.announced.security.akms and sealed
        loud = ap.ssid in homes or bare
        mark = ", under the same name" if ap.ssid in homes else ", which encrypts nothing" if bare else ""
        return Claim(
            (station, ap.address),
            f'{mac(station)}, which belongs to {names}, is in "{ssid(ap.ssid)}" ({mac(ap.address)}){mark}.',
            bssid=ap.address,
            ssid=ap.ssid,
            receiver=station,
            threshold="one",
            confidence=HIGH if loud else MEDIUM,
            severity=Severity.WARNING if loud else Severity.NOTICE,
            frames=(frame,),
        )


DETECTIONS = (UnknownDevice, StrayDevice)
