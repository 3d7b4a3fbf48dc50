"""Rules that need the history: a weakness that came back, and a guarded network with less protection than before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from whimbrel.detections.base import HIGH, MEDIUM, Claim, Clear, Detection, Verdict
from whimbrel.detections.impersonation.strength import losses
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.weakness.properties import IN_WORDS, weaknesses
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wording.quantities import span

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame
    from whimbrel.wifi.security import Security

S = TypeVar("S", bound=RuleSettings)

_WAITING = 128
"""Limit of access points that wait for their comparison, until their announcement has lasted."""


class ComparedWithThePast(Detection[S]):
    """Compares a lasting announcement of an access point with earlier days, and again after each change of the
    announcement or of the known past."""

    family = "weakness"
    confirm: int
    """The least number of equal beacons before the comparison: a forged or damaged one is followed by others."""

    def __init__(self, settings: S, air: Air) -> None:
        super().__init__(settings, air)
        self._waiting: dict[bytes, tuple[Frame | None, int]] = {}
        self._past = air.past

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Schedule the comparison of the access point."""
        if self._is_known(ap):
            self._wait(ap, frame)
        return None

    def turn(self) -> Sequence[Claim | Clear]:
        """Compare lasting announcements."""
        air = self.air
        if air.past is not self._past:
            self._past = air.past
            for address in [*air.past.weaknesses, *self._guarded()]:
                ap = air.access_point(address)
                if ap is not None:
                    self._wait(ap, ap.beacon)
        found: list[Claim | Clear] = []
        for address, (frame, beacons) in list(self._waiting.items()):
            ap = air.access_point(address)
            if ap is None:
                del self._waiting[address]
            elif ap.beacons - beacons >= self.confirm:
                del self._waiting[address]
                if not (ap.announced.cut or ap.announced.adhoc):
                    found += self._compare(ap, () if frame is None else (frame,))
        return found

    def _guarded(self) -> Iterator[bytes]:
        for networks in self.air.past.networks.values():
            for network in networks:
                yield network.bssid

    def _wait(self, ap: AccessPoint, frame: Frame | None) -> None:
        if ap.address not in self._waiting and len(self._waiting) >= _WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[ap.address] = frame, ap.beacons

    def _is_known(self, ap: AccessPoint) -> bool:
        """Return whether the past contains facts about it."""
        raise NotImplementedError

    def _compare(self, ap: AccessPoint, frames: Sequence[Frame]) -> list[Claim | Clear]:
        """Compare the present announcement."""
        raise NotImplementedError


class ReturnedSettings(RuleSettings):
    """Settings of `weakness-returned`."""

    gone: Duration = option(default=Duration(3600.0), low=600, help="How long it must have been without the weakness.")
    confirm: int = option(default=20, low=2, high=1000, help="Least number of beacons that confirm it.")


class WeaknessReturned(ComparedWithThePast[ReturnedSettings]):
    """An access point has a weakness again (no encryption, WEP, TKIP, WPS, no protection of management frames). By the
    history, it once had it for at least ten minutes, and then not for at least `gone`. `confirm` beacons must confirm
    it. A warning for a guarded network, a notice for others. Needs the module `history`."""

    rule = "weakness-returned"
    title = "Weakness came back"
    severity = Severity.NOTICE
    meaning = (
        "This weakness of the access point had been fixed, and is back: the access point was reset, or has new firmware"
        " or new settings. Or another device uses its address."
    )
    advice = "If it is yours, check its settings, and find the cause of the change."
    fooled_by = (
        "A weakness that is switched on for a while on purpose, such as WPS to add a device. Times without listening,"
        " or older than the history, are unknown."
    )
    reference = "IEEE 802.11-2020, 9.4.2.24 (RSNE); Wi-Fi Simple Configuration 2.0.8"
    Settings = ReturnedSettings
    once = True

    def __init__(self, settings: ReturnedSettings, air: Air) -> None:
        super().__init__(settings, air)
        self.confirm = settings.confirm

    def _is_known(self, ap: AccessPoint) -> bool:
        return ap.address in self.air.past.weaknesses

    def _compare(self, ap: AccessPoint, frames: Sequence[Frame]) -> list[Claim | Clear]:
        past = self.air.past.weaknesses.get(ap.address, {})
        said = ap.announced
        found: list[Claim | Clear] = []
        for weakness in sorted(weaknesses(said.security, wps=said.wps) & past.keys()):
            away = ap.last - past[weakness].since
            if away < self.settings.gone:
                continue
            guarded = self.air.guard.network(ap.ssid, ap.address) is not None
            found.append(
                Claim(
                    (ap.address, weakness),
                    f"{_named(ap)} has {IN_WORDS[weakness]} again, after {span(away)} without",
                    bssid=ap.address,
                    ssid=ap.ssid,
                    sender=ap.address,
                    threshold=f"{self.settings.confirm} beacons, after {span(self.settings.gone)} without",
                    confidence=HIGH,
                    severity=Severity.WARNING if guarded else None,
                    frames=frames,
                )
            )
        return found


