"""Two clocks under one BSSID: the timestamps of its beacons follow two lines."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, Verdict
from whimbrel.detections.impersonation.pairs import Usual
from whimbrel.detections.impersonation.suspects import CLOCK, TwoTransmitters, name
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import BEACON
from whimbrel.wording.quantities import span

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_timestamp = Struct("<Q").unpack_from

_LINES = 3
"""The number of clocks followed for one BSSID."""
_FIRM = 3
"""The least number of beacons on a line before a return to it counts: each restart of an access point begins a line."""
_STALL = 60e6
"""Microseconds: no receiver delivers a frame that late. A single beacon that is off by less may just have waited."""
_BIT = 10_000
"""Microseconds by which two beacons of one clock differ at most, beside a damaged bit."""
_WRAP = 1 << 32
"""Some chips count in 32 bits, and are late with the carry, or never have one."""
_CARRY = 60_000_000
"""Microseconds before and after the carry within which such a jump is the chip's."""
_EXACT = 200_000
"""The most microseconds between two readings of one clock, if the receiver's clock stamped the beacons: minutes of
drift."""
_EVERY = 5
"""About every fifth beacon is judged."""
_DRIFTS = 8
"""The line of a clock is corrected after a drift by this fraction of the distance between two clocks: of the default 2
s, after 40 minutes at the tolerated 100 ppm."""
KNOWN = 640
"""Limit of kept clocks: somewhat more than the access points of the survey by default, so evictions are rare."""


class Clocks:
    """The clock in the beacons of one BSSID: see `whimbrel.detections.impersonation.clocks`."""

    __slots__ = ("back", "exact", "firm", "flips", "flips_since", "offset", "others", "returns", "since")

    def __init__(self, offset: float, exact: int | None, since: int) -> None:
        self.offset = offset
        """Microseconds: timestamp minus time of reception, of the clock heard last."""
        self.exact = exact
        """The same by the receiver's own clock at the change to that clock; None if unknown."""
        self.since = since
        """The count of beacons at the change to that clock."""
        self.firm = 1
        """The approximate number of beacons on that clock before."""
        self.others: tuple[ClockLine, ...] = ()
        self.back: tuple[float, ...] = ()
        """Seconds, `Air.now`, of the last returns."""
        self.returns = 0
        self.flips = 0
        """The bits of the timestamp that may have been damaged since `flips_since`: damage does not come again."""
        self.flips_since = float("-inf")
        """Seconds, `Air.now`."""

    def excuse(self, bit: int, now: float, within: float) -> bool:
        """Return whether one `bit` (a power of two; 0 for none) is damaged for the first time in about `within`
        seconds."""
        if not 0 <= now - self.flips_since <= within:
            self.flips, self.flips_since = 0, now
        first = not bit & self.flips
        self.flips |= bit
        return bool(bit) and first


class ClockLine:
    """A clock that was left."""

    __slots__ = ("firm", "left", "offset")

    def __init__(self, offset: float, firm: int, left: float) -> None:
        self.offset = offset
        self.firm = firm
        self.left = left
        """Seconds, `Air.now`."""


