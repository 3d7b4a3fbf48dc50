"""Single suspicious disconnections: to everyone, or with a reserved reason code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, SEEN, Claim, Detection, Repeated, Verdict
from whimbrel.detections.disruption.disconnecting import ALL, is_signed
from whimbrel.detections.disruption.pace import EqualRow, Pace
from whimbrel.detections.moment import LONG_AGO
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent, Retold
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wifi.kinds import RETRY
from whimbrel.wifi.reasons import REASONS
from whimbrel.wifi.security import Pmf

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.events.air import Disconnected
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_REQUIRED = Pmf.REQUIRED
_CODES = 8
_OFF = 1.0
"""Seconds that a clock may deviate and still be the same one; a restarted clock is off by hours."""


class BroadcastSettings(RuleSettings):
    """The number of disconnections, and their times."""

    count: int = option(default=3, low=2, high=100, help="Disconnections of everyone.")
    window: Duration = option(default=Duration(60.0), low=1, high=3600, help="Listening time they must lie within.")
    spread: Duration = option(
        default=Duration(5.0), low=0, high=600, help="Least time from first to last; a shorter series is one shutdown."
    )


class _Dismissals(Pace):
    __slots__ = ("alike", "beacon", "before", "clock", "first", "last", "same", "seq")

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.first = 0.0
        self.last = LONG_AGO
        self.clock: tuple[int, float] | None = None
        """The access point's clock at the first one, or at the first beacon after that."""
        self.before = 0
        """Hits before that beacon."""
        self.beacon: Frame | None = None
        """The last beacon that was compared with that clock."""
        self.same: bool | None = None
        """The result."""
        self.seq: int | None = None
        self.alike = True
        """Whether all of them have the same sequence number, unlike the frames of a radio."""


