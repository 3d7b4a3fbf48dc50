"""A station that joins a network with less protection than before, although the network offers more."""

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
    """The protection in a station's request."""

    sae: bool
    psk: bool
    pmf: bool


class StationDowngrade(Detection[RuleSettings]):
    """A station that has joined a network with SAE or with PMF asks to join the same network with a pre-shared key
    instead, or without PMF, although the access point offers the earlier protection.

    A network is identified by its SSID. A station is identified by its address, so after a change of the address it is
    another one. Truncated frames and frames with a wrong check sequence do not count.
    """

    rule = "station-downgrade"
    family = "protocol"
    title = "Device joins more weakly"
    severity = Severity.WARNING
    meaning = (
        "A device joins its network with older, weaker protection than it supports. Imitators cause that by refusing"
        " the stronger protection, to record a handshake with a guessable password."
    )
    advice = "Set the network to WPA3 only, in the device or in the access point. Look for an imitator of the network."
    fooled_by = (
        "A device that tries the older protection by itself after a failure, or with a changed system. Its behaviour"
        " before the start of this program is unknown."
    )
    reference = "Vanhoef and Ronen, Dragonblood, IEEE S&P 2020, section 4.1; IEEE 802.11-2020, 9.4.2.24"
    kinds = frozenset({ASSOC_REQ, REASSOC_REQ})

    def __init__(self, settings: RuleSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._best: Recent[tuple[bytes, bytes], list[_Joining]] = Recent(_STATIONS, list)

    def observe(self, frame: Frame) -> Verdict:
        """Compare a request with earlier ones."""
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
            f"{mac(station)} joins {ssid(ap.ssid)} ({mac(ap.address)}) {' and '.join(lost)}; it used more protection"
            " before.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=station,
            receiver=ap.address,
            threshold="one",
            confidence=HIGH if holds(frame) else MEDIUM,
        )


DETECTIONS = (StationDowngrade,)
