"""A guarded network that deviates from its entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from whimbrel.detections.base import HIGH, LOW, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.impersonation.strength import WEP, strength
from whimbrel.detections.impersonation.watch import Watch
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.survey.beacons import TIMESTAMP, Announcement
from whimbrel.text import mac
from whimbrel.text import ssid as shown
from whimbrel.wifi.channels import channel_label
from whimbrel.wifi.elements import ELEMENTS_AT, beacon_fixed, parse_elements
from whimbrel.wifi.fixed import LONGEST
from whimbrel.wifi.kinds import PROBE_RESP, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.guarded import GuardedNetwork
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_OFF = 64


class Breach(NamedTuple):
    """The deviations from the guarded network."""

    text: str
    severity: Severity
    confidence: str


class GuardSettings(RuleSettings):
    """Settings of `guard-breach`."""

    frames: int = option(default=5, low=1, high=1000, help="Least number of frames with the deviation.")
    within: Duration = option(
        default=Duration(300.0), low=1, high=86400, help="Pause after which the count of frames restarts."
    )


class _Off:
    __slots__ = ("answer", "breaches", "count", "last", "meaning", "seq")

    def __init__(self) -> None:
        self.meaning: tuple[Any, ...] | None = None
        """The forbidden properties in beacons; None if they were in probe responses."""
        self.breaches: list[Breach] = []
        self.answer = 0
        """Hash of the last probe response."""
        self.count = 0
        self.last = 0.0
        self.seq: int | None = None


class GuardBreach(Detection[GuardSettings]):
    """A guarded network's BSSID announces, in at least `frames` beacons or probe responses with no pause of `within`
    between them, a channel, a security or a protection of management frames that its entry does not allow.

    If the entry lists BSSIDs, only these are checked; if it lists none, every BSSID with the name. The channel is the
    announced one, not the one on which the frames were heard. Open or WEP is critical if the entry allows neither;
    other weaker security, or less protection of management frames, is a warning; everything else is a notice.
    """

    rule = "guard-breach"
    family = "impersonation"
    title = "Your network has changed"
    severity = Severity.WARNING
    meaning = (
        "An access point of your guarded network announces a property that its entry does not allow. Either its"
        " settings were changed, or somebody else sends in its name."
    )
    advice = (
        "Check the settings of the access point. If they are correct, somebody imitates it: do not join, and look for a"
        " strong signal. If you changed them, change the entry in watcher.guarded too."
    )
    fooled_by = (
        "Your own change of settings, an automatic channel or radar (list all channels, or none), a firmware update."
        " Only other rules detect an imitator who copies everything."
    )
    reference = "IEEE 802.11-2020, 9.4.2.4 (DS parameter), 9.4.2.24 (RSN element)"
    kismet = ("CHANCHANGE", "PROBECHAN", "ADVCRYPTCHANGE")
    nzyme = ("MONITOR_CHANNEL", "MONITOR_SECURITY_SUITE")
    Settings = GuardSettings
    kinds = frozenset({PROBE_RESP})
    quiet = 180.0
    pairs = Watch

    def __init__(self, settings: GuardSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._watch = air.shared(Watch)
        self._off: Recent[bytes, _Off] = Recent(_OFF, _Off)

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Judge a new announcement."""
        if not self.air.guard.networks or frame.kind == PROBE_RESP:
            return None
        network = self._network(ap.address, ap.announced.ssid or ap.ssid)
        return None if network is None else self._judge(frame, ap, network)

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Count further beacons with the same deviation."""
        off = self._off.entries.get(ap.address)
        if off is None or off.meaning != ap.announced.meaning:
            return None
        network = self._network(ap.address, ap.announced.ssid or ap.ssid)
        return None if network is None else self._count(frame, ap.address, network, off)

    def observe(self, frame: Frame) -> Verdict:
        """Judge a probe response of a guarded network."""
        if not self.air.guard.networks or frame.cut or frame.bssid is None:
            return None
        guard = self.air.guard
        network = guard.by_bssid.get(frame.bssid)
        if network is None:
            network = self._network(frame.bssid, self.air.name_of(frame.bssid))
        if network is None or frame.end - frame.body > LONGEST:
            return None
        answer = hash(frame.raw[frame.body + TIMESTAMP : frame.end])
        off = self._off.use(frame.bssid)
        if answer == off.answer:
            return self._count(frame, frame.bssid, network, off) if off.breaches and off.meaning is None else None
        fixed = beacon_fixed(frame.raw, frame.body, frame.end)
        if fixed is None:
            return None
        elements = parse_elements(frame.raw, frame.body + ELEMENTS_AT[PROBE_RESP], frame.end)
        if elements.malformed is not None:
            return None
        off.answer = answer
        said = Announcement(elements, fixed[1], fixed[2], frame.freq)
        breaches = _breaches(said, network)
        if breaches:
            off.meaning, off.breaches = None, breaches
            return self._count(frame, frame.bssid, network, off)
        if off.meaning is None:
            off.breaches = []
        return None

    def _network(self, address: bytes, name: bytes) -> GuardedNetwork | None:
        guard = self.air.guard
        network = guard.by_bssid.get(address)
        if network is None:
            network = guard.by_ssid.get(name)
            if network is not None and network.bssids:
                return None
        return network

    def _judge(self, frame: Frame, ap: AccessPoint, network: GuardedNetwork) -> Verdict:
        said = ap.announced
        if said.cut:
            return None
        breaches = _breaches(said, network)
        if not breaches:
            return None
        self._watch.add(ap)
        off = self._off.use(ap.address)
        off.meaning, off.breaches = said.meaning, breaches
        return self._count(frame, ap.address, network, off)

    def _count(self, frame: Frame, address: bytes, network: GuardedNetwork, off: _Off) -> Verdict:
        if frame.flags & RETRY and frame.seq == off.seq:
            return None
        if self.air.now - off.last > self.settings.within:
            off.count = 0
        off.last = self.air.now
        off.seq = frame.seq
        off.count += 1
        if off.count < self.settings.frames:
            return None
        worst = max(off.breaches, key=lambda breach: breach.severity.rank)
        what = "; ".join(breach.text for breach in off.breaches)
        return Claim(
            key=address,
            text=f"{mac(address)}, which you guard as “{shown(network.ssid)}”, announces {what}.",
            bssid=address,
            ssid=network.ssid,
            sender=address,
            seen=off.count,
            threshold=f"{self.settings.frames} frames",
            confidence=worst.confidence,
            severity=worst.severity,
        )


def _breaches(said: Announcement, network: GuardedNetwork) -> list[Breach]:
    """Return the properties of `said` that `network` does not allow."""
    found = []
    if network.channels and said.told_channel and said.freq not in {channel.freq for channel in network.channels}:
        allowed = ", ".join(str(channel) for channel in network.channels)
        found.append(
            Breach(f"channel {channel_label(said.freq, said.channel)} (allowed: {allowed})", Severity.NOTICE, MEDIUM)
        )
    security = said.security
    weight = strength(security.protection)
    if network.security and weight is not None and security.protection not in network.security:
        weights = [each for each in map(strength, network.security) if each is not None]
        lowest = min((each.worst for each in weights), default=0)
        text = f"security {security.name} (allowed: {', '.join(map(str, network.security))})"
        if weight.worst <= WEP < lowest:
            found.append(Breach(text, Severity.CRITICAL, HIGH))
        elif weight.worst < lowest:
            found.append(Breach(text, Severity.WARNING, MEDIUM))
        else:
            found.append(Breach(text, Severity.NOTICE, LOW))
    if network.pmf is not None and weight is not None and security.pmf < network.pmf:
        text = f"protection of management frames: {security.pmf} (at least: {network.pmf})"
        found.append(Breach(text, Severity.WARNING, MEDIUM))
    return found


DETECTIONS = (GuardBreach,)