class BroadcastDeauth(Detection[BroadcastSettings]):
    """At least `count` disconnections of everyone within `window` of listening, over at least `spread`, from an access
    point that did not restart meanwhile: its beacons continue with the same clock. If none was heard before the first
    disconnection, those after the first beacon count.

    A single one comes from an access point that shuts down, and raises no alert. Protected frames and, where PMF is
    required, signed frames do not count. If no beacons were heard meanwhile, the alert is a notice, but a
    warning if all have the same sequence number and none is marked as a retransmission: a radio counts its frames, some
    tools do not.
    """

    rule = "broadcast-deauth"
    family = "disruption"
    title = "Everyone disconnected"
    severity = Severity.WARNING
    meaning = (
        "All devices of a network are told again and again to leave it, while its access point keeps running. A real"
        " access point sends this once, when it shuts down; attack tools keep sending it."
    )
    advice = (
        "Is somebody servicing the access point? If not, check whether devices lose the network, and switch on PMF."
    )
    fooled_by = (
        "An access point whose settings are changed several times in a minute without a restart. An attack that"
        " addresses the stations one by one is detected by deauth-flood instead."
    )
    reference = "IEEE 802.11-2020, 11.3.4, 11.3.5"
    kismet = ("BCASTDISCON",)
    Settings = BroadcastSettings

    def __init__(self, settings: BroadcastSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._seen: Recent[bytes, _Dismissals] = Recent(128, lambda: _Dismissals(settings.count))
        self._told = Retold()
        self._row = EqualRow()
        self._seen_in_row = _Dismissals(1)
        self._count, self._window, self._spread = settings.count, float(settings.window), float(settings.spread)

    def heeds_disconnection(self, said: Disconnected) -> bool:
        """Return whether everyone is disconnected, in clear."""
        return bool(said.receiver[0] & 1) and not said.protected

    def disconnected(self, frame: Frame, said: Disconnected, moment: Moment) -> Verdict:
        """Count a disconnection of everyone."""
        air, bssid = self.air, said.bssid
        ap = air.access_points.get(bssid)
        beacon = None if ap is None else ap.beacon
        row, seen = self._row, self._seen_in_row
        if (not seen.alike or frame.seq == seen.seq) and row.goes_on(frame, said, moment, beacon):
            seen.last = moment
            return row.verdict
        row.end()
        pmf = ap is not None and ap.announced.security.pmf is _REQUIRED
        if pmf and is_signed(frame):
            return None
        seen = self._seen.use(bssid)
        # Most of a flood comes between two beacons.
        same = seen.same if ap is not None and beacon is seen.beacon else self._same_clock(seen, ap)
        if not seen.hits or same is False or seen.last.until(moment) > self._window:
            self._seen.drop(bssid)
            seen = self._seen.use(bssid)
            seen.first = air.now
            seen.clock = _clock(ap)
            seen.seq = frame.seq
        elif seen.clock is None:
            seen.clock, seen.before = _clock(ap), seen.hits
        if seen.alike and (frame.seq != seen.seq or frame.flags & RETRY):
            seen.alike = False
        seen.last = moment
        if not seen.hear(frame, moment) or not seen.within(moment, self._count, self._window):
            return None
        until = min(seen.until(self._count, self._window), seen.first + self._spread)
        verdict: Claim | Repeated | None = None
        if moment.now - seen.first >= self._spread:
            verdict, until = self._judge(frame, said, seen, same=same, pmf=pmf)
        if not pmf and not isinstance(verdict, Claim):
            self._seen_in_row = seen
            row.begin(said, seen, verdict, moment.now, until, beacon)
        return verdict

    def _judge(
        self, frame: Frame, said: Disconnected, seen: _Dismissals, *, same: bool | None, pmf: bool
    ) -> tuple[Claim | Repeated, float]:
        """Return the claim, and the time before which it certainly holds."""
        now, until = self.air.now, seen.until(self._count, self._window)
        if same and seen.hits - seen.before < self._count:
            same, until = None, now
        key = (said.bssid, said.sender, same, pmf, seen.alike)
        again = self._told.again(key, now, seen.hits)
        if again is not None:
            return again, min(until, again.at + Retold.MOMENT)
        claim = self._claim(frame, said.bssid, seen, same=same, pmf=pmf)
        return self._told.keep(key, now, claim), now

    def _claim(self, frame: Frame, bssid: bytes, seen: _Dismissals, *, same: bool | None, pmf: bool) -> Claim:
        settings, name = self.settings, self.air.name_of(bssid)
        goes_on = "while its clock and its beacons go on" if same else "and it was not heard whether its clock goes on"
        if seen.alike:
            goes_on += f"; all have the sequence number {frame.seq}"
        return Claim(
            key=bssid,
            text=f"{SEEN} times everyone was told to leave {ssid(name) or 'the network'} ({mac(bssid)}), "
            f"{goes_on}." + (" This network signs its own; these are forged." if pmf else ""),
            bssid=bssid,
            ssid=name,
            sender=frame.ta,
            receiver=ALL,
            seen=seen.hits,
            threshold=f"{settings.count} in {settings.window:g} s",
            confidence=HIGH if pmf or (same and seen.alike) else MEDIUM if same or seen.alike else LOW,
            severity=None if same or seen.alike else Severity.NOTICE,
        )

    @staticmethod
    def _same_clock(seen: _Dismissals, ap: AccessPoint | None) -> bool | None:
        """Return whether the access point's clock goes on; None if unknown."""
        beacon, then = None if ap is None else ap.beacon, seen.clock
        if beacon is None or then is None:
            return None
        seen.beacon = beacon
        now = _clock(ap)
        if now is None or now[1] <= then[1]:
            seen.same = None
        else:
            seen.same = abs((now[0] - then[0]) / 1e6 - (now[1] - then[1])) < _OFF
        return seen.same


def _clock(ap: AccessPoint | None) -> tuple[int, float] | None:
    """Return the timestamp of an access point's last beacon, us, and when that was heard."""
    if ap is None or ap.beacon is None:
        return None
    tsf = ap.tsf
    return None if tsf is None else (tsf, ap.beacon.time)


class ReasonSettings(RuleSettings):
    """The number of disconnections and of different codes."""

    count: int = option(default=3, low=1, high=1000, help="Disconnections with such a reason from one network.")
    window: Duration = option(default=Duration(60.0), low=1, high=3600, help="Listening time they must lie within.")
    different: int = option(
        default=3, low=2, high=_CODES, help="With this many different codes the notice becomes a warning."
    )


class _Codes(Pace):
    __slots__ = ("codes",)

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.codes: set[int] = set()


class OddReason(Detection[ReasonSettings]):
    """At least `count` disconnections of one network in clear, within `window` of listening, with a reason code without
    a meaning in the standard: 0 or a reserved one. With `different` such codes or more it is a warning.
    """

    rule = "odd-reason"
    family = "disruption"
    title = "Unknown reason to disconnect"
    severity = Severity.NOTICE
    meaning = (
        "Devices are disconnected with a reason code that the standard does not define. Some access points have this"
        " mistake; programs that send random frames do it too."
    )
    advice = (
        "Nothing, if it is the only alert. Check whether deauth-flood reports the same network; if it never does, mute"
        " this rule."
    )
    fooled_by = (
        "Makers with reason codes of their own, and codes defined after this list was written. This rule misses forged"
        " disconnections with a usual reason."
    )
    reference = "IEEE 802.11-2020, table 9-49; IEEE 802.11be-2024"
    kismet = ("DISCONCODEINVALID", "DEAUTHCODEINVALID")
    Settings = ReasonSettings

    def __init__(self, settings: ReasonSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._seen: Recent[bytes, _Codes] = Recent(128, lambda: _Codes(settings.count))

    def heeds_disconnection(self, said: Disconnected) -> bool:
        """Return whether its reason has no meaning."""
        return not said.protected and said.reason is not None and said.reason not in REASONS

    def disconnected(self, frame: Frame, said: Disconnected, moment: Moment) -> Verdict:
        """Count a disconnection with such a reason."""
        bssid, code = said.bssid, said.reason
        if code is None:
            return None
        settings = self.settings
        seen = self._seen.use(bssid)
        if len(seen.codes) < _CODES:
            seen.codes.add(code)
        if not seen.hear(frame, moment) or not seen.within(moment, settings.count, settings.window):
            return None
        many = len(seen.codes) >= settings.different
        codes = ", ".join(map(str, sorted(seen.codes)))
        name = self.air.name_of(bssid)
        return Claim(
            key=bssid,
            text=f"{seen.hits} disconnections from {ssid(name) or 'the network'} ({mac(bssid)}) with reserved "
            f"reason codes: {codes}.",
            bssid=bssid,
            ssid=name,
            sender=frame.ta,
            receiver=frame.ra,
            seen=seen.hits,
            threshold=f"{settings.count} in {settings.window:g} s",
            confidence=MEDIUM if many else LOW,
            severity=Severity.WARNING if many else None,
        )


DETECTIONS = (BroadcastDeauth, OddReason)
