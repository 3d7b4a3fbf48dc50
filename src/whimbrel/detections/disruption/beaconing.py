"""Floods of access points that do not exist."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.detections.base import HIGH, MEDIUM, SEEN, Claim, Clear, Detection, Verdict
from whimbrel.detections.disruption.newcomers import BY_CHANCE, IMPOSSIBLE, Newcomer, marks, newcomer
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent, Retold
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.survey.made_up import shape
from whimbrel.text import mac, ssid
from whimbrel.wifi.channels import channel_label
from whimbrel.wifi.kinds import BEACON

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_COMPARED = 24
"""The number of recent newcomers that the next one is compared with."""
_ALIVE = 3
"""Fakes that must still be on the air for the alert to stay open."""
_BLATANT = 3
"""With this many marks there is no other explanation."""
_SUSPECTS = 64
"""Limit of remembered newcomers with marks, which become members of a flood once there are enough of them."""
_SWEEP = 10.0
"""Seconds between two searches for members among the known access points."""


class _Suspect(NamedTuple):
    """A newcomer that bears marks."""

    looks: bytes | None
    """Its `shape`."""
    impossible: bool
    """Whether the announcement alone bears a mark: then all with the same announcement are made up."""
    at: Moment
    """The channel's clock when it was first heard."""


class BeaconSettings(RuleSettings):
    """The number of fakes, and of their marks."""

    count: int = option(default=10, low=3, high=500, help="New access points with marks of a fake.")
    window: Duration = option(default=Duration(10.0), low=1, high=600, help="Listening time they must lie within.")
    marks: int = option(default=2, low=1, high=5, help="The least number of marks on each of them.")


