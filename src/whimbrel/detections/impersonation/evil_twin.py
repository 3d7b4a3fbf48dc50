"""Access points that use the name of a network they do not belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.impersonation.addresses import is_derived, same_maker
from whimbrel.detections.impersonation.names import name_in
from whimbrel.detections.impersonation.networks import ESTABLISHED, NetworkMembers, Networks
from whimbrel.detections.impersonation.strength import WEP, is_bare, is_protected, losses, strength
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.air import Disconnected, StationJoined
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.text import ssid as shown
from whimbrel.wifi.kinds import PROBE_RESP, PROTECTED, RETRY
from whimbrel.wifi.security import Protection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from whimbrel.detections.air import Air
    from whimbrel.detections.guarded import GuardedNetwork
    from whimbrel.events.base import Body
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_SUSPECTS = 96
_JOINED = 16
_SAMPLES, _SAMPLED = 40, 5
"""Beacons between two looks at a known access point: one of eight sampled ones."""
_YOUNG = 300
"""The most seconds since the start of a suspicious access point, by its own timestamp."""


class TwinSettings(RuleSettings):
    """Settings of `evil-twin`."""

    frames: int = option(default=3, low=1, high=1000, help="Least number of its beacons or probe responses.")
    known: Duration = option(
        default=Duration(60.0),
        low=0,
        high=86400,
        help="How long an unguarded network must be known before a copy of it counts.",
    )
    disconnections: int = option(
        default=5, low=1, high=30, help="Disconnections by the known network that make a copy of it suspicious."
    )
    within: Duration = option(
        default=Duration(60.0),
        low=1,
        high=3600,
        help="The most time from the first of them to the last, and to the copy.",
    )


class _Twin:
    __slots__ = (
        "bare", "confidence", "count", "frames", "joined", "name", "seq", "severity", "since", "waits", "why",
    )  # fmt: skip

    def __init__(self) -> None:
        self.name = b""
        self.bare = False
        """Whether it is an open copy of an unguarded, protected network."""
        self.since = 0.0
        self.waits = False
        """Whether it is only weaker so far: it is told if the network's stations are disconnected soon."""
        self.why = ""
        self.severity = Severity.NOTICE
        self.confidence = LOW
        self.count = 0
        self.seq: int | None = None
        self.joined: dict[bytes, None] = {}
        self.frames: Sequence[Frame] = ()


