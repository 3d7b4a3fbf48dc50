"""A station that joins a network more weakly than it did before, though the network offers more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whimbrel.detections.base import HIGH, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.text import mac, ssid
from whimbrel.wifi.elements import ELEMENTS_AT, parse_elements
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import ASSOC_REQ, REASSOC_REQ
from whimbrel.wifi.rsn import AKMS
from whimbrel.wifi.security import Pmf, Protection

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_STATIONS = 256
_SAE = frozenset({"SAE", "FT-SAE", "SAE-EXT-KEY", "FT-SAE-EXT-KEY"})
_PSK = frozenset({"PSK", "FT-PSK", "PSK-SHA256"})


class _Joining(NamedTuple):
    """How a station asks to be let in."""

    sae: bool
    psk: bool
    pmf: bool


class StationDowngrade(Detection[RuleSettings]):
    """A station that has joined a network with SAE, or with PMF, asks to join the same network with a pre-shared key
    instead, or without PMF, though the access point that it asks offers what it used before.

    A network is what bears one name. Stations are known by their addresses, so that one which changes its address is
    another one. Frames that were cut short, or do not fit their check sequence, do not count.
    """

    rule = "station-downgrade"
    family = "protocol"
    title = "Device joins more weakly"
    severity = Severity.WARNING
    meaning = (
        "A device that can do better joins its network in an older, weaker way. Imitators bring devices to that by"
        " refusing the better way, to record a handshake that can be guessed."
    )
    advice = "Set the network in the device to WPA3 only, or in the access point. Look for an imitator of the network."
    fooled_by = (
        "A device that tries the older way by itself after a failure, or whose system was changed. What it did before"
        " this program began is not known."
    )
    reference = "Vanhoef and Ronen, Dragonblood, IEEE S&P 2020, section 4.1; IEEE 802.11-2020, 9.4.2.24"
    kinds = frozenset({ASSOC_REQ, REASSOC_REQ})

    def __init__(self, settings: RuleSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._best: Recent[tuple[bytes, bytes], list[_Joining]] = Recent(_STATIONS, list)

    def observe(self, frame: Frame) -> Verdict:
        """Compare a request with the ones before it."""
        ap, station = self.air.access_point(frame.bssid), frame.ta
        if ap is None or not ap.ssid or station is None or frame.cut or holds(frame) is False:
            return None
        rsn = parse_elements(frame.raw, frame.body + ELEMENTS_AT[frame.kind], frame.end).rsn
        if rsn is None or rsn.cut:
            return None
        names = {AKMS.get(suite, "") for suite in rsn.akms}
        now = _Joining(bool(names & _SAE), bool(names & _PSK), rsn.pmf_capable)
        best = self._best.use((station, ap.ssid))
        before = best[0] if best else now
        best[:] = [_Joining(before.sae or now.sae, now.psk, before.pmf or now.pmf)]
        security = ap.announced.security
        lost = []
        if before.sae and now.psk and not now.sae and security.protection & Protection.WPA3_PERSONAL:
            lost.append("by WPA2, not by WPA3")
        if before.pmf and not now.pmf and security.pmf is not Pmf.NONE:
            lost.append("without protected management frames (PMF)")
        if not lost:
            return None
        return Claim(
            (station, ap.ssid),
            f"{mac(station)} joins {ssid(ap.ssid)} ({mac(ap.address)}) {' and '.join(lost)}; it did better before.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=station,
            receiver=ap.address,
            threshold="one",
            confidence=HIGH if holds(frame) else MEDIUM,
        )


DETECTIONS = (StationDowngrade,)
