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
"""Access points that are to be compared once they have said the same for a while."""


class ComparedWithThePast(Detection[S]):
    """Compares what an access point announces with earlier days, once it has lasted, and again whenever it, or what is
    known of those days, is another."""

    family = "weakness"
    confirm: int
    """Beacons that must say the same first: a forged one, or one that was damaged, is followed by others."""

    def __init__(self, settings: S, air: Air) -> None:
        super().__init__(settings, air)
        self._waiting: dict[bytes, tuple[Frame | None, int]] = {}
        self._past = air.past

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Have the access point compared."""
        if self._is_known(ap):
            self._wait(ap, frame)
        return None

    def turn(self) -> Sequence[Claim | Clear]:
        """Compare those that have lasted."""
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
        """Return whether earlier days have anything to say of it."""
        raise NotImplementedError

    def _compare(self, ap: AccessPoint, frames: Sequence[Frame]) -> list[Claim | Clear]:
        """Compare the present announcement."""
        raise NotImplementedError


class ReturnedSettings(RuleSettings):
    """Settings of `weakness-returned`."""

    gone: Duration = option(
        default=Duration(3600.0), low=600, help="How long it must have been without the weakness before."
    )
    confirm: int = option(default=20, low=2, high=1000, help="Beacons that must say so first.")


class WeaknessReturned(ComparedWithThePast[ReturnedSettings]):
    """An access point has a weakness again (no encryption, WEP, TKIP, WPS, no protection of management frames) that, by
    the history, it once had for ten minutes or longer, and then did not have for at least `gone`; `confirm` beacons say
    so. Of a guarded network a warning, of others a notice. Needs the module history."""

    rule = "weakness-returned"
    title = "Weakness came back"
    severity = Severity.NOTICE
    meaning = (
        "Somebody had mended this access point, and it is as weak as before: it was reset, its firmware was replaced, "
        "or somebody set it up anew. Or another device has taken its address."
    )
    advice = "If it is yours, look at its settings, and find out who or what has changed them."
    fooled_by = (
        "A weakness that is switched on for a while on purpose, as WPS is to take a device in. What was not listened "
        "to, or is older than the history, is not known."
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
                    f"{_named(ap)} has {IN_WORDS[weakness]} again; it had been without for {span(away)}",
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
    confirm: int = option(default=50, low=2, high=1000, help="Beacons that must say so first.")


class ProtectionFell(ComparedWithThePast[FellSettings]):
    """An access point of a guarded network protects less (an older way in, a weaker cipher, less protection of
    management frames) than it did, by the history, for ten minutes or longer and at most `within` ago; `confirm`
    beacons say so. Needs the module history."""

    rule = "protection-fell"
    title = "Guarded network got weaker"
    severity = Severity.WARNING
    meaning = (
        "Your access point lets stations in by a weaker way than it did some time ago, and nobody has noticed since: a "
        "password that was worth nothing to an attacker may be guessed from one handshake now."
    )
    advice = (
        "Set it back, or find out who or what has changed it. If it is meant so, `whimbrel learn` guards it as it is, "
        "and `mute_ssids` of this rule leaves it alone."
    )
    fooled_by = (
        "A change that you made yourself. An imitation that keeps on for longer than `confirm` beacons looks the same: "
        "security-downgrade and duplicate-sender tell those while they happen."
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