class _ClockTable:
    """The clocks of all access points in the survey; a plain dictionary, because it is read often."""

    def __init__(self, air: Air) -> None:
        self.entries: dict[bytes, Clocks] = {}
        self._air = air

    def add(self, bssid: bytes, clocks: Clocks) -> None:
        """Keep `clocks`; evict those of forgotten access points, then the oldest."""
        entries = self.entries
        if len(entries) >= KNOWN:
            known = self._air.survey.access_points.table.entries
            for address in [address for address in entries if address not in known]:
                del entries[address]
            for address in list(entries)[: max(0, len(entries) - KNOWN * 7 // 8)]:
                del entries[address]
        entries[bssid] = clocks


class ClockSettings(RuleSettings):
    """The threshold for two clocks."""

    apart: Duration = option(default=Duration(2.0), low=0.3, high=3600, help="The least distance between two clocks.")
    returns: int = option(default=4, low=2, high=1000, help="Least number of returns to an earlier clock.")
    within: Duration = option(
        default=Duration(300.0), low=10, high=3600, help="Time within which the returns must lie."
    )


class TwoClocks(TwoTransmitters[ClockSettings]):
    """The timestamp (TSF) of a BSSID's beacons, minus the elapsed time, returns to an earlier value.

    For every fifth beacon (and for each one with a changed announcement) the difference between timestamp and time of
    reception is compared with the remembered one, which follows the drift. A beacon that is off by `apart` (default 2
    s) or more begins another line; up to three lines are remembered. A beacon back on a line with at least three
    earlier beacons is a return; if the line that it leaves has fewer than three, only if the two are a minute or more
    apart. The alert is raised at `returns` returns (default 4) within `within` (default 5 min). So the imitator must
    send about one beacon in fifty while the radio stays on the channel, one in five while it hops through a whole band.
    A single jump is a restart.

    Times of reception come from the system, because with some drivers the receiver's own clock (radiotap TSFT) restarts
    at each change of channel, and two clocks are rarely within two seconds of each other. But if TSFT shows a single
    clock (within 0.2 s), the time of reception was wrong. Not judged: ad-hoc networks, whose stations take turns;
    differences that are multiples of 2^32 us, but with a right check sequence only if the lower half of the timestamp
    begins anew less than a minute before or after; where the capture has no check sequences, the first difference in
    `within` of each power of two, as of one damaged bit; and equal jumps of two access points of other makers at the
    same time, which are jumps of the receiver's own clock.
    """

    rule = "two-clocks"
    sign = CLOCK
    title = "Two clocks, one BSSID"
    severity = Severity.WARNING
    meaning = (
        "Each access point stamps its beacons with its own clock. The beacons of this address carry two alternating"
        " clocks, so two devices send them: somebody imitates the access point."
    )
    advice = (
        "Do not enter passwords in this network for now. Switch your own access point off for a minute: if the address"
        " is still heard, follow its signal to find the imitator."
    )
    fooled_by = (
        "Controllers that let several access points share one BSSID (virtual cell, zero handoff). Captures merged from"
        " receivers with different clocks, if they contain only one or two access points. An imitator whose timestamp"
        " is within `apart` of the real one, or that rarely sends, is missed."
    )
    reference = (
        "IEEE 802.11-2020, 9.4.1.10 and 11.1.3 (timestamp, +-100 ppm); Jana and Kasera, On fast and accurate detection"
        " of unauthorized wireless access points using clock skews, MobiCom 2008"
    )
    kismet = ("BSSTIMESTAMP",)
    Settings = ClockSettings
    kinds = frozenset({BEACON})

    def __init__(self, settings: ClockSettings, air: Air) -> None:
        self._apart = float(settings.apart) * 1e6
        self._drift = self._apart / _DRIFTS
        self._clocks = _ClockTable(air)
        self._known = self._clocks.entries
        super().__init__(settings, air)
        self._shifts: Recent[bytes, list[float]] = Recent(64, lambda: [0.0, float("-inf")])

    def usual(self) -> Usual:
        """Return the deviation from the clock of the last beacons."""
        return Usual(clocks=self._known, drift=self._drift)

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Compare a beacon with the clock of the last ones."""
        offset = _timestamp(frame.raw, frame.body)[0] - frame.time * 1e6
        clocks = self._known.get(ap.address)
        if clocks is not None and self._is_on(clocks, offset):
            return None
        return self._stray(frame, ap, clocks, offset, before)

    def observe(self, frame: Frame) -> Verdict:
        """Compare a beacon that differs from the last one."""
        ap = self.air.access_point(frame.bssid)
        if ap is None or ap.beacon is not frame:
            return None
        offset = _timestamp(frame.raw, frame.body)[0] - frame.time * 1e6
        clocks = self._known.get(ap.address)
        if clocks is not None and self._is_on(clocks, offset):
            return None
        return self._stray(frame, ap, clocks, offset, None)

    def _is_on(self, clocks: Clocks, offset: float) -> bool:
        """Return whether a beacon is on the line of the last ones, and correct the line for its drift."""
        away = abs(offset - clocks.offset)
        if self._drift <= away < self._apart:
            clocks.offset = offset
        return away < self._apart

    def _stray(
        self, frame: Frame, ap: AccessPoint, clocks: Clocks | None, offset: float, before: Frame | None
    ) -> Verdict:
        """Process a beacon that is not on the line of the last ones."""
        if frame.timeless:
            return None
        exact = None if frame.tsft is None else int(_timestamp(frame.raw, frame.body)[0]) - frame.tsft
        if clocks is None:
            self._clocks.add(ap.address, Clocks(offset, exact, ap.beacons))
            return None
        gap = offset - clocks.offset
        wrapped = (gap + _WRAP / 2) % _WRAP - _WRAP / 2
        late = exact is not None and clocks.exact is not None and abs(exact - clocks.exact) < _EXACT
        clocks.exact = exact
        if late or (abs(wrapped) < self._apart and (_near_carry(frame) or not holds(frame))):
            clocks.offset = offset
            return None
        now = self.air.now
        if ap.announced.adhoc or (not holds(frame) and clocks.excuse(_flipped(gap), now, self.settings.within)):
            return None
        firm = clocks.firm + max(0, ap.beacons - clocks.since) // _EVERY
        lines = [ClockLine(clocks.offset, firm, now)]
        came_to = None
        for line in clocks.others:
            if came_to is None and abs(offset - line.offset) < self._apart:
                came_to = line
            else:
                lines.append(line)
        if came_to is None and len(lines) >= _LINES:
            lines.remove(min(lines[1:], key=lambda line: (line.firm >= _FIRM, line.left)))
        clocks.others = tuple(lines)
        clocks.offset, clocks.since = offset, ap.beacons
        clocks.firm = 1 if came_to is None else came_to.firm + 1
        if came_to is None or came_to.firm < _FIRM or (firm < _FIRM and abs(gap) < _STALL):
            return None
        returns = self.settings.returns
        clocks.back = (*clocks.back, now)[-returns:]
        clocks.returns += 1
        shared = self._shared(ap.address, abs(gap))
        if shared or len(clocks.back) < returns or not 0 <= now - clocks.back[0] <= self.settings.within:
            return None
        return self._tell(ap, clocks, offset + frame.time * 1e6, gap, sure=firm >= _FIRM, before=before)

    def _shared(self, bssid: bytes, gap: float) -> bool:
        """Return whether access points of other makers jump just as far, so the receiver's clock has jumped."""
        now = self.air.now
        mine = self._shifts.use(bssid)
        mine[0], mine[1] = gap, now
        radios = {
            other[1:5]
            for other, (shift, at) in self._shifts.entries.items()
            if other[1:5] != bssid[1:5] and abs(shift - gap) < 2 * self._apart and now - at <= self.settings.within
        }
        return len(radios) >= 2

    def _tell(
        self, ap: AccessPoint, clocks: Clocks, started: float, gap: float, *, sure: bool, before: Frame | None
    ) -> Verdict:
        here, there = started / 1e6, (started - gap) / 1e6
        times, took = len(clocks.back), self.air.now - clocks.back[0]
        text = (
            f"Beacons of {name(ap)} carry two alternating clocks: one has run for {span(here)}, the other"
            f" {f'for {span(there)}' if sure else 'is never the same'}; {times} times in {took:.1f} s they returned"
            " to an earlier clock."
        )
        return self.accuse(
            ap,
            text,
            seen=clocks.returns,
            threshold=f"{times} returns in {float(self.settings.within):.0f} s",
            severity=Severity.WARNING,
            confidence=HIGH if sure and abs(gap) >= _STALL else MEDIUM,
            frames=() if before is None else (before,),
        )


def _near_carry(frame: Frame) -> bool:
    """Return whether the lower half of a beacon's timestamp has begun anew just now, or soon will."""
    low = int(_timestamp(frame.raw, frame.body)[0]) % _WRAP
    return not _CARRY <= low <= _WRAP - _CARRY


def _flipped(gap: float) -> int:
    """Return the bit of a timestamp whose damage brings two clocks `gap` microseconds apart; 0 if there is none."""
    size = int(abs(gap))
    below = 1 << max(size.bit_length() - 1, 0)
    bit = below if size - below < 2 * below - size else 2 * below
    return bit if abs(size - bit) < _BIT else 0


DETECTIONS = (TwoClocks,)
