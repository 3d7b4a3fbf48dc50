"""Devices and SSIDs on the user's watch list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, Claim, Clear, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.events.air import NetworkProbed
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration, Mac, Ssid
from whimbrel.text import mac, ssid

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.events.base import Body
    from whimbrel.wifi.frames import Frame


class WatchedSettings(RuleSettings):
    """The watch list."""

    addresses: tuple[Mac, ...] = option(default=(), help="Devices whose arrival and departure are reported.")
    ssids: tuple[Ssid, ...] = option(
        default=(), help="Names: access points that offer one, and stations that ask for one, are reported."
    )
    absent: Duration = option(
        default=Duration(300.0), low=10.0, help="Time without a frame after which a device counts as gone."
    )


class WatchedDevice(Detection[WatchedSettings]):
    """One of `addresses` is heard, as a station or as an access point. It counts as gone after `absent` without a frame
    of it while other frames are heard. Or an access point offers one of `ssids`, or a station probes for one."""

    rule = "watched-device"
    by_scan = True  # access points are devices too
    family = "presence"
    title = "Watched device is here"
    severity = Severity.NOTICE
    meaning = "A device on your watch list is in range. The alert ends when it has been gone for a while."
    advice = "That depends on your reason for watching the device."
    fooled_by = (
        "Phones change their addresses, and anybody can use any address. A sleeping device sends nothing for minutes,"
        " and on a rarely visited channel it is missed: then set a longer `absent`."
    )
    reference = "IEEE 802.11-2020, 12.2.10 (randomised addresses)"
    kismet = ("DEVICEFOUND", "DEVICELOST", "SSIDCANARY")
    nzyme = ("UNAPPROVED_CLIENT", "PROBEREQ", "UNAPPROVED_SSID")
    Settings = WatchedSettings
    findings = (NetworkProbed,)

    def __init__(self, settings: WatchedSettings, air: Air) -> None:
        super().__init__(settings, air)
        self.quiet = settings.absent + 5.0
        self._heard: dict[bytes, tuple[float, float]] = {}  # frame time of the survey, our time
        self._since: dict[bytes, float] = {}
        self._names = frozenset(map(bytes, settings.ssids))

    def turn(self) -> Sequence[Claim | Clear]:
        """Check which of them were heard since the last check."""
        verdicts: list[Claim | Clear] = []
        for address in self.settings.addresses:
            known = self.air.station(address) or self.air.access_point(address)
            last, at = self._heard.get(address, (0.0, 0.0))
            if known is not None and known.last != last:
                self._heard[address] = (known.last, self.air.now)
                here = self._since.setdefault(address, self.air.now)
                verdicts.append(self._claim(address, self.air.now - here, known.signal.smoothed))
            elif address in self._since and self.air.now - at > self.settings.absent:
                del self._since[address]
                verdicts.append(Clear(address))
        if self._names:
            verdicts += self._offers()
        return verdicts

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        """Check for probes for one of the names."""
        if not isinstance(finding, NetworkProbed) or finding.ssid not in self._names:
            return None
        text = f'{mac(finding.station)} asks for "{ssid(finding.ssid)}"'
        return Claim(
            (finding.station, finding.ssid), text, ssid=finding.ssid, receiver=finding.station, confidence=HIGH
        )

    def _claim(self, address: bytes, seconds: float, rssi: int | None) -> Claim:
        level = "" if rssi is None else f" at {rssi} dBm"
        text = f"{mac(address)} is heard{level}, for {seconds / 60:.0f} min now"
        # As the receiver, not as the sender: the user's own devices are trusted as senders.
        return Claim(address, text, receiver=address, confidence=HIGH)

    def _offers(self) -> list[Claim | Clear]:
        verdicts: list[Claim | Clear] = []
        for ap in self.air.survey.access_points.table.entries.values():
            if ap.ssid in self._names and self._heard.get(ap.address, (0.0, 0.0))[0] != ap.last:
                if len(self._heard) < 512 or ap.address in self._heard:
                    self._heard[ap.address] = (ap.last, self.air.now)
                text = f'{mac(ap.address)} offers "{ssid(ap.ssid)}"'
                verdicts.append(Claim((ap.address, ap.ssid), text, bssid=ap.address, ssid=ap.ssid, confidence=HIGH))
        return verdicts


DETECTIONS = (WatchedDevice,)