class EvilTwin(Detection[TwinSettings]):
    """At least `frames` beacons or probe responses of one BSSID use the name of a network that it does not belong to.

    If the network is guarded and its BSSIDs are listed, any other BSSID counts. The alert is critical; a warning if the
    BSSID has the vendor prefix of a listed one, and a notice if it may be derived from one. Open or WEP is always
    critical if the guarded network is neither.

    Any other network must be known for `known` with all its access points protected. Then a new BSSID that is open or
    WEP is a notice; a warning if the network is guarded, or if a station of a known access point joins it.
    Disconnections make a copy more suspicious: at least `disconnections` of them, in the name of the known access
    points, within `within` (time spent on the channel). A copy first heard within `within` after them, or before them,
    is a warning if it is open, or if it offers less than each of them and started less than 300 s ago by its own
    timestamp; one first heard after them is a notice if it has the same protection and started so lately. Otherwise
    several access points of one name with the same protection are normal, and so are the open half of an OWE
    transition network and names that have always been open.
    """

    rule = "evil-twin"
    family = "impersonation"
    title = "Copy of a known network"
    severity = Severity.CRITICAL
    meaning = (
        "An access point uses the name of a network that it does not belong to. Devices that know the name may join it"
        " by themselves, and then its owner handles everything that they send."
    )
    advice = (
        "Do not use that network here until you know. If the access point is your own (a new one, a repeater), add its"
        " address to watcher.guarded."
    )
    fooled_by = (
        "A new access point or repeater of your own; a neighbour with the same factory name. Other rules detect a copy"
        " that uses the address too."
    )
    reference = "IEEE 802.11-2020, 4.3.5 (extended service set): it does not restrict the use of names"
    kismet = ("APSPOOF",)
    nzyme = ("MONITOR_BSSID",)
    Settings = TwinSettings
    kinds = frozenset({PROBE_RESP})
    findings = (Disconnected, StationJoined)
    quiet = 180.0

    def __init__(self, settings: TwinSettings, air: Air) -> None:
        super().__init__(settings, air)
        self.networks = Networks()
        self._suspects: Recent[bytes, _Twin] = Recent(_SUSPECTS, _Twin)
        self._disconnections, self._within = settings.disconnections, float(settings.within)

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Judge an access point that is new, or has another name or security."""
        name = ap.announced.ssid or ap.ssid
        if not name:
            return None
        network = self._listed(name)
        if network is None:
            return self._copy(frame, ap, name, before)
        if ap.address in network.bssids or (frame.kind == PROBE_RESP and ap.address == frame.bssid):
            return None  # `observe` judges probe responses
        if ap.announced.mld is not None and any(self.air.are_links(own, ap.address) for own in network.bssids):
            return None
        return self._stranger(frame, ap.address, network)

    def observe(self, frame: Frame) -> Verdict:
        """Judge a probe response in the name of a guarded network."""
        if not self.air.guard.networks:
            return None
        network = self._listed(name_in(frame))
        address = frame.bssid
        if network is None or address is None or address in network.bssids:
            return None
        if any(self.air.are_links(own, address) for own in network.bssids):
            return None
        return self._stranger(frame, address, network)

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Count beacons of suspects, and learn from the others."""
        entries = self._suspects.entries
        suspect = entries.get(ap.address)
        if suspect is not None:
            return self._again(frame, ap.address, suspect)
        if (ap.beacons - ESTABLISHED) % _SAMPLES < _SAMPLED:
            self.networks.hear(ap, self.air.now)
        if entries:
            for address in ap.announced.carries:
                suspect = entries.get(address)
                if suspect is not None:
                    return self._again(frame, address, suspect)
        return None

    def beacons_of(self) -> Iterable[bytes]:
        """Return the suspects, and the access points that announce one."""
        carriers = (self.air.access_point(address) for address in self._suspects.entries)
        return (*self._suspects.entries, *(ap.carrier for ap in carriers if ap is not None and ap.carrier is not None))

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        """Note disconnected stations, and stations that joined a suspect."""
        if finding.__class__ is Disconnected:
            bssid = frame.bssid
            if frame.ta != bssid or frame.flags & PROTECTED:
                return None
            ap = self.air.access_points.get(bssid)  # type: ignore[arg-type]  # None is nobody's
            network = None if ap is None else self.networks.get(ap.ssid)
            if network is not None and ap is not None:
                network.kick(self.air, frame, self._disconnections, self._within)
                if self._suspects.entries and network.kicked == self.air.now:
                    self._accuse(ap.ssid, network)
            return None
        if not isinstance(finding, StationJoined):
            return None
        suspect = self._suspects.get(finding.bssid)
        if suspect is None:
            return None
        if len(suspect.joined) < _JOINED:
            suspect.joined[finding.station] = None
        network = self.networks.get(suspect.name)
        if suspect.bare and network is not None and finding.previous in network.members:
            suspect.severity, suspect.confidence = Severity.WARNING, HIGH
        told = suspect.count >= self.settings.frames and not suspect.waits
        return self._claim(finding.bssid, suspect) if told else None

    def _accuse(self, name: bytes, network: NetworkMembers) -> None:
        """Take an open copy more seriously, because the network's stations are being disconnected."""
        for suspect in self._suspects.entries.values():
            if suspect.name != name or suspect.confidence == HIGH or not (suspect.bare or suspect.waits):
                continue
            if suspect.bare or self.air.now - suspect.since <= self.settings.within:
                suspect.severity, suspect.confidence = Severity.WARNING, HIGH if suspect.bare else MEDIUM
                suspect.waits = False
                suspect.why += "; these are being disconnected"
                suspect.frames = network.kicks

    def _listed(self, name: bytes) -> GuardedNetwork | None:
        """Return the guarded network of that name if its BSSIDs are listed."""
        network = self.air.guard.by_ssid.get(name)
        return network if network is not None and network.bssids else None

    def _again(self, frame: Frame, address: bytes, suspect: _Twin) -> Verdict:
        """Count a beacon of a suspect; it is judged anew if its network has been guarded meanwhile."""
        network = self._listed(suspect.name) if suspect.waits or suspect.bare else None
        if network is None:
            return self._count(frame, address, suspect)
        if address in network.bssids or any(self.air.are_links(own, address) for own in network.bssids):
            self._suspects.drop(address)
            return None
        return self._stranger(frame, address, network)

    def _stranger(self, frame: Frame, address: bytes, network: GuardedNetwork) -> Verdict:
        """Judge a BSSID that uses the name of a guarded network but is not listed for it."""
        suspect = self._suspects.use(address)
        unguarded = suspect.waits or suspect.bare
        if suspect.name != network.ssid or suspect.count < self.settings.frames or unguarded:
            suspect.name = network.ssid
            self._weigh(suspect, frame, address, network)
        return self._count(frame, address, suspect)

    def _weigh(self, suspect: _Twin, frame: Frame, address: bytes, network: GuardedNetwork) -> None:
        suspect.waits = suspect.bare = False
        ap = self.air.access_point(address)
        security = None if ap is None else ap.announced.security
        known = [self.air.access_point(own) for own in network.bssids]
        weaker = security is not None and _is_weaker(security.protection, network)
        for own in known:
            if own is not None and security is not None and own.announced.ssid == network.ssid:
                weaker = weaker or (is_bare(security) and is_protected(own.announced.security))
        if weaker and security is not None:
            suspect.severity, suspect.confidence = Severity.CRITICAL, HIGH
            suspect.why = f"and is {security.name}, which your network is not"
        elif is_derived(address, network.bssids):
            suspect.severity, suspect.confidence = Severity.NOTICE, LOW
            suspect.why = "though its address is close to one: it may be another radio or network of your own device"
        elif same_maker(address, network.bssids):
            suspect.severity, suspect.confidence = Severity.WARNING, LOW
            suspect.why = "though its address is by the same maker: it may be another device of your own"
        else:
            suspect.severity, suspect.confidence = Severity.CRITICAL, MEDIUM
            suspect.why = "and its address is by another maker"

    def _copy(self, frame: Frame, ap: AccessPoint, name: bytes, before: Announcement | None) -> Verdict:
        """Judge a BSSID of a network that is not guarded, or whose BSSIDs are not listed."""
        said = ap.announced
        suspect = self._suspects.get(ap.address)
        if suspect is not None and suspect.name == name:
            return None
        if suspect is not None:
            self._suspects.drop(ap.address)
        if said.cut or said.adhoc or (before is not None and (before.ssid or name) == name):
            return None
        network, now = self.networks.get(name), self.air.now
        if network is None or ap.address in network.members or now - network.first < self.settings.known:
            return None
        if said.mld is not None and any(self.air.are_links(own, ap.address) for own in network.members):
            return None
        others = list(network.members.values())
        kicked = now - network.kicked <= self.settings.within
        how = f"{len(others)} access points of that name, known for {now - network.first:.0f} s,"
        guarded = name in self.air.guard.by_ssid
        half = said.security.protection is Protection.OWE_TRANSITION
        if is_bare(said.security) and not half and all(map(is_protected, others)):
            suspect = self._suspects.use(ap.address)
            suspect.bare = True
            suspect.severity = Severity.WARNING if guarded or kicked else Severity.NOTICE
            suspect.confidence = HIGH if kicked else MEDIUM
            suspect.why = f"and is {said.security.name}, while the {how} are protected ({others[0].name})"
        elif not half and _age(frame) < _YOUNG and all(losses(one, said.security) for one in others):
            suspect = self._suspects.use(ap.address)
            suspect.waits, suspect.since = not kicked, now
            suspect.severity, suspect.confidence = Severity.WARNING, MEDIUM
            suspect.why = (
                f"and is {said.security.name}, started {_age(frame):.0f} s ago by its own clock, while the {how} offer "
                f"more ({others[0].name})"
            )
        elif kicked and _age(frame) < _YOUNG and not losses(said.security, others[0]):
            suspect = self._suspects.use(ap.address)
            suspect.severity, suspect.confidence = Severity.NOTICE, LOW
            suspect.why = f"and was started {_age(frame):.0f} s ago, by its own clock, beside the {how}"
        else:
            return None
        if kicked:
            suspect.why += "; these were being disconnected just before"
            suspect.frames = network.kicks
        suspect.name = name
        return self._count(frame, ap.address, suspect)

    def _count(self, frame: Frame, address: bytes, suspect: _Twin) -> Verdict:
        if frame.flags & RETRY and frame.seq == suspect.seq:
            return None
        suspect.seq = frame.seq
        suspect.count += 1
        return self._claim(address, suspect) if suspect.count >= self.settings.frames and not suspect.waits else None

    def _claim(self, address: bytes, suspect: _Twin) -> Claim:
        guarded = self.air.guard.by_ssid.get(suspect.name)
        whose = (
            "which you guard and which does not list it" if guarded is not None and guarded.bssids else "a known name"
        )
        text = f"{mac(address)} calls itself “{shown(suspect.name)}”, {whose}, {suspect.why}."
        if suspect.joined:
            names = ", ".join(mac(station) for station in list(suspect.joined)[:3])
            text += f" {len(suspect.joined)} stations joined it: {names}."
        return Claim(
            key=(address, suspect.name),
            text=text,
            bssid=address,
            ssid=suspect.name,
            sender=address,
            seen=suspect.count,
            threshold=f"{self.settings.frames} frames",
            confidence=suspect.confidence,
            severity=suspect.severity,
            frames=suspect.frames,
        )


def _is_weaker(protection: Protection, network: GuardedNetwork) -> bool:
    """Return whether a protection is open or WEP and the entry of the network allows only stronger ones."""
    weight = strength(protection)
    if weight is None:
        return False
    allowed = [each for each in map(strength, network.security) if each is not None]
    return bool(allowed) and weight.worst <= WEP < min(each.worst for each in allowed)


def _age(frame: Frame) -> float:
    """Return the seconds since the start of an access point, by the timestamp of its beacon; infinite if unknown."""
    if frame.timeless:
        return float("inf")
    return int.from_bytes(frame.raw[frame.body : frame.body + 8], "little") / 1e6


DETECTIONS = (EvilTwin,)