class BeaconFlood(Detection[BeaconSettings]):
    """At least `count` access points, each with at least `marks` marks of a fake, are heard for the first time within
    `window` of listening on one channel.

    Marks in the first beacon itself: a group address (counts as two), an address of no known maker, no TIM, no rates, a
    clock below 10 s. Marks shared with one of the last 24 newcomers, if its address is unrelated (another maker, and
    fewer than four equal octets): the same elements; the same clock, running or frozen; a sequence counter that
    continues within a second. From then on these access points count as made up, and so do all that announce the same
    and could not be real: no other rule counts them or raises an alert about them, unless they use the name of a real
    network. Their beacons keep the alert open.
    """

    rule = "beacon-flood"
    family = "disruption"
    title = "Flood of fake networks"
    severity = Severity.WARNING
    meaning = (
        "One transmitter announces many networks that do not exist. They fill the lists of networks on phones, hide"
        " real networks, and may crash devices."
    )
    advice = "Do not join any of the new networks. The sender is near; follow their common signal to find it."
    fooled_by = (
        "Access points that start within the same seconds, as after a power cut, bear one mark, not two. Fakes that"
        " copy a complete real beacon, with a maker's addresses, clocks and counters, are missed."
    )
    reference = "IEEE 802.11-2020, 9.3.3.2 (what a beacon contains), 11.1.3 (the clock)"
    Settings = BeaconSettings
    quiet = 30.0
    of_made_up = True

    def __init__(self, settings: BeaconSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._last: deque[Newcomer] = deque(maxlen=_COMPARED)
        self._made_up = air.survey.made_up
        self._made_up.forget()
        self._bursts: Recent[int, Burst] = Recent(4, lambda: Burst(settings.count, settings.window))
        self._suspects: Recent[int, OrderedDict[bytes, _Suspect]] = Recent(4, OrderedDict)
        self._swept = 0.0
        self._shapes = 0  # that were known then
        self._blatant = 0
        self._told = Retold(4)
        self._going: dict[int, Claim] = {}
        self._alive: Recent[bytes, list[float]] = Recent(_ALIVE, lambda: [0.0])

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Look at the first beacon of an access point."""
        if before is not None or frame.kind != BEACON or ap.address != frame.bssid:
            return None
        air = self.air
        new = newcomer(frame, ap.address, ap.announced, air.now)
        found = marks(frame, new, ap.announced, self._last)
        self._last.append(new)
        if len(found) < self.settings.marks:
            self._made_up.redeem(ap.address)
            return None
        self._made_up.suspect(ap.address)
        if len(found) >= _BLATANT:
            self._blatant += 1
        freq = air.freq
        burst = self._bursts.use(freq)
        first = burst.paused(air.now)
        full = burst.hit(air, frame)
        self._suspect(freq, frame, ap, found, first=first)
        if not full:
            return None
        told = self._told.again(freq, air.now, burst.total)
        claim = told or self._told.keep(freq, air.now, self._claim(frame, ap, burst, found, freq))
        self._recognise(freq, frame.time)
        return claim

    def made_up(self, frame: Frame) -> Verdict:
        """Note a further beacon of a member, or a new member."""
        air = self.air
        now, freq = air.now, air.freq
        bssid = frame.bssid
        if bssid is None or not self._going:
            return None
        going = freq if freq in self._going else next(iter(self._going))
        burst = self._bursts.use(going)
        if self._made_up.fresh:
            burst.total += 1
            self._blatant += 1  # no real access point repeats an impossible announcement of earlier fakes
        self._alive.use(bssid)[0] = now
        if self._told.again(going, now, burst.total) is not None:
            return None  # the last claim is only a moment old
        alive = self._alive.entries.values()
        if len(alive) < _ALIVE or any(now - heard[0] > self.quiet for heard in alive):
            return None
        claim = self._going[going]
        if claim.severity is None and self._blatant >= self.settings.count:
            claim = self._going[going] = claim._replace(confidence=HIGH, severity=Severity.CRITICAL)
        return self._told.keep(going, now, claim._replace(seen=burst.total))

    def turn(self) -> Sequence[Claim | Clear]:
        """Search now and then for members that were heard before their marks were known."""
        made_up, now = self._made_up, self.air.now
        if len(made_up.shapes) != self._shapes and now - self._swept >= _SWEEP:
            self._sweep()
        return ()

    def _suspect(self, freq: int, frame: Frame, ap: AccessPoint, found: list[str], *, first: bool) -> None:
        """Remember possible members; marks that a real access point may bear by chance are not sufficient."""
        suspects = self._suspects.use(freq)
        if first:
            suspects.clear()
        if BY_CHANCE.issuperset(found):
            return
        impossible = not IMPOSSIBLE.isdisjoint(found)
        suspects[ap.address] = _Suspect(shape(frame), impossible, self.air.moment)
        if len(suspects) > _SUSPECTS:
            suspects.popitem(last=False)

    def _recognise(self, freq: int, now: float) -> None:
        """Turn the suspects of a channel into members."""
        made_up = self._made_up
        moment, window = self.air.moment, self.settings.window
        noted = self._suspects.use(freq)
        looks = {one.looks for one in noted.values() if one.at.until(moment) <= window}
        # Suspects of the same episode that came too slowly for the window are recognised by the same announcement.
        suspects = {
            bssid: one
            for bssid, one in noted.items()
            if one.at.until(moment) <= window or (one.looks is not None and one.looks in looks)
        }
        begins = not made_up.members
        if begins:
            self._know_names(suspects.keys(), looks)
        for address, suspect in suspects.items():
            ap = self.air.access_point(address)
            if address in self.air.guard.by_bssid or (ap is not None and made_up.spares(address, ap.ssid)):
                continue
            made_up.add(address, suspect.looks, impossible=suspect.impossible, now=now)
        self._suspects.drop(freq)
        if begins:
            self._sweep()

    def _sweep(self) -> None:
        """Turn known access points with a member's announcement into members, and collect the real names."""
        made_up, air = self._made_up, self.air
        self._swept = air.now
        for ap in air.survey.access_points.table.entries.values():
            beacon = ap.beacon
            if beacon is None or ap.address in made_up.members or ap.address in air.guard.by_bssid:
                continue
            looks = shape(beacon)
            if looks in made_up.shapes and not made_up.spares(ap.address, ap.ssid):
                made_up.add(ap.address, looks, impossible=True, now=beacon.time)
        self._know_names((), made_up.shapes)
        self._shapes = len(made_up.shapes)

    def _know_names(self, suspects: Container[bytes], looks: Container[bytes | None]) -> None:
        """Pass the names of real networks to the survey: a member that uses one of them is still reported."""
        air = self.air
        names = [
            ap.ssid
            for ap in air.survey.access_points.table.entries.values()
            if ap.ssid
            and not (ap.address in suspects or ap.address in self._made_up.members)
            and (ap.beacon is None or shape(ap.beacon) not in looks)
        ]
        self._made_up.know_names((*names, *air.guard.by_ssid))

    def _claim(self, frame: Frame, ap: AccessPoint, burst: Burst, found: list[str], freq: int) -> Claim:
        settings = self.settings
        where = channel_label(self.air.channel_of(ap.address) or freq)
        sure = self._blatant >= settings.count
        claim = Claim(
            key=freq,
            text=f"{SEEN} access points that are none appeared on channel {where or '?'}, "
            f"the last {settings.count} within {burst.span:.1f} s; "
            f"of {ssid(ap.ssid) or 'the last one'} ({mac(ap.address)}): "
            f"{', '.join(found)}.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=ap.address,
            seen=burst.total,
            threshold=f"{settings.count} in {settings.window:g} s",
            confidence=HIGH if sure else MEDIUM,
            severity=Severity.CRITICAL if sure else None,
            frames=tuple(burst.frames),
        )
        if len(self._going) >= 4 and freq not in self._going:
            del self._going[next(iter(self._going))]
        self._going[freq] = claim._replace(frames=())
        return claim


DETECTIONS = (BeaconFlood,)
