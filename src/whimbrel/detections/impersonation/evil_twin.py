"""Access points that use the name of a network they do not belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.impersonation.addresses import is_derived, same_maker
from whimbrel.detections.impersonation.names import name_in
from whimbrel.detections.impersonation.networks import ESTABLISHED, NetworkMembers, Networks
from whimbrel.detections.impersonation.strength import is_bare, is_protected, losses
from whimbrel.detections.impersonation.twins import Twin, age_of, is_weaker
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.air import StationJoined
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.text import ssid as shown
from whimbrel.wifi.kinds import PROBE_RESP, RETRY
from whimbrel.wifi.security import Protection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from whimbrel.detections.air import Air
    from whimbrel.detections.guarded import GuardedNetwork
    from whimbrel.detections.moment import Moment
    from whimbrel.events.air import Disconnected
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
_UNDECIDED = 600.0
"""Seconds for which an open and a protected access point of one name that were there together are watched."""
_FRESH = 3600
"""The most seconds since the start of the open one, by its own timestamp, if disconnections are to accuse it."""
_LATER = 10.0
"""Seconds by which an access point started after its network was heard, by its own timestamp, to be certainly new."""


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
    timestamp; one first heard after them is a notice if it has the same protection and started so lately.

    An open or WEP one that is first heard before `known` has passed, or together with the protected ones, is watched
    for 600 s. It is a notice if it started, by its own timestamp, over 10 s after these were first heard. It is a
    warning if a station of theirs joins it; or if they disconnect stations as above, it does not, and it started less
    than an hour ago. After the 600 s it belongs to the network.

    Otherwise several access points of one name with the same protection are normal, and so are the open half of an OWE
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
    findings = (StationJoined,)
    quiet = 180.0

    def __init__(self, settings: TwinSettings, air: Air) -> None:
        super().__init__(settings, air)
        self.networks = Networks()
        self._suspects: Recent[bytes, Twin] = Recent(_SUSPECTS, Twin)
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
            self._admit(frame, ap)
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

    def heeds_disconnection(self, said: Disconnected) -> bool:
        """Return whether it is in the name of an access point, in clear."""
        return said.sender == said.bssid and not said.protected

    def disconnected(self, frame: Frame, said: Disconnected, moment: Moment) -> None:
        """Note a disconnected station."""
        air, suspects = self.air, self._suspects.entries
        suspect = suspects.get(said.bssid) if suspects else None
        if suspect is not None and suspect.undecided:
            suspect.kicks = air.now
            return
        ap = air.access_points.get(said.bssid)
        network = None if ap is None else self.networks.get(ap.ssid)
        if network is not None and ap is not None:
            network.kick(moment, frame, self._disconnections, self._within)
            if suspects and network.kicked == air.now:
                self._accuse(ap.ssid, network)

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        """Note stations that joined a suspect."""
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
            suspect.waits = suspect.undecided = False
        told = suspect.count >= self.settings.frames and not suspect.waits
        return self._claim(finding.bssid, suspect) if told else None

    def _accuse(self, name: bytes, network: NetworkMembers) -> None:
        """Take an open copy more seriously, because the network's stations are being disconnected."""
        for suspect in self._suspects.entries.values():
            if suspect.name != name or suspect.confidence == HIGH or not (suspect.bare or suspect.waits):
                continue
            if suspect.undecided and not self._is_one_sided(suspect):
                continue
            if suspect.bare or self.air.now - suspect.since <= self.settings.within:
                suspect.severity, suspect.confidence = Severity.WARNING, HIGH if suspect.bare else MEDIUM
                suspect.waits = suspect.undecided = False
                suspect.why += "; these are being disconnected"
                suspect.frames = network.kicks

    def _listed(self, name: bytes) -> GuardedNetwork | None:
        """Return the guarded network of that name if its BSSIDs are listed."""
        network = self.air.guard.by_ssid.get(name)
        return network if network is not None and network.bssids else None

    def _again(self, frame: Frame, address: bytes, suspect: Twin) -> Verdict:
        """Count a beacon of a suspect; it is judged anew if its network has been guarded meanwhile."""
        network = self._listed(suspect.name) if suspect.waits or suspect.bare else None
        if network is None:
            if suspect.undecided and self._is_settled(address, suspect):
                self._suspects.drop(address)
                return None
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

    def _weigh(self, suspect: Twin, frame: Frame, address: bytes, network: GuardedNetwork) -> None:
        suspect.waits = suspect.bare = suspect.undecided = False
        ap = self.air.access_point(address)
        security = None if ap is None else ap.announced.security
        known = [self.air.access_point(own) for own in network.bssids]
        weaker = security is not None and is_weaker(security.protection, network)
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
        if network is None or ap.address in network.members:
            return None
        if said.mld is not None and any(self.air.are_links(own, ap.address) for own in network.members):
            return None
        if now - network.first < self.settings.known or self._is_mixed(name):
            if self._is_bare_copy(ap, network):
                self._watch(ap.address, name, network, age_of(frame))
            return None
        others = list(network.members.values())
        kicked = now - network.kicked <= self.settings.within
        how = f"{len(others)} access points of that name, known for {now - network.first:.0f} s,"
        guarded = name in self.air.guard.by_ssid
        half = said.security.protection is Protection.OWE_TRANSITION
        if self._is_bare_copy(ap, network):
            suspect = self._suspects.use(ap.address)
            suspect.bare = True
            suspect.severity = Severity.WARNING if guarded or kicked else Severity.NOTICE
            suspect.confidence = HIGH if kicked else MEDIUM
            suspect.why = f"and is {said.security.name}, while the {how} are protected ({others[0].name})"
        elif not half and age_of(frame) < _YOUNG and all(losses(one, said.security) for one in others):
            suspect = self._suspects.use(ap.address)
            suspect.waits, suspect.since = not kicked, now
            suspect.severity, suspect.confidence = Severity.WARNING, MEDIUM
            suspect.why = (
                f"and is {said.security.name}, started {age_of(frame):.0f} s ago by its own clock, while the {how} "
                f"offer more ({others[0].name})"
            )
        elif kicked and age_of(frame) < _YOUNG and not losses(said.security, others[0]):
            suspect = self._suspects.use(ap.address)
            suspect.severity, suspect.confidence = Severity.NOTICE, LOW
            suspect.why = f"and was started {age_of(frame):.0f} s ago, by its own clock, beside the {how}"
        else:
            return None
        if kicked:
            suspect.why += "; these were being disconnected just before"
            suspect.frames = network.kicks
        suspect.name = name
        return self._count(frame, ap.address, suspect)

    def _is_bare_copy(self, ap: AccessPoint, network: NetworkMembers) -> bool:
        """Return whether an access point is open or WEP, and all of its name's network are protected."""
        security = ap.announced.security
        half = security.protection is Protection.OWE_TRANSITION
        return is_bare(security) and not half and all(map(is_protected, network.members.values()))

    def _is_mixed(self, name: bytes) -> bool:
        """Return whether a network of that name is undecided about an open access point."""
        return any(suspect.undecided and suspect.name == name for suspect in self._suspects.entries.values())

    def _admit(self, frame: Frame, ap: AccessPoint) -> None:
        """Count an access point to the network of its name, unless it or the others may be copies."""
        said, network = ap.announced, self.networks.get(ap.ssid)
        young = network is not None and self.air.now - network.first < self.settings.known
        if network is not None and young and ap.address not in network.members and not (said.cut or said.adhoc):
            if self._is_bare_copy(ap, network):
                self._watch(ap.address, ap.ssid, network, age_of(frame))
                return
            if is_protected(said.security) and all(map(is_bare, network.members.values())):
                self._doubt(ap.ssid, network)
        self.networks.hear(ap, self.air.now)

    def _doubt(self, name: bytes, network: NetworkMembers) -> None:
        """Watch the open members of a network, because a protected one was there as soon."""
        for address in list(network.members):
            ap = self.air.access_point(address)
            if ap is not None and self._listed(name) is None:
                del network.members[address]
                self._watch(address, name, network, float("inf") if ap.beacon is None else age_of(ap.beacon))

    def _watch(self, address: bytes, name: bytes, network: NetworkMembers, age: float) -> None:
        """Note an open access point that was there too soon to say which one is the copy."""
        now = self.air.now
        suspect = self._suspects.use(address)
        suspect.name, suspect.since, suspect.age = name, now, age
        suspect.bare = suspect.waits = suspect.undecided = True
        suspect.confidence = MEDIUM
        suspect.why = "and is open or WEP, while the other access points of that name are protected"
        if now - network.kicked <= self.settings.within:
            self._accuse(name, network)
        elif age + _LATER < now - network.first:
            suspect.waits = suspect.undecided = False
            suspect.why += f", and started {age:.0f} s ago by its own clock, after they were heard"

    def _is_settled(self, address: bytes, suspect: Twin) -> bool:
        """Return whether an undecided copy is protected meanwhile, or was there for long without a sign."""
        ap = self.air.access_point(address)
        bare = ap is not None and is_bare(ap.announced.security)
        return not bare or not 0 <= self.air.now - suspect.since <= _UNDECIDED

    def _is_one_sided(self, suspect: Twin) -> bool:
        """Return whether an undecided copy is young and does not disconnect stations itself."""
        return suspect.age < _FRESH and not 0 <= self.air.now - suspect.kicks <= self.settings.within

    def _count(self, frame: Frame, address: bytes, suspect: Twin) -> Verdict:
        if frame.flags & RETRY and frame.seq == suspect.seq:
            return None
        suspect.seq = frame.seq
        suspect.count += 1
        return self._claim(address, suspect) if suspect.count >= self.settings.frames and not suspect.waits else None

    def _claim(self, address: bytes, suspect: Twin) -> Claim:
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


DETECTIONS = (EvilTwin,)
