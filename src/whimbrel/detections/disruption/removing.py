"""Announcements that a link of a multi-link device is removed, and links that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.elements import MULTI_LINK
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.fixed import TIME_UNIT
from whimbrel.wifi.kinds import BEACON
from whimbrel.wifi.multi_link import RECONFIGURATION, joined, parse_multi_link

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_PENDING = 24
_TAKEN_BACK = 3
"""Beacons without the announcement, each after one with it, that contradict it before it is due."""


class _Removal:
    """The announced removal of one link."""

    __slots__ = ("due", "frame", "last", "said", "taken_back", "there")

    def __init__(self) -> None:
        self.due = self.last = 0.0
        self.said = self.taken_back = 0
        self.there = False
        """Whether the last beacon announced it."""
        self.frame: Frame | None = None


class LinkRemovalSettings(RuleSettings):
    """The thresholds."""

    announced: int = option(default=2, low=1, high=100, help="Announcements of the removal.")
    grace: Duration = option(
        default=Duration(10.0), low=1, high=600, help="Time after which a removed link must be silent."
    )


class LinkRemoval(Detection[LinkRemovalSettings]):
    """Beacons of an access point of a multi-link device (Wi-Fi 7) announce at least `announced` times that a link of it
    is removed (Multi-Link element of the kind Reconfiguration, AP Removal Timer), and

    - that link still sends beacons `grace` after the removal was due, in the name of the same device; or
    - before it is due, three beacons lack the announcement, each after one that has it: a real access point announces
      the removal in each beacon.

    The second one is a warning, the first one a notice.
    """

    rule = "link-removal"
    family = "disruption"
    title = "Link removed that stays"
    severity = Severity.WARNING
    meaning = (
        "Somebody tells the devices of a Wi-Fi 7 network, in its access point's name, that one of its bands goes away."
        " They leave that band and share the others, or lose the connection."
    )
    advice = "Switch on beacon protection and PMF, if the access point offers them. The sender is near."
    fooled_by = "An access point that announces the removal of a link and then keeps it."
    reference = (
        "IEEE 802.11be-2024, 9.4.2.312.4 (Reconfiguration Multi-Link element), 35.3.6.3 (removal of affiliated APs)"
    )
    Settings = LinkRemovalSettings

    def __init__(self, settings: LinkRemovalSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._removals: Recent[tuple[bytes, int], _Removal] = Recent(_PENDING, _Removal)

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Note a removal, or a beacon that takes it back."""
        said = ap.announced
        if frame.kind != BEACON or ap.address != frame.bssid:
            return None
        timers = dict(_removed(said)) if MULTI_LINK in said.numbers else {}
        if (not timers and not self._removals.entries) or holds(frame) is False:
            return None
        now = self.air.now
        for link, timer in timers.items():
            removal = self._removals.use((ap.address, link))
            if removal.due and now > removal.due + self.settings.grace:
                self._removals.drop((ap.address, link))
                removal = self._removals.use((ap.address, link))
            removal.due = now + timer * said.interval * TIME_UNIT
            removal.said += 1
            removal.there, removal.last, removal.frame = True, now, frame
        verdict = None
        for (address, link), removal in self._removals.entries.items():
            if address != ap.address or link in timers or not removal.there:
                continue
            removal.there = False
            if now < removal.due:
                removal.taken_back += 1
                if removal.taken_back >= _TAKEN_BACK and removal.said >= self.settings.announced:
                    verdict = self._claim(ap, link, removal, loud=True)
        return verdict

    def turn(self) -> Sequence[Claim]:
        """Look for links that should be gone."""
        if not self._removals.entries:
            return ()
        claims = []
        now, grace = self.air.now, self.settings.grace
        for (address, link), removal in list(self._removals.entries.items()):
            if now < removal.due + grace:
                continue
            ap = self.air.access_point(address)
            gone = self._link_of(ap, link) if ap is not None else None
            if ap is None or now > removal.due + 6 * grace or removal.said < self.settings.announced:
                self._removals.drop((address, link))
            elif gone is not None and gone.beacon is not None and self._is_late(gone.beacon, removal):
                self._removals.drop((address, link))
                claims.append(self._claim(ap, link, removal, loud=False))
        return claims

    def _is_late(self, beacon: Frame, removal: _Removal) -> bool:
        """Return whether a beacon came after the link should have been gone."""
        told = removal.frame
        due = removal.due - removal.last  # seconds from the last announcement
        return told is not None and beacon.time - told.time > due + self.settings.grace / 2

    def _link_of(self, ap: AccessPoint, link: int) -> AccessPoint | None:
        """Return the access point that is this link of the same device."""
        if ap.announced.link == link:
            return ap
        for other in self.air.survey.access_points.table.entries.values():
            said = other.announced
            if said.link == link and said.mld == ap.announced.mld and self.air.are_links(ap.address, other.address):
                return other
        return None

    def _claim(self, ap: AccessPoint, link: int, removal: _Removal, *, loud: bool) -> Claim:
        how = f"{removal.taken_back} beacons do not" if loud else "it goes on sending beacons"
        return Claim(
            (ap.address, link),
            f"{SEEN} beacons of {mac(ap.address)} said that link {link} of its device is removed, but {how}.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=ap.address,
            seen=removal.said,
            threshold=f"{self.settings.announced} and a contradiction",
            confidence=MEDIUM if loud else LOW,
            severity=Severity.WARNING if loud else Severity.NOTICE,
            frames=() if removal.frame is None else (removal.frame,),
        )


def _removed(said: Announcement) -> Iterator[tuple[int, int]]:
    """Yield each link whose removal an announcement announces, with the beacons until then."""
    for index, (number, _, _) in enumerate(said.spans):
        if number != MULTI_LINK:
            continue
        found = parse_multi_link(joined(said.raw, said.spans, index))
        if found.kind == RECONFIGURATION:
            for profile in found.links:
                if profile.removal is not None:
                    yield profile.link, profile.removal


DETECTIONS = (LinkRemoval,)
