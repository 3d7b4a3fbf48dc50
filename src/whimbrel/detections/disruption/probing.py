"""Storms of probe requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.kinds import PROBE_REQ

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.wifi.frames import Frame


class ProbeSettings(RuleSettings):
    """The number of addresses."""

    count: int = option(default=80, low=10, high=200, help="Addresses that send exactly the same requests.")
    window: Duration = option(default=Duration(10.0), low=1, high=600, help="Listening time this must lie within.")


class _Kin:
    """The addresses with equal requests, the newest last, with the moment of each one's first request."""

    __slots__ = ("addresses", "seen")

    def __init__(self) -> None:
        self.addresses: dict[bytes, Moment] = {}
        self.seen = 0


class ProbeFlood(Detection[ProbeSettings]):
    """Within `window` of listening, at least `count` addresses send their first probe request with the same elements
    (except the SSID). An address that has dropped out of the newest `count` counts as new again.
    """

    rule = "probe-flood"
    family = "disruption"
    title = "Probe request storm"
    severity = Severity.NOTICE
    meaning = (
        "Very many addresses ask for networks in the same way: one device pretends to be many, and every access point"
        " around answers it. That takes air time, and hides the devices that are really there."
    )
    advice = "Nothing, if you are in a crowd. Otherwise follow the signal of these addresses to find the sender."
    fooled_by = (
        "A crowd of phones of one model, which change their addresses all the time. A storm of differing requests is"
        " missed."
    )
    reference = "IEEE 802.11-2020, 11.1.4.3; 12.2.10 (random addresses)"
    Settings = ProbeSettings
    kinds = frozenset({PROBE_REQ})

    def __init__(self, settings: ProbeSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._kins: Recent[str, _Kin] = Recent(8, _Kin)

    def observe(self, frame: Frame) -> Verdict:
        """Count a new address."""
        air, settings = self.air, self.settings
        station = air.station(frame.ta)
        if station is None or not station.fingerprint:
            return None
        kin = self._kins.use(station.fingerprint)
        addresses = kin.addresses
        if station.address in addresses:
            return None
        kin.seen += 1
        addresses[station.address] = moment = air.moment
        if len(addresses) > settings.count:
            del addresses[next(iter(addresses))]
        if len(addresses) < settings.count:
            return None
        first = next(iter(addresses.values()))
        if not first.is_within(settings.window, moment):
            return None
        return Claim(
            key="storm",
            text=f"{len(addresses)} addresses asked for networks in exactly the same way within "
            f"{first.until(moment):.1f} s of listening, the last one {mac(frame.ta)}.",
            sender=frame.ta,
            seen=kin.seen,
            threshold=f"{settings.count} in {settings.window:g} s",
            confidence=LOW,
        )


DETECTIONS = (ProbeFlood,)
