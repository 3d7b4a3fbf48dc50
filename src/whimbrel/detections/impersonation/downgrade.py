"""Networks with less protection than before, and networks that change between ad hoc and access point."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.detections.base import HIGH, LOW, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.impersonation.networks import ESTABLISHED
from whimbrel.detections.impersonation.strength import is_bare, losses
from whimbrel.detections.impersonation.watch import Watch
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.text import ssid as shown
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import PROBE_RESP

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame
    from whimbrel.wifi.security import Security

_WATCHED = 128
_FLIPS = 24
_CHANGING = frozenset({5, 11})
"""Elements: TIM, BSS load."""
_AGAIN = 64
"""Beacons of an ad-hoc network between two searches for an access point of its name."""


class DowngradeSettings(RuleSettings):
    """Settings of `security-downgrade`."""

    frames: int = option(
        default=5, low=1, high=1000, help="Least number of beacons with less protection for a lasting change."
    )
    lasting: Duration = option(default=Duration(10.0), low=0, high=3600, help="How long a change must last.")
    flips: int = option(
        default=3, low=2, high=_FLIPS, help="Changes to less protection within `within` that prove two transmitters."
    )
    within: Duration = option(default=Duration(60.0), low=1, high=3600, help="The most time from first to last.")


class _Fall:
    """A BSSID with less protection than before."""

    __slots__ = ("after", "before", "count", "falls", "lost", "once", "since", "weak")

    def __init__(self) -> None:
        self.before: Security | None = None
        self.after: Security | None = None
        self.lost: list[str] = []
        self.since = 0.0
        self.count = 0
        self.weak = False
        self.falls: deque[float] = deque(maxlen=_FLIPS)
        self.once: dict[int, float] = {}
        """The times of falls that may be due to damage, by a hash of the announcement: damage does not come again."""

    def fall(self, content: int | None, now: float) -> None:
        """Count a change for the worse; `content` is that of a beacon that may be damaged."""
        if content is None:
            self.falls.append(now)
        elif content not in self.once:
            if len(self.once) >= _FLIPS:
                del self.once[next(iter(self.once))]
            self.once[content] = now
        else:
            if self.once[content] > 0:
                self.falls.append(self.once[content])
                self.once[content] = 0.0
            self.falls.append(now)


class _Rise(NamedTuple):
    """A BSSID with more protection than before."""

    after: Security
    beacons: int
    at: float
    times: int


class SecurityDowngrade(Detection[DowngradeSettings]):
    """A BSSID announces less protection than before, under the same name: open or WEP instead of encryption, an older
    generation instead of or in addition to a newer one (WPA3, WPA2), a password instead of a login, less protection of
    management frames (required, optional, none), or a weaker cipher.

    Alternating protection, with `flips` changes for the worse within `within`, means that two transmitters share the
    address: critical if the weaker one is open or WEP, else a warning. A lasting change, with at least `frames` beacons
    (of the sampled ones, about every fifth) over at least `lasting`, is a notice, or a warning for a guarded network,
    because a change by the owner looks the same. A BSSID with a guarded name that offers less than the best established
    one of that name is a notice too. Truncated frames, and frames with incomplete security elements, do not count. Nor
    does a return from more protection that was announced for fewer than `frames` beacons, up to `flips` times in a row,
    because damaged frames cause that; nor, where the capture has no check sequences, a change for the worse whose
    elements come only once.
    """

    rule = "security-downgrade"
    family = "impersonation"
    title = "Protection became weaker"
    severity = Severity.WARNING
    meaning = (
        "An access point announces weaker protection than before. Imitators do that, because they can break weaker"
        " protection or need no password for it."
    )
    advice = (
        "Ask the owner whether the settings were changed. If not, do not join, and keep your devices from joining that"
        " network by themselves."
    )
    fooled_by = (
        "A change by the owner, a factory reset, or new defaults of a firmware; these last, and do not alternate. This"
        " rule misses a copy that was there from the start."
    )
    reference = "Vanhoef and Ronen, Dragonblood, 2020 (WPA3 downgrade); IEEE 802.11-2020, 9.4.2.24"
    kismet = ("CRYPTODROP", "ADVCRYPTCHANGE")
    nzyme = ("MONITOR_SECURITY_SUITE",)
    Settings = DowngradeSettings
    quiet = 180.0
    pairs = Watch

    def __init__(self, settings: DowngradeSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._watch = air.shared(Watch)
        self._falls: Recent[bytes, _Fall] = Recent(_WATCHED, _Fall)
        self._rises: Recent[bytes, list[_Rise]] = Recent(_WATCHED, list)
        self._best: dict[bytes, Security] = {}

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Compare with the previous announcement."""
        said = ap.announced
        if ap.ssid in self.air.guard.by_ssid:
            self._watch.add(ap)
        if before is None or said.cut or before.cut or frame.kind == PROBE_RESP or not ap.beacons:
            return None
        if before.ssid and said.ssid and before.ssid != said.ssid:
            return None
        fall = self._falls.get(ap.address)
        if fall is None or fall.before is None:
            lost = losses(before.security, said.security)
            if not lost:
                self._rise(ap, before, said)
                return None
            if ap.beacons <= self.settings.frames or self._is_slip(ap, before):
                return None
            fall = self._falls.use(ap.address)
            fall.before, fall.lost = before.security, lost
        else:
            lost = losses(fall.before, said.security)
            if not lost:
                fall.weak = False
                return None
            fall.lost = lost
        if not fall.weak:
            fall.weak = True
            fall.since = self.air.now
            fall.count = 0
            fall.fall(None if holds(frame) else _content(said), self.air.now)
        fall.after = said.security
        self._watch.add(ap)
        return self._judge(ap, fall)

    def _rise(self, ap: AccessPoint, before: Announcement, said: Announcement) -> None:
        """Remember an announcement of more protection than before."""
        if before.security != said.security:
            rises, now = self._rises.use(ap.address), self.air.now
            again = bool(rises) and rises[0].after == said.security and now - rises[0].at <= self.settings.within
            rises[:] = [_Rise(said.security, ap.beacons, now, rises[0].times + 1 if again else 1)]

    def _is_slip(self, ap: AccessPoint, before: Announcement) -> bool:
        """Return whether the lost protection was announced only briefly and rarely, as by damaged frames."""
        rises = self._rises.get(ap.address)
        if not rises or rises[0].after != before.security or rises[0].times > self.settings.flips:
            return False
        return ap.beacons - rises[0].beacons < self.settings.frames

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Count beacons of less protected access points; compare the access points of a guarded SSID."""
        fall = self._falls.entries.get(ap.address)
        if fall is not None and fall.weak:
            return self._judge(ap, fall)
        if ap.ssid in self.air.guard.by_ssid and ap.beacons >= ESTABLISHED:
            return self._compare(ap)
        return None

    def _judge(self, ap: AccessPoint, fall: _Fall) -> Verdict:
        settings, now = self.settings, self.air.now
        fall.count += 1
        falls = sum(1 for at in fall.falls if now - at <= settings.within)
        after, before = fall.after, fall.before
        if after is None or before is None:
            return None
        what = "; ".join(fall.lost)
        whose = f"{mac(ap.address)} “{shown(ap.ssid)}”"
        bare = is_bare(after) and not is_bare(before)
        if falls >= settings.flips:
            return Claim(
                key=ap.address,
                text=f"{whose} changes to and fro: {what}, {falls} times in the last {settings.within:.0f} s."
                " Two transmitters use its address.",
                bssid=ap.address,
                ssid=ap.ssid,
                sender=ap.address,
                seen=falls,
                threshold=f"{settings.flips} in {settings.within:.0f} s",
                confidence=HIGH,
                severity=Severity.CRITICAL if bare else Severity.WARNING,
            )
        if fall.count < settings.frames or now - fall.since < settings.lasting:
            return None
        guarded = ap.ssid in self.air.guard.by_ssid
        return Claim(
            key=ap.address,
            text=f"{whose} protects less than before, for {now - fall.since:.0f} s now: {what}.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=ap.address,
            seen=fall.count,
            threshold=f"{settings.frames} beacons over {settings.lasting:.0f} s",
            confidence=MEDIUM if guarded else LOW,
            severity=Severity.WARNING if guarded else Severity.NOTICE,
        )

    def _compare(self, ap: AccessPoint) -> Verdict:
        """Compare an established access point of a guarded name with the best one of that name."""
        network = self.air.guard.by_ssid[ap.ssid]
        security = ap.announced.security
        if (network.bssids and ap.address not in network.bssids) or ap.announced.cut:
            return None
        best = self._best.get(ap.ssid)
        if best is None or best == security or losses(security, best):
            self._best[ap.ssid] = security
            return None
        lost = losses(best, security)
        if not lost:
            return None
        return Claim(
            key=(ap.address, ap.ssid),
            text=f"{mac(ap.address)} “{shown(ap.ssid)}” protects less than another access point of that name:"
            f" {'; '.join(lost)}.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=ap.address,
            seen=ap.beacons,
            threshold=f"{ESTABLISHED} beacons",
            confidence=LOW,
            severity=Severity.NOTICE,
        )


def _content(said: Announcement) -> int:
    """Return a hash of the elements of an announcement, without what changes with every beacon."""
    spans = [span for span in said.spans if span[0] not in _CHANGING]
    return hash((said.capability, *((number, bytes(said.raw[start:end])) for number, start, end in spans)))


class AdhocSettings(RuleSettings):
    """Settings of `adhoc-conflict`."""

    flips: int = option(default=3, low=1, high=_FLIPS, help="Changes between ad hoc and access point within `within`.")
    within: Duration = option(default=Duration(60.0), low=1, high=3600, help="The most time from first to last.")
    frames: int = option(
        default=5, low=2, high=1000, help="Beacons of an ad-hoc network with the name of an access point."
    )


class AdhocConflict(Detection[AdhocSettings]):
    """A BSSID changes at least `flips` times within `within` between an ad-hoc network (IBSS) and an access point
    (ESS). Or at least `frames` beacons of an ad-hoc network have the name of a known access point: a notice, or a
    warning if that name is guarded.

    The capability bits ESS and IBSS decide; a frame with neither (a mesh) or with both does not count as ad hoc.
    """

    rule = "adhoc-conflict"
    family = "impersonation"
    title = "Ad hoc poses as access point"
    severity = Severity.WARNING
    meaning = "Somebody imitates an access point or its network by an ad-hoc network of the same address or name."
    advice = "Do not join it manually. Devices of the last ten years do not join ad-hoc networks by themselves."
    fooled_by = "Old laptops that offer a network they once used. A single change may be a device with new settings."
    reference = "IEEE 802.11-2020, 9.4.1.4 (ESS and IBSS)"
    kismet = ("ADHOCCONFLICT",)
    Settings = AdhocSettings
    quiet = 180.0
    pairs = Watch

    def __init__(self, settings: AdhocSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._watch = air.shared(Watch)
        self._flips: Recent[bytes, deque[float]] = Recent(_WATCHED, lambda: deque(maxlen=_FLIPS))
        self._named: Recent[bytes, list[bytes]] = Recent(_WATCHED, list)

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Count changes of one BSSID."""
        if ap.announced.adhoc:
            self._watch.add(ap)
        if before is None or before.adhoc == ap.announced.adhoc or before.cut or ap.announced.cut:
            return None
        settings, now = self.settings, self.air.now
        flips = self._flips.use(ap.address)
        flips.append(now)
        seen = sum(1 for at in flips if now - at <= settings.within)
        if seen < settings.flips:
            return None
        return Claim(
            key=ap.address,
            text=f"{mac(ap.address)} “{shown(ap.ssid)}” changed between ad hoc and access point {seen} times in"
            f" {settings.within:.0f} s.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=ap.address,
            seen=seen,
            threshold=f"{settings.flips} in {settings.within:.0f} s",
            confidence=HIGH if seen > settings.flips else MEDIUM,
        )

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Check whether an ad-hoc network has an access point's name."""
        if not ap.announced.adhoc or not ap.ssid or ap.beacons < self.settings.frames:
            return None
        found = self._named.get(ap.address)
        if not found or found[0] != ap.ssid or (len(found) < 2 and ap.beacons % _AGAIN < self.settings.frames):
            found = self._named.use(ap.address)
            found[:] = [ap.ssid, *self._access_points(ap.ssid)]
        if len(found) < 2:
            return None
        return Claim(
            key=(ap.address, ap.ssid),
            text=f"{mac(ap.address)} is an ad-hoc network with the name “{shown(ap.ssid)}” of the access point"
            f" {mac(found[1])}.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=frame.ta,
            seen=ap.beacons,
            threshold=f"{self.settings.frames} beacons",
            confidence=MEDIUM,
            severity=Severity.WARNING if ap.ssid in self.air.guard.by_ssid else Severity.NOTICE,
        )

    def _access_points(self, name: bytes) -> list[bytes]:
        known = self.air.survey.access_points.table.entries.values()
        return [ap.address for ap in known if ap.ssid == name and not ap.announced.adhoc and ap.beacons >= ESTABLISHED][
            :1
        ]


DETECTIONS = (SecurityDowngrade, AdhocConflict)