class FellSettings(RuleSettings):
    """Settings of `protection-fell`."""

    within: Duration = option(
        default=Duration(62 * 86400.0), low=3600, help="How long ago the better protection may have been."
    )
    confirm: int = option(default=50, low=2, high=1000, help="Least number of beacons that confirm it.")


class ProtectionFell(ComparedWithThePast[FellSettings]):
    """An access point of a guarded network offers less protection (an older generation, a weaker cipher, less
    protection of management frames) than before: by the history, it offered more for at least ten minutes, at most
    `within` ago. `confirm` beacons must confirm it. Needs the module `history`."""

    rule = "protection-fell"
    title = "Guarded network got weaker"
    severity = Severity.WARNING
    meaning = (
        "Your access point has less protection than some time ago, and the change was missed when it happened. A"
        " recorded handshake may now be enough to guess a password that was safe before."
    )
    advice = (
        "Restore the settings, and find the cause of the change. If the change is intended, guard the new state with"
        " `whimbrel learn`, and add the network to `mute_ssids` of this rule."
    )
    fooled_by = (
        "A change that you made yourself. An imitation that lasts longer than `confirm` beacons looks the same:"
        " security-downgrade and the rules about two transmitters (two-clocks, two-counters) detect it while it"
        " happens."
    )
    reference = "IEEE 802.11-2020, 9.4.2.24.3 (AKM suites); WPA3 Specification 3.4, 2.3"
    Settings = FellSettings
    once = True

    def __init__(self, settings: FellSettings, air: Air) -> None:
        super().__init__(settings, air)
        self.confirm = settings.confirm

    def _is_known(self, ap: AccessPoint) -> bool:
        return ap.ssid in self.air.past.networks

    def _compare(self, ap: AccessPoint, frames: Sequence[Frame]) -> list[Claim | Clear]:
        if ap.ssid not in self.air.guard.by_ssid:
            return []
        now = ap.announced.security
        for before in self.air.past.networks.get(ap.ssid, ()):
            ago = ap.last - before.last
            if before.bssid != ap.address or not 0 <= ago <= self.settings.within:
                continue
            lost = losses(before.security, now)
            if lost:
                return [self._claim(ap, lost, before.security, ago, frames)]
        return []

    def _claim(
        self, ap: AccessPoint, lost: Sequence[str], before: Security, ago: float, frames: Sequence[Frame]
    ) -> Claim:
        return Claim(
            (ap.address, str(before.protection), str(ap.announced.security.protection)),
            f"{_named(ap)} protects less than {span(ago)} ago: {'; '.join(lost)}",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=ap.address,
            threshold=f"{self.settings.confirm} beacons",
            confidence=MEDIUM,
            frames=frames,
        )


def _named(ap: AccessPoint) -> str:
    return f'"{ssid(ap.ssid)}" ({mac(ap.address)})' if ap.ssid else f"the hidden network of {mac(ap.address)}"


DETECTIONS = (WeaknessReturned, ProtectionFell)
